from datetime import date

import pytest

from report.page.questions.asking import grain
from report.page.questions.day_tops import day_tops
from report.page.questions.discovery import Discovery, discovery, discovery_steps
from report.page.questions.favourites import most_skipped, rediscover, skip_totals
from report.page.questions.over_time import artists_over_time, numbers_one
from report.page.questions.tops import shares_with_genre, tops
from report.page.questions.totals import edge_plays, totals
from tests.report.page.few_plays import dates, listening, play

FEBRUARY = dates("2026-02-01", "2026-02-28")
MARCH = dates("2026-03-01", "2026-03-31")
MARCH_AFTER = dates("2026-03-01", "2026-03-31", FEBRUARY)
YEAR = dates("2026-01-01", "2026-12-31")
YEARS = dates("2020-01-01", "2026-12-31")


def test_totals_count_plays_and_know_whose_time_is_missing() -> None:
    heard = listening(
        play("2026-03-01 08:00", "One", "A"),
        play("2026-03-01 09:00", "Two", "A", ms_played=None),
        play("2026-03-02 09:00", "Two", "B", ms_played=12_000),
        play("2026-02-01 09:00", "Three", "C"),
    )

    found, _ = totals(heard, [MARCH])[MARCH.id]

    assert (found.plays, found.tracks, found.artists, found.days) == (2, 2, 1, 1)
    assert found.plays_without_time == 1
    assert found.minutes_a_day == pytest.approx(3.2)
    edges = edge_plays(heard, [MARCH])[MARCH.id]
    assert edges is not None
    assert [edge.track_name for edge in edges] == ["One", "Two"]


def test_nothing_heard_is_zero_and_no_time() -> None:
    heard = listening(play("2026-02-01 08:00"))

    assert totals(heard, [MARCH])[MARCH.id].now == (0, None, 0, 0, 0, 0)
    assert edge_plays(heard, [MARCH])[MARCH.id] is None


def test_ranks_move_against_the_period_before() -> None:
    heard = listening(
        *(play(f"2026-02-{day:02} 12:00", "Old", "A") for day in (1, 2, 3)),
        play("2026-02-04 12:00", "Riser", "A"),
        *(play(f"2026-03-{day:02} 12:00", "Riser", "A") for day in (1, 2, 3)),
        play("2026-03-04 12:00", "Long", "B", ms_played=900_000),
        play("2026-03-05 12:00", "Old", "A"),
        play("2026-03-06 12:00", "Begun", "A", ms_played=1_000),
    )

    found = tops(heard, [MARCH_AFTER], "tracks", 3)[MARCH_AFTER.id]

    assert [
        (row.name, row.plays, row.rank_by_plays, row.before_by_plays, row.rank_by_minutes)
        for row in found
    ] == [("Riser", 3, 1, 2, 2), ("Long", 1, 2, None, 1), ("Old", 1, 3, 1, 3)]
    assert found[0].first == date(2026, 3, 1)
    assert found[0].last == date(2026, 3, 3)
    assert [row.before_by_plays for row in tops(heard, [MARCH], "tracks", 3)[MARCH.id]] == [
        None
    ] * 3
    assert [row.name for row in tops(heard, [MARCH], "artists", 1)[MARCH.id]] == ["A", "B"]
    assert [(row.name, row.by) for row in tops(heard, [MARCH], "albums", 5)[MARCH.id]] == [
        ("Album", "A"),
        ("Album", "B"),
    ]


def test_ranks_before_are_told_as_far_as_a_rise_is_shown() -> None:
    # In February 120 tracks with two plays each, and "Late" with one: rank 121.
    heard = listening(
        *(
            play(f"2026-02-{day:02} {hour:02}:{minute:02}", f"Track {hour * 60 + minute}", "A")
            for day in (1, 2)
            for hour in (8, 9)
            for minute in range(60)
        ),
        play("2026-02-03 12:00", "Late", "A"),
        *(play(f"2026-03-0{day} 12:00", "Late", "A") for day in (1, 2, 3)),
        play("2026-03-04 12:00", "Track 480", "A"),
    )

    near, far = (tops(heard, [MARCH_AFTER], "tracks", most)[MARCH_AFTER.id] for most in (50, 2))

    assert [(row.name, row.before_by_plays) for row in near] == [("Late", 121), ("Track 480", 1)]
    # Of two that are shown, ranks up to 102 tell a rise of 100.
    assert far[0].before_by_plays == 103


def test_a_year_asked_for_is_also_the_one_before_another() -> None:
    heard = listening(
        play("2025-05-01 12:00", "One", "A"),
        play("2025-05-02 12:00", "One", "A"),
        play("2026-05-01 12:00", "Two", "A"),
    )
    year_2025 = dates("2025-01-01", "2025-12-31")
    year_2026 = dates("2026-01-01", "2026-12-31", year_2025)

    found = totals(heard, [year_2026, year_2025])

    assert found[year_2025.id].before is None
    assert found[year_2025.id].now == found[year_2026.id].before
    assert (found[year_2025.id].now.plays, found[year_2026.id].now.plays) == (2, 1)


def test_a_day_has_its_most_played_tracks_of_equals_the_one_heard_first() -> None:
    heard = listening(
        play("2026-03-01 08:00", "First"),
        play("2026-03-01 09:00", "Second"),
        play("2026-03-01 10:00", "Twice"),
        play("2026-03-01 11:00", "Twice"),
        play("2026-03-01 12:00", "Begun", ms_played=2_000),
        play("2026-03-02 08:00", "Second"),
    )

    found = [(row.local_date.day, row.track_name, row.plays) for row in day_tops(heard, 2)]

    assert found == [(1, "Twice", 2), (1, "First", 1), (2, "Second", 1)]


def test_a_skip_rate_rests_on_plays_whose_skip_is_known() -> None:
    heard = listening(
        *(play(f"2026-03-0{day} 12:00", skipped=False) for day in range(1, 5)),
        play("2026-03-05 12:00", skipped=True, ms_played=2_000),
        play("2026-03-06 12:00", skipped=None),
        play("2026-03-07 12:00", "Other", skipped=True),
    )

    song, other = tops(heard, [MARCH], "tracks", 5)[MARCH.id]

    assert song.skip_rate == pytest.approx(0.2)
    assert other.skip_rate is None
    assert skip_totals(heard, [MARCH])[MARCH.id] == (7, 6, 2)
    assert skip_totals(heard, [MARCH])[MARCH.id].rate == pytest.approx(1 / 3)
    assert skip_totals(heard, [FEBRUARY])[FEBRUARY.id].rate is None


def test_a_genre_is_the_tracks_else_the_artists() -> None:
    heard = listening(
        play("2026-03-01 12:00", "One", "A", genre="soul"),
        play("2026-03-02 12:00", "Two", "B"),
        play("2026-03-03 12:00", "Three", "C"),
        play("2026-03-04 12:00", "Three", "C"),
    )
    heard.connection.execute("CREATE SCHEMA silver")
    heard.connection.execute(
        """
        CREATE TABLE silver.artist_genres AS SELECT * FROM (VALUES
            ('a', 'jazz', 'catalogue'), ('b', 'jazz', 'catalogue'),
            ('c', 'unclassified', 'unclassified')) AS t (artist_key, genre, genre_source)
        """
    )

    assert [(row.name, row.plays) for row in tops(heard, [MARCH], "genres", 5)[MARCH.id]] == [
        ("soul", 1),
        ("jazz", 1),
    ]
    assert shares_with_genre(heard, [MARCH])[MARCH.id] == 0.5
    assert shares_with_genre(heard, [FEBRUARY])[FEBRUARY.id] is None


def test_the_step_of_time_follows_the_length_of_the_period() -> None:
    assert grain(MARCH) == "week"
    assert grain(dates("2025-01-01", "2025-12-31")) == "month"
    assert grain(YEARS) == "quarter"


def test_artists_over_time_keep_those_of_the_first_ranks() -> None:
    heard = listening(
        play("2026-03-02 12:00", "One", "A"),
        play("2026-03-09 12:00", "One", "A"),
        play("2026-03-09 13:00", "Two", "B"),
        play("2026-03-10 13:00", "Three", "C", ms_played=31_000),
    )

    found = artists_over_time(heard, [MARCH], 2)[MARCH.id]

    assert [(row.begins.day, row.artist_name, row.plays, row.rank_by_plays) for row in found] == [
        (2, "A", 1, 1),
        (9, "A", 1, 1),
        (9, "B", 1, 2),
    ]


def test_every_month_has_its_number_one() -> None:
    heard = listening(
        play("2026-02-02 12:00", "One", "A"),
        play("2026-03-02 12:00", "One", "A"),
        play("2026-03-03 12:00", "Two", "B"),
        play("2026-03-04 12:00", "Three", "B"),
        play("2026-03-05 12:00", "One", "A", ms_played=1_000),
    )

    found = numbers_one(heard, [YEAR])[YEAR.id]

    # Of tracks played as often, the one heard first.
    assert [
        (row.begins.month, row.artist_name, row.artist_plays, row.track_name) for row in found
    ] == [
        (2, "A", 1, "One"),
        (3, "B", 2, "One"),
    ]
    assert [row.begins.month for row in numbers_one(heard, [YEARS])[YEARS.id]] == [1]


def test_new_is_what_the_whole_history_never_had() -> None:
    heard = listening(
        play("2026-02-02 12:00", "One", "A"),
        play("2026-03-02 12:00", "One", "A"),
        play("2026-03-03 12:00", "One", "A"),
        play("2026-03-04 12:00", "New", "A"),
        play("2026-03-05 12:00", "Newer", "B"),
        play("2026-02-05 12:00", "Newer", "B", ms_played=3_000),
    )

    # Two of the four plays are of One: one track makes half of them.
    assert discovery(heard, [MARCH])[MARCH.id] == Discovery(
        plays=4,
        tracks=3,
        new_tracks=2,
        new_artists=1,
        plays_of_new_tracks=2,
        tracks_of_half=1,
        played_once=2,
    )
    [week] = discovery_steps(heard, [MARCH])[MARCH.id]
    assert (week.begins, week.plays, week.new_tracks, week.new_artists) == (
        date(2026, 3, 2),
        4,
        2,
        1,
    )


def test_the_most_skipped_are_surely_skipped() -> None:
    heard = listening(
        *(play(f"2026-03-0{day} 12:00", "Always", skipped=True) for day in range(1, 6)),
        *(play(f"2026-03-1{day} 12:00", "Half", skipped=day % 2 == 0) for day in range(8)),
        *(play(f"2026-03-2{day} 12:00", "Few", skipped=True) for day in range(4)),
    )

    found = most_skipped(heard, [MARCH])[MARCH.id]

    assert [(row.track_name, row.skips, row.known) for row in found] == [
        ("Always", 5, 5),
        ("Half", 4, 8),
    ]
    # Wilson 1927 at 95%: 5 of 5 is 56.6% or more, 4 of 8 is 21.5% or more.
    assert [round(row.surely, 3) for row in found] == [0.566, 0.215]


def test_rediscover_is_loved_and_silent() -> None:
    loved = [play(f"2025-01-{day:02} 12:00", "Loved") for day in range(1, 9)]
    heard = listening(
        *loved,
        play("2025-02-01 12:00", "Loved"),
        *(play(f"2025-01-01 {hour:02}:00", "One day") for hour in range(8)),
        *(play(f"2025-01-{day:02} 12:00", "Skipped", skipped=True) for day in range(1, 9)),
        *(play(f"2025-01-{day:02} 12:00", "Lately") for day in range(1, 9)),
        play("2025-12-01 12:00", "Lately"),
        today="2025-12-31",
    )

    [silent] = rediscover(heard)

    assert (silent.track_name, silent.plays, silent.minutes) == ("Loved", 9, 27.0)
    assert (silent.best_month, silent.best_month_plays) == (date(2025, 1, 1), 8)
    assert silent.last == date(2025, 2, 1)
