"""What brightness and energy of the music go with; never why."""

from collections import Counter
from collections.abc import Sequence

from report.page.charts.drivers import drivers_chart, drivers_height, with_answer
from report.page.listening import Listening
from report.page.parts import ANY, Block, Column, Numbers, Section, View
from report.page.questions.drivers import Driver, drivers
from report.page.sections.answers import NOT_YET, interval, short, without_answer
from report.page.sections.choices import too_few
from report.page.words import plural
from report.plain_words import DRIVERS, MUSIC_NOT_MOOD, STATUSES

_STATEMENTS = 2
_TITLES = {
    "valence": "What goes with brighter or darker music?",
    "energy": "What goes with more energetic or calmer music?",
}

_MIRRORS = {("weekend", "weekday"), ("repeat_or_new", "repeat"), ("shuffle", "off")}


def section(listening: Listening) -> Section:
    """Return a block on brightness and one on energy."""
    return Section(
        id="why",
        title="Why",
        lead="What the sound goes with: the time, the season, the sitting, the artist. That is not "
        f"why it sounds so: the plays cannot tell these apart. {MUSIC_NOT_MOOD}",
        blocks=tuple(
            _block(feature, title, drivers(listening, feature))
            for feature, title in _TITLES.items()
        ),
    )


def _block(feature: str, title: str, rows: Sequence[Driver]) -> Block:
    return Block(
        id=f"why-{feature}",
        title=title,
        views={(ANY, ANY): _view(rows)},
        note=_note(rows),
        label=f"Difference in {feature} of each time, place and artist, with its interval",
        height=max(drivers_height(with_answer(rows)), 120),
    )


def _view(rows: Sequence[Driver]) -> View:
    if not rows:
        return too_few(NOT_YET)
    shown = with_answer(rows)
    table = _table(rows)
    if not shown:
        first = next(row for row in rows if row.status == _most_frequent(rows))
        return View(
            status=without_answer(first.status, first.reason).status,
            reason=without_answer(first.status, first.reason).reason,
            table=table,
        )
    return View(option=drivers_chart(shown), sentence=_sentence(rows, shown), table=table)


def _most_frequent(rows: Sequence[Driver]) -> str:
    return Counter(row.status for row in rows).most_common(1)[0][0]


def _sentence(rows: Sequence[Driver], shown: Sequence[Driver]) -> str:
    found = [row for row in shown if row.goes_with in ("higher", "lower")]
    # Of two levels one says all: the other is its mirror.
    found = [row for row in found if (row.driver, row.level) not in _MIRRORS] or found
    found.sort(key=lambda row: -abs(row.effect or 0))
    clear = sum(row.goes_with in ("higher", "lower") for row in shown)
    said = f"{plural(clear, 'clear difference')} in {plural(len(shown), 'comparison')}."
    statements = " ".join(row.statement or "" for row in found[:_STATEMENTS])
    others = Counter(row.status for row in rows if row.status != "ok")
    left_out = "; ".join(f"{count} {STATUSES[status]}" for status, count in others.items())
    return f"{said} {statements}{f' Not shown: {left_out}.' if left_out else ''}".strip()


def _note(rows: Sequence[Driver]) -> str:
    """Return how to read the chart, the published sizes and what synthetic features leave."""
    said = [
        "Point: the difference to your other plays; bar: its 95% interval; coloured where it is "
        "more than chance after all comparisons."
    ]
    sizes = {
        row.driver: (row.published, row.published_sd, row.published_source)
        for row in rows
        if row.published_source is not None
    }
    for driver, (size, size_sd, source) in sizes.items():
        amount = (
            f"{size:g} (the shaded band is as wide)"
            if size is not None
            else f"{size_sd:g} standard deviations"
        )
        said.append(f"Published for {DRIVERS[driver]}: {amount}, {source}.")
    kept = [row.contrast_kept for row in with_answer(rows) if row.contrast_kept is not None]
    if kept and min(kept) < 1:
        said.append(
            f"Synthetic features shrink differences, at worst to {min(kept):.0%} of the true ones."
        )
    return " ".join(said)


def _table(rows: Sequence[Driver]) -> Numbers:
    return Numbers(
        (
            Column("What"),
            Column("Level", "name"),
            Column("Difference"),
            Column("95% interval"),
            Column("In standard deviations"),
            Column("Published"),
            Column("Finding"),
            Column("Plays", "count"),
            Column("Days", "count"),
            Column("Synthetic", "percent"),
        ),
        [
            (
                DRIVERS[row.driver],
                row.words,
                short(row.effect),
                interval(row.low, row.high),
                short(row.effect_sd, 2),
                _published(row),
                _finding(row),
                row.n_plays,
                row.n_days,
                row.synthetic_share,
            )
            for row in rows
        ],
    )


def _published(row: Driver) -> str | None:
    if row.published is not None:
        return short(row.published)
    return None if row.published_sd is None else f"{row.published_sd:g} SD"


def _finding(row: Driver) -> str:
    if row.status != "ok":
        return f"{STATUSES[row.status]}: {row.reason}" if row.reason else STATUSES[row.status]
    return {"higher": "higher", "lower": "lower"}.get(row.goes_with or "", "no evidence")
