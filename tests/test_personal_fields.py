"""Addresses, user names and user agents of exports stand nowhere in a lake, whatever happens."""

import json
from pathlib import Path
from typing import Any

import pytest

from engines.engine import Engine
from loaders.personal_fields import is_personal, less_personal_fields
from tests.export_samples import account, extended, write_json, write_zip
from tests.lakes import land, one, query
from tests.left_bytes import places_of

SENTINELS = ("198.51.100.23", "sentinel-user", "sentinel-agent", "sentinel@example.org")
ADDRESS, USER, AGENT, MAIL = SENTINELS
SECRETS = {"ip_addr": ADDRESS, "username": USER, "user_agent_decrypted": AGENT}


@pytest.mark.parametrize(
    "name",
    [
        "ip_addr",
        "ip_addr_decrypted",
        "ipAddress",
        "IP",
        "IP_ADDR",
        "username",
        "userName",
        "user_name",
        "user_id",
        "user_agent",
        "user_agent_decrypted",
        "User-Agent",
        "userAgentDecrypted",
        "email",
        "emailAddress",
        "owner_email",
    ],
)
def test_a_personal_field_is_known_however_it_is_written(name: str) -> None:
    assert is_personal(name)


@pytest.mark.parametrize(
    "name",
    [
        "ts",
        "platform",
        "ms_played",
        "conn_country",
        "skipped",
        "episode_name",
        "audiobook_title",
        "shipping",
        "zip",
        "master_metadata_track_name",
        "spotify_track_uri",
        "incognito_mode",
        "artistName",
        "trackName",
        "endTime",
    ],
)
def test_other_fields_stay(name: str) -> None:
    assert not is_personal(name)


def test_what_is_nested_too_deep_is_dropped_as_a_whole() -> None:
    deep: Any = SECRETS.copy()
    for _ in range(100_000):
        deep = {"more": deep}
    record = less_personal_fields({"ts": "2024", **SECRETS, "deep": deep})

    assert record == {"ts": "2024"}


def test_no_byte_of_them_lands(engine: Engine, tmp_path: Path) -> None:
    """Of sound, rejected, nested, damaged records, and of the files beside a history."""
    lake, exports = tmp_path / "lake", tmp_path / "exports"
    sound = extended(**SECRETS, track="Kept")
    rejected = [
        extended(ts="no time", **SECRETS),
        extended(ms_played=-1, **SECRETS),
        extended(ts="2024-03-02T12:00:00Z", ms_played="x", device={"IP": ADDRESS, "a": [SECRETS]}),
        [SECRETS],
        {"ts": "1999-01-01T00:00:00Z", "User-Agent": AGENT, "email": MAIL, "userName": USER},
    ]
    write_json(exports / "Streaming_History_Audio_2024_0.json", [sound, *rejected])
    odd = extended(**SECRETS, ts="2024-03-03T12:00:00Z") | {
        "master_metadata_track_name": {"title": "Odd", **SECRETS}
    }
    write_json(exports / "Streaming_History_Audio_2024_1.json", [odd])
    cut = json.dumps([sound | {"ts": "2024-03-04T12:00:00Z"}, sound])[:-80]
    (exports / "Streaming_History_Audio_2024_2.json").write_text(cut, encoding="utf-8")
    lines = "\n".join(map(json.dumps, [sound | {"ts": "2024-03-05T12:00:00Z"}, *rejected]))
    (exports / "endsong_3.json").write_text(lines, encoding="utf-8")
    beside = {"username": USER, "email": MAIL, "ip": ADDRESS, "userAgent": AGENT}
    write_zip(
        exports / "my_spotify_data.zip",
        {
            "Spotify Account Data/StreamingHistory_music_0.json": [account() | SECRETS],
            "Spotify Account Data/Userdata.json": beside,
            "Spotify Account Data/Identity.json": [beside],
            "Spotify Account Data/Unknown.json": [beside],
            "Spotify Account Data/Broken.json": json.dumps(beside)[:-5],
            "Spotify Technical Log Information/Login.json": [beside],
        },
    )
    write_json(exports / "Userdata.json", beside)
    write_json(exports / "unknown.json", [beside])

    result = land(engine, lake, [exports])

    assert result.status == "written"
    titles = "SELECT track_name FROM bronze.listening_history_bronze"
    assert ("Kept",) in query(lake, titles)
    assert ('{"title":"Odd"}',) in query(lake, titles)
    assert one(lake, "SELECT count(*) FROM ops.rejected_records WHERE record IS NOT NULL") == 10
    assert places_of(lake, SENTINELS) == []
