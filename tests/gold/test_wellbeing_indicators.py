"""The table of a few planted listeners, against values worked out play by play."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from gold.indicators.feature_indicators import Inertia
from gold.indicators.indicator_days import SOUND, catalogue_scale
from gold.indicators.indicator_list import INDICATORS
from gold.indicators.period_results import measure
from gold.indicators.person_indicators import periods
from gold.indicators.rarefaction import rarefied
from gold.statistics.burn_in import BURN_IN_DAYS
from schemas.indicator_schemas import WELLBEING_INDICATORS
from tests.models import compute
from tests.simulated.indicators import coverage, false_inertia, simulated_person, truths

pytestmark = pytest.mark.heavy

MONDAY = date(2024, 1, 1)
DAYS, PLAYS_A_DAY = 120, 10
LAST_DAY = MONDAY + timedelta(days=DAYS - 1)
NUMBERS = ["value", "ci_low", "ci_high", "baseline_value", "change", "status", "reason"]
OF_FEATURES = {each.name for each in INDICATORS if each.uses_features}
Row = dict[str, Any]


def plays(user_id: str, days: int = DAYS) -> list[Row]:
    """Ten plays a day of some sixty artists with five tracks each; features are the tracks' own."""
    random = np.random.default_rng(1)
    features = random.uniform(0, 1, (300, len(SOUND))).round(6).tolist()
    rows = []
    for number in range(DAYS * PLAYS_A_DAY):
        day, place = divmod(number, PLAYS_A_DAY)
        track = int(300 * random.random() ** 2)
        hour = int(random.integers(0, 24))
        when = MONDAY + timedelta(days=day)
        rows.append(
            {
                "user_id": user_id,
                "track_key": f"track {track}",
                "played_at": datetime(when.year, when.month, when.day, hour, place, tzinfo=UTC),
                "artist_name": f"Artist {track // 5}",
                "artist_key": f"artist {track // 5}",
                "duration_ms": 200_000,
                "ms_played": int(random.integers(30_000, 200_000)),
                **dict(zip(SOUND, features[track], strict=True)),
                "feature_source": "real" if number % 10 < 6 else "kaggle",
                "local_date": when,
                "hour_of_day": hour,
                "is_counted": True,
            }
        )
    return rows[: days * PLAYS_A_DAY]


def varied(user_id: str, **values: Any) -> list[Row]:
    return [each | {"user_id": user_id} | values for each in plays(user_id)]


def short_plays(user_id: str) -> list[Row]:
    other = {"is_counted": False, "track_key": "short", "valence": 1.0, "liveness": 0.0}
    return [each | other for each in plays(user_id)[: 5 * PLAYS_A_DAY]]


def under_way(user_id: str, day: date) -> Row:
    """Return a play of a day that may not be over, and so counts for nothing."""
    (play,) = plays(user_id)[:1]
    when = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return play | {"local_date": day, "played_at": when, "track_key": "under way", "valence": 0.0}


def indicators(rows: list[Row]) -> pd.DataFrame:
    return pd.DataFrame(
        compute("wellbeing_indicators", {"silver.listening_with_features": rows}),
        columns=WELLBEING_INDICATORS.given_names,
    )


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """As the model has it: several would only wait for each other."""
    with threadpool_limits(limits=1):
        yield


@pytest.fixture(scope="module")
def everybody() -> list[Row]:
    featureless = dict.fromkeys([*SOUND, "feature_source"])
    people = [
        *plays("measured"),
        *short_plays("measured"),
        *varied("made up", feature_source="synthetic"),
        *varied("featureless", **featureless),
    ]
    tomorrow = LAST_DAY + timedelta(days=1)
    unfinished = [under_way(each, tomorrow) for each in ("measured", "made up", "featureless")]
    new = [*plays("new", days=10), under_way("new", MONDAY + timedelta(days=10))]
    return people + unfinished + new


@pytest.fixture(scope="module")
def table(everybody: list[Row]) -> pd.DataFrame:
    return indicators(everybody)


def rows_of(table: pd.DataFrame, user_id: str, period: str = "all") -> pd.DataFrame:
    chosen = (table["user_id"] == user_id) & (table["period"] == period)
    return table[chosen].set_index("indicator")


def played(period: str = "2024") -> pd.DataFrame:
    rows = pd.DataFrame(plays("measured"))
    return rows[rows["local_date"].astype(str).str.startswith(period)]


def test_periods_are_all_time_months_and_weeks_up_to_the_last_day(table: pd.DataFrame) -> None:
    found = table[(table["user_id"] == "measured") & (table["indicator"] == "night_share")]

    sundays = [MONDAY + timedelta(days=6 + 7 * week) for week in range(17)]
    assert found[found["period_kind"] == "weeks_8"]["period"].tolist() == [
        each.isoformat() for each in (*sundays, LAST_DAY)
    ]
    months = found[found["period_kind"] == "month"].set_index("period")
    assert months.index.tolist() == ["2024-01", "2024-02", "2024-03", "2024-04"]
    february = months.loc["2024-02"]
    assert (february["period_start"], february["period_end"]) == (
        date(2024, 2, 1),
        date(2024, 2, 29),
    )
    (whole,) = found[found["period_kind"] == "all_time"].to_dict("records")
    assert (whole["period"], whole["period_start"], whole["period_end"]) == (
        "all",
        MONDAY,
        LAST_DAY,
    )
    assert (whole["n_plays"], whole["n_days"]) == (1200, 120)
    assert not table.duplicated(list(WELLBEING_INDICATORS.key)).any()


def test_only_the_last_fifty_two_sundays_have_a_window() -> None:
    windows = [each for each in periods(0, 999) if each.kind == "weeks_8"]

    # Day 999 is 1972-09-26, a Tuesday; the Sunday before is day 997.
    assert [each.last for each in windows] == [997 - 7 * week for week in range(51, -1, -1)] + [999]
    assert all(each.last - each.first == 55 for each in windows)


@pytest.mark.parametrize("period", ["2024", "2024-03"])
def test_levels_and_shares_are_those_of_the_plays(table: pd.DataFrame, period: str) -> None:
    heard = played(period)
    found = rows_of(table, "measured", "all" if period == "2024" else period)["value"]

    assert found["valence_level"] == pytest.approx(heard["valence"].mean(), abs=1e-6)
    assert found["energy_level"] == pytest.approx(heard["energy"].mean(), abs=1e-6)
    dark_energetic = (heard["valence"] < 0.5) & (heard["energy"] >= 0.5)
    assert found["quadrant_dark_energetic_share"] == pytest.approx(
        100 * dark_energetic.mean(), abs=1e-5
    )
    shares = found[[each for each in found.index if each.startswith("quadrant_")]]
    assert len(shares) == 4
    assert shares.sum() == pytest.approx(100)
    at_night = heard[heard["hour_of_day"] < 5]["ms_played"].sum() / heard["ms_played"].sum()
    assert found["night_share"] == pytest.approx(100 * at_night, abs=1e-5)


def test_variability_and_instability_are_those_of_the_days(table: pd.DataFrame) -> None:
    days = played().groupby("local_date")["valence"].agg(["mean", "var", "count"])
    errors = days["var"] / days["count"]
    steps = days["mean"].diff()[1:] ** 2 - errors[1:] - errors.shift()[1:]
    found = rows_of(table, "measured")["value"]

    assert found["valence_variability"] == pytest.approx(
        np.sqrt(max(0, days["mean"].var() - errors.mean())), abs=1e-5
    )
    assert found["valence_instability"] == pytest.approx(np.sqrt(max(0, steps.mean())), abs=1e-5)


def test_artists_are_those_of_the_plays(table: pd.DataFrame) -> None:
    from sklearn.metrics.pairwise import cosine_similarity

    heard = played()
    found = rows_of(table, "measured")["value"]
    of_artist = rarefied(heard["artist_name"].value_counts().to_numpy().astype(np.int64))
    middle, spread = catalogue_scale(SOUND)
    artists = heard.groupby("artist_name")[list(SOUND)].mean().loc[heard["artist_name"]]
    of_plays = (artists.to_numpy() - middle) / spread

    assert found["artist_diversity"] == pytest.approx(of_artist.diversity, abs=1e-5)
    assert found["artist_concentration"] == pytest.approx(of_artist.gini, abs=1e-6)
    cosines = cosine_similarity(of_plays, of_plays.mean(axis=0, keepdims=True))
    assert found["generalist_specialist"] == pytest.approx(cosines.mean(), abs=1e-5)


def test_the_middle_of_listening_is_compared_on_the_clock(table: pd.DataFrame) -> None:
    heard = played()
    angle = 2 * np.pi * (heard["hour_of_day"] + 0.5) / 24
    weekend = pd.to_datetime(heard["local_date"]).dt.dayofweek >= 5
    middles = [
        np.arctan2(
            (np.sin(angle) * heard["ms_played"])[each].sum(),
            (np.cos(angle) * heard["ms_played"])[each].sum(),
        )
        for each in (weekend, ~weekend)
    ]
    apart = abs(middles[0] - middles[1]) * 24 / (2 * np.pi)

    assert rows_of(table, "measured")["value"]["social_jetlag"] == pytest.approx(
        min(apart, 24 - apart), abs=1e-5
    )


def test_the_places_of_artists_are_in_units_of_the_catalogue() -> None:
    # Mean and spread of energy in the 17,751 tracks that the copula's constants are of: its
    # median of .678 lies above the mean, as the long tail is that of the quiet ones.
    means, spreads = catalogue_scale(["energy", "loudness"])

    assert 0.6 < means[0] < 0.678
    assert 0.2 < spreads[0] < 0.3
    assert means[1] < -7


def test_repetition_is_the_mean_over_all_windows_of_500_plays(table: pd.DataFrame) -> None:
    rows = played().sort_values(["played_at"]).reset_index(drop=True)
    windows = pd.DataFrame(
        {
            "end": rows["local_date"].iloc[end - 1],
            "repetition": 100 * (1 - rows["track_key"].iloc[end - 500 : end].nunique() / 500),
        }
        for end in range(500, len(rows) + 1)
    )
    in_weeks = windows[windows["end"] > LAST_DAY - timedelta(days=56)]

    assert rows_of(table, "measured")["value"]["repetition"] == pytest.approx(
        windows["repetition"].mean(), abs=1e-5
    )
    assert rows_of(table, "measured", LAST_DAY.isoformat())["value"]["repetition"] == pytest.approx(
        in_weeks["repetition"].mean(), abs=1e-5
    )


def test_discovery_begins_after_ninety_days(table: pd.DataFrame) -> None:
    rows = played().sort_values(["played_at"])
    rows["is_new"] = ~rows["track_key"].duplicated()
    later = rows[rows["local_date"] >= MONDAY + timedelta(days=BURN_IN_DAYS)]

    found = rows_of(table, "measured").loc["discovery"]

    assert found["value"] == pytest.approx(100 * later["is_new"].mean(), abs=1e-5)
    assert (found["n_plays"], found["n_days"]) == (300, 30)
    march = rows_of(table, "measured", "2024-03").loc["discovery"]
    assert march["reason"] == (
        "1 days with plays after the first 90 days of the history; 14 needed"
    )


def test_a_baseline_is_the_same_number_of_the_eight_weeks_before(table: pd.DataFrame) -> None:
    sunday = date(2024, 4, 21)
    now = rows_of(table, "measured", sunday.isoformat())
    before = rows_of(table, "measured", (sunday - timedelta(days=56)).isoformat())
    known = now[now["baseline_value"].notna()]

    assert len(known) >= 15
    assert known["baseline_value"].tolist() == before.loc[known.index, "value"].tolist()
    assert np.allclose(known["change"], known["value"] - known["baseline_value"], atol=2e-6)
    assert (known["change_ci_low"] <= known["change"] + 1e-6).mean() > 0.9
    # The change is less sure than the value.
    widths = known["change_ci_high"] - known["change_ci_low"]
    assert (widths > known["ci_high"] - known["ci_low"]).mean() > 0.8
    assert rows_of(table, "measured")["baseline_value"].isna().all()


def test_provenance_is_shown_of_what_is_based_on_features(table: pd.DataFrame) -> None:
    found = rows_of(table, "measured")

    shares = found[["measured_share", "catalogue_share", "synthetic_share"]]
    assert dict(shares.loc["valence_level"]) == {
        "measured_share": 0.6,
        "catalogue_share": 0.4,
        "synthetic_share": 0.0,
    }
    assert set(shares[shares["measured_share"].notna()].index) == OF_FEATURES
    assert rows_of(table, "made up").loc["valence_level", "synthetic_share"] == 1.0


@pytest.mark.parametrize(
    ("user_id", "reason"),
    [
        ("made up", "0 % of the plays have measured or catalogue features, under 50 %"),
        ("featureless", "no play has audio features"),
    ],
)
def test_without_measured_features_what_is_based_on_them_is_withheld_and_no_more(
    table: pd.DataFrame, user_id: str, reason: str
) -> None:
    keys = ["indicator", "period"]
    with_features = table[table["user_id"] == "measured"].set_index(keys)
    without = table[table["user_id"] == user_id].set_index(keys).loc[with_features.index]
    of_features = with_features.index.get_level_values("indicator").isin(OF_FEATURES)
    given = with_features["status"].isin(["ok", "no_skill"])

    withheld = without[of_features & given]
    assert len(withheld) > 100
    assert set(withheld["status"]) == {"withheld"}
    assert set(withheld["reason"]) == {reason}
    assert withheld[["value", "ci_low", "ci_high", "change"]].isna().all(axis=None)
    # Nothing but the draws differs, which are each person's own.
    same = [each for each in NUMBERS if not each.startswith("ci_")]
    pd.testing.assert_frame_equal(without[~of_features][same], with_features[~of_features][same])


def test_ten_days_are_too_few_for_most_and_the_reason_says_what_is_missing(
    table: pd.DataFrame,
) -> None:
    found = rows_of(table, "new")

    assert set(found["status"]) == {"too_few_data"}
    assert found[["value", "ci_low", "ci_high"]].isna().all(axis=None)
    reasons = found["reason"]
    assert reasons["valence_level"] == "100 plays on 10 days; 100 plays on 14 days needed"
    assert reasons["energy_variability"] == "10 days with 5 plays; 28 needed"
    assert reasons["energy_instability"] == (
        "9 pairs of neighbouring days with 5 plays each; 28 needed"
    )
    assert reasons["energy_inertia"].endswith("60 needed")
    assert reasons["night_share"] == "100 plays on 10 days; 28 days needed"
    assert reasons["social_jetlag"] == (
        "1 weekends and weekdays of 2 weeks with plays; 4 each needed"
    )
    assert reasons["artist_diversity"] == "100 plays on 10 days; 200 plays needed"
    assert reasons["repetition"] == "100 plays on 10 days; 500 plays needed"


def test_rows_do_not_depend_on_the_order_of_plays_or_on_other_people(
    table: pd.DataFrame, everybody: list[Row]
) -> None:
    alone = [each for each in reversed(everybody) if each["user_id"] == "measured"]

    again = indicators(alone)

    keys = ["indicator", "period"]
    before = table[table["user_id"] == "measured"].sort_values(keys, ignore_index=True)
    pd.testing.assert_frame_equal(
        again.sort_values(keys, ignore_index=True), before, check_exact=True
    )


def test_plays_of_no_known_artist_are_no_artists(everybody: list[Row]) -> None:
    unnamed = [
        each | ({"artist_key": None} if number % 2 else {})
        for number, each in enumerate(plays("measured"))
    ]
    found = rows_of(
        indicators([*unnamed, under_way("measured", LAST_DAY + timedelta(1))]), "measured"
    )

    heard = pd.DataFrame(unnamed[::2])
    counts = heard["artist_key"].value_counts().to_numpy().astype(np.int64)
    assert found["n_plays"]["artist_diversity"] == 600
    assert found["value"]["artist_diversity"] == pytest.approx(rarefied(counts).diversity, abs=1e-5)
    # What is not of artists stays.
    assert found["n_plays"]["valence_level"] == 1200


def test_a_person_who_named_no_artist_has_everything_else() -> None:
    rows = [*varied("me", artist_key=None), under_way("me", LAST_DAY + timedelta(1))]
    found = rows_of(indicators([each | {"artist_key": None} for each in rows]), "me")

    of_artists = ["artist_diversity", "artist_concentration", "generalist_specialist"]
    assert set(found["status"][of_artists]) == {"too_few_data"}
    assert found["status"]["valence_level"] == found["status"]["repetition"] == "ok"


def test_a_play_of_unknown_length_counts_with_the_length_of_its_track() -> None:
    rows = varied("me", ms_played=None)
    for each in rows:
        each["duration_ms"] = 400_000 if each["hour_of_day"] < 5 else 100_000
    found = rows_of(indicators([*rows, under_way("me", LAST_DAY + timedelta(1))]), "me")

    at_night = sum(each["hour_of_day"] < 5 for each in rows)
    expected = 100 * 4 * at_night / (4 * at_night + len(rows) - at_night)
    assert found["value"]["night_share"] == pytest.approx(expected, abs=1e-5)


def test_intervals_hold_the_truth_in_simulated_people() -> None:
    """A small version of ``python -m bench.indicator_coverage``: fifty people, half a year."""
    found = {each.indicator: each for each in coverage(50, 182, truths())}

    assert len(found) == len(INDICATORS)
    for each in found.values():
        # Of fifty at 95 %, fewer than 42 come once in 1,000 times.
        assert each.covered >= 0.84, each
    assert np.mean([each.covered for each in found.values()]) >= 0.92


def test_planted_inertia_is_found_and_that_of_features_by_track_is_not() -> None:
    planted = [
        result.status
        for person in range(20)
        for result in measure("x", simulated_person(person, 365), str(person))
        if isinstance(result.indicator, Inertia)
    ]

    assert planted.count("ok") >= 38
    # 5 % of 60 are 3; more than 8 come once in 100 times.
    assert false_inertia(30, 365) * 60 <= 8


def test_inertia_is_not_shown_where_no_artist_is_named() -> None:
    days = simulated_person(1, 120)
    nothing = days.artists.between(0, 0)
    unnamed = replace(days, artists=replace(nothing, days=len(days.day), artists=0))

    results = {each.indicator.name: each for each in measure("x", unnamed, "all")}

    assert results["valence_inertia"].status == "no_skill"
    assert results["artist_diversity"].reason == "0 plays on 0 days; 200 plays needed"
    assert results["valence_level"].status == "ok"


@pytest.mark.parametrize(("fewer", "status"), [(0, "ok"), (1, "withheld")])
def test_half_of_the_features_is_enough_and_one_play_less_is_not(fewer: int, status: str) -> None:
    days = simulated_person(1, 60)
    featured = days.with_features.by_day
    half = np.ceil(featured.sum() / 2) - fewer
    measured = np.minimum(np.clip(half - featured.cumsum() + featured, 0, None), featured)

    results = measure("x", replace(days, measured=measured), "all")

    assert {each.status for each in results if each.indicator.name == "valence_level"} == {status}
    assert {each.status for each in results if each.indicator.name == "night_share"} == {"ok"}
