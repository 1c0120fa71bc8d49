"""What the sections on gold tables share: intervals in words, and answers that are withheld."""

from collections.abc import Iterable
from typing import cast

from report.page import words
from report.page.parts import View
from schemas.statuses import Status

NOT_YET = "Nothing was computed of this yet. The next run of the pipeline will do it."


def without_answer(status: str, reason: str | None, sentence: str = "") -> View:
    """Return a view that says why there is no answer; ``status`` is one of the gold tables'."""
    said = reason or ""
    return View(sentence=sentence, status=cast("Status", status), reason=_as_sentence(said))


def interval(low: float | None, high: float | None, digits: int = 3) -> str | None:
    """Return both ends of an interval, None where there is none."""
    if low is None or high is None:
        return None
    return f"{_short(low, digits)} to {_short(high, digits)}"


def short(value: float | None, digits: int = 3) -> str | None:
    """Return a number with so many digits that tell something."""
    return None if value is None else _short(value, digits)


def share(value: float | None) -> str:
    """Return a share of 1 in percent."""
    return words.NOTHING if value is None else words.percent(value)


def listed(parts: Iterable[str]) -> str:
    """Return 'a, b and c'."""
    all_parts = list(parts)
    if len(all_parts) <= 1:
        return "".join(all_parts)
    return f"{', '.join(all_parts[:-1])} and {all_parts[-1]}"


def _short(value: float, digits: int) -> str:
    written = f"{value:.{digits}g}" if abs(value) < 10**digits else f"{value:,.0f}"
    return written.replace("-", "−")


def _as_sentence(text: str) -> str:
    if not text:
        return text
    return f"{text[0].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
