from datetime import UTC, datetime, timedelta, timezone

from demo.clock import CatchUpClock, Clock

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def test_a_clock_stands_still_until_it_is_set() -> None:
    clock = Clock(NOON)

    assert clock.now() == clock.now() == NOON
    clock.advance(timedelta(hours=2))
    assert clock.now() == NOON + timedelta(hours=2)
    clock.set(NOON.astimezone(timezone(timedelta(hours=5))))
    assert clock.now() == NOON
    assert clock.now().tzinfo is UTC


def test_a_clock_may_run_fast() -> None:
    clock = Clock(NOON, speed=1e9)

    first = clock.now()

    assert NOON < first < clock.now()


def test_a_clock_that_catches_up_is_never_ahead_of_the_wall_clock() -> None:
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)

    behind = CatchUpClock(an_hour_ago, speed=1.0).now()
    caught_up = CatchUpClock(an_hour_ago, speed=1e12)
    caught_up.now()

    assert behind - an_hour_ago < timedelta(minutes=1)
    assert abs(datetime.now(UTC) - caught_up.now()) < timedelta(minutes=1)
