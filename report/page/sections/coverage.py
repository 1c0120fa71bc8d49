"""Where audio features come from, and of which times plays are known."""

from collections.abc import Sequence

from report.lake_health import Gap
from report.page import words
from report.page.charts.provenance import COLOURS
from report.page.charts.provenance_bars import coverage_chart, timeline_chart
from report.page.listening import Listening, Period
from report.page.parts import ANY, MEASURES, Block, Column, Measure, Numbers, View
from report.page.questions.provenance import (
    FeatureCoverage,
    Grain,
    MonthPlays,
    feature_coverage,
    months,
)
from report.page.sections.answers import listed
from report.page.sections.choices import NO_TIMES, by_choice, too_few
from report.page.sections.overview import day_or_month
from report.page.words import plural
from report.plain_words import FEATURE_SOURCES, GAPS
from report.statistics import UnknownTime, unknown_times

_LABELS = {"year": "%Y", "month": "%b %Y", "day": "%-d %b"}


def coverage_blocks(
    listening: Listening, days: Sequence[FeatureCoverage], gaps: Sequence[Gap]
) -> tuple[Block, ...]:
    """Return where the features of the ``days`` come from, and which times are not known."""
    unknown = unknown_times(listening.connection, listening.user_id)
    of_period = {
        period.id: feature_coverage(days, period, _grain(period)) for period in listening.periods
    }
    return (
        Block(
            id="data-features",
            title="Where do the audio features come from?",
            views=by_choice(of_period, listening, _coverage),
            note="Measured: by Spotify or ReccoBeats. Catalogue: a public list of tracks. Made "
            "up (hatched): those of a similar track; numbers that would rest mostly on these "
            "are withheld. None: the track has no features.",
            label="What was heard, by where its audio features come from",
            is_wide=True,
        ),
        Block(
            id="data-timeline",
            title="Is anything missing?",
            views=_timeline(months(listening), unknown, gaps, redact=listening.redact),
            note="Grey: no source tells of this time, so it is not silence. Orange: a source "
            "tells of it, but plays may have been lost.",
            label="What was heard by month, and the times of which it is not known",
            is_wide=True,
        ),
    )


def _grain(period: Period) -> Grain:
    if period.id == "all":
        return "year" if period.last.year - period.first.year > 1 else "month"
    return "month" if period.days > 62 else "day"


def _heard(row: FeatureCoverage | MonthPlays, measure: Measure) -> float:
    return row.plays if measure == "plays" else row.minutes or 0


def shares(rows: Sequence[FeatureCoverage], measure: Measure) -> dict[str, float]:
    """Return what share of what was heard has features from each source, or none."""
    whole = sum(_heard(row, measure) for row in rows) or 1
    return {
        source: sum(_heard(row, measure) for row in rows if row.source == source) / whole
        for source in COLOURS
    }


def coverage_in_words(rows: Sequence[FeatureCoverage], measure: Measure) -> str:
    """Return the shares as a sentence."""
    said = [
        f"{words.percent(share)} {FEATURE_SOURCES[source] if source != 'none' else 'without any'}"
        for source, share in shares(rows, measure).items()
        if share
    ]
    of = "plays" if measure == "plays" else "time heard"
    return f"Audio features of the {of}: {listed(said)}."


def _coverage(rows: Sequence[FeatureCoverage], period: Period, measure: Measure) -> View:
    if not any(_heard(row, measure) for row in rows):
        return too_few(NO_TIMES if measure == "minutes" else "No play of 30 seconds or more.")
    times = sorted({row.first for row in rows})
    label = _LABELS[_grain(period)]
    heard = {(row.first, row.source): _heard(row, measure) for row in rows}
    return View(
        option=coverage_chart(rows, measure, label),
        sentence=coverage_in_words(rows, measure),
        table=Numbers(
            (
                Column("Time"),
                *(
                    Column(
                        FEATURE_SOURCES[source].capitalize(),
                        "count" if measure == "plays" else "minutes",
                    )
                    for source in COLOURS
                ),
            ),
            [
                (f"{time:{label}}", *(heard.get((time, source), 0) for source in COLOURS))
                for time in times
            ],
        ),
    )


def _timeline(
    heard: Sequence[MonthPlays],
    unknown: Sequence[UnknownTime],
    gaps: Sequence[Gap],
    *,
    redact: bool,
) -> dict[tuple[str, str], View]:
    spans = [
        *(
            (
                "no source tells of it",
                day_or_month(each.first, redact),
                day_or_month(each.last, redact),
                "",
            )
            for each in unknown
        ),
        *(
            (
                GAPS[each.kind],
                None if each.lost_from is None else day_or_month(each.lost_from.date(), redact),
                day_or_month(each.lost_until.date(), redact),
                "open" if each.closed_at is None else "closed by an export",
            )
            for each in gaps
        ),
    ]
    still_open = sum(each.closed_at is None for each in gaps)
    sentence = (
        "No gap is known: some source tells of every day from the first play to the last."
        if not spans
        else f"{plural(len(unknown), 'time')} of which no source tells; "
        f"{plural(still_open, 'time')} in which plays may be missing."
    )
    table = Numbers((Column("What"), Column("From"), Column("To"), Column("Now")), spans)
    return {
        (ANY, measure): View(
            option=timeline_chart(heard, unknown, gaps, measure, by_month=redact),
            sentence=sentence,
            table=table if spans else _months_table(heard, measure),
        )
        for measure in MEASURES
    }


def _months_table(heard: Sequence[MonthPlays], measure: Measure) -> Numbers:
    form = Column("Plays", "count") if measure == "plays" else Column("Time", "minutes")
    return Numbers(
        (Column("Month", names="month"), form),
        [(f"{each.first:%b %Y}", _heard(each, measure)) for each in heard],
    )
