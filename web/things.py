"""The pages of an artist, a track, an album and a genre: sections made as the report's are."""

from collections.abc import Callable, Sequence

from report.page import words
from report.page.charts.axes import step_label, value
from report.page.listening import Listening, Period
from report.page.parts import ANY, MEASURES, Block, Column, Figure, Measure, Numbers, Section, View
from report.page.questions.asking import grain
from report.page.questions.days import covered_share, days
from report.page.sections.choices import NO_TIMES, too_few
from report.page.sections.overview import COMPARABLE_SHARE, change
from report.page.sections.when import week_view
from report.page.words import plural
from web.beside import companion_block, neighbour_blocks, part_block, sound_block
from web.charts import history_chart, rank_by, rank_chart
from web.links import table
from web.questions.things import (
    Amounts,
    Kind,
    Places,
    Rank,
    Step,
    Thing,
    amounts,
    history,
    places,
    ranks,
    week_of,
)

_SEVERAL = {"artist": "artists", "track": "tracks", "album": "albums", "genre": "genres"}
_LEAST_RANKS = 3


def thing_section(listening: Listening, thing: Thing) -> Section:
    """Return everything about a thing in the one period of ``listening``."""
    [period] = listening.periods
    now = amounts(listening, thing, period)
    if not now.plays and not now.minutes:
        view = too_few(f"Not heard in this period: {period.label}.")
        blocks = [Block("figures", "How much of it?", {(ANY, ANY): view}, is_wide=True)]
    else:
        blocks = [
            _figures(listening, thing, period, now),
            _history(listening, thing, period),
            _week(listening, thing, period),
            *([_ranks(listening, thing, period)] if thing.kind in ("artist", "track") else []),
            *_MORE[thing.kind](listening, thing, period),
        ]
    return Section(thing.kind, thing.name or words.NOTHING, blocks)


def _of_artist(listening: Listening, thing: Thing, period: Period) -> list[Block]:
    return [
        part_block(listening, thing, period, "track"),
        part_block(listening, thing, period, "album"),
        *neighbour_blocks(listening, thing, period),
        companion_block(listening, thing, period),
    ]


def _of_track(listening: Listening, thing: Thing, period: Period) -> list[Block]:
    return [
        sound_block(listening, thing),
        part_block(listening, thing, period, "album"),
        *neighbour_blocks(listening, thing, period),
        companion_block(listening, thing, period),
    ]


def _of_album(listening: Listening, thing: Thing, period: Period) -> list[Block]:
    return [
        companion_block(listening, thing, period),
        part_block(listening, thing, period, "track"),
    ]


def _of_genre(listening: Listening, thing: Thing, period: Period) -> list[Block]:
    return [
        part_block(listening, thing, period, "artist"),
        part_block(listening, thing, period, "track"),
    ]


_MORE: dict[Kind, Callable[[Listening, Thing, Period], list[Block]]] = {
    "artist": _of_artist,
    "track": _of_track,
    "album": _of_album,
    "genre": _of_genre,
}


def _figures(listening: Listening, thing: Thing, period: Period, now: Amounts) -> Block:
    before = None
    if period.before and covered_share(days(listening), period.before) >= COMPARABLE_SHARE:
        before = amounts(listening, thing, period.before)
    placed = places(listening, thing, period)
    return Block(
        id="figures",
        title="How much of it?",
        views={
            (ANY, measure): View(
                figures=_numbers(thing, now, before, placed, measure),
                sentence=_against(period, before),
            )
            for measure in MEASURES
        },
        is_wide=True,
    )


def _against(period: Period, before: Amounts | None) -> str:
    if period.before is None or before is None:
        return ""
    if not before.plays:
        return f"Not heard in {period.before.label}."
    return f"Changes are against {period.before.label}."


def _numbers(
    thing: Thing, now: Amounts, before: Amounts | None, placed: Places | None, measure: Measure
) -> list[Figure]:
    own, whole = (
        (now.plays, now.all_plays) if measure == "plays" else (now.minutes, now.all_minutes)
    )
    found = [
        Figure("plays", now.plays, change=change(now.plays, before.plays) if before else None),
        Figure(
            "heard",
            now.minutes,
            "minutes",
            change(now.minutes, before.minutes) if before else None,
        ),
        Figure("days", now.days, note="on which it was heard"),
        Figure(
            "of everything",
            own / whole if own is not None and whole else None,
            "percent",
            note=f"by {measure}",
        ),
    ]
    if placed is not None:
        rank = placed.by_plays if measure == "plays" else placed.by_minutes
        of = plural(placed.of, thing.kind, _SEVERAL[thing.kind])
        found.append(Figure("rank", rank, note=f"of {of}, by {measure}"))
    if thing.kind != "track":
        found.append(Figure("tracks", now.tracks))
    if now.known_skips:
        known = f"of {plural(now.known_skips, 'play')} where it is known"
        found.append(Figure("skipped", now.skips / now.known_skips, "percent", note=known))
    if now.first is not None:
        found += [Figure("first play", now.first, "date"), Figure("last play", now.last, "date")]
    return found


def _history(listening: Listening, thing: Thing, period: Period) -> Block:
    rows, step = history(listening, thing, period), grain(period)

    def view(measure: Measure) -> View:
        if measure == "minutes" and all(row.minutes is None for row in rows):
            return too_few(NO_TIMES)
        fullest = max(rows, key=lambda row: value(row, measure) or 0)
        return View(
            option=history_chart(rows, measure, step),
            table=_steps(rows, step),
            sentence=f"Most in {_in(fullest, step)}: {plural(fullest.plays, 'play')}"
            f"{'' if fullest.minutes is None else f', {words.minutes(fullest.minutes)}'}.",
        )

    return Block(
        id="history",
        title="How did it go over time?",
        views={(ANY, measure): view(measure) for measure in MEASURES},
        label=f"Bars of {step}s",
        is_wide=True,
    )


def _in(row: Step, step: str) -> str:
    label = step_label(row.begins, step)
    return f"the week from {label}" if step == "week" else label


def _steps(rows: Sequence[Step], step: str) -> Numbers:
    return table(
        (Column(step.capitalize()), Column("Plays", "count"), Column("Heard", "minutes")),
        [(step_label(row.begins, step), row.plays, row.minutes) for row in rows],
    )


def _week(listening: Listening, thing: Thing, period: Period) -> Block:
    hours = week_of(listening, thing, period)
    return Block(
        id="week",
        title="When in the week?",
        views={(ANY, measure): week_view(hours, period, measure) for measure in MEASURES},
        label="Heat map of weekdays by hours",
        height=300,
    )


def _ranks(listening: Listening, thing: Thing, period: Period) -> Block:
    rows = ranks(listening, thing, period)
    step = "year" if grain(period) == "quarter" else "month"
    several = _SEVERAL[thing.kind]
    return Block(
        id="ranks",
        title=f"Which place did it have among the {several}?",
        views={(ANY, measure): _rank_view(rows, step, measure) for measure in MEASURES},
        label=f"Line of ranks by {step}, the first place at the top",
        note=f"Of whole {step}s. Where the line is broken, it was not heard.",
        height=300,
    )


def _rank_view(rows: Sequence[Rank], step: str, measure: Measure) -> View:
    if len(rows) < _LEAST_RANKS:
        return too_few(
            f"Heard in {plural(len(rows), step)} of this period; a line needs {_LEAST_RANKS}."
        )
    best = min(rank_by(row, measure) for row in rows)
    times = sum(rank_by(row, measure) == best for row in rows)

    def label(row: Rank) -> str:
        return str(row.begins.year) if step == "year" else step_label(row.begins, step)

    return View(
        option=rank_chart(rows, measure, step),
        table=table(
            (Column(step.capitalize()), Column("Rank", "count")),
            [(label(row), rank_by(row, measure)) for row in rows],
        ),
        sentence=f"At best number {best}, in {plural(times, step)}.",
    )
