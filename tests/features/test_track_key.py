"""One recording has one key, by whatever id or name a source knows it."""

from pyspark.sql import SparkSession

from tests.silver.test_plays import bronze, keyed


def keys(spark: SparkSession, *rows: dict[str, object]) -> dict[str, str]:
    found = keyed(bronze(spark, list(rows))).collect()
    return {row["record_id"]: row["track_key"] for row in found}


def test_the_key_is_the_album_artist_and_title_without_case_and_typography(
    spark: SparkSession,
) -> None:
    found = keys(
        spark,
        {"track_name": "Don’t  Stop", "album_artist_name": "ABBA ", "artist_name": "Somebody"},
        {"track_name": "don't stop", "artist_name": "Abba"},
    )

    assert set(found.values()) == {"abba|don't stop"}


def test_one_id_under_two_names_is_one_recording_also_where_only_named(
    spark: SparkSession,
) -> None:
    found = keys(
        spark,
        {"track_id": "i", "track_name": "B side", "album_artist_name": "X"},
        {"track_id": "i", "track_name": "A side", "album_artist_name": "X"},
        {"track_name": "B side", "album_artist_name": "X", "source": "account"},
    )

    assert set(found.values()) == {"x|a side"}


def test_two_ids_of_one_name_are_one_recording(spark: SparkSession) -> None:
    found = keys(
        spark,
        {"track_id": "i", "track_name": "Song", "album_artist_name": "X"},
        {"track_id": "j", "track_name": "Song", "album_artist_name": "X"},
    )

    assert set(found.values()) == {"x|song"}


def test_a_row_with_nothing_but_an_id_finds_its_name_or_keeps_its_id(spark: SparkSession) -> None:
    found = keys(
        spark,
        {"record_id": "named", "track_id": "i", "track_name": "Song", "album_artist_name": "X"},
        {"record_id": "known", "track_id": "i"},
        {"record_id": "unknown", "track_id": "k"},
    )

    assert found == {"named": "x|song", "known": "x|song", "unknown": "id:k"}


def test_what_names_no_track_is_left_out(spark: SparkSession) -> None:
    found = keys(
        spark,
        {"record_id": "nameless", "media_type": "unknown"},
        {"record_id": "episode", "media_type": "episode", "track_name": "Episode 1"},
        {"record_id": "video", "media_type": "video", "track_name": "Clip"},
    )

    assert set(found) == {"video"}
