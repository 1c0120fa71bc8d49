"""The last local day of a person may not be over: statistics wait for its end."""

from datetime import date

from pyspark.sql import SparkSession

from gold.complete_days import complete_days

MONDAY, TUESDAY, WEDNESDAY = (date(2024, 4, day) for day in (1, 2, 3))


def test_the_last_day_of_each_person_is_left_out(spark: SparkSession) -> None:
    plays = [
        ("anna", MONDAY, "first"),
        ("anna", TUESDAY, "last"),
        ("ben", TUESDAY, "first"),
        ("ben", TUESDAY, "again"),
        ("ben", WEDNESDAY, "last"),
    ]

    kept = complete_days(
        spark.createDataFrame(plays, "user_id string, local_date date, play string")
    )

    assert kept.columns == ["user_id", "local_date", "play"]
    assert sorted(map(tuple, kept.collect())) == [
        ("anna", MONDAY, "first"),
        ("ben", TUESDAY, "again"),
        ("ben", TUESDAY, "first"),
    ]


def test_who_has_one_day_only_keeps_it(spark: SparkSession) -> None:
    plays = [("anna", MONDAY), ("anna", MONDAY)]

    kept = complete_days(spark.createDataFrame(plays, "user_id string, local_date date"))

    assert kept.count() == 2
