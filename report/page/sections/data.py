"""What all of this rests on: features, sources, gaps, what was not read, and what to do next."""

from collections.abc import Sequence

from lake.reader import has_table
from loaders.export_names import WHERE_EXPORTS_ARE
from report.lake_health import Gap, advice_on_catalogue, advice_on_gaps, play_gaps
from report.page import words
from report.page.charts.provenance import COLOURS
from report.page.charts.provenance_bars import coverage_chart, timeline_chart
from report.page.listening import Listening, Period
from report.page.parts import ANY, MEASURES, Block, Column, Measure, Numbers, Section, View
from report.page.questions.provenance import (
    FeatureCoverage,
    Grain,
    MonthPlays,
    feature_coverage,
    feature_days,
    months,
    sources,
)
from report.page.questions.taken_in import FilesRead, Rejected, files_read, not_plays, rejected
from report.page.sections.answers import listed
from report.page.sections.choices import NO_TIMES, by_choice, plural, too_few
from report.page.sections.overview import day_or_month
from report.plain_words import FEATURE_SOURCES, GAPS, SOURCES
from report.statistics import UnknownTime, unknown_times
from schemas.bronze_schemas import KAGGLE_TRACKS

_MOSTLY = 0.5
_FEW_PLAYS = 100
_LABELS = {"year": "%Y", "month": "%b %Y", "day": "%-d %b"}


def section(listening: Listening) -> Section:
    """Return where features and plays come from, what is missing and why, and what to do."""
    unknown = unknown_times(listening.connection, listening.user_id)
    gaps = play_gaps(listening.connection, listening.user_id)
    days = feature_days(listening)
    whole = feature_coverage(days, listening.periods[0], "year")
    of_period = {
        period.id: feature_coverage(days, period, _grain(period)) for period in listening.periods
    }
    return Section(
        id="data",
        title="Data",
        lead=_coverage_in_words(whole, "plays"),
        blocks=(
            Block(
                id="data-next",
                title="What would make this page better?",
                views={(ANY, ANY): _advice(listening, whole, gaps)},
                is_wide=True,
            ),
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
            Block(
                id="data-sources",
                title="What did each source give?",
                views={(ANY, ANY): _sources(listening)},
            ),
            Block(
                id="data-files",
                title="Which files were read?",
                views={(ANY, ANY): _files(files_read(listening))},
            ),
            Block(
                id="data-rejected",
                title="What was not read, and why?",
                views={(ANY, ANY): _rejected(listening)},
                is_wide=True,
            ),
        ),
    )


def _grain(period: Period) -> Grain:
    if period.id == "all":
        return "year" if period.last.year - period.first.year > 1 else "month"
    return "month" if period.days > 62 else "day"


def _heard(row: FeatureCoverage | MonthPlays, measure: Measure) -> float:
    return row.plays if measure == "plays" else row.minutes or 0


def _shares(rows: Sequence[FeatureCoverage], measure: Measure) -> dict[str, float]:
    whole = sum(_heard(row, measure) for row in rows) or 1
    return {
        source: sum(_heard(row, measure) for row in rows if row.source == source) / whole
        for source in COLOURS
    }


def _coverage_in_words(rows: Sequence[FeatureCoverage], measure: Measure) -> str:
    said = [
        f"{words.percent(share)} {FEATURE_SOURCES[source] if source != 'none' else 'without any'}"
        for source, share in _shares(rows, measure).items()
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
        sentence=_coverage_in_words(rows, measure),
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
        (Column("Month"), form),
        [(f"{each.first:%b %Y}", _heard(each, measure)) for each in heard],
    )


def _sources(listening: Listening) -> View:
    found = sources(listening)
    return View(
        table=Numbers(
            (
                Column("Source"),
                Column("Plays", "count"),
                Column("No other told", "count"),
                Column("Time", "minutes"),
                Column("First"),
                Column("Last"),
            ),
            [
                (
                    SOURCES.get(each.source, each.source),
                    each.plays,
                    each.alone,
                    each.minutes,
                    day_or_month(each.first, listening.redact),
                    day_or_month(each.last, listening.redact),
                )
                for each in found
            ],
        )
    )


def _files(found: Sequence[FilesRead]) -> View:
    if not found:
        return View(sentence="No file was read: what there is comes from the Spotify Web API.")
    return View(
        table=Numbers(
            (
                Column("Kind"),
                Column("Files", "count"),
                Column("Records", "count"),
                Column("New", "count"),
                Column("Known already", "count"),
                Column("Not taken", "count"),
            ),
            [(each.kind.replace("_", " "), *each[1:]) for each in found],
        )
    )


def _rejected(listening: Listening) -> View:
    found = rejected(listening)
    kinds = not_plays(listening)
    no_plays = (
        [
            ("has no name of its own", kinds.untitled),
            ("spoken: podcasts and audiobooks", kinds.spoken),
            ("told by another source too: counts once", kinds.told_twice),
        ]
        if kinds is not None
        else []
    )
    excluded = [("excluded", listening.excluded, "kept, but in no statistic", None)]
    rows = [
        *(
            (each.reason, each.records, "not taken", None if listening.redact else _place(each))
            for each in found
        ),
        *(
            (why, number, "kept, but no play of its own", None)
            for why, number in no_plays
            if number
        ),
        *(each for each in excluded if listening.excluded),
    ]
    taken = "Every record was taken." if not found else ""
    return View(
        sentence=taken,
        table=Numbers(
            (
                Column("Why"),
                Column("Records", "count"),
                Column("What became of it"),
                Column("First"),
            ),
            rows,
        )
        if rows
        else None,
    )


def _place(row: Rejected) -> str | None:
    if row.file is None:
        return None
    return row.file if row.position is None else f"{row.file}, record {row.position}"


def _advice(listening: Listening, whole: Sequence[FeatureCoverage], gaps: Sequence[Gap]) -> View:
    """Return what to do in the order of what it helps most; paths as DATA_DIR has them."""
    shares = _shares(whole, "plays")
    plays = sum(row.plays for row in whole)
    still_open = [each for each in gaps if each.closed_at is None]
    told = [each.source for each in sources(listening)]
    given = []
    if still_open:
        given.append(("Find missing plays", advice_on_gaps(still_open, "DATA_DIR/exports")))
    if plays < _FEW_PLAYS or "extended" not in told:
        given.append(
            (
                "Add the whole history",
                f"ask Spotify for your data ({WHERE_EXPORTS_ARE}) and put the zip into "
                "DATA_DIR/exports: it alone tells skips, devices and all years",
            )
        )
    if not has_table(listening.connection, KAGGLE_TRACKS.full_name):
        given.append(("Add real features", advice_on_catalogue("DATA_DIR/kaggle")))
    elif shares["synthetic"] + shares["none"] > _MOSTLY:
        given.append(
            (
                "Add real features",
                f"{words.percent(shares['synthetic'] + shares['none'])} of the plays have no "
                "features of their own, so much is withheld: use the full Kaggle dataset.csv, or "
                "let ReccoBeats be asked (docs/FIX_403_AUDIO_FEATURES.md)",
            )
        )
    if not given:
        return View(sentence="Nothing: no gap is open, and most plays have features of their own.")
    return View(table=Numbers((Column("What"), Column("How")), given))
