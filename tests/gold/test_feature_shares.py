from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from gold.feature_shares import feature_shares, is_grounded

SHARES = ("measured_share", "catalogue_share", "synthetic_share")
ROWS = [
    ("a", "real", 1),
    ("a", "synthetic", 3),
    ("a", None, 100),
    ("b", "kaggle", 2),
    ("b", "synthetic", 2),
    ("c", None, 5),
]


def test_each_row_counts_for_one(spark: SparkSession) -> None:
    frame = spark.createDataFrame(ROWS, "who string, feature_source string, plays long")
    shares = frame.groupBy("who").agg(*feature_shares()).orderBy("who").collect()
    assert [tuple(row) for row in shares] == [
        ("a", 0.5, 0.0, 0.5),
        ("b", 0.0, 0.5, 0.5),
        ("c", None, None, None),
    ]


def test_a_row_counts_for_its_weight(spark: SparkSession) -> None:
    frame = spark.createDataFrame(ROWS, "who string, feature_source string, plays long")
    shares = (
        frame.groupBy("who")
        .agg(*feature_shares(F.col("plays")))
        .select("who", *SHARES, is_grounded().alias("grounded"))
        .orderBy("who")
        .collect()
    )
    assert [tuple(row) for row in shares] == [
        ("a", 0.25, 0.0, 0.75, False),
        ("b", 0.0, 0.5, 0.5, True),
        ("c", None, None, None, None),
    ]
