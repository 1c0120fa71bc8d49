"""Synthetic features: repeatable to the byte, from the right donor, always in range."""

import hashlib
import math
import random
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from pyspark.sql import DataFrame, Row, SparkSession

from features.catalogue import catalogue_tracks
from features.copula import CHOLESKY, MARGINALS, Z_KNOTS
from features.hot_deck import (
    FEATURE_RANGES,
    LOUDNESS_JITTER,
    TEMPO_JITTER,
    UNIT_INTERVAL_JITTER,
    feature_donors,
)
from features.synthetic import GENERATOR_VERSION, synthetic_features
from schemas.bronze_schemas import KAGGLE_TRACKS, SYNTHETIC_FEATURES
from schemas.common_columns import CONTINUOUS_FEATURES, FEATURE_NAMES, UNIT_INTERVAL_FEATURES

TRACK_SCHEMA = (
    "track_key string, track_id string, track_name string, artist_name string, genre string"
)
SOUND: dict[str, Any] = {
    "danceability": 0.5,
    "energy": 0.8,
    "key": 7,
    "loudness": -6.0,
    "mode": 1,
    "speechiness": 0.04,
    "acousticness": 0.002,
    "instrumentalness": 0.0,
    "liveness": 0.11,
    "valence": 0.3,
    "tempo": 128.0,
    "time_signature": 4,
}


def donor(track_id: str, artists: str | None, genre: str = "rock", **sound: Any) -> dict[str, Any]:
    return {
        "track_id": track_id,
        "artists": artists,
        "track_name": f"title of {track_id}",
        "track_genre": genre,
        "run_id": "run",
        "ingested_at": datetime(2024, 1, 1, tzinfo=UTC),
        **SOUND,
        **sound,
    }


def catalogue_of(spark: SparkSession, rows: Iterable[dict[str, Any]]) -> DataFrame:
    names = KAGGLE_TRACKS.column_names
    landed = spark.createDataFrame(
        [tuple(row.get(name) for name in names) for row in rows], KAGGLE_TRACKS.schema
    )
    return catalogue_tracks(landed)


def tracks_of(spark: SparkSession, *rows: tuple[str | None, ...]) -> DataFrame:
    return spark.createDataFrame(list(rows), TRACK_SCHEMA)


def track(
    track_id: str | None, artist: str | None = None, genre: str | None = None, key: str = ""
) -> tuple[str | None, ...]:
    return (key or f"key of {track_id}", track_id, "title", artist, genre)


def filled(tracks: DataFrame, catalogue: DataFrame) -> DataFrame:
    return synthetic_features(tracks, catalogue, feature_donors(catalogue))


def made(tracks: DataFrame, catalogue: DataFrame) -> dict[str, Row]:
    return {row["track_key"]: row for row in filled(tracks, catalogue).collect()}


def uniforms(seed: str, purpose: str) -> list[float]:
    """Give the numbers of features/hash_uniforms.py, computed without Spark."""
    digest = hashlib.sha512(f"{purpose}|{seed}".encode()).hexdigest()
    return [(int(digest[8 * i : 8 * i + 8], 16) + 0.5) / 2**32 for i in range(16)]


def assert_in_range(row: Row) -> None:
    for name, (low, high) in FEATURE_RANGES.items():
        assert row[name] is not None, name
        assert low <= row[name] <= high, (name, row[name])


@pytest.fixture(scope="module")
def catalogue_rows() -> list[dict[str, Any]]:
    """Forty donors of eight artists, some credited together or listed under two genres."""
    chance = random.Random(5)
    rows = []
    for number in range(40):
        artists = f"Artist {number % 8}" + (";Guest" if number % 5 == 0 else "")
        sound = {name: chance.random() for name in UNIT_INTERVAL_FEATURES}
        sound |= {"loudness": chance.uniform(-60, 5), "tempo": chance.uniform(60, 200)}
        rows.append(donor(f"donor{number:02}", artists, f"genre {number % 3}", **sound))
        if number % 10 == 0:
            rows.append({**rows[-1], "track_genre": "genre 9"})
    return rows


def test_rows_are_the_same_in_any_order_and_partitioning(
    spark: SparkSession, catalogue_rows: list[dict[str, Any]]
) -> None:
    tracks = [
        track(
            f"id{number}" if number % 7 else None,
            f"artist {number % 20}",
            f"Genre {number % 4}",
            key=f"key {number}",
        )
        for number in range(80)
    ]
    results = []
    for seed, partitions in ((0, 1), (1, 2), (2, 5)):
        chance = random.Random(seed)
        some_tracks, some_donors = tracks[:], catalogue_rows[:]
        chance.shuffle(some_tracks)
        chance.shuffle(some_donors)
        frame = filled(
            tracks_of(spark, *some_tracks).repartition(partitions),
            catalogue_of(spark, some_donors).repartition(partitions),
        )
        results.append(sorted(frame.collect(), key=lambda row: str(row["track_key"])))
    assert results[0] == results[1] == results[2]
    assert len(results[0]) == len(tracks)
    assert {row["donor_level"] for row in results[0]} == {"artist", "genre", "global"}
    for row in results[0]:
        assert_in_range(row)


def test_columns_are_those_of_the_table(spark: SparkSession) -> None:
    frame = filled(tracks_of(spark), catalogue_of(spark, []))
    assert frame.columns == SYNTHETIC_FEATURES.column_names
    declared = {field.name: field.dataType for field in SYNTHETIC_FEATURES.columns}
    assert {field.name: field.dataType for field in frame.schema} == declared
    assert frame.collect() == []


def test_only_donor_gives_its_row_moved_by_the_jitter_of_the_hash(spark: SparkSession) -> None:
    track_ids = ["4uLU6hMCjMI75M1A2tKUQC", "7ouMYWpwJ422jRcDASZB7P", "0VjIjW4GlUZAMYd2vXMi3b"]
    catalogue = catalogue_of(spark, [donor("d", "röyksopp")])
    rows = made(tracks_of(spark, *(track(each, "Röyksopp ") for each in track_ids)), catalogue)
    for track_id in track_ids:
        row = rows[f"key of {track_id}"]
        drawn = uniforms(track_id, "donor")
        for position, name in enumerate(FEATURE_NAMES, start=1):
            value, push = SOUND[name], 2 * drawn[position] - 1
            if name in ("key", "mode", "time_signature"):
                assert row[name] == value
            elif name == "loudness":
                assert row[name] == pytest.approx(value + LOUDNESS_JITTER * push, abs=0.0005)
            elif name == "tempo":
                assert row[name] == pytest.approx(value + TEMPO_JITTER * push, abs=0.0005)
            else:
                expected = value + UNIT_INTERVAL_JITTER * value * (1 - value) * push
                assert row[name] == pytest.approx(expected, rel=0.006)
                assert len(f"{row[name]:.8f}".strip("0.")) <= 3, "three significant digits"
        assert row["instrumentalness"] == 0.0
        assert (row["method"], row["donor_level"]) == ("hot_deck", "artist")
        assert row["donor_track_id"] == "d"
        assert (row["source"], row["generator_version"]) == ("synthetic", GENERATOR_VERSION)


def test_hash_chooses_among_the_donors_in_order_of_their_ids(spark: SparkSession) -> None:
    ids = ["a1", "B2", "c3", "d4", "E5", "f6", "g7"]
    tracks = [track(f"track{number}", "X") for number in range(25)]
    rows = made(tracks_of(spark, *tracks), catalogue_of(spark, [donor(name, "X") for name in ids]))
    for number in range(25):
        place = math.floor(uniforms(f"track{number}", "donor")[0] * len(ids))
        assert rows[f"key of track{number}"]["donor_track_id"] == sorted(ids)[place]


def test_artist_then_genre_then_anywhere(spark: SparkSession) -> None:
    catalogue = catalogue_of(
        spark,
        [
            donor("by_pair", "First;  Second ", "hip-hop"),
            donor("by_other", "Somebody", "folk"),
            donor("by_nobody", None, "noise"),
        ],
    )
    rows = made(
        tracks_of(
            spark,
            track("1", "first", "folk"),
            track("2", "SECOND", None),
            track("3", "Unknown", "Hip Hop"),
            track("4", None, "noise"),
            track("5", "Unknown", "polka"),
            track("6", "", ""),
        ),
        catalogue,
    )
    found = [(row["donor_level"], row["donor_track_id"]) for _, row in sorted(rows.items())]
    assert found[:4] == [
        ("artist", "by_pair"),
        ("artist", "by_pair"),
        ("genre", "by_pair"),
        ("genre", "by_nobody"),
    ]
    assert [level for level, _ in found[4:]] == ["global", "global"]


def test_a_row_that_is_not_whole_is_no_donor(spark: SparkSession) -> None:
    broken = [
        donor("no_tempo", "X", tempo=0.0),
        donor("null_tempo", "X", tempo=None),
        donor("no_time_signature", "X", time_signature=0),
        donor("no_key", "X", key=-1),
        donor("no_valence", "X", valence=None),
        donor("too_loud", "X", loudness=17.0),
    ]
    tracks = tracks_of(spark, *(track(f"t{number}", "X") for number in range(20)))
    with_a_good_one = made(tracks, catalogue_of(spark, [*broken, donor("good", "Y", "jazz")]))
    assert {row["donor_track_id"] for row in with_a_good_one.values()} == {"good"}
    assert {row["donor_level"] for row in with_a_good_one.values()} == {"global"}
    broken_only = made(tracks, catalogue_of(spark, broken))
    assert {row["method"] for row in broken_only.values()} == {"copula"}


def test_values_at_the_edge_stay_in_range(spark: SparkSession) -> None:
    low: dict[str, Any] = {name: limits[0] for name, limits in FEATURE_RANGES.items()}
    high: dict[str, Any] = {name: limits[1] for name, limits in FEATURE_RANGES.items()}
    catalogue = catalogue_of(spark, [donor("low", "Low", **low), donor("high", "High", **high)])
    tracks = [track(f"{name}{n}", name) for name in ("Low", "High") for n in range(15)]
    for row in made(tracks_of(spark, *tracks), catalogue).values():
        assert_in_range(row)


def test_without_an_id_the_key_is_the_seed(spark: SparkSession) -> None:
    by_key, by_id = track(None, key="someone|something"), track("someone|something", key="other")
    rows = made(tracks_of(spark, by_key, by_id), catalogue_of(spark, []))
    assert rows["someone|something"]["track_id"] is None
    for name in FEATURE_NAMES:
        assert rows["someone|something"][name] == rows["other"][name]


def test_no_catalogue_gives_the_copula(spark: SparkSession) -> None:
    tracks = tracks_of(spark, *(track(f"track {number}", "X", "rock") for number in range(1500)))
    rows = made(tracks, catalogue_of(spark, []))
    for row in rows.values():
        assert_in_range(row)
    assert {
        (row["method"], row["donor_level"], row["donor_track_id"]) for row in rows.values()
    } == {("copula", None, None)}
    columns = {name: np.array([row[name] for row in rows.values()]) for name in FEATURE_NAMES}
    assert np.corrcoef(columns["energy"], columns["loudness"])[0, 1] == pytest.approx(0.76, abs=0.1)
    assert np.corrcoef(columns["energy"], columns["acousticness"])[0, 1] < -0.6
    assert np.median(columns["tempo"]) == pytest.approx(122, abs=4)
    assert columns["mode"].mean() == pytest.approx(0.638, abs=0.05)
    assert set(columns["key"]) == set(range(12))
    assert (columns["time_signature"] == 4).mean() == pytest.approx(0.896, abs=0.03)


def test_copula_agrees_with_numpy(spark: SparkSession) -> None:
    ids = ["4uLU6hMCjMI75M1A2tKUQC", "7ouMYWpwJ422jRcDASZB7P", "spotify:track:x"]
    rows = made(tracks_of(spark, *(track(name) for name in ids)), catalogue_of(spark, []))
    for track_id in ids:
        drawn = uniforms(track_id, "copula")
        normals: list[float] = []
        for first in range(0, 10, 2):
            radius, angle = math.sqrt(-2 * math.log(drawn[first])), 2 * math.pi * drawn[first + 1]
            normals += [radius * math.cos(angle), radius * math.sin(angle)]
        for name, weights in zip(CONTINUOUS_FEATURES, CHOLESKY, strict=True):
            score = sum(w * z for w, z in zip(weights, normals, strict=False))
            expected = np.interp(score, Z_KNOTS, MARGINALS[name])
            assert rows[f"key of {track_id}"][name] == pytest.approx(expected, rel=0.006, abs=6e-9)
        assert rows[f"key of {track_id}"]["mode"] == int(drawn[11] >= 0.362)


def test_marginals_rise() -> None:
    for name in CONTINUOUS_FEATURES:
        assert len(MARGINALS[name]) == len(Z_KNOTS)
        assert list(MARGINALS[name]) == sorted(MARGINALS[name])
