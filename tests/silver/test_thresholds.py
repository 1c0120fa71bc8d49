"""A number belongs to the highest threshold that it reaches."""

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from silver.thresholds import of_threshold


def test_a_range_begins_with_its_threshold(spark: SparkSession) -> None:
    numbers = spark.createDataFrame([(0,), (1,), (3,), (4,), (99,), (None,)], "number int")

    found = numbers.select(of_threshold(F.col("number"), {1: "few", 4: "many"})).collect()

    assert [row[0] for row in found] == [None, "few", "few", "many", "many", None]
