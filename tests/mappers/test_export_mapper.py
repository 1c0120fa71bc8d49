"""A record is the same record wherever it is met again; a bad one is told, not dropped."""

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession

from loaders.export_records import RECORDS
from mappers.export_mapper import listening_history, parse_records, rejected_records
from tests.export_samples import Record, account, extended

NOW = datetime(2025, 1, 1, tzinfo=UTC)


def read_files(spark: SparkSession, files: dict[str, list[Record]]) -> DataFrame:
    """Give what the loader gives for files of these contents."""
    rows = []
    for name, records in files.items():
        for position, record in enumerate(records, start=1):
            kind = "account" if "endTime" in record else "extended"
            kind = "extended_video" if "Video" in name else kind
            rows.append(("me", name, kind, position, json.dumps(record), None))
    return spark.createDataFrame(rows, RECORDS)


def land(spark: SparkSession, files: dict[str, list[Record]]) -> list[Any]:
    parsed = parse_records(read_files(spark, files), NOW)
    return listening_history(parsed, "run", NOW).collect()


def reasons(spark: SparkSession, *records: Record) -> list[str]:
    parsed = parse_records(read_files(spark, {"a.json": list(records)}), NOW)
    return [row["reason"] for row in rejected_records(parsed, "run", NOW).collect()]


def test_an_extended_record_becomes_a_row_with_its_end_in_utc(spark: SparkSession) -> None:
    (row,) = land(spark, {"a.json": [extended(ts="2024-03-01T12:00:07Z", skipped=True)]})

    assert row["source"] == "extended"
    assert row["played_at"].isoformat() == "2024-03-01T12:00:07"
    assert (row["played_month"], str(row["date"])) == ("2024-03", "2024-03-01")
    assert (row["track_id"], row["track_name"]) == ("0uoyRcSBbBsHFpMHmYBJ0j", "Song")
    assert (row["album_artist_name"], row["album_name"]) == ("Artist", "Album")
    assert (row["ms_played"], row["skipped"], row["media_type"]) == (180_000, True, "track")


def test_an_account_record_becomes_a_row_of_its_minute(spark: SparkSession) -> None:
    (row,) = land(spark, {"a.json": [account(end_time="2024-03-01 12:05", ms_played=5)]})

    assert row["source"] == "account"
    assert row["played_at"].isoformat() == "2024-03-01T12:05:00"
    assert (row["track_id"], row["artist_name"], row["ms_played"]) == (None, "Artist", 5)


@pytest.mark.parametrize(
    ("record", "file", "media_type"),
    [
        (extended(), "a.json", "track"),
        (extended(), "Streaming_History_Video_2024.json", "video"),
        (
            extended(
                track=None,
                artist=None,
                track_id=None,
                episode_name="E",
                episode_show_name="S",
                spotify_episode_uri="spotify:episode:1",
            ),
            "a.json",
            "episode",
        ),
        (
            extended(track=None, artist=None, track_id=None, audiobook_title="B"),
            "a.json",
            "audiobook",
        ),
        (extended(track=None, artist=None, track_id=None), "a.json", "unknown"),
    ],
)
def test_the_media_type_follows_what_the_record_names(
    spark: SparkSession, record: Record, file: str, media_type: str
) -> None:
    (row,) = land(spark, {file: [record]})

    assert row["media_type"] == media_type


def test_every_offline_timestamp_and_null_of_old_files_is_taken(spark: SparkSession) -> None:
    odd = [
        extended(ts=f"2024-03-01T12:0{minute}:00Z", offline_timestamp=stamp, skipped=None)
        for minute, stamp in enumerate([1_700_000_000, 1_700_000_000_123, 0, None])
    ]
    odd.append(extended(ts="2024-03-01T13:00:00Z", ms_played=0, reason_end=None, shuffle=None))

    assert len(land(spark, {"a.json": odd})) == 5


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (extended(ms_played="lots"), "its playing time is missing or no whole number"),
        (extended(ms_played="180000"), "its playing time is missing or no whole number"),
        (extended(ms_played=None), "its playing time is missing or no whole number"),
        (extended(ms_played=-1), "its playing time is negative"),
        (extended(ts="2099-01-01T00:00:00Z"), "its time lies in the future"),
        (extended(ts="1970-01-01T00:00:00Z"), "its time lies before Spotify existed"),
        (extended(ts="yesterday"), "its time is missing or cannot be read"),
        (extended(ts="2024"), "its time is missing or cannot be read"),
        (account(end_time="2024-13-01 12:00"), "its time is missing or cannot be read"),
    ],
)
def test_a_bad_record_is_rejected_with_its_reason_and_the_good_one_lands(
    spark: SparkSession, record: Record, reason: str
) -> None:
    good = extended(ts="2024-04-01T00:00:00Z")

    assert reasons(spark, record, good) == [reason]
    assert len(land(spark, {"a.json": [record, good]})) == 1


def test_a_record_that_is_no_object_is_rejected(spark: SparkSession) -> None:
    rows = [
        ("me", "a.json", "extended", 1, "17", None),
        ("me", "a.json", "extended", 2, '"x"', None),
    ]
    parsed = parse_records(spark.createDataFrame(rows, RECORDS), NOW)

    assert rejected_records(parsed, "run", NOW).count() == 2


def test_the_same_play_in_two_exports_lands_once_even_when_they_differ_in_trifles(
    spark: SparkSession,
) -> None:
    old = extended(skipped=None, offline=None, incognito_mode=None)
    new = extended(skipped=False, platform="Windows 10 (10.0.19045)")

    (row,) = land(spark, {"2023.json": [old], "2025.json": [new]})

    assert row["skipped"] is False


def test_a_track_renamed_between_exports_is_the_same_record(spark: SparkSession) -> None:
    files = {"a.json": [extended(track="Song")], "b.json": [extended(track="Song - Remastered")]}

    assert len(land(spark, files)) == 1


def test_different_songs_of_the_same_second_both_land(spark: SparkSession) -> None:
    both = [extended(track_id="a" * 22), extended(track_id="b" * 22)]

    assert len(land(spark, {"a.json": both})) == 2


_RECORDS = st.sampled_from(
    [extended(ts=f"2024-03-0{day}T12:00:00Z", ms_played=ms) for day in (1, 2) for ms in (0, 10)]
    + [account(end_time=f"2024-03-01 12:0{minute}") for minute in (0, 1)]
)
_FILES = st.dictionaries(
    st.sampled_from(["a.json", "b.json", "c.json"]), st.lists(_RECORDS, max_size=6), min_size=1
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(files=_FILES, data=st.data())
def test_any_order_and_repetition_of_files_lands_the_same_records(
    spark: SparkSession, files: dict[str, list[Record]], data: st.DataObject
) -> None:
    # What must stay of a record: as often as the file that holds it most often holds it.
    expected: Counter[str] = Counter()
    for records in files.values():
        expected |= Counter(json.dumps(record, sort_keys=True) for record in records)
    again = {
        f"copy of {name}": data.draw(st.permutations(records))
        for name, records in files.items()
        if data.draw(st.booleans())
    }

    once = {row["record_id"] for row in land(spark, files)}
    repeated = [row["record_id"] for row in land(spark, {**again, **files})]

    assert len(once) == expected.total()
    assert len(repeated) == len(set(repeated))
    assert set(repeated) == once
