"""The interval that a person's own listening asks for."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lake.reader import open_lake
from report.listening_rate import ListeningRate, listening_rate
from schemas.silver_schemas import LISTENING_WITH_FEATURES
from tests.report.small_lakes import Row, every, play, put

MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)
# A play every ten minutes: 40 more in 400 min, 50 more in 500.
STEADY = [play(moment) for moment in every(10, 101, MIDNIGHT)]


def rate_of(tmp_path: Path, plays: list[Row], present_hours: float = 6) -> ListeningRate | None:
    put(tmp_path, LISTENING_WITH_FEATURES, plays)
    with open_lake(tmp_path, [LISTENING_WITH_FEATURES]) as lake:
        return listening_rate(lake, "me", present_hours)


def busy(tmp_path: Path, plays: list[Row], present_hours: float = 6) -> ListeningRate:
    rate = rate_of(tmp_path, plays, present_hours)
    assert rate is not None
    return rate


def test_no_more_than_forty_plays_come_in_the_recommended_time(tmp_path: Path) -> None:
    rate = busy(tmp_path, STEADY)

    assert rate.busiest_hours == pytest.approx(400 / 60)
    assert rate.recommended_hours == 6


def test_days_at_risk_are_those_whose_plays_fifty_others_push_out_in_time(tmp_path: Path) -> None:
    # Two days of 51 plays in 500 minutes each, and a third with one play less.
    days = [(0, 51), (1, 51), (2, 50)]
    plays = [
        play(moment)
        for day, count in days
        for moment in every(10, count, MIDNIGHT + timedelta(days=day))
    ]

    rate = busy(tmp_path, plays, present_hours=9)

    assert rate.days_at_risk[8] == 0
    assert rate.days_at_risk[9] == 2
    assert rate.until.isoformat() == "2026-03-03"


@pytest.mark.parametrize(
    "others",
    [
        [
            play(moment, "short", ms_played=29_999, is_counted=False)
            for moment in every(1, 300, MIDNIGHT)
        ],
        [play(moment, "hers", user_id="anna") for moment in every(1, 300, MIDNIGHT)],
        [play(moment, "old") for moment in every(1, 300, MIDNIGHT - timedelta(days=91))],
    ],
    ids=["too short", "another person's", "longer ago than 90 days"],
)
def test_plays_that_do_not_matter_change_nothing(tmp_path: Path, others: list[Row]) -> None:
    assert busy(tmp_path, STEADY + others) == busy(tmp_path / "without", STEADY)


def test_one_odd_stretch_among_thousands_of_plays_sets_no_interval(tmp_path: Path) -> None:
    steady = [play(moment) for moment in every(10, 12_000, MIDNIGHT)]
    # Forty-one plays in as many seconds, as of a device that was off the net.
    odd = [play(moment, "odd") for moment in every(1 / 60, 41, MIDNIGHT + timedelta(days=60))]

    assert busy(tmp_path, steady + odd).recommended_hours == 6


@pytest.mark.parametrize(("minutes", "hours"), [(0.1, 0.25), (1, 0.5), (3, 2), (600, 24)])
def test_the_recommendation_is_a_round_number_within_bounds(
    tmp_path: Path, minutes: float, hours: float
) -> None:
    plays = [play(moment) for moment in every(minutes, 60, MIDNIGHT)]

    assert busy(tmp_path, plays).recommended_hours == hours


def test_too_few_plays_recommend_nothing(tmp_path: Path) -> None:
    assert rate_of(tmp_path, STEADY[:40]) is None
    assert rate_of(tmp_path / "enough", STEADY[:41]) is not None
