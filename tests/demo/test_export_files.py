import json
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from demo.export_files import write_export

EXTENDED_KEYS = [
    *("ts", "platform", "ms_played", "conn_country", "ip_addr", "master_metadata_track_name"),
    *("master_metadata_album_artist_name", "master_metadata_album_album_name"),
    *("spotify_track_uri", "episode_name", "episode_show_name", "spotify_episode_uri"),
    *("audiobook_title", "audiobook_uri", "audiobook_chapter_uri", "audiobook_chapter_title"),
    *("reason_start", "reason_end", "shuffle", "skipped", "offline", "offline_timestamp"),
    "incognito_mode",
]
Files = dict[str, bytes]


def _read(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _records(files: Files, part: str) -> list[dict[str, Any]]:
    return [record for name, text in files.items() if part in name for record in json.loads(text)]


@pytest.fixture(scope="module")
def folder(plays: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    paths = write_export(plays, folder)
    assert sorted(path.name for path in paths) == sorted(path.name for path in folder.iterdir())
    return folder


@pytest.fixture(scope="module")
def extended(folder: Path) -> Files:
    return _read(folder / "my_spotify_data_extended.zip")


@pytest.fixture(scope="module")
def account(folder: Path) -> Files:
    return _read(folder / "my_spotify_data.zip")


def test_the_same_plays_give_the_same_bytes(
    plays: pd.DataFrame, folder: Path, tmp_path: Path
) -> None:
    for path in write_export(plays, tmp_path):
        assert path.read_bytes() == (folder / path.name).read_bytes()


def test_files_are_named_as_spotify_names_them(extended: Files, account: Files) -> None:
    names = list(extended)
    folder = "Spotify Extended Streaming History"
    assert f"{folder}/Streaming_History_Audio_2023-2025_0.json" in names
    assert any(name.startswith(f"{folder}/Streaming_History_Audio_2026_") for name in names)
    assert any(name.startswith(f"{folder}/Streaming_History_Video_") for name in names)
    assert f"{folder}/ReadMeFirst_ExtendedStreamingHistory.pdf" in names
    assert {name.split("/")[0] for name in account} == {"Spotify Account Data"}
    for name in ("StreamingHistory_music_0", "StreamingHistory_music_1", "Playlist1", "Userdata",
                 "StreamingHistory_podcast_0", "YourLibrary", "Inferences"):  # fmt: skip
        assert json.loads(account[f"Spotify Account Data/{name}.json"])
    music = json.loads(account["Spotify Account Data/StreamingHistory_music_0.json"])
    assert len(music) == 10_000


def test_the_text_is_laid_out_as_in_real_exports(extended: Files, account: Files) -> None:
    for name, text in extended.items():
        if name.endswith(".json"):
            again = json.dumps(json.loads(text), indent=1, ensure_ascii=False)
            assert text.decode() == again
    for name, text in account.items():
        if "StreamingHistory" in name:
            again = json.dumps(
                json.loads(text), indent=2, ensure_ascii=False, separators=(",", " : ")
            )
            assert text.decode() == again


def test_the_extended_history_holds_every_play_once(extended: Files, plays: pd.DataFrame) -> None:
    audio, video = _records(extended, "_Audio_"), _records(extended, "_Video_")
    assert [list(record) for record in audio + video] == [EXTENDED_KEYS] * len(plays)
    is_video = plays["media_type"] == "video"
    for records, expected in ((audio, plays[~is_video]), (video, plays[is_video])):
        assert [record["ms_played"] for record in records] == expected["ms_played"].tolist()
        seconds = [pd.Timestamp(record["ts"]) for record in records]
        assert seconds == expected["played_at"].dt.floor("s").tolist()
        uris = [record["spotify_track_uri"] or record["spotify_episode_uri"] for record in records]
        assert [uri.split(":")[2] for uri in uris] == expected["track_id"].tolist()
        kinds = ["episode" if uri.split(":")[1] == "episode" else "music" for uri in uris]
        assert [kind == "episode" for kind in kinds] == (
            expected["media_type"] == "episode"
        ).tolist()


def test_podcast_records_have_no_track_and_track_records_no_episode(extended: Files) -> None:
    records = _records(extended, "_Audio_")
    podcasts = [record for record in records if record["spotify_episode_uri"]]
    assert podcasts
    for record in podcasts:
        assert record["master_metadata_track_name"] is None
        assert record["master_metadata_album_album_name"] is None
        assert record["episode_name"]
        assert record["episode_show_name"]
    assert all(record["master_metadata_album_album_name"] for record in records
               if record["spotify_track_uri"])  # fmt: skip
    assert {record["ip_addr"] for record in records} == {"0.0.0.0"}


def test_known_oddities_are_there(extended: Files) -> None:
    records = _records(extended, "_Audio_")
    stamps = [record["offline_timestamp"] for record in records]
    assert None in stamps
    assert 0 in stamps
    assert any(stamp and stamp > 10**12 for stamp in stamps)
    assert any(stamp and 10**9 < stamp < 10**10 for stamp in stamps)
    assert len({record["ts"] for record in records}) < len(records)


def test_account_data_hold_the_last_year_to_the_minute(account: Files, extended: Files) -> None:
    all_records = _records(extended, "_Audio_") + _records(extended, "_Video_")
    last = max(record["ts"] for record in all_records)
    since = (pd.Timestamp(last) - pd.Timedelta(days=365)).strftime("%Y-%m-%dT%H:%M:%SZ")
    recent = [record for record in all_records if record["ts"] > since]
    for kind, artist, title, prefix in (
        ("music", "artistName", "trackName", "master_metadata_"),
        ("podcast", "podcastName", "episodeName", "episode_"),
    ):
        suffix = ("album_artist_name", "track_name") if kind == "music" else ("show_name", "name")
        expected = sorted(
            (record["ts"][:16].replace("T", " "), record[prefix + suffix[0]],
             record[prefix + suffix[1]], record["ms_played"])
            for record in recent if record[prefix + suffix[1]] is not None
        )  # fmt: skip
        records = _records(account, f"StreamingHistory_{kind}")
        assert (
            sorted(
                (record["endTime"], record[artist], record[title], record["msPlayed"])
                for record in records
            )
            == expected
        )
        assert len(expected) > 20


def test_several_people_or_none_are_refused(plays: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="exactly one person"):
        write_export(plays.iloc[:0], tmp_path)
    two = plays.iloc[:2].assign(user_id=["one", "two"])
    with pytest.raises(ValueError, match="exactly one person"):
        write_export(two, tmp_path)
    assert not list(tmp_path.iterdir())


def test_keys_are_those_of_a_real_export_in_its_order(extended: Files, shared_data: Path) -> None:
    real = shared_data / "exports" / "extended" / "Streaming_History_Audio_2025_0.json"
    for record in json.loads(real.read_text(encoding="utf-8")):
        assert list(record) == list(_records(extended, "_Video_")[0])
