"""Names that differ only in typography are one name; anything else stays apart."""

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from features.name_key import name_key, normalised


def test_typography_case_and_spaces_do_not_matter(spark: SparkSession) -> None:
    spellings = {
        "Don’t Stop": "don't stop",
        "DON'T\u00a0 STOP ": "don't stop",
        "\u3000“Heroes”\t– 2017 Remaster": '"heroes" - 2017 remaster',
        "Für   Elise": "für elise",
        "ЁЛКА": "ёлка",
        "夜に駆ける": "夜に駆ける",
        " \u00a0 ": "",
        "": "",
        "a|b; c": "a|b; c",
        "🎧 mix": "🎧 mix",
    }
    names = spark.createDataFrame([(name,) for name in spellings], "name string")
    rows = names.withColumn("plain", normalised(F.col("name"))).collect()
    found = {row["name"]: row["plain"] for row in rows}
    assert found == spellings


@pytest.mark.parametrize(
    ("artist", "title", "expected"),
    [
        ("Sigur Rós", "Sæglópur", "sigur rós|sæglópur"),
        ("  AC/DC ", "T.N.T.", "ac/dc|t.n.t."),
        (None, "Untitled", "|untitled"),
        ("", "Untitled", "|untitled"),
        ("Nobody", None, None),
        ("Nobody", "", None),
        ("Nobody", "\u00a0", None),
        (None, None, None),
    ],
)
def test_key_of_artist_and_title(
    spark: SparkSession, artist: str | None, title: str | None, expected: str | None
) -> None:
    tracks = spark.createDataFrame([(artist, title)], "artist string, title string")
    row = tracks.select(name_key(F.col("artist"), F.col("title")).alias("track_key")).first()
    assert row is not None
    assert row.track_key == expected
