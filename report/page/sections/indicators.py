"""The wellbeing indicators: each with its interval, its own baseline, or why there is none."""

from collections.abc import Sequence

from report.page import words
from report.page.charts.indicators import strips_chart, strips_height
from report.page.listening import Listening
from report.page.parts import ANY, Block, Column, Numbers, Section, View
from report.page.questions.indicators import (
    Indicator,
    Value,
    WeekValue,
    indicator_weeks,
    indicators,
)
from report.page.sections.answers import NOT_YET, interval, short, without_answer
from report.page.sections.choices import too_few
from report.page.words import plural
from report.plain_words import (
    MUSIC_NOT_MOOD,
    STATUSES,
    difference_in_words,
    indicator_in_words,
)

_GROUPS = (
    (
        "sound",
        "How does the music sound?",
        (
            "valence_level",
            "energy_level",
            "quadrant_bright_energetic_share",
            "quadrant_dark_energetic_share",
            "quadrant_dark_calm_share",
            "quadrant_bright_calm_share",
        ),
    ),
    (
        "change",
        "How much does the sound change?",
        (
            "valence_variability",
            "energy_variability",
            "valence_instability",
            "energy_instability",
            "valence_inertia",
            "energy_inertia",
        ),
    ),
    (
        "hours",
        "When is music heard, and how regularly?",
        (
            "night_share",
            "regularity_interdaily_stability",
            "regularity_intradaily_variability",
            "regularity_relative_amplitude",
            "social_jetlag",
        ),
    ),
    (
        "variety",
        "How varied is it?",
        (
            "artist_diversity",
            "artist_concentration",
            "generalist_specialist",
            "repetition",
            "discovery",
        ),
    ),
)
_LEAST_WEEKS = 2


def section(listening: Listening) -> Section:
    """Return a block for each group of indicators."""
    known, weeks = indicators(listening), indicator_weeks(listening)
    return Section(
        id="indicators",
        title="Indicators",
        lead=f"{MUSIC_NOT_MOOD} Numbers that research on wellbeing has looked at, in groups of "
        "people; none of them says what one person's number means. Each stands beside your own "
        "8 weeks before, and nothing is added up to a score.",
        blocks=tuple(
            _block(group, title, [each for each in known if each.name in names], weeks, names)
            for group, title, names in _GROUPS
        ),
    )


def _block(
    group: str,
    title: str,
    rows: Sequence[Indicator],
    weeks: dict[str, list[WeekValue]],
    names: Sequence[str],
) -> Block:
    strips = [
        (row.name, row.unit, weeks[row.name])
        for row in rows
        if sum(each.value is not None for each in weeks.get(row.name, ())) >= _LEAST_WEEKS
    ]
    return Block(
        id=f"indicators-{group}",
        title=title,
        views={(ANY, ANY): _view(rows, strips, len(names))},
        note="Line: the 8 weeks to each Sunday of the last year; band: the 95% interval, from "
        "resampled days. A change is more than chance where its interval leaves out 0; of twenty "
        "about one does so by chance alone."
        if strips
        else "",
        label=f"{title} Each indicator over the last year",
        height=max(strips_height(len(strips)), 120),
    )


def _view(
    rows: Sequence[Indicator], strips: Sequence[tuple[str, str, Sequence[WeekValue]]], asked: int
) -> View:
    if not rows:
        return too_few(NOT_YET)
    table = _table(rows)
    if strips:
        return View(option=strips_chart(strips), sentence=_sentence(rows), table=table)
    shown = [row for row in rows if _has_answer(row.newest) or _has_answer(row.all_time)]
    if shown:
        return View(sentence=_sentence(rows), table=table)
    value = rows[0].newest or rows[0].all_time
    answer = without_answer(
        *("too_few_data", None) if value is None else (value.status, value.reason)
    )
    return View(status=answer.status, reason=answer.reason, table=table)


def _has_answer(value: Value | None) -> bool:
    return value is not None and value.status == "ok"


def _sentence(rows: Sequence[Indicator]) -> str:
    until = max((row.until for row in rows if row.until is not None), default=None)
    if until is None:
        return ""
    said = [
        f"{indicator_in_words(row.name)}, {_difference(row)}"
        for row in rows
        if row.newest is not None and row.newest.has_changed
    ]
    shown = sum(_has_answer(row.newest) for row in rows)
    changed = f"Other than in the 8 weeks before: {'; '.join(said)}." if said else ""
    if shown and not said:
        changed = "No change to the 8 weeks before is more than chance."
    return (
        f"8 weeks to {words.day(until)}: {shown} of {plural(len(rows), 'number')} told. {changed}"
    )


def _difference(row: Indicator) -> str:
    value = row.newest
    if value is None or value.change is None:
        return ""
    return difference_in_words(
        value.change, value.change_low or 0, value.change_high or 0, row.unit
    )


def _table(rows: Sequence[Indicator]) -> Numbers:
    return Numbers(
        (
            Column("What"),
            Column("Unit"),
            Column("8 weeks"),
            Column("95% interval"),
            Column("8 weeks before"),
            Column("Change"),
            Column("Its 95% interval"),
            Column("Status"),
            Column("All time"),
            Column("95% interval"),
            Column("Status of all time"),
            Column("Plays", "count"),
            Column("Days", "count"),
            Column("Synthetic", "percent"),
        ),
        [_row(row) for row in rows],
    )


def _row(row: Indicator) -> tuple[object, ...]:
    now, ever = row.newest, row.all_time
    return (
        indicator_in_words(row.name),
        row.unit,
        *_value(now),
        None if now is None else short(now.baseline),
        None if now is None else short(now.change),
        None if now is None else interval(now.change_low, now.change_high),
        _status(now),
        *_value(ever),
        _status(ever),
        None if now is None else now.n_plays,
        None if now is None else now.n_days,
        None if now is None else now.synthetic_share,
    )


def _value(value: Value | None) -> tuple[str | None, str | None]:
    return (None, None) if value is None else (short(value.value), interval(value.low, value.high))


def _status(value: Value | None) -> str:
    if value is None:
        return "no play in this time"
    said = STATUSES.get(value.status, value.status)
    return f"{said}: {value.reason}" if value.reason else said
