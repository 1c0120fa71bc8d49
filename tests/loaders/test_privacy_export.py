"""Exports are found by content, read as streams, and bad ones are named."""

import bz2
import gzip
import io
import json
import lzma
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from loaders import archives
from loaders.json_records import Damage
from loaders.privacy_export import find_exports, find_exports_of_people, read_records
from pipeline import bytes_to_read
from tests.export_samples import account, extended, write_json, write_zip


def _kinds(paths: list[Path]) -> dict[str, str]:
    return {Path(each.name).name: each.kind for each in find_exports(paths, "me").files}


def test_files_are_known_by_content_whatever_their_name(tmp_path: Path) -> None:
    write_json(tmp_path / "endsong_0.json", [extended()])
    write_json(tmp_path / "renamed.json", [extended()])
    write_json(tmp_path / "Streaming_History_Video_2020-2024.json", [extended()])
    write_json(tmp_path / "StreamingHistory0.json", [account()])
    write_json(
        tmp_path / "StreamingHistory_podcast_0.json",
        [{"endTime": "2024-01-01 10:00", "podcastName": "P", "episodeName": "E", "msPlayed": 1}],
    )

    assert _kinds([tmp_path]) == {
        "endsong_0.json": "extended",
        "renamed.json": "extended",
        "Streaming_History_Video_2020-2024.json": "extended_video",
        "StreamingHistory0.json": "account",
        "StreamingHistory_podcast_0.json": "account_podcast",
    }


def test_a_zip_is_read_without_unpacking_and_its_other_files_are_left_alone(tmp_path: Path) -> None:
    write_zip(
        tmp_path / "my_spotify_data.zip",
        {
            "Spotify Account Data/StreamingHistory_music_0.json": [account()],
            "Spotify Account Data/Playlist1.json": {"playlists": []},
            "Spotify Account Data/Inferences.json": {"inferences": ["x"]},
            "Spotify Account Data/ReadMeFirst_ExtendedStreamingHistory.pdf": "%PDF",
        },
    )

    found = find_exports([tmp_path], "me")

    assert [each.kind for each in found.files] == ["account"]
    assert len(found.left_alone) == 2
    assert found.problems == []


def test_a_loose_file_that_is_no_export_is_named(tmp_path: Path) -> None:
    write_json(tmp_path / "package.json", {"name": "not spotify"})

    (problem,) = find_exports([tmp_path], "me").problems

    assert problem.name.endswith("package.json")
    assert "is not a Spotify streaming history" in problem.reason


def test_an_empty_history_is_distinguished_from_a_foreign_file(tmp_path: Path) -> None:
    write_json(tmp_path / "Streaming_History_Audio_2019_0.json", [])

    found = find_exports([tmp_path], "me")

    assert len(found.empty) == 1
    assert found.problems == []
    assert found.files == []


def test_a_truncated_file_gives_what_stood_before_the_break(tmp_path: Path) -> None:
    text = json.dumps([extended(), extended(ts="2024-03-01T12:05:00Z")])
    path = tmp_path / "endsong_0.json"
    path.write_text(text[:-40], encoding="utf-8")
    (file,) = find_exports([path], "me").files

    (_, good), (position, damage) = enumerate(read_records(file), start=1)

    assert good["ts"] == "2024-03-01T12:00:00Z"
    assert position == 2
    assert isinstance(damage, Damage)
    assert "breaks off" in damage.detail


def test_personal_fields_never_leave_the_file(tmp_path: Path) -> None:
    path = write_json(tmp_path / "endsong_0.json", [extended()])
    (file,) = find_exports([path], "me").files

    ((position, record),) = enumerate(read_records(file), start=1)

    assert position == 1
    for secret in ("203.0.113.7", "a-user-name", "an-agent"):
        assert secret not in record


def test_a_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "endsong_0.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps([extended()]).encode())

    (file,) = find_exports([path], "me").files

    assert len(list(read_records(file))) == 1


def test_a_member_that_leads_out_of_the_zip_is_refused_and_the_rest_taken(tmp_path: Path) -> None:
    path = write_zip(
        tmp_path / "a.zip", {"../evil.json": [extended()], "endsong_0.json": [extended()]}
    )

    found = find_exports([path], "me")

    assert [each.inside for each in found.files] == [("endsong_0.json",)]
    (problem,) = found.problems
    assert "leads out of the archive" in problem.reason
    assert not (tmp_path.parent / "evil.json").exists()


def test_a_password_protected_zip_is_named_with_the_cure(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "locked.zip", {"endsong_0.json": [extended()]})
    _set_encryption_flag(path)

    (problem,) = find_exports([path], "me").problems

    assert "password" in problem.reason


def test_a_zip_bomb_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "_RATIO_MATTERS_FROM_BYTES", 1024)
    path = write_zip(tmp_path / "bomb.zip", {"endsong_0.json": "[" + " " * 5_000_000 + "]"})

    (problem,) = find_exports([path], "me").problems

    assert "would unpack to" in problem.reason


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_members_of_one_name_the_last_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("endsong_0.json", json.dumps([extended()] * 3))
        archive.writestr("endsong_0.json", json.dumps([extended()]))

    (file,) = find_exports([path], "me").files

    assert len(list(read_records(file))) == 1


def test_a_broken_zip_is_named(tmp_path: Path) -> None:
    path = tmp_path / "half.zip"
    path.write_bytes(b"PK\x03\x04 and then nothing")

    (problem,) = find_exports([path], "me").problems

    assert "not a readable zip" in problem.reason


def test_an_unreadable_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_json(tmp_path / "endsong_0.json", [extended()])
    good = write_json(tmp_path / "endsong_1.json", [extended()])
    really_open = Path.open

    def refuse(self: Path, *arguments: object, **named: object) -> object:
        if self == path:
            raise PermissionError(13, "Permission denied")
        return really_open(self, *arguments, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)

    found = find_exports([tmp_path], "me")

    assert [each.path for each in found.files] == [good]
    assert "Permission denied" in found.problems[0].reason


def test_a_sub_folder_names_a_person_unless_it_is_spotifys_own(tmp_path: Path) -> None:
    write_json(tmp_path / "anna" / "endsong_0.json", [extended()])
    write_json(tmp_path / "ben" / "MyData" / "endsong_0.json", [extended()])
    write_json(tmp_path / "Spotify Extended Streaming History" / "endsong_1.json", [extended()])
    write_json(tmp_path / "extended" / "endsong_2.json", [extended()])
    write_zip(tmp_path / "mine.zip", {"endsong_3.json": [extended()]})

    found = find_exports_of_people(tmp_path, "me")

    people = {
        Path(each.name.partition("!")[2] or each.path).name: each.user_id for each in found.files
    }
    assert sorted(each.user_id for each in found.files) == ["anna", "ben", "me", "me", "me"]
    assert people["endsong_3.json"] == "me"


def test_a_file_is_known_again_by_its_fingerprint_and_a_change_is_seen(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"endsong_0.json": [extended()]})
    (before,) = find_exports([path], "me").files
    (again,) = find_exports([path], "me").files
    write_zip(path, {"endsong_0.json": [extended(), extended(ts="2024-05-01T00:00:00Z")]})
    (after,) = find_exports([path], "me").files

    assert before == again
    assert before.fingerprint != after.fingerprint


def _set_encryption_flag(path: Path) -> None:
    """Mark the first member as encrypted, in its local header and in the directory."""
    with zipfile.ZipFile(path) as archive:
        directory = archive.start_dir
    data = bytearray(path.read_bytes())
    for offset in (6, directory + 8):
        (flags,) = struct.unpack_from("<H", data, offset)
        struct.pack_into("<H", data, offset, flags | 1)
    path.write_bytes(data)


def test_an_audiobook_file_is_history(tmp_path: Path) -> None:
    book = {
        "endTime": "2024-03-01 12:05",
        "audiobookName": "Book",
        "chapterName": "Chapter 1",
        "authorName": "Author",
        "msPlayed": 60_000,
    }
    write_json(tmp_path / "StreamingHistory_audiobook_0.json", [book])
    write_zip(tmp_path / "a.zip", {"MyData/StreamingHistory_audiobook_0.json": [book]})

    found = find_exports([tmp_path], "me")

    assert [each.kind for each in found.files] == ["account_audiobook"] * 2
    assert [[*read_records(each)] for each in found.files] == [[book]] * 2


_COMPANIONS = (
    "UserAddress.json",
    "UserAttributes.json",
    "PlaylistInABottle.json",
    "Playlist2.json",
    "YourSoundCapsule.json",
    "PodcastInteractivityRatedShow.json",
    "DuoNewFamily.json",
    "MessageData.json",
    "Wrapped2025.json",
)


@pytest.mark.parametrize("folder", ["", "MyData/", "Spotify Account Data/"])
def test_what_spotify_and_systems_put_beside_a_history_is_no_news(
    tmp_path: Path, folder: str
) -> None:
    members: dict[str, Any] = {folder + each: {"a": 1} for each in _COMPANIONS}
    members |= {f"{folder}StreamingHistory_music_0.json": [account()]}
    write_zip(
        tmp_path / "made on a mac.zip",
        members
        | {f"__MACOSX/{each.replace('Streaming', '._Streaming')}": "\0\5\x16\7" for each in members}
        | {f"{folder}.DS_Store": "\0\0\0\1Bud1"},
    )
    for name, content in members.items():
        write_json(tmp_path / "unpacked" / name, content)
    write_json(tmp_path / "unpacked" / "._StreamingHistory_music_0.json", "")
    write_json(tmp_path / "__MACOSX" / "a.json", "")
    (tmp_path / "desktop.ini").write_text("[.ShellClassInfo]")
    technical = tmp_path / "Spotify Technical Log Information"
    write_json(technical / "BoomboxPlaybackSession.json", [{"context_time": 1}])
    write_zip(
        tmp_path / "technical.zip",
        {"Spotify Technical Log Information/AddedToPlaylist.json": [{"timestamp_utc": 1}]},
    )

    for found in (find_exports([tmp_path], "me"), find_exports_of_people(tmp_path, "me")):
        assert found.problems == []
        assert [each.kind for each in found.files] == ["account"] * 2
        assert found.people == {}


def _archive_of(path: Path, members: dict[str, bytes]) -> bytes:
    """Write an archive, of the kind that its name says, and return its content."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
    else:
        kind: Any = {".tar": "w", ".tgz": "w:gz", ".gz": "w:gz", ".bz2": "w:bz2", ".xz": "w:xz"}
        with tarfile.open(path, kind[path.suffix]) as tar:
            for name, content in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return path.read_bytes()


@pytest.mark.parametrize("outer", ["a.zip", "a.tar", "a.tar.gz", "a.tgz", "a.tar.bz2", "a.tar.xz"])
@pytest.mark.parametrize("inner", [None, "b.zip", "b.tar.gz"])
def test_archives_and_archives_in_them_are_read(
    tmp_path: Path, outer: str, inner: str | None
) -> None:
    records = [[extended(track=f"{number}")] for number in range(3)]
    members = {
        f"MyData/endsong_{number}.json": json.dumps(each).encode()
        for number, each in enumerate(records)
    }
    if inner is not None:
        members = {"in/" + inner: _archive_of(tmp_path / inner, members)}
        (tmp_path / inner).unlink()
    _archive_of(tmp_path / outer, members | {"MyData/ReadMeFirst.pdf": b"%PDF"})

    found = find_exports([tmp_path], "me")
    known = {(each.name, each.fingerprint): each.kind for each in found.files}

    assert found.problems == []
    titles = [
        record["master_metadata_track_name"]
        for each in found.files
        for record in read_records(each)
    ]
    assert titles == ["0", "1", "2"]
    assert find_exports([tmp_path], "me", known).files == found.files


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_packed_file_is_read(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    suffix = {"gzip": "gz", "bz2": "bz2", "lzma": "xz"}[pack.__module__]
    path = tmp_path / f"endsong_0.json.{suffix}"
    path.write_bytes(pack(json.dumps([extended()]).encode()))

    (file,) = find_exports([tmp_path], "me").files

    assert len([*read_records(file)]) == 1


def test_a_packed_bomb_ends_before_it_fills_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "_RATIO_MATTERS_FROM_BYTES", 1024)
    path = tmp_path / "endsong_0.json.gz"
    path.write_bytes(gzip.compress(b"[" + b" " * 5_000_000 + b"]"))

    (problem,) = find_exports([path], "me").problems

    assert "unpacks to more than any export does" in problem.reason


@pytest.mark.parametrize(
    "name",
    [
        "endsong_0.json.txt",
        "endsong_0.JSON",
        "endsong_0 (1).json",
        "endsong_0.json (1)",
        "endsong",
        "history.txt",
        "endsong_0.jsonl",
    ],
)
def test_a_history_of_another_name_is_read(tmp_path: Path, name: str) -> None:
    write_json(tmp_path / name, [extended()])

    assert len(find_exports([tmp_path], "me").files) == 1


@pytest.mark.parametrize(
    ("name", "cure"),
    [
        ("a.rar", "unpack it and give the folder"),
        ("a.7z", "unpack it and give the folder"),
        ("a.zip.crdownload", "download it again"),
        (".a.zip.icloud", "open it once"),
        ("StreamingHistory.csv", "give the zip that Spotify sent"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_cure(tmp_path: Path, name: str, cure: str) -> None:
    (tmp_path / name).write_bytes(b"Rar!\x1a\7\0")
    write_zip(tmp_path / "outer.zip", {f"in/{name}": "x"})

    problems = find_exports_of_people(tmp_path, "me").problems

    assert {each.name.rpartition("/")[2] for each in problems} == {name}
    assert len(problems) == 2
    assert all(cure in each.reason for each in problems)


def test_zips_in_zips_end_somewhere(tmp_path: Path) -> None:
    content = b"[]"
    for depth in range(6):
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr("endsong.json" if depth == 0 else "in.zip", content)
        content = (tmp_path / "a.zip").read_bytes()

    (problem,) = find_exports([tmp_path], "me").problems

    assert "is nested too deep in archives" in problem.reason


def test_an_archive_without_a_history_is_named_where_there_is_no_other(tmp_path: Path) -> None:
    technical = {"Spotify Technical Log Information/AddedToPlaylist.json": [{"a": 1}]}
    write_zip(tmp_path / "technical.zip", technical)
    write_zip(tmp_path / "photos.zip", {"a.jpg": "x"})

    names = [Path(each.name).name for each in find_exports([tmp_path], "me").problems]
    write_zip(tmp_path / "more" / "history.zip", {"endsong_0.json": [extended()]})
    (problem,) = find_exports([tmp_path], "me").problems

    assert names == ["photos.zip", "technical.zip"]
    assert problem.name.endswith("photos.zip")
    assert "extended streaming history" in problem.reason


def test_a_wrong_checksum_is_reported_and_no_record_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("endsong_0.json", json.dumps([extended(), extended(artist="Other")]))
    path.write_bytes(path.read_bytes().replace(b"windows", b"windoes", 1))

    (file,) = find_exports([path], "me").files
    *records, (position, damage) = enumerate(read_records(file), start=1)

    assert [record["platform"] for _, record in records] == ["windoes", "windows"]
    assert position == 3
    assert "CRC" in damage.detail


@pytest.mark.parametrize(
    "folder",
    [
        "MyData2",
        "MyData-1",
        "my_spotify_data (2)",
        "Account_Data",
        "AccountData",
        "endsong",
        "2023",
        "2019-2023",
        "backup",
        "2023-01-05",
        "Backup_2",
        "__MACOSX",
        "old",
        "exports.old",
        "zips",
        "my_spotify_data",
        "StreamingHistory",
        "data_2021",
        "Spotify_Extended_Streaming_History",
    ],
)
def test_a_folder_that_names_what_it_holds_names_no_person(tmp_path: Path, folder: str) -> None:
    write_json(tmp_path / folder / "endsong_0.json", [extended()])

    found = find_exports_of_people(tmp_path, "me")

    # What macOS puts into a zip is no export.
    users = set() if folder == "__MACOSX" else {"me"}
    assert {each.user_id for each in found.files} == users
    assert found.people == {}
    assert bool(found.files) == (folder != "__MACOSX")


@pytest.mark.parametrize(
    "folder", ["anna", "p01", "user1", "person_2", "17", "jan", "Newman", "me2"]
)
def test_any_other_folder_names_a_person_and_is_reported(tmp_path: Path, folder: str) -> None:
    write_json(tmp_path / folder / "endsong_0.json", [extended()])

    found = find_exports_of_people(tmp_path, "me")

    assert [each.user_id for each in found.files] == [folder]
    assert found.people == {folder: tmp_path / folder}


def test_a_person_that_is_known_stays_one_whatever_the_name(tmp_path: Path) -> None:
    write_json(tmp_path / "backup" / "endsong_0.json", [extended()])

    (file,) = find_exports_of_people(tmp_path, "me", people={"backup"}).files

    assert file.user_id == "backup"


def test_what_is_known_is_known_in_folders_of_people_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_json(tmp_path / "anna" / "endsong_0.json", [extended()])
    write_zip(tmp_path / "a.zip", {"endsong_1.json": [extended()]})
    before = find_exports_of_people(tmp_path, "me")
    known = {(each.name, each.fingerprint): each.kind for each in before.files}
    monkeypatch.setattr("loaders.privacy_export.records_of", None)

    found = find_exports_of_people(tmp_path, "me", known)

    assert (found.files, found.known) == (before.files, known)
    settings = Settings(_env_file=None, data_dir=tmp_path / "lake")
    assert bytes_to_read(settings, before, rebuild=False) > 0
    assert bytes_to_read(settings, found, rebuild=False) == 0
