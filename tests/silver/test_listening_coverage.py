"""Which times the sources of a person tell of, and which no source does."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from loaders.file_series import place_in_series
from tests.models import compute

pytestmark = pytest.mark.heavy

Row = dict[str, Any]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def imported(name: str, first: str, last: str, kind: str = "extended", **others: Any) -> Row:
    """Return a row of ``ops.imported_files`` of a file with records from ``first`` to ``last``."""
    place = place_in_series(name)
    return {
        "user_id": "me",
        "source_file": name,
        "fingerprint": "1-1",
        "kind": kind,
        "archive": place.archive,
        "series": place.series,
        "file_number": place.number,
        "first_played_at": at(first),
        "last_played_at": at(last),
        "run_id": "run",
    } | others


def play(played_at: str, source: str = "api", **others: Any) -> Row:
    row = {"user_id": "me", "source": source, "played_at": at(played_at), "media_type": "track"}
    return row | others


def coverage(
    files: list[Row], plays: list[Row] | None = None, gaps: list[Row] | None = None
) -> list[tuple[str, str]]:
    """Return the first and the last instant of each span of "me", and check its dates (UTC)."""
    rows = compute(
        "listening_coverage",
        {
            "ops.imported_files": files,
            "bronze.listening_history_bronze": plays or [],
            "ops.play_gaps": gaps or [],
        },
        timezone="UTC",
    )
    for row in rows:
        assert row["first_date"] == row["begins_at"].astimezone(UTC).date()
        assert row["last_date"] == row["ends_at"].astimezone(UTC).date()
    spans = sorted((row["begins_at"], row["ends_at"]) for row in rows if row["user_id"] == "me")
    return [(f"{one:%Y-%m-%d}", f"{other:%Y-%m-%d}") for one, other in spans]


def test_two_account_exports_years_apart_leave_what_lies_between_unknown() -> None:
    files = [
        imported("2019/StreamingHistory0.json", "2018-03-01", "2019-03-01", "account"),
        imported("2023/StreamingHistory0.json", "2022-03-01", "2022-09-01", "account"),
        imported("2023/StreamingHistory1.json", "2022-09-03", "2023-03-01", "account"),
    ]

    # The files of one archive touch, though nothing was played on 2022-09-02.
    assert coverage(files) == [("2018-03-01", "2019-03-01"), ("2022-03-01", "2023-03-01")]


def test_two_account_exports_in_one_folder_do_not_touch_either() -> None:
    files = [
        imported("exports/StreamingHistory0.json", "2018-03-01", "2019-03-01", "account"),
        imported("exports/StreamingHistory1.json", "2020-03-01", "2021-03-01", "account"),
    ]

    assert len(coverage(files)) == 2


def test_archives_that_overlap_are_one_span() -> None:
    files = [
        imported("a.zip!StreamingHistory0.json", "2018-03-01", "2019-03-01", "account"),
        imported("b.zip!StreamingHistory0.json", "2019-02-01", "2020-02-01", "account"),
        imported("c.zip!Streaming_History_Audio_2019_0.json", "2019-12-01", "2021-02-01"),
    ]

    assert coverage(files) == [("2018-03-01", "2021-02-01")]


def test_a_zip_of_the_same_name_is_another_archive() -> None:
    name = "my_spotify_data.zip!StreamingHistory0.json"
    files = [
        imported(name, "2018-03-01", "2019-03-01", "account"),
        imported(name, "2022-03-01", "2023-03-01", "account", fingerprint="2-2"),
    ]

    assert coverage(files) == [("2018-03-01", "2019-03-01"), ("2022-03-01", "2023-03-01")]


def test_a_missing_year_of_an_extended_history_is_not_covered() -> None:
    files = [
        imported("x/Streaming_History_Audio_2015-2016_0.json", "2015-01-05", "2016-12-30"),
        imported("x/Streaming_History_Audio_2016-2017_1.json", "2017-01-20", "2017-12-31"),
        imported("x/Streaming_History_Audio_2019_3.json", "2019-01-01", "2019-12-31"),
        # Videos were seen in the missing year: of music they tell nothing.
        imported(
            "x/Streaming_History_Video_2015-2019.json", "2015-02-01", "2019-06-01", "extended_video"
        ),
    ]

    assert coverage(files) == [("2015-01-05", "2017-12-31"), ("2019-01-01", "2019-12-31")]


def test_the_api_covers_all_but_what_may_be_lost() -> None:
    plays = [play("2024-01-01"), play("2024-06-30"), play("2023-01-01", "account")]
    gaps = [
        {"lost_from": at("2024-02-01"), "lost_until": at("2024-02-10")},
        {"lost_from": at("2024-02-05"), "lost_until": at("2024-02-20")},
        {
            "lost_from": at("2024-04-01"),
            "lost_until": at("2024-04-02"),
            "closed_at": at("2024-05-01"),
        },
        {"lost_from": at("2023-01-01"), "lost_until": at("2024-01-01")},
    ]
    common = {"user_id": "me", "source": "api", "kind": "window_full"}

    assert coverage([], plays, [common | each for each in gaps]) == [
        ("2023-01-01", "2023-01-01"),
        ("2024-01-01", "2024-02-01"),
        ("2024-02-20", "2024-06-30"),
    ]


def test_files_of_an_older_release_cover_from_their_first_record_to_their_last() -> None:
    old = imported("old/endsong_0.json", "2015-01-01", "2016-01-01")
    old |= dict.fromkeys(("archive", "series", "file_number", "first_played_at", "last_played_at"))
    plays = [
        play(day, "extended", source_file="old/endsong_0.json")
        for day in ("2015-02-01", "2015-11-30")
    ]

    assert coverage([old], plays) == [("2015-02-01", "2015-11-30")]


def covered_dates(spans: list[tuple[str, str]], plays: list[str]) -> list[tuple[date, date]]:
    rows = compute(
        "covered_spans",
        {
            "silver.listening_coverage": [
                {
                    "user_id": "me",
                    "begins_at": at(first) + timedelta(minutes=number),
                    "ends_at": at(last),
                    "first_date": date.fromisoformat(first),
                    "last_date": date.fromisoformat(last),
                }
                for number, (first, last) in enumerate(spans)
            ],
            "silver.listening_with_features": [
                {"user_id": "me", "play_id": day, "local_date": date.fromisoformat(day)}
                for day in plays
            ],
        },
    )
    return sorted((row["first_date"], row["last_date"]) for row in rows)


def test_spans_of_dates_go_on_with_the_next_date() -> None:
    spans = [
        ("2024-01-01", "2024-01-05"),
        ("2024-01-06", "2024-01-06"),
        ("2024-01-08", "2024-01-09"),
    ]

    assert covered_dates(spans, ["2024-01-02"]) == [
        (date(2024, 1, 1), date(2024, 1, 6)),
        (date(2024, 1, 8), date(2024, 1, 9)),
    ]


def test_whose_coverage_is_not_known_is_covered_by_their_plays() -> None:
    assert covered_dates([], ["2024-01-09", "2024-01-02"]) == [(date(2024, 1, 2), date(2024, 1, 9))]
