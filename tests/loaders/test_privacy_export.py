"""Exports are found by content, read as streams, and bad ones are named."""

import json
import struct
import zipfile
from pathlib import Path

import pytest

from loaders import privacy_export
from loaders.privacy_export import (
    UnreadableRecordsError,
    find_exports,
    find_exports_of_people,
    read_records,
)
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
            "Spotify Account Data/ReadMeFirst.pdf": "%PDF",
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
    assert "no Spotify streaming history" in problem.reason


def test_an_empty_history_is_told_apart_from_a_foreign_file(tmp_path: Path) -> None:
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

    with pytest.raises(UnreadableRecordsError, match="breaks off") as caught:
        list(read_records(file))

    assert caught.value.records_read == 1


def test_personal_fields_never_leave_the_file(tmp_path: Path) -> None:
    path = write_json(tmp_path / "endsong_0.json", [extended()])
    (file,) = find_exports([path], "me").files

    ((position, record),) = read_records(file)

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

    assert [each.member for each in found.files] == ["endsong_0.json"]
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
    monkeypatch.setattr(privacy_export, "_RATIO_MATTERS_FROM_BYTES", 1024)
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

    people = {Path(each.member or each.path).name: each.user_id for each in found.files}
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
