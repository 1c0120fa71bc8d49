"""Time that no source covers is not silence: it is in no number about when and how regularly."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from gold.mood_forecast import mood_forecast
from tests.gold.test_mood_forecast import FIRST_NUMBER, days_of, of_measure
from tests.models import compute

pytestmark = pytest.mark.heavy

DAYS = 120
BEGINNINGS = (date(2020, 1, 1), date(2023, 1, 1))
Row = dict[str, Any]


def plays() -> list[Row]:
    """Return five plays an evening on 120 days of 2020 and of 2023, and on a day not yet over."""
    days = [first + timedelta(days=n) for first in BEGINNINGS for n in range(DAYS)]
    days.append(BEGINNINGS[1] + timedelta(days=DAYS))
    return [
        {
            "user_id": "me",
            "play_id": f"{day} {number}",
            "played_at": datetime(day.year, day.month, day.day, 20, number, tzinfo=UTC),
            "track_key": f"track {number}",
            "artist_name": "Artist",
            "artist_key": "artist",
            "ms_played": 60_000,
            "local_date": day,
            "hour_of_day": 20,
            "is_counted": True,
        }
        for day in days
        for number in range(5)
    ]


def coverage() -> list[Row]:
    return [
        {
            "user_id": "me",
            "begins_at": datetime(first.year, first.month, first.day, tzinfo=UTC),
            "ends_at": datetime(first.year, first.month, first.day, tzinfo=UTC),
            "first_date": first,
            "last_date": first + timedelta(days=DAYS),
        }
        for first in BEGINNINGS
    ]


@pytest.fixture(scope="module")
def known() -> dict[str, Row]:
    return all_time(coverage())


def all_time(spans: list[Row]) -> dict[str, Row]:
    inputs = {"silver.listening_with_features": plays(), "silver.listening_coverage": spans}
    rows = compute("wellbeing_indicators", inputs)
    return {row["indicator"]: row for row in rows if row["period_kind"] == "all_time"}


def test_years_that_no_source_covers_make_nobody_irregular(known: dict[str, Row]) -> None:
    # Every covered day is the same, but for the last one of 2020, which has no play.
    silent = all_time([])

    name = "regularity_interdaily_stability"
    # 240 days with the same hour and one without any: with a share p = 240 / 241 of days with the
    # hour, IS = (p² / 24 - (p / 24)²) / (p / 24 - (p / 24)²).
    p = 240 / 241
    expected = (p**2 / 24 - (p / 24) ** 2) / (p / 24 - (p / 24) ** 2)
    assert known[name]["value"] == pytest.approx(expected, abs=1e-6)
    assert silent[name]["value"] < 0.25
    assert known["regularity_relative_amplitude"]["value"] == 1.0
    assert known["night_share"]["value"] == 0.0


def test_hours_are_compared_across_days_that_follow_each_other(known: dict[str, Row]) -> None:
    # In 241 days of 24 hours 240 stand out, each a step up and a step down; the first hour of
    # either run follows nothing.
    hours = 241 * 24
    variance = 240 / hours - (240 / hours) ** 2
    expected = 2 * 240 / (hours - 2) / variance

    found = known["regularity_intradaily_variability"]["value"]

    assert found == pytest.approx(expected, abs=1e-6)


def test_what_is_met_after_an_unknown_time_is_no_discovery(known: dict[str, Row]) -> None:
    # The last 30 days of either run; without coverage all of 2023 as well.
    assert known["discovery"]["n_days"] == 60
    assert all_time([])["discovery"]["n_days"] == 30 + DAYS


def test_days_that_no_source_covers_have_no_minutes_to_learn_from() -> None:
    days = days_of(300)
    after = days["day"] - FIRST_NUMBER
    heard = days[(after < 100) | (after > 120)]
    covered = pd.DataFrame(
        {"first_day": [FIRST_NUMBER, FIRST_NUMBER + 121], "last_day": [FIRST_NUMBER + 99, 10**6]}
    )

    silent, unknown = mood_forecast(heard), mood_forecast(heard, covered)

    assert set(of_measure(silent, "minutes")["n_days"]) == {299}
    assert set(of_measure(unknown, "minutes")["n_days"]) == {299 - 21}
