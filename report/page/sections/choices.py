"""Views of a block for every choice of period and measure."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from report.page.listening import Listening, Period
from report.page.parts import ANY, MEASURES, Measure, View, ViewKey

Answer = TypeVar("Answer")
NO_TIMES = "What was read of this period does not tell how long plays were heard."


def by_period(
    answers: Mapping[str, Answer], listening: Listening, view: Callable[[Answer, Period], View]
) -> dict[ViewKey, View]:
    """Return a view of the answer of each period, which does not depend on the measure."""
    return {(period.id, ANY): view(answers[period.id], period) for period in listening.periods}


def by_choice(
    answers: Mapping[str, Answer],
    listening: Listening,
    view: Callable[[Answer, Period, Measure], View],
) -> dict[ViewKey, View]:
    """Return a view of the answer of each period for each measure."""
    return {
        (period.id, measure): view(answers[period.id], period, measure)
        for period in listening.periods
        for measure in MEASURES
    }


def too_few(reason: str) -> View:
    """Return a view that says in a sentence what is missing."""
    return View(status="too_few_data", reason=reason)
