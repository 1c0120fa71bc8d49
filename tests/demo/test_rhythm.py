import datetime as dt

import numpy as np
import pytest

from demo.rhythm import HOUR_MS, to_utc_ms, without_overlap


@pytest.mark.parametrize(
    ("zone", "local", "utc"),
    [
        ("Europe/Berlin", dt.datetime(2024, 3, 31, 1, 30), dt.datetime(2024, 3, 31, 0, 30)),
        ("Europe/Berlin", dt.datetime(2024, 3, 31, 3, 30), dt.datetime(2024, 3, 31, 1, 30)),
        ("Europe/Berlin", dt.datetime(2024, 3, 31, 2, 30), dt.datetime(2024, 3, 31, 1, 30)),
        ("Europe/Berlin", dt.datetime(2024, 10, 27, 2, 30), dt.datetime(2024, 10, 27, 0, 30)),
        ("America/Denver", dt.datetime(2024, 3, 31, 3, 30), dt.datetime(2024, 3, 31, 9, 30)),
        ("Asia/Kolkata", dt.datetime(2024, 3, 31, 3, 30), dt.datetime(2024, 3, 30, 22, 0)),
    ],
)
def test_wall_clock_times_become_instants(zone: str, local: dt.datetime, utc: dt.datetime) -> None:
    first = dt.date(2024, 1, 1)
    wall_ms = int((local - dt.datetime(2024, 1, 1)).total_seconds() * 1000)
    result = to_utc_ms(zone, first, 366, np.array([wall_ms]))
    expected = utc.replace(tzinfo=dt.UTC).timestamp() * 1000
    assert result.tolist() == [expected]


def test_overlapping_sessions_move_later_and_others_stay() -> None:
    planned = np.array([0, 1, 10, 11]) * HOUR_MS
    length = np.array([3, 1, 1, 1]) * HOUR_MS
    pause = np.full(4, HOUR_MS)
    assert (without_overlap(planned, length, pause) // HOUR_MS).tolist() == [0, 4, 10, 12]
