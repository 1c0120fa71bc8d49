"""What the page rests on: features, sources, gaps, and what was not read."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from report.lake_health import Gap
from report.page.charts.provenance import HATCHED
from report.page.charts.provenance_bars import coverage_chart, timeline_chart
from report.page.questions.provenance import (
    FeatureCoverage,
    MonthPlays,
    feature_coverage,
    feature_days,
)
from report.page.questions.taken_in import not_plays
from report.page.sections import data
from report.statistics import UnknownTime
from schemas.bronze_schemas import KAGGLE_TRACKS, LISTENING_HISTORY
from schemas.ops_schemas import IMPORTED_FILES, PLAY_GAPS, REJECTED_RECORDS
from tests.report.page.few_answers import heard, opened, view_of
from tests.report.small_lakes import at

PLAYS = [
    heard("2026-03-01 08:00", sources=["account", "extended"]),
    heard("2026-03-02 08:00", feature_source="synthetic"),
    heard("2026-03-02 09:00", valence=None, energy=None, feature_source=None),
    heard("2026-03-03 09:00", ms_played=6_000, is_counted=False),
]
ME = {"user_id": "me", "run_id": "run"}
GAP = {
    **ME,
    "gap_id": "1",
    "source": "extended",
    "kind": "missing_file",
    "lost_until": at(9),
    "detected_at": at(20),
}
FILE = {
    **ME,
    "source_file": "a.json",
    "fingerprint": "1",
    "kind": "extended",
    "records_read": 4,
    "records_kept": 4,
    "records_known": 0,
    "records_rejected": 1,
    "imported_at": at(20),
}


def record(place: int, **others: Any) -> dict[str, Any]:
    kind = {"source": "extended", "media_type": "track", "played_at": at(1)}
    return {**ME, "record_id": f"{place}", "played_month": "2026-03", **kind, **others}


def test_features_are_counted_by_where_they_come_from(tmp_path: Path) -> None:
    with opened(tmp_path, PLAYS) as listening:
        found = feature_coverage(feature_days(listening), listening.periods[0], "month")
        section = data.section(listening)

    assert [(each.source, each.plays) for each in found] == [
        ("kaggle", 1),
        ("none", 1),
        ("synthetic", 1),
    ]
    assert section.lead == (
        "Audio features of the plays: 33% catalogue, 33% synthetic and 33% without any."
    )


def test_synthetic_features_are_hatched() -> None:
    rows = [
        FeatureCoverage(date(2026, 3, 1), "kaggle", 2, 6.0),
        FeatureCoverage(date(2026, 4, 1), "synthetic", 1, None),
    ]

    own, synthetic = coverage_chart(rows, "plays", "%b %Y")["series"]

    assert own["data"] == [2, 0]
    assert (synthetic["data"], synthetic["itemStyle"]["decal"]) == ([0, 1], HATCHED)
    assert "hatched" in synthetic["name"]


def test_gaps_are_spans_of_the_timeline(tmp_path: Path) -> None:
    with opened(tmp_path, PLAYS, {PLAY_GAPS: [GAP]}) as listening:
        section = data.section(listening)
        view = view_of(section, "data-timeline", measure="plays")

    assert view.sentence == (
        "0 times of which no source tells; 1 time in which plays may be missing."
    )
    assert view.option is not None
    *_, lost = view.option["series"]
    assert lost["markArea"]["data"] == [
        [
            {"name": "a file of the export is missing", "xAxis": "2026-03-01"},
            {"xAxis": "2026-03-09"},
        ]
    ]
    assert view.table is not None
    assert view.table.rows[0] == ("a file of the export is missing", None, "9 Mar 2026", "open")


def test_times_that_no_source_tells_of_are_not_silence() -> None:
    months = [MonthPlays(date(2024, 1, 1), 3, 9.0)]
    unknown = [UnknownTime(date(2024, 2, 1), date(2025, 3, 31))]

    bars, untold = timeline_chart(months, unknown, [], "minutes")["series"]

    assert bars["data"] == [["2024-01-01", 9]]
    assert untold["markArea"]["data"] == [
        [{"name": "unknown", "xAxis": "2024-02-01"}, {"xAxis": "2025-03-31"}]
    ]


def test_what_was_not_read_has_its_reason_and_place(tmp_path: Path) -> None:
    bad = {**ME, "source_file": "a.json", "rejected_at": at(20)}
    answers = {
        LISTENING_HISTORY: [
            *(record(place) for place in range(5)),
            record(5, media_type="episode"),
            record(6),
        ],
        REJECTED_RECORDS: [
            bad | {"rejected_id": "1", "position": 7, "reason": "no time"},
            bad | {"rejected_id": "2", "position": 3, "reason": "no time"},
        ],
        IMPORTED_FILES: [FILE],
    }

    with opened(tmp_path, PLAYS, answers) as listening:
        found = not_plays(listening)
        view = view_of(data.section(listening), "data-rejected")

    # Of 7 records one is spoken and 5 are told of as 4 plays; the last has no name.
    assert found == (1, 1, 1)
    assert view.table is not None
    assert list(view.table.rows) == [
        ("no time", 2, "not taken", "a.json, record 3"),
        ("has no name of its own", 1, "kept, but no play of its own", None),
        ("spoken: podcasts and audiobooks", 1, "kept, but no play of its own", None),
        ("told by another source too: counts once", 1, "kept, but no play of its own", None),
    ]


def test_excluded_plays_are_in_no_question_and_told_of(tmp_path: Path) -> None:
    out = {"is_excluded": True, "is_counted": False}
    excluded = [
        heard("2026-03-05 09:00", "Rain", sources=["account", "extended"], **out),
        heard("2026-03-06 09:00", "Rain", is_hidden=True, **out),
    ]
    answers = {LISTENING_HISTORY: [record(place) for place in range(9)]}

    with opened(tmp_path, [*PLAYS, *excluded], answers) as listening:
        found = not_plays(listening)
        view = view_of(data.section(listening), "data-rejected")

    assert (listening.excluded, listening.hidden) == (2, 1)
    assert listening.today == date(2026, 3, 3)
    # Of 9 records 8 are told of, as 4 plays and 2 excluded ones.
    assert found == (0, 2, 1)
    assert view.table is not None
    assert list(view.table.rows)[-2:] == [
        ("excluded", 1, "kept, but in no statistic", None),
        ("hidden", 1, "kept, but in no statistic", None),
    ]


def test_sources_have_what_only_they_told(tmp_path: Path) -> None:
    with opened(tmp_path, PLAYS) as listening:
        table = view_of(data.section(listening), "data-sources").table

    assert table is not None
    assert [row[:3] for row in table.rows] == [
        ("extended streaming history", 4, 3),
        ("account data", 1, 0),
    ]


def test_what_to_do_names_what_would_help(tmp_path: Path) -> None:
    with opened(tmp_path, PLAYS, {PLAY_GAPS: [GAP]}) as listening:
        table = view_of(data.section(listening), "data-next").table

    assert table is not None
    assert [row[0] for row in table.rows] == [
        "Find missing plays",
        "Add the whole history",
        "Add real features",
    ]
    assert "plays may be missing since 2026-03-09" in table.rows[0][1]


def test_where_all_is_well_nothing_is_to_do(tmp_path: Path) -> None:
    plays = [heard(f"2026-03-0{day} {hour:02}:00") for day in range(1, 6) for hour in range(20)]
    catalogue = {"track_id": "x", "track_genre": "pop", "track_name": "Song", "artists": "Band"}

    with opened(tmp_path, plays, {KAGGLE_TRACKS: [catalogue]}) as listening:
        view = view_of(data.section(listening), "data-next")

    assert view.table is None
    assert view.sentence.startswith("Nothing: no gap is open")


def test_a_shared_page_names_no_files_and_no_days(tmp_path: Path) -> None:
    bad = {**ME, "source_file": "/home/anna/a.json", "rejected_at": at(20), "rejected_id": "1"}
    answers = {REJECTED_RECORDS: [bad | {"reason": "no time"}], PLAY_GAPS: [GAP]}

    with opened(tmp_path, PLAYS, answers, redact=True) as listening:
        section = data.section(listening)

    tables = [view.table for block in section.blocks for view in block.views.values()]
    assert "anna" not in repr(tables)
    assert "Mar 2026" not in repr([view_of(section, "data-sources").table])
    assert "9 Mar" not in repr(tables)


def test_a_page_to_be_shared_draws_gaps_by_month() -> None:
    lost = datetime(2024, 3, 5, 10, tzinfo=UTC), datetime(2024, 4, 9, tzinfo=UTC)
    gap = Gap("outage", *lost, lost[1], None)
    chart = timeline_chart([], [], [gap], "plays", by_month=True)

    assert "2024-03-01" in str(chart)
    assert "2024-03-05" not in str(chart)
    assert "2024-04-09" not in str(chart)
