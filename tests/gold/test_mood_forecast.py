"""What is learnt from plays, what is shown, and what is withheld."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gold.mood_forecast import mood_forecast
from schemas.mood_schemas import MEASURES, MOOD_FORECAST
from tests.models import compute

pytestmark = pytest.mark.heavy

FIRST = date(2024, 1, 1)
FIRST_NUMBER = (FIRST - date(1970, 1, 1)).days
SHARES = ["measured_share", "catalogue_share", "synthetic_share"]


def days_of(number: int, *, seed: int = 1, **values: Any) -> pd.DataFrame:
    """Return one row a day with four plays of noise, all measured, to vary."""
    random = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "user_id": "me",
            "day": FIRST_NUMBER + np.arange(number),
            "plays": 4,
            "heard_ms": random.integers(5, 20, number) * 60_000,
            "n": 4,
            "real": 4,
            "kaggle": 0,
            "synthetic": 0,
            "valence": random.integers(1_000_000, 3_000_000, number),
            "energy": random.integers(1_000_000, 3_000_000, number),
        }
    )
    return rows.assign(**values)


def of_measure(rows: pd.DataFrame, measure: str) -> pd.DataFrame:
    return rows[rows["measure"] == measure].sort_values("horizon_days")


def test_the_seven_days_after_the_last_are_forecast() -> None:
    rows = mood_forecast(days_of(150))

    assert list(rows.columns) == MOOD_FORECAST.given_names
    for measure in MEASURES:
        one = of_measure(rows, measure)
        assert list(one["horizon_days"]) == [1, 2, 3, 4, 5, 6, 7]
        assert list(one["forecast_date"]) == [FIRST + timedelta(150 + ahead) for ahead in range(7)]
        assert (one["low_95"] <= one["low_80"]).all()
        assert (one["high_80"] <= one["high_95"]).all()


def test_the_last_day_may_not_be_over_and_teaches_nothing() -> None:
    days = days_of(150)
    half = days.copy()
    half.loc[149, ["heard_ms", "valence"]] = [1, 0]

    pd.testing.assert_frame_equal(mood_forecast(days), mood_forecast(half))
    assert set(mood_forecast(days)["n_days"]) == {149}


def test_a_silent_day_has_no_valence_and_no_minutes() -> None:
    """Of three days two are silent: the mean of valence is of one, that of minutes of all three."""
    days = days_of(400, heard_ms=30 * 60_000, valence=2_000_000)
    days = days[(days["day"] - FIRST_NUMBER) % 3 == 0]

    rows = mood_forecast(days)

    valence, minutes = of_measure(rows, "valence"), of_measure(rows, "minutes")
    assert set(valence["n_days"]) == {133}
    assert set(minutes["n_days"]) == {399}
    assert set(valence["value"]) == {0.5}
    assert minutes["value"].mean() == pytest.approx(10, abs=2)


def test_a_silence_of_over_four_weeks_is_missing_data() -> None:
    days = days_of(300)
    after = days["day"] - FIRST_NUMBER
    four_weeks, longer = (
        mood_forecast(days[(after < 200) | (after >= back)]) for back in (228, 229)
    )

    assert set(of_measure(four_weeks, "minutes")["n_days"]) == {299}
    assert set(of_measure(longer, "minutes")["n_days"]) == {299 - 29}


def test_noise_shows_the_best_simple_model_and_says_so() -> None:
    rows = mood_forecast(days_of(300))

    valence = of_measure(rows, "valence").iloc[0]
    assert valence["status"] == "no_skill"
    assert valence["model"] == valence["best_simple_model"] != "weekday_and_level"
    assert valence["mae"] == valence["best_simple_mae"]
    assert valence["reason"].startswith(f"no clear gain over {valence['model']}: ")
    assert valence["skill"] == pytest.approx(
        1 - valence["candidate_mae"] / valence["best_simple_mae"], abs=1e-4
    )
    assert valence["skill_ci_low"] <= 0


def test_a_weekly_pattern_shows_the_model() -> None:
    days = days_of(300)
    weekend = (days["day"] + 3) % 7 >= 5
    days["heard_ms"] += np.where(weekend, 40 * 60_000, 0)

    minutes = of_measure(mood_forecast(days), "minutes")

    assert set(minutes["status"]) == {"ok"}
    assert set(minutes["model"]) == {"weekday_and_level"}
    assert set(minutes["reason"]) == {None}
    is_weekend = [each.weekday() >= 5 for each in minutes["forecast_date"]]
    assert minutes["value"][is_weekend].min() > minutes["value"][~np.array(is_weekend)].max() + 25


def test_without_measured_features_they_are_withheld_and_minutes_are_not() -> None:
    measured = mood_forecast(days_of(200))
    made_up = mood_forecast(days_of(200, real=0, synthetic=4))

    for name in ("valence", "energy"):
        one = of_measure(made_up, name)
        assert set(one["status"]) == {"withheld"}
        assert set(one["reason"]) == {
            "0% of the features measured or from the catalogue; 50% needed"
        }
        assert one.loc[:, "value":"model"].isna().all(axis=None)
        assert one.loc[:, "n_origins":"coverage_95"].isna().all(axis=None)
        assert one.iloc[0][SHARES].tolist() == [0, 0, 1]
    pd.testing.assert_frame_equal(
        of_measure(measured, "minutes"), of_measure(made_up, "minutes"), check_dtype=False
    )
    assert of_measure(made_up, "minutes")[SHARES].isna().all(axis=None)


def test_too_few_days_say_what_is_needed() -> None:
    """28 to learn from, 56 to be judged on, and the last one, which may not be over."""
    rows = mood_forecast(days_of(84))

    assert set(rows["status"]) == {"too_few_data"}
    assert set(rows["reason"]) == {
        f"332 {kind} on 83 finished days, 55 of them to judge a forecast on; "
        "100 plays, 28 days to learn from and 56 to judge on within 364 needed"
        for kind in ("plays", "plays with features")
    }
    assert len(rows) == 21
    statuses = set(mood_forecast(days_of(85))["status"])
    assert statuses and statuses <= {"ok", "no_skill"}


def test_a_person_of_one_day_has_rows_too() -> None:
    assert set(mood_forecast(days_of(1))["status"]) == {"too_few_data"}


def plays(days: int) -> Iterable[dict[str, Any]]:
    random = np.random.default_rng(7)
    for number in range(days * 3):
        day = FIRST + timedelta(number // 3)
        yield {
            "user_id": f"person {number % 2}",
            "local_date": day,
            "ms_played": int(random.integers(30_000, 300_000)),
            "duration_ms": 1,
            "is_counted": number % 10 > 0,
            "valence": float(random.random()),
            "energy": float(random.random()),
            "feature_source": "real" if number % 4 else "kaggle",
        }


def table(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    found = compute("mood_forecast", {"silver.listening_with_features": rows})
    frame = pd.DataFrame(found, columns=MOOD_FORECAST.given_names)
    return frame.sort_values(["user_id", "measure", "horizon_days"], ignore_index=True)


def test_plays_become_days_whatever_their_order() -> None:
    rows = list(plays(130))

    one, again = table(rows), table(reversed(rows))

    pd.testing.assert_frame_equal(one, again)
    assert len(one) == 2 * 21
    # The same by pandas, from the plays themselves.
    counted = pd.DataFrame([each for each in rows if each["is_counted"]])
    counted["day"] = [(each - date(1970, 1, 1)).days for each in counted["local_date"]]
    for name in ("valence", "energy"):
        counted[name] = (counted[name] * 1_000_000).round().astype(int)
    days = (
        counted.assign(plays=1, n=1, heard_ms=counted["ms_played"], synthetic=0)
        .assign(**{name: counted["feature_source"] == name for name in ("real", "kaggle")})
        .groupby(["user_id", "day"], as_index=False)[
            ["plays", "heard_ms", "n", "real", "kaggle", "synthetic", "valence", "energy"]
        ]
        .sum()
    )
    expected = pd.concat([mood_forecast(each) for _, each in days.groupby("user_id")])
    for name in ("value", "low_80", "high_95", "mae", "skill_ci_low", "measured_share", "n_plays"):
        wanted = expected.sort_values(["user_id", "measure", "horizon_days"])[name]
        np.testing.assert_allclose(
            one[name].astype(float), wanted.astype(float), atol=1e-9, err_msg=name
        )


def test_nothing_of_features_is_lost_without_them() -> None:
    silent = [
        each | {"valence": None, "energy": None, "feature_source": None} for each in plays(130)
    ]

    rows = table(silent)

    by_measure = rows.groupby("measure")["status"].unique().map(set).to_dict()
    assert by_measure["valence"] == by_measure["energy"] == {"too_few_data"}
    assert by_measure["minutes"] and by_measure["minutes"] <= {"ok", "no_skill"}


def test_the_day_under_way_is_counted_from_but_not_learnt_from() -> None:
    """Fifty plays on a day after the last: forecasts move on by one day, and learn of the last."""
    rows = [each for each in plays(130) if each["user_id"] == "person 0"]
    last = max(each["local_date"] for each in rows)
    more = [rows[1] | {"local_date": last + timedelta(days=1)} for _ in range(50)]

    before, after = table(rows), table([*rows, *more])

    assert before["forecast_date"].min() == last + timedelta(days=1)
    assert after["forecast_date"].min() == last + timedelta(days=2)
    of_minutes = [of_measure(each, "minutes")["n_days"].iloc[0] for each in (before, after)]
    assert of_minutes[1] == of_minutes[0] + 1
    assert (after["n_plays"].max() - before["n_plays"].max()) <= 3


def test_a_play_of_unknown_length_counts_with_the_length_of_its_track() -> None:
    rows = [
        each | {"ms_played": None, "duration_ms": 60_000, "is_counted": True, "user_id": "me"}
        for each in plays(130)
    ]

    minutes = of_measure(table(rows), "minutes")

    assert minutes["value"].tolist() == pytest.approx([3.0] * 7)
