"""When a person listens: where they live, how their days go, when their sessions start."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from demo.draws import Draws, Floats, Integers, pick, table_mean

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

# How likely a session starts in each local hour. A working day peaks on the way to work and in the
# evening, a day off starts late and ends late; few sessions start at night (Heggli, Stupacher and
# Vuust 2021 describe the same blocks of the day).
_WORKDAY = (
    *(0.9, 0.45, 0.2, 0.12, 0.12, 0.4, 2.0, 5.2, 5.8, 3.6, 3.0, 2.8),
    *(3.4, 3.0, 2.8, 3.0, 3.8, 5.4, 6.0, 5.2, 4.8, 4.4, 3.2, 1.8),
)
_DAY_OFF = (
    *(1.9, 1.2, 0.7, 0.3, 0.15, 0.15, 0.3, 0.8, 2.0, 3.6, 4.8, 5.2),
    *(4.8, 4.4, 4.4, 4.6, 4.8, 4.8, 4.8, 4.8, 4.8, 4.8, 4.2, 3.0),
)
# Plays on a Monday, a Tuesday, …, relative to the mean day.
_WEEK = (0.92, 0.96, 0.98, 1.0, 1.12, 1.16, 0.86)
_DAYS = (0.0, 0.45, 0.65, 0.8, 0.92, 1.05, 1.2, 1.4, 1.7, 2.6)
SESSION_PLAYS = (1.0, 1.0, 2.0, 4.0, 7.0, 10.0, 14.0, 19.0, 27.0, 45.0)


@dataclass(frozen=True)
class Stay:
    """Where a person lives from one day on, until the next stay.

    ``since``: the first local day. ``zone``: IANA name of the time zone. ``country``: two letters,
    as in the exports' ``conn_country``. ``listening``: plays a day, relative to the person's usual
    number; below 1 on a holiday.
    """

    since: dt.date
    zone: str
    country: str
    listening: float = 1.0


@dataclass(frozen=True)
class Sessions:
    """Planned sessions in order of time; arrays of one entry a session.

    ``start_ms``: planned start, UTC milliseconds since 1970. ``day``: day of the history, 0 = its
    first. ``local_hour``: local hour of the day at the start. ``is_day_off``: Saturday or Sunday.
    ``stay``: position in the listener's stays. ``plays``: planned number of plays.
    """

    start_ms: Integers
    day: Integers
    local_hour: Integers
    is_day_off: np.typing.NDArray[np.bool_]
    stay: Integers
    plays: Integers


@lru_cache(maxsize=256)
def _offsets_ms(zone: str, first: dt.date, days: int) -> Integers:
    """Return the offset from UTC at every local hour of the days; clock changes fall on hours."""
    info = ZoneInfo(zone)
    midnight = dt.datetime.combine(first, dt.time())
    hours = (midnight + dt.timedelta(hours=hour) for hour in range(24 * days))
    offsets = (hour.replace(tzinfo=info).utcoffset() or dt.timedelta() for hour in hours)
    return np.array([int(offset.total_seconds()) * 1000 for offset in offsets], dtype=np.int64)


def to_utc_ms(zone: str, first: dt.date, days: int, local_ms: Integers) -> Integers:
    """Wall clock times in a zone as instants.

    ``zone``: IANA name. ``first``: the day that ``local_ms`` counts from. ``days``: how many days
    the times may span. ``local_ms``: milliseconds on the wall clock since ``first`` 00:00; within
    an hour that the clock repeats the first pass is meant, an hour that it leaves out moves on by
    an hour.

    Returns UTC milliseconds since 1970.
    """
    offset = _offsets_ms(zone, first, days)[local_ms // HOUR_MS]
    return local_ms - offset + (first - dt.date(1970, 1, 1)).days * DAY_MS


def plan_sessions(
    draws: Draws, start: dt.date, days: int, stays: Sequence[Stay], plays_per_day: float
) -> Sessions:
    """Draw the sessions of all days.

    ``draws``: the person's stream for their days. ``start``: first local day. ``days``: number of
    days. ``stays``: where the person is, by day; the first begins on ``start`` or before.
    ``plays_per_day``: mean number of plays a day at home.

    Returns Sessions in order of their start; they may still overlap, because their lengths are only
    known with their tracks.
    """
    day = np.arange(days)
    weekday = (day + start.weekday()) % 7
    first_days = np.array([(stay.since - start).days for stay in stays])
    stay_of_day = np.searchsorted(first_days, day, side="right") - 1
    listening = np.array([stay.listening for stay in stays])[stay_of_day]
    usual_plays = plays_per_day * np.array(_WEEK)[weekday] * listening
    plays_that_day = usual_plays * draws.quantiles(_DAYS, days) / table_mean(_DAYS)
    # Whole plays are what `floor` leaves of a session's size, half a play less on average.
    wanted = plays_that_day / (table_mean(SESSION_PLAYS) - 0.5)
    count = np.floor(wanted + draws.uniform(days)).astype(np.int64)

    day = np.repeat(day, count)
    total = len(day)
    is_day_off = (weekday >= 5)[day]
    shift_hours = 2.0 * float(draws.uniform(1)[0]) - 1.0  # an early or a late riser
    uniform = draws.uniform(total)
    hour = np.where(
        is_day_off,
        pick(np.cumsum(_DAY_OFF), uniform),
        pick(np.cumsum(_WORKDAY), uniform),
    )
    clock_ms = np.floor((hour + draws.uniform(total) + shift_hours) * HOUR_MS).astype(np.int64)
    local_ms = np.maximum(day * DAY_MS + clock_ms, 0)
    stay = stay_of_day[day]
    start_ms = np.zeros(total, dtype=np.int64)
    for zone in sorted({stay.zone for stay in stays}):
        here = np.isin(stay, [number for number, at in enumerate(stays) if at.zone == zone])
        start_ms[here] = to_utc_ms(zone, start, days + 2, local_ms[here])
    order = np.argsort(start_ms, kind="stable")
    plays = np.floor(draws.quantiles(SESSION_PLAYS, total)).astype(np.int64)
    return Sessions(
        start_ms=start_ms[order],
        day=day[order],
        local_hour=(local_ms[order] // HOUR_MS) % 24,
        is_day_off=is_day_off[order],
        stay=stay[order],
        plays=plays,
    )


def without_overlap(planned_ms: Integers, length_ms: Integers, pause_ms: Integers) -> Integers:
    """Move sessions later, as little as needed, so that each begins a pause after the one before.

    With C the running sum of all lengths and pauses before a session, its start is
    C + max over it and the earlier ones of (planned start - their C): the recurrence
    start = max(planned, end of the one before + its pause), solved without a loop.

    ``planned_ms``: planned starts in ascending order, ms. ``length_ms``: lengths, ms. ``pause_ms``:
    least silence after each, ms.

    Returns the starts, ms.
    """
    before = np.cumsum(length_ms + pause_ms) - (length_ms + pause_ms)
    latest: Integers = np.maximum.accumulate(planned_ms - before)
    starts: Integers = before + latest
    return starts


def tilt_by_hour(local_hour: Integers) -> Floats:
    """Return how lively the music of an hour is meant to be: -1 (the calmest) to 1 (the liveliest).

    Least at 3-4 h, most at 17-18 h, as Park et al. 2019 measured it.
    """
    by_hour = (
        *(-0.75, -0.85, -0.95, -1.0, -1.0, -0.7, -0.3, 0.1, 0.3, 0.45, 0.55, 0.6),
        *(0.65, 0.65, 0.7, 0.8, 0.9, 1.0, 1.0, 0.8, 0.4, 0.0, -0.35, -0.6),
    )
    return np.array(by_hour)[local_hour]
