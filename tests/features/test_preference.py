"""Features come by id, else by name, from the first source that has them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pyspark.sql import DataFrame, Row, SparkSession

from features.catalogue import catalogue_tracks
from features.preference import track_features, tracks_without_features
from schemas.bronze_schemas import KAGGLE_TRACKS, MY_TRACKS_FEATURES, SYNTHETIC_FEATURES
from schemas.common_columns import AUDIO_FEATURES
from schemas.table import Table

ALL = ("real", "synthetic", "kaggle")


def rows(spark: SparkSession, table: Table, *given: dict[str, Any]) -> DataFrame:
    filler: dict[str, Any] = dict.fromkeys(table.column_names)
    filler |= {
        each.name: 1 if each.dataType.typeName() == "integer" else 0.5 for each in AUDIO_FEATURES
    }
    filler |= {
        "run_id": "run",
        "ingested_at": datetime(2024, 1, 1, tzinfo=UTC),
        "fetched_at": datetime(2024, 1, 1, tzinfo=UTC),
        "track_genre": "pop",
        "method": "hot_deck",
        "generator_version": "1",
    }
    filler["source"] = "synthetic" if table is SYNTHETIC_FEATURES else "reccobeats"
    filled = [{name: {**filler, **each}.get(name) for name in table.column_names} for each in given]
    return spark.createDataFrame(filled, table.schema)


def best(
    spark: SparkSession,
    tracks: list[tuple[str, str | None]],
    preference: tuple[str, ...] = ALL,
    real: list[dict[str, Any]] | None = None,
    synthetic: list[dict[str, Any]] | None = None,
    kaggle: list[dict[str, Any]] | None = None,
) -> dict[str, Row]:
    tables = {
        "real": rows(spark, MY_TRACKS_FEATURES, *(real or [])),
        "synthetic": rows(spark, SYNTHETIC_FEATURES, *(synthetic or [])),
        "kaggle": catalogue_tracks(rows(spark, KAGGLE_TRACKS, *(kaggle or []))),
    }
    frame = spark.createDataFrame(tracks, "track_key string, track_id string")
    return {row["track_key"]: row for row in track_features(frame, tables, preference).collect()}


def provenance(row: Row) -> tuple[str | None, ...]:
    return row["feature_source"], row["feature_provider"], row["feature_match"]


@pytest.mark.parametrize(
    ("preference", "source"),
    [
        (("real", "synthetic", "kaggle"), "real"),
        (("kaggle", "real", "synthetic"), "kaggle"),
        (("synthetic", "real", "kaggle"), "synthetic"),
        (("synthetic",), "synthetic"),
    ],
)
def test_the_first_source_in_the_preference_that_has_them_wins(
    spark: SparkSession, preference: tuple[str, ...], source: str
) -> None:
    found = best(
        spark,
        [("a|song", "i")],
        preference,
        real=[{"track_id": "i", "valence": 0.1}],
        synthetic=[{"track_key": "a|song", "track_id": "i", "valence": 0.2}],
        kaggle=[{"track_id": "i", "valence": 0.3}],
    )

    row = found["a|song"]
    assert row["feature_source"] == source
    assert row["valence"] == {"real": 0.1, "synthetic": 0.2, "kaggle": 0.3}[source]


def test_an_id_wins_over_a_name_and_a_name_over_nothing(spark: SparkSession) -> None:
    catalogue = [
        {"track_id": "i", "artists": "X", "track_name": "Other", "valence": 0.1},
        {"track_id": "j", "artists": "A", "track_name": "Song", "valence": 0.2},
        {"track_id": "k", "artists": "B;A", "track_name": "Duet", "valence": 0.3},
    ]

    found = best(
        spark,
        [("a|song", "i"), ("a|song", None), ("a|duet", None), ("a|unknown", "z")],
        kaggle=catalogue,
    )

    assert set(found) == {"a|song", "a|duet"}
    assert (found["a|song"]["valence"], *provenance(found["a|song"])) == (
        0.1,
        "kaggle",
        "kaggle",
        "id",
    )
    assert (found["a|duet"]["valence"], found["a|duet"]["feature_match"]) == (0.3, "name")


def test_asked_but_not_known_is_no_feature(spark: SparkSession) -> None:
    unknown = {"track_id": "i", "valence": None, "energy": None, "status": "not_known"}

    found = best(spark, [("a|song", "i")], real=[unknown], kaggle=[{"track_id": "i"}])

    assert found["a|song"]["feature_source"] == "kaggle"


def test_zero_in_tempo_and_metre_means_unknown(spark: SparkSession) -> None:
    found = best(
        spark, [("a|b", "i")], kaggle=[{"track_id": "i", "tempo": 0.0, "time_signature": 0}]
    )

    assert (found["a|b"]["tempo"], found["a|b"]["time_signature"]) == (None, None)


def test_the_genre_is_told_also_where_the_catalogue_is_no_source_of_features(
    spark: SparkSession,
) -> None:
    found = best(
        spark,
        [("a|b", "i")],
        preference=("real",),
        kaggle=[
            {"track_id": "i", "track_genre": "rock", "duration_ms": 5},
            {"track_id": "i", "track_genre": "pop", "duration_ms": 5},
        ],
    )

    row = found["a|b"]
    assert (row["genre"], row["duration_ms"], row["feature_source"]) == ("pop", 5, None)


def test_of_equals_it_is_always_the_same_whatever_their_order(spark: SparkSession) -> None:
    same_name = [
        {
            "track_id": f"{n}",
            "artists": "A",
            "track_name": "B",
            "popularity": n % 3,
            "valence": n / 10,
        }
        for n in range(9)
    ]

    for order in (same_name, same_name[::-1]):
        assert best(spark, [("a|b", None)], kaggle=order)["a|b"]["valence"] == 0.2


def test_tracks_without_features_are_those_that_no_source_measured(spark: SparkSession) -> None:
    tracks = spark.createDataFrame(
        [("a|b", "i", "B", "A"), ("c|d", "k", "D", "C"), ("c|d", "j", "D!", "C")],
        "track_key string, track_id string, track_name string, artist_name string",
    )
    known = track_features(
        tracks.select("track_key", "track_id"),
        {
            "kaggle": catalogue_tracks(
                rows(spark, KAGGLE_TRACKS, {"track_id": "i"}, {"track_id": "k", "valence": None})
            )
        },
        ("kaggle",),
    )

    (row,) = tracks_without_features(tracks, known).collect()

    assert row.asDict() == {
        "track_key": "c|d",
        "track_id": "j",
        "track_name": "D",
        "artist_name": "C",
        "genre": None,
    }
