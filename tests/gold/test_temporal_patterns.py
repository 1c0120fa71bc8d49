"""Counts by local time, worked out by hand, and feature means only where they mean something."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from pyspark.sql import DataFrame, Row, SparkSession

from gold.temporal_patterns import temporal_patterns
from schemas.gold_schemas import TEMPORAL_PATTERNS
from schemas.silver_schemas import LISTENING_WITH_FEATURES

MONDAY = date(2024, 4, 1)


def play(**values: Any) -> dict[str, Any]:
    """A counted play on a Monday morning in spring, to vary."""
    row: dict[str, Any] = dict.fromkeys(LISTENING_WITH_FEATURES.column_names)
    row |= {
        "user_id": "me",
        "track_key": "a|b",
        "artist_name": "A",
        "ms_played": 60_000,
        "local_date": MONDAY,
        "hour_of_day": 7,
        "part_of_day": "morning",
        "day_of_week": 1,
        "season": "spring",
        "is_counted": True,
        "valence": 0.5,
        "energy": 0.25,
        "feature_source": "kaggle",
    }
    return row | values


def frame(spark: SparkSession, plays: Iterable[dict[str, Any]]) -> DataFrame:
    filled = [
        each | {"play_id": str(n), "played_month": "2024-04", "session_id": "s"}
        for n, each in enumerate(plays)
    ]
    required = ("played_at",)
    schema = LISTENING_WITH_FEATURES.schema
    for column in schema:
        column.nullable = column.nullable or column.name in required
    return spark.createDataFrame(filled, schema)


def bucket(result: DataFrame, dimension: str, name: str) -> Row:
    (row,) = result.where(f"dimension = '{dimension}' AND bucket = '{name}'").collect()
    return row


def test_every_dimension_counts_in_local_time(spark: SparkSession) -> None:
    tuesday = play(
        local_date=MONDAY + timedelta(days=1),
        day_of_week=2,
        hour_of_day=23,
        part_of_day="night",
        track_key="c|d",
        artist_name="a",
        ms_played=10_000,
        is_counted=False,
        skipped=True,
    )
    plays = [play(skipped=False), play(), tuesday]

    result = temporal_patterns(frame(spark, plays))

    assert result.columns == TEMPORAL_PATTERNS.given.names
    counts = {(row["dimension"], row["bucket"]): row["plays"] for row in result.collect()}
    assert counts == {
        ("hour", "07"): 2,
        ("hour", "23"): 1,
        ("weekday", "1"): 2,
        ("weekday", "2"): 1,
        ("weekday_hour", "1-07"): 2,
        ("weekday_hour", "2-23"): 1,
        ("part_of_day", "morning"): 2,
        ("part_of_day", "night"): 1,
        ("month", "04"): 3,
        ("season", "spring"): 3,
        ("year", "2024"): 3,
        ("year_month", "2024-04"): 3,
    }
    year = bucket(result, "year", "2024")
    assert (year["counted_plays"], year["distinct_tracks"], year["active_days"]) == (2, 2, 2)
    # 'A' and 'a' are one artist; 60 s + 60 s + 10 s; of two known skips one was.
    assert year["distinct_artists"] == 1
    assert year["minutes"] == pytest.approx(130 / 60)
    assert (year["skip_known_plays"], year["skip_rate"]) == (2, 0.5)


def test_a_play_of_unknown_length_counts_with_the_length_of_its_track(spark: SparkSession) -> None:
    result = temporal_patterns(frame(spark, [play(ms_played=None, duration_ms=120_000)]))

    assert bucket(result, "year", "2024")["minutes"] == 2.0


def enough(**values: Any) -> list[dict[str, Any]]:
    """A hundred plays over twenty days."""
    return [play(local_date=MONDAY + timedelta(days=n % 20), **values) for n in range(100)]


def test_enough_measured_plays_have_means(spark: SparkSession) -> None:
    half = [each | {"valence": 1.0} for each in enough()[:50]]

    row = bucket(temporal_patterns(frame(spark, enough()[:50] + half)), "hour", "07")

    assert (row["status"], row["reason"], row["n"]) == ("ok", None, 100)
    assert (row["mean_valence"], row["mean_energy"]) == (0.75, 0.25)
    assert (row["catalogue_share"], row["valence_contrast_kept"]) == (1.0, 1.0)


def test_short_plays_say_nothing_of_the_music(spark: SparkSession) -> None:
    short = [each | {"is_counted": False, "valence": 1.0} for each in enough()]

    row = bucket(temporal_patterns(frame(spark, enough() + short)), "hour", "07")

    assert (row["plays"], row["n"], row["mean_valence"]) == (200, 100, 0.5)


@pytest.mark.parametrize(
    ("plays", "reason"),
    [
        (99, "features of 99 plays on 20 days; 100 plays on 14 days needed"),
        (0, None),
    ],
)
def test_too_few_plays_have_no_mean(spark: SparkSession, plays: int, reason: str | None) -> None:
    silent = play(valence=None, energy=None, feature_source=None)

    row = bucket(temporal_patterns(frame(spark, [*enough()[:plays], silent])), "hour", "07")

    assert (row["status"], row["mean_valence"]) == ("too_few_data", None)
    assert row["reason"] == (reason or "features of 0 plays on 0 days; 100 plays on 14 days needed")


def test_too_few_days_have_no_mean(spark: SparkSession) -> None:
    crowded = [
        each | {"local_date": MONDAY + timedelta(days=n % 13)} for n, each in enumerate(enough())
    ]

    row = bucket(temporal_patterns(frame(spark, crowded)), "hour", "07")

    assert row["status"] == "too_few_data"


def test_mostly_synthetic_features_are_withheld_and_their_dilution_is_told(
    spark: SparkSession,
) -> None:
    made_up = {"feature_source": "synthetic"}
    artist = [each | made_up | {"feature_donor_level": "artist"} for each in enough()[:40]]
    anywhere = [each | made_up | {"feature_donor_level": "global"} for each in enough()[40:60]]
    plays = enough()[60:] + artist + anywhere

    row = bucket(temporal_patterns(frame(spark, plays)), "hour", "07")

    assert (row["status"], row["mean_valence"], row["mean_energy"]) == ("withheld", None, None)
    assert row["reason"] == "40% of the features measured or from the catalogue; 50% needed"
    assert row["synthetic_share"] == pytest.approx(0.6)
    # p + d * b with p = .4 measured and d = .4 from the same artist.
    assert row["valence_contrast_kept"] == pytest.approx(0.4 + 0.4 * 0.40)
    assert row["energy_contrast_kept"] == pytest.approx(0.4 + 0.4 * 0.58)
