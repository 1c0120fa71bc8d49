"""What a person's lake holds, counted by hand beside it."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from lake.reader import open_lake
from report.feature_coverage import print_coverage
from report.statistics import (
    STATISTICS_TABLES,
    Statistics,
    UnknownTime,
    days_with_plays,
    people,
    statistics,
)
from report.statistics_report import print_statistics
from schemas.ops_schemas import PIPELINE_RUNS, REJECTED_RECORDS
from schemas.silver_schemas import LISTENING_COVERAGE, LISTENING_WITH_FEATURES, TRACKS
from tests.report.small_lakes import at, on, play, put, step, track


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """Five plays of three tracks by two artists, and one of another person."""
    plays = [
        play(at(1), "One", sources=["account", "extended"]),
        play(at(2), "One"),
        play(at(2, hour=13), "One", ms_played=20_000, is_counted=False),
        play(at(4), "[b]Two", ms_played=None, duration_ms=240_000, sources=["api"]),
        play(at(5), "Three", ms_played=None, sources=["api"]),
        play(at(6), "One", user_id="anna"),
    ]
    tracks = [
        track("One", "X", plays=3, feature_provider="kaggle", feature_match="id"),
        track("[b]Two", "X", plays=1, feature_provider="hot_deck", feature_match="name"),
        track("Three", "Y", plays=1),
        track("One", "X", user_id="anna", plays=95),
    ]
    put(tmp_path, LISTENING_WITH_FEATURES, plays)
    put(tmp_path, TRACKS, tracks)
    return tmp_path


def found_in(lake: Path, user_id: str = "me") -> Statistics:
    with open_lake(lake, STATISTICS_TABLES) as opened:
        return statistics(opened, user_id)


def printed(lake: Path) -> str:
    said = StringIO()
    console = Console(file=said, width=120)
    print_statistics(console, found_in(lake))
    with open_lake(lake, STATISTICS_TABLES) as opened:
        print_coverage(console, opened, "me")
    return said.getvalue()


def test_totals_are_those_of_the_person_alone(lake: Path) -> None:
    totals = found_in(lake).totals

    assert (totals.plays, totals.counted) == (5, 4)
    assert (totals.tracks, totals.artists) == (3, 2)
    assert (totals.first, totals.last) == (on(1), on(5))


def test_excluded_plays_are_in_no_number_but_their_own(lake: Path) -> None:
    before = found_in(lake)
    excluded = [
        play(at(8, hour), "Rain", is_counted=False, is_excluded=True, sources=["demo"])
        for hour in (1, 2)
    ]
    excluded += [
        play(at(8, 3), "Rain", is_counted=False, is_excluded=True, is_hidden=True, sources=["demo"])
    ]
    put(lake, LISTENING_WITH_FEATURES, excluded)

    after = found_in(lake)

    assert (before.left_out, after.left_out) == ((0, 0), (2, 1))
    assert (after.totals, after.tracks, after.artists, after.sources) == (
        before.totals,
        before.tracks,
        before.artists,
        before.sources,
    )
    said = printed(lake)
    assert "2 plays excluded: in none of these numbers (ops.exclusions)" in said
    assert "1 play hidden: in none of these numbers (ops.corrections)" in said


def test_a_play_that_nobody_timed_is_taken_for_as_long_as_its_track(lake: Path) -> None:
    totals = found_in(lake).totals

    assert totals.hours * 3600 == pytest.approx(180 + 180 + 20 + 240)
    assert (totals.untimed, totals.unknown) == (2, 1)


def test_favourites_are_ranked_by_plays_of_thirty_seconds_and_more(lake: Path) -> None:
    found = found_in(lake)

    assert [(each.track, each.artist, each.plays) for each in found.tracks] == [
        ("One", "X", 2),
        ("[b]Two", "X", 1),
        ("Three", "Y", 1),
    ]
    assert [(each.artist, each.plays, each.tracks) for each in found.artists] == [
        ("X", 3, 2),
        ("Y", 1, 1),
    ]
    assert found.artists[0].hours * 3600 == pytest.approx(620)


def test_an_artist_is_one_however_written(tmp_path: Path) -> None:
    spellings = {"One": "Beyoncé", "Two": "Beyonce\u0301", "Three": "BEYONCÉ", "Four": "Beyoncé"}
    plays = [play(at(1), name) for name in spellings] + [play(at(2), "Two")]
    put(tmp_path, LISTENING_WITH_FEATURES, plays)
    put(tmp_path, TRACKS, [track(name, artist) for name, artist in spellings.items()])

    found = found_in(tmp_path)

    assert found.totals.artists == 1
    # It is written as for the track played most.
    assert [(each.artist, each.plays, each.tracks) for each in found.artists] == [
        ("Beyonce\u0301", 5, 4)
    ]


def test_no_more_than_ten_favourites(tmp_path: Path) -> None:
    names = [f"Song {number:02}" for number in range(12)]
    put(tmp_path, LISTENING_WITH_FEATURES, [play(at(1), name) for name in names])
    put(tmp_path, TRACKS, [track(name, f"Artist of {name}") for name in names])

    found = found_in(tmp_path)

    assert [each.track for each in found.tracks] == names[:10]
    assert len(found.artists) == 10


def test_each_source_is_counted_and_what_it_alone_reported(lake: Path) -> None:
    assert found_in(lake).sources == [
        ("extended", 3, 2, on(1), on(2)),
        ("api", 2, 2, on(4), on(5)),
        ("account", 1, 0, on(1), on(1)),
    ]


def test_rejected_records_by_reason_and_failed_steps(lake: Path) -> None:
    rejected = {"user_id": "me", "run_id": "run", "rejected_at": at(1)}
    reasons = ["no time", "too long", "too long"]
    rows = [
        {"rejected_id": str(place), "reason": reason, **rejected}
        for place, reason in enumerate(reasons)
    ]
    put(lake, REJECTED_RECORDS, [*rows, {**rows[0], "rejected_id": "3", "user_id": "anna"}])
    runs = [
        step("silver.tracks", at(1), "failed", error="first"),
        step("silver.tracks", at(3), "failed", error="disk full", run_id="later"),
        step("gold.mood_clusters", at(1), "failed", error="made good", run_id="earlier"),
        step("gold.mood_clusters", at(2)),
        step("gold.mood_drivers", at(1), "failed", error="first", run_id="earlier"),
        step("gold.mood_drivers", at(2), "nothing_new"),
        step("gold.mood_drivers", at(3), "failed", error="again", run_id="later"),
    ]
    put(lake, PIPELINE_RUNS, runs)

    found = found_in(lake)

    assert found.rejections == [("too long", 2), ("no time", 1)]
    assert found.failures == [
        ("gold.mood_drivers", 1, at(3), "again"),
        ("silver.tracks", 2, at(3), "disk full"),
    ]


def test_all_of_it_is_printed_names_as_they_are_written(lake: Path) -> None:
    said = " ".join(printed(lake).split())

    assert "5 4 0 3 2 2026-03-01 2026-03-05" in said
    assert "[b]Two X 1 0.1" in said
    assert "for 2 plays no source has a listening time" in said
    assert "no rejected records and no failed steps" in said
    assert "catalogue id 3 1 60.0%" in said
    assert "synthetic (a donor track's) name 1 1 20.0%" in said


def test_errors_are_printed(lake: Path) -> None:
    put(lake, PIPELINE_RUNS, [step("silver.tracks", at(3), "failed", error="[disk] full")])

    assert "failed silver.tracks, 1 time(s), the last on 2026-03-03 12:00 UTC: [disk] full" in (
        printed(lake)
    )


def test_people_are_listed_and_an_empty_lake_has_none(lake: Path, tmp_path: Path) -> None:
    with open_lake(lake) as opened:
        assert people(opened) == ["anna", "me"]
    with open_lake(tmp_path / "nowhere") as opened:
        assert people(opened) == []


def test_days_with_plays_are_counted_from_a_date_on(lake: Path) -> None:
    with open_lake(lake) as opened:
        assert days_with_plays(opened, "me", on(1)) == 4
        assert days_with_plays(opened, "me", on(4)) == 2
        assert days_with_plays(opened, "me", on(6)) == 0


def test_times_that_no_source_covers_are_named(tmp_path: Path) -> None:
    put(tmp_path, TRACKS, [track()])
    put(tmp_path, LISTENING_WITH_FEATURES, [play(at(1))])
    spans = [(on(1), on(5)), (on(2), on(3)), (on(6), on(8)), (on(12), on(20))]
    put(
        tmp_path,
        LISTENING_COVERAGE,
        [
            {
                "user_id": "me",
                "begins_at": at(first.day),
                "ends_at": at(last.day),
                "first_date": first,
                "last_date": last,
            }
            for first, last in spans
        ],
    )

    with open_lake(tmp_path, STATISTICS_TABLES) as lake:
        found = statistics(lake, "me")
    printed = StringIO()
    print_statistics(Console(file=printed, width=200), found)

    assert found.unknown == [UnknownTime(on(9), on(11))]
    assert "no source covers 2026-03-09 to 2026-03-11: these days count" in printed.getvalue()
