from datetime import date

import pytest

from report.page.questions.days import (
    Season,
    Streak,
    covered_share,
    days,
    days_of,
    months,
    seasons,
    streaks,
)
from report.page.questions.hours import WeekHour, hours, week_hours
from report.page.questions.sessions import (
    longest_sessions,
    openers,
    session_lengths,
    session_starts,
    sessions,
)
from tests.report.page.few_plays import dates, listening, play

MARCH = dates("2026-03-01", "2026-03-31")


def test_an_hour_of_the_week_counts_plays_and_adds_up_minutes() -> None:
    # 2 March 2026 was a Monday. A short play adds its minute, but no play.
    heard = listening(
        play("2026-03-02 08:10"),
        play("2026-03-09 08:50", ms_played=20_000),
        play("2026-03-08 23:59", ms_played=None),
        play("2026-04-06 08:00"),
    )

    week = week_hours(heard, [MARCH])[MARCH.id]

    assert len(week) == 168
    assert week[8][:3] == (1, 8, 1)
    assert week[8].minutes == pytest.approx(200 / 60)
    assert week[-1] == WeekHour(7, 23, 1, None)
    assert sum(row.plays for row in week) == 2
    day = hours(week)
    assert [row.plays for row in day if row.plays] == [1, 1]
    assert day[8].minutes == pytest.approx(200 / 60)
    assert day[23].minutes is None


def test_days_that_no_source_tells_of_are_missing() -> None:
    heard = listening(play("2026-03-02 08:00"), play("2026-03-02 09:00"), play("2026-03-05 09:00"))

    assert [
        (day.local_date.day, day.plays, day.minutes) for day in days_of(days(heard), MARCH)
    ] == [
        (2, 2, 6.0),
        (5, 1, 3.0),
    ]


def test_days_that_are_covered_stand_there_with_nothing() -> None:
    heard = listening(play("2026-03-02 08:00"))
    heard.connection.execute("CREATE SCHEMA silver")
    heard.connection.execute(
        """
        CREATE TABLE silver.listening_coverage AS SELECT 'me' AS user_id,
        DATE '2026-03-01' AS first_date, DATE '2026-03-03' AS last_date
        UNION ALL SELECT 'other', DATE '2026-01-01', DATE '2026-12-31'
        """
    )

    assert [(day.local_date.day, day.plays) for day in days_of(days(heard), MARCH)] == [
        (1, 0),
        (2, 1),
        (3, 0),
    ]
    [month] = months(days_of(days(heard), MARCH))
    assert (month.plays, month.days, month.days_with_music) == (1, 3, 1)


def test_seasons_are_compared_by_their_average_day() -> None:
    heard = listening(
        play("2026-01-01 08:00"),
        play("2026-02-01 08:00"),
        play("2026-02-01 09:00"),
        play("2025-12-31 08:00"),
        play("2026-11-01 08:00"),
    )

    found = seasons(days(heard))

    assert found == [Season("winter", 4, 12.0, 3), Season("autumn", 1, 3.0, 1)]
    assert found[0].plays_a_day == pytest.approx(4 / 3)
    assert found[0].minutes_a_day == pytest.approx(4)


def test_sessions_belong_to_the_day_they_began() -> None:
    heard = listening(
        play("2026-03-31 23:50", "One", session_id="a"),
        play("2026-04-01 00:10", "Two", session_id="a"),
        play("2026-03-30 07:00", "One", session_id="b"),
        play("2026-03-30 07:05", "Two", session_id="b"),
        play("2026-03-30 07:10", "Three", session_id="b"),
        play("2026-03-29 07:10", "Three", session_id="c"),
        play("2026-03-28 07:10", "Three", session_id="only begun", ms_played=5_000),
    )

    found = sessions(heard, [MARCH])[MARCH.id]

    assert (found.total, found.median_plays, found.median_minutes) == (3, 2, 6)
    assert (found.low_plays, found.high_plays) == (1.5, 2.5)
    longest = longest_sessions(heard, [MARCH])[MARCH.id]
    assert [(row.local_date.day, row.hour, row.plays, row.minutes) for row in longest] == [
        (30, 7, 3, 9),
        (31, 23, 2, 6),
        (29, 7, 1, 3),
    ]
    assert [row.sessions for row in session_lengths(heard, [MARCH])[MARCH.id]] == [1, 2, 0, 0, 0, 0]
    starts = session_starts(heard, [MARCH])[MARCH.id]
    assert (starts[7].sessions, starts[23].sessions) == (2, 1)
    assert [(row.track_name, row.sessions) for row in openers(heard, [MARCH])[MARCH.id]] == [
        ("One", 2)
    ]


def test_nothing_in_a_period_is_nothing() -> None:
    heard = listening(play("2026-03-02 08:00"))
    april = dates("2026-04-01", "2026-04-30")

    assert sessions(heard, [april])[april.id].total == 0
    assert sessions(heard, [april])[april.id].median_plays is None
    assert not days_of(days(heard), april)
    assert not months(days_of(days(heard), april))
    assert not seasons(days_of(days(heard), april))
    assert sum(row.plays for row in week_hours(heard, [april])[april.id]) == 0
    assert covered_share(days(heard), dates("2026-03-01", "2026-03-04")) == 0.25


def test_a_streak_is_days_in_a_row_with_a_counted_play() -> None:
    heard = listening(
        *(play(f"2026-03-{day:02} 12:00") for day in (1, 2, 3, 5, 6, 8)),
        play("2026-03-04 12:00", ms_played=29_999),
    )

    longest, current = streaks(days_of(days(heard), MARCH))

    assert longest == Streak(date(2026, 3, 1), date(2026, 3, 3), 3)
    assert current == Streak(date(2026, 3, 8), date(2026, 3, 8), 1)
    assert streaks(days_of(days(heard), dates("2026-03-01", "2026-03-04"))).current is None
    assert streaks([]) == (None, None)
