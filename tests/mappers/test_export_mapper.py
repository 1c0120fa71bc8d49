"""A record is the same record wherever it is met again; a bad one is reported, not dropped."""

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.json_records import Damage
from mappers.export_mapper import export_rows
from tests.export_samples import Record, account, extended
from tests.models import compute
from tests.properties import at_most

NOW = datetime(2025, 1, 1, tzinfo=UTC)
PARAMETERS: dict[str, Any] = {"run_id": "run", "now": NOW.isoformat()}
STAGED = "staging.export_records"


def read_files(files: dict[str, list[Record]]) -> list[dict[str, Any]]:
    """Return the staged rows of files of these contents."""
    rows: list[dict[str, Any]] = []
    for name, records in files.items():
        numbered = [*enumerate(records, start=1)]
        of_account = [each for each in numbered if "endTime" in each[1]]
        of_extended = [each for each in numbered if "endTime" not in each[1]]
        kind = "extended_video" if "Video" in name else "extended"
        rows += export_rows(of_account, "me", name, "account", NOW)
        rows += export_rows(of_extended, "me", name, kind, NOW)
    return rows


def land(files: dict[str, list[Record]]) -> list[dict[str, Any]]:
    return compute("new_history_records", {STAGED: read_files(files)}, **PARAMETERS)


def rejected(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return compute("rejected_export_records", {STAGED: rows}, **PARAMETERS)


def reasons(*records: Record) -> list[str]:
    return [row["reason"] for row in rejected(read_files({"a.json": list(records)}))]


def test_an_extended_record_becomes_a_row_with_its_end_in_utc() -> None:
    (row,) = land({"a.json": [extended(ts="2024-03-01T12:00:07Z", skipped=True)]})

    assert row["source"] == "extended"
    assert row["played_at"].isoformat() == "2024-03-01T12:00:07+00:00"
    assert (row["played_month"], str(row["date"])) == ("2024-03", "2024-03-01")
    assert (row["track_id"], row["track_name"]) == ("0uoyRcSBbBsHFpMHmYBJ0j", "Song")
    assert (row["album_artist_name"], row["album_name"]) == ("Artist", "Album")
    assert (row["ms_played"], row["skipped"], row["media_type"]) == (180_000, True, "track")


def test_an_account_record_becomes_a_row_of_its_minute() -> None:
    (row,) = land({"a.json": [account(end_time="2024-03-01 12:05", ms_played=5)]})

    assert row["source"] == "account"
    assert row["played_at"].isoformat() == "2024-03-01T12:05:00+00:00"
    assert (row["track_id"], row["artist_name"], row["ms_played"]) == (None, "Artist", 5)


@pytest.mark.parametrize(
    "ts",
    [
        "2021-03-04 13:30:30",
        "2021-03-04T13:30:30",
        "2021-03-04T13:30:30Z",
        "2021-03-04T13:30:30.000Z",
        "2021-03-04 13:30:30 UTC",
        "2021-03-04 13:30:30.000000 +00:00",
        "2021-03-04T14:30:30+0100",
        " 2021-03-04t13:30:30z ",
    ],
)
def test_an_instant_is_taken_as_others_write_it_too(ts: str) -> None:
    (of_extended,) = land({"a.json": [extended(ts=ts)]})
    (of_account,) = land({"a.json": [account(end_time=ts)]})

    assert of_extended["played_at"] == datetime(2021, 3, 4, 13, 30, 30, tzinfo=UTC)
    assert of_account["played_at"] == datetime(2021, 3, 4, 13, 30, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "number", [215_710, 215_710.0, "215710", "215710.0", " 215710 ", "2.1571e5"]
)
def test_a_playing_time_is_taken_as_others_write_it_too(number: Any) -> None:
    (of_extended,) = land({"a.json": [extended(ms_played=number)]})
    (of_account,) = land({"a.json": [account(ms_played=number)]})

    assert (of_extended["ms_played"], of_account["ms_played"]) == (215_710, 215_710)
    assert (
        of_extended["record_id"] == land({"b.json": [extended(ms_played=215_710)]})[0]["record_id"]
    )


def test_flags_are_taken_as_others_write_them_too() -> None:
    (row,) = land({"a.json": [extended(skipped="true", shuffle="False", offline=0)]})

    assert (row["skipped"], row["shuffle"], row["offline"]) == (True, False, False)


def test_an_audiobook_of_the_account_data_becomes_a_row() -> None:
    record = {
        "endTime": "2024-03-01 12:05",
        "audiobookName": "Book",
        "chapterName": "Chapter 1",
        "authorName": "Author",
        "msPlayed": 60_000,
    }
    (row,) = land({"a.json": [record]})

    assert (row["source"], row["media_type"], row["ms_played"]) == ("account", "audiobook", 60_000)
    assert (row["track_name"], row["artist_name"], row["album_name"]) == (
        "Chapter 1",
        "Author",
        "Book",
    )


def test_a_field_that_is_nested_deeply_stops_nothing() -> None:
    deep: Any = 1
    for _ in range(1000):
        deep = [deep]
    (good,) = land({"a.json": [extended(odd=deep)]})
    (reason,) = reasons(extended(ts="", odd=deep))

    assert good["track_name"] == "Song"
    assert reason == "its time is missing or cannot be read"


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
    record: Record, file: str, media_type: str
) -> None:
    (row,) = land({file: [record]})

    assert row["media_type"] == media_type


def test_every_offline_timestamp_and_null_of_old_files_is_taken() -> None:
    odd = [
        extended(ts=f"2024-03-01T12:0{minute}:00Z", offline_timestamp=stamp, skipped=None)
        for minute, stamp in enumerate([1_700_000_000, 1_700_000_000_123, 0, None])
    ]
    odd.append(extended(ts="2024-03-01T13:00:00Z", ms_played=0, reason_end=None, shuffle=None))

    assert len(land({"a.json": odd})) == 5


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (extended(ms_played="lots"), "its playing time is missing or not a whole number"),
        (extended(ms_played="9" * 5000), "its playing time is missing or not a whole number"),
        (extended(ms_played=180_000.5), "its playing time is missing or not a whole number"),
        (extended(ms_played=True), "its playing time is missing or not a whole number"),
        (extended(ms_played=None), "its playing time is missing or not a whole number"),
        (extended(ms_played=-1), "its playing time is negative"),
        (extended(ts="2099-01-01T00:00:00Z"), "its time lies in the future"),
        (extended(ts="1970-01-01T00:00:00Z"), "its time lies before Spotify existed"),
        (extended(ts="yesterday"), "its time is missing or cannot be read"),
        (extended(ts="2024"), "its time is missing or cannot be read"),
        (account(end_time="2024-13-01 12:00"), "its time is missing or cannot be read"),
    ],
)
def test_a_bad_record_is_rejected_with_its_reason_and_the_good_one_lands(
    record: Record, reason: str
) -> None:
    good = extended(ts="2024-04-01T00:00:00Z")

    assert reasons(record, good) == [reason]
    assert len(land({"a.json": [record, good]})) == 1


def test_a_record_that_is_no_object_is_rejected() -> None:
    rows = [*export_rows(enumerate([17, "x"], start=1), "me", "a.json", "extended", NOW)]

    kept = {each["position"]: each["record"] for each in rejected(rows)}
    assert kept == {1: "17", 2: '"x"'}


def test_a_damaged_file_is_kept_with_the_place_where_it_breaks() -> None:
    damaged = [(8, Damage("breaks off"))]

    (row,) = rejected([*export_rows(damaged, "me", "a.json", "extended", NOW)])

    assert (row["source_file"], row["position"], row["record"]) == ("a.json", 8, None)
    assert row["reason"] == "the file breaks off"


def test_what_is_kept_already_is_not_kept_twice() -> None:
    rows = read_files({"a.json": [extended(ts="yesterday")]})
    kept = rejected(rows)

    again = compute(
        "rejected_export_records", {STAGED: rows, "ops.rejected_records": kept}, **PARAMETERS
    )

    assert (len(kept), again) == (1, [])


def test_records_that_the_history_holds_do_not_land_again() -> None:
    rows = read_files({"a.json": [extended(), extended(track_id="b" * 22)]})
    held = land({"old.json": [extended()]})

    new = compute(
        "new_history_records",
        {STAGED: rows, "bronze.listening_history_bronze": held},
        **PARAMETERS,
    )

    assert [row["track_id"] for row in new] == ["b" * 22]


def test_the_same_play_in_two_exports_lands_once_even_when_they_differ_in_trifles() -> None:
    old = extended(skipped=None, offline=None, incognito_mode=None)
    new = extended(skipped=False, platform="Windows 10 (10.0.19045)")

    (row,) = land({"2023.json": [old], "2025.json": [new]})

    assert row["skipped"] is False


def test_a_track_renamed_between_exports_is_the_same_record() -> None:
    files = {"a.json": [extended(track="Song")], "b.json": [extended(track="Song - Remastered")]}

    assert len(land(files)) == 1


def test_different_songs_of_the_same_second_both_land() -> None:
    both = [extended(track_id="a" * 22), extended(track_id="b" * 22)]

    assert len(land({"a.json": both})) == 2


_RECORDS = st.sampled_from(
    [extended(ts=f"2024-03-0{day}T12:00:00Z", ms_played=ms) for day in (1, 2) for ms in (0, 10)]
    + [account(end_time=f"2024-03-01 12:0{minute}") for minute in (0, 1)]
)
_FILES = st.dictionaries(
    st.sampled_from(["a.json", "b.json", "c.json"]), st.lists(_RECORDS, max_size=6), min_size=1
)


@at_most(100)
@given(files=_FILES, data=st.data())
def test_any_order_and_repetition_of_files_lands_the_same_records(
    files: dict[str, list[Record]], data: st.DataObject
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

    once = {row["record_id"] for row in land(files)}
    repeated = [row["record_id"] for row in land({**again, **files})]

    assert len(once) == expected.total()
    assert len(repeated) == len(set(repeated))
    assert set(repeated) == once
