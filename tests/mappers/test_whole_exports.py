"""A file read as a whole gives the rows that its records give one by one."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engines.arrow import arrow_rows
from mappers.export_mapper import export_rows
from mappers.whole_exports import whole_export_rows
from schemas.staging_schemas import EXPORT_RECORDS
from tests.export_samples import Record, account, extended
from tests.properties import at_most

NOW = datetime(2025, 1, 1, tzinfo=UTC)
KINDS = ["extended", "extended_video", "account", "account_podcast", "account_audiobook"]

_TEXTS = st.one_of(
    st.none(),
    st.sampled_from(
        [
            "Song",
            "",
            " ",
            "\t",
            "\u00a0",
            " a ",
            "a\0b",
            "Ünïcode 🎵",
            "e\u0301",
            "|",
            "1|2",
            "x" * 300,
        ]
    ),
    st.text(st.characters(codec="utf-8"), max_size=4),
)
_URIS = st.sampled_from(
    [
        None,
        "",
        "spotify:track:0uoyRcSBbBsHFpMHmYBJ0j",
        "spotify:track:",
        "spotify:track:ä",
        "spotify:track:abc\n",
        "xspotify:track:abc",
        "spotify:local:a:b:c:12",
        "spotify:episode:1",
    ]
)
_FLAGS = st.sampled_from([None, True, False])
_MILLISECONDS = st.sampled_from([0, 1, 180_000, 2**53 + 1, 2**63 - 1])
_ODD = st.sampled_from(
    [None, 0, 1, -1, 1.0, 1.5, 2.0**60, 2**63, 2**70, True, "1", "true", [], [1], {}, {"a": None}]
)
_EXTENDED = st.fixed_dictionaries(
    {
        "ts": st.sampled_from(
            ["2006-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "2025-01-01T12:00:00Z"]
        ),
        "ms_played": _MILLISECONDS,
    },
    optional={
        "spotify_track_uri": _URIS,
        "spotify_episode_uri": _URIS,
        "audiobook_chapter_uri": _URIS,
        **dict.fromkeys(
            (
                "master_metadata_track_name",
                "master_metadata_album_artist_name",
                "master_metadata_album_album_name",
                "episode_name",
                "episode_show_name",
                "audiobook_title",
                "audiobook_chapter_title",
                "platform",
                "conn_country",
                "reason_start",
                "reason_end",
            ),
            _TEXTS,
        ),
        **dict.fromkeys(("shuffle", "skipped", "offline", "incognito_mode"), _FLAGS),
        "offline_timestamp": _ODD,
        "new_field": _ODD,
    },
)
_ACCOUNT = st.fixed_dictionaries(
    {
        "endTime": st.sampled_from(["2006-01-01 00:00", "2024-02-29 23:59", "2025-01-01 12:00"]),
        "msPlayed": _MILLISECONDS,
    },
    optional={
        **dict.fromkeys(
            (
                "trackName",
                "artistName",
                "episodeName",
                "podcastName",
                "audiobookName",
                "chapterName",
                "authorName",
            ),
            _TEXTS,
        ),
        "new_field": _ODD,
    },
)
_TIMES = st.sampled_from(
    [
        None,
        "",
        1_700_000_000,
        "2024",
        "2024-02-30T00:00:00Z",
        "2024-02-28T24:00:00Z",
        "2024-02-28T23:59:60Z",
        "2024-02-28T23:60:00Z",
        "2024-W09-3T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "1999-12-31T23:59:59Z",
        "2005-12-31T23:59:59Z",
        "2025-01-02T00:00:00Z",
        "2025-01-02T00:00:01Z",
        "2099-01-01T00:00:00Z",
        "2024-02-28t10:00:00z",
        "2024-02-28 10:00",
        "2024-02-30 10:00",
        "2024-02-28 10:00:00",
        "2025-01-02 00:01",
        " 2024-02-28 10:00",
        "２０２４-02-28 10:00",
        "2024-02-28 10:00\n",
    ]
)


def one_by_one(records: list[Any], kind: str) -> Any:
    rows = export_rows(enumerate(records, start=1), "me", "a.json", kind, NOW)
    return arrow_rows(rows, EXPORT_RECORDS.columns)


def assert_agree(records: list[Any], kind: str, *, is_plain: bool | None = None) -> None:
    """Both ways give the same rows, or the whole file is left to the other way."""
    found = whole_export_rows(records, "me", "a.json", kind, NOW)

    if found is None:
        assert is_plain is not True
    else:
        assert is_plain is not False
        assert found.to_pylist() == one_by_one(records, kind).to_pylist()
        assert found.schema == one_by_one(records, kind).schema


@at_most(60)
@given(records=st.lists(_EXTENDED, min_size=1, max_size=6), kind=st.sampled_from(KINDS[:2]))
@example(records=[extended(), extended(), extended(ts="2024-03-01T12:00:01Z")], kind="extended")
def test_extended_records_give_the_same_rows(records: list[Record], kind: str) -> None:
    assert_agree(records, kind)


@at_most(60)
@given(records=st.lists(_ACCOUNT, min_size=1, max_size=6), kind=st.sampled_from(KINDS[2:]))
@example(records=[account(), account(), account(end_time="2024-03-01 12:01")], kind="account")
def test_account_records_give_the_same_rows(records: list[Record], kind: str) -> None:
    assert_agree(records, kind)


@at_most(150)
@given(data=st.data(), kind=st.sampled_from(KINDS))
def test_a_record_with_anything_odd_gives_the_same_rows_or_is_left_alone(
    data: st.DataObject, kind: str
) -> None:
    is_account = kind.startswith("account")
    plain = _ACCOUNT if is_account else _EXTENDED
    record = data.draw(plain)
    name = data.draw(st.sampled_from(sorted({*(account() if is_account else extended())})))
    values = _TIMES | _ODD if name in ("ts", "endTime") else _ODD | _TEXTS
    odd = {**record, name: data.draw(values)}

    assert_agree([data.draw(plain), odd], kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("odd", [None, 17, "x", [], [("ts", "x")]])
def test_what_is_no_record_is_left_to_the_other_way(odd: Any, kind: str) -> None:
    plain = account() if kind.startswith("account") else extended()

    assert_agree([plain, odd], kind, is_plain=False)
    assert_agree([odd], kind, is_plain=False)


def test_usual_records_are_read_as_a_whole() -> None:
    video = extended(episode_name="Episode", track_id=None, track=None)

    assert_agree([extended(), extended(skipped=True), video], "extended", is_plain=True)
    assert_agree([account(), account(ms_played=0)], "account", is_plain=True)


@pytest.mark.parametrize(
    "odd",
    [{"ms_played": -1}, {"ms_played": 5.0}, {"ts": "yesterday"}, {"skipped": 0}, {"platform": 7}],
)
def test_what_is_to_be_rejected_or_translated_is_left_to_the_other_way(odd: Record) -> None:
    assert_agree([extended(), extended(**odd)], "extended", is_plain=False)


def test_a_nested_field_stops_nothing() -> None:
    deep: Any = json.loads("[" * 300 + "]" * 300)

    assert_agree([extended(odd=[{"a": 1}])], "extended", is_plain=True)
    assert_agree([extended(odd=deep)], "extended")
