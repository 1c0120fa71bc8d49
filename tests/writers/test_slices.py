"""Slices: which part of a table is meant."""

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from schemas.gold_schemas import MOOD_CLUSTERS
from schemas.silver_schemas import LISTENING_WITH_FEATURES
from writers.slices import is_in, merged, partitions_of, person_group

JANUARY, MAY = "2024-01", "2024-05"


def test_slices_of_several_are_those_of_each() -> None:
    one, other = {"anna": frozenset({MAY})}, {"anna": frozenset({JANUARY}), "ben": frozenset({MAY})}

    assert merged() == {}
    assert merged(one, other) == {"anna": {JANUARY, MAY}, "ben": {MAY}}


def test_a_table_of_months_is_partitioned_by_them() -> None:
    slices = {"anna": frozenset({MAY}), "ben": frozenset({JANUARY, MAY})}

    assert partitions_of(LISTENING_WITH_FEATURES, slices) == [JANUARY, MAY]


def test_spark_and_python_put_a_person_into_the_same_group(spark: SparkSession) -> None:
    people = ["anna", "ben", "Zoë", "", "a" * 64, *(f"person-{each}" for each in range(50))]
    frame = spark.createDataFrame([(each,) for each in people], "user_id string")

    rows = frame.select("user_id", person_group(F.col("user_id")).alias("group")).collect()

    for row in rows:
        assert partitions_of(MOOD_CLUSTERS, {row["user_id"]: frozenset()}) == [row["group"]]


def test_a_row_is_in_a_slice_by_person_and_month(spark: SparkSession) -> None:
    rows = [("anna", MAY), ("anna", JANUARY), ("ben", MAY), ("cleo", MAY)]
    frame = spark.createDataFrame(rows, "user_id string, played_month string")
    slices = {"anna": frozenset({JANUARY}), "ben": frozenset({MAY})}

    of_months = frame.where(is_in(LISTENING_WITH_FEATURES, slices)).collect()
    of_people = frame.where(is_in(MOOD_CLUSTERS, slices)).collect()

    assert sorted(map(tuple, of_months)) == [("anna", JANUARY), ("ben", MAY)]
    assert sorted({row["user_id"] for row in of_people}) == ["anna", "ben"]
    assert frame.where(is_in(LISTENING_WITH_FEATURES, {})).collect() == []
