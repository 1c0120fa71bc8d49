"""Uploads: a person's export is kept and imported; what is no export leaves nothing behind."""

import io
import shutil
import struct
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import anyio
import pytest
from fastapi.testclient import TestClient

import web.uploads
from web.uploads import RefusedUploadError, keep, safe_name

UPLOADS = "/api/v1/uploads"


def export(content: bytes = b"[]", name: str = "Streaming_History_Audio_2025_0.json") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def exports(lake: Path) -> list[str]:
    """Return what the folder of exports holds, hidden files too."""
    folder = lake / "exports"
    return sorted(each.name for each in folder.iterdir()) if folder.exists() else []


def test_an_export_is_kept_and_a_run_imports_it(client: TestClient, lake: Path) -> None:
    answer = client.post(UPLOADS, params={"name": "my_spotify_data.zip"}, content=export())

    assert answer.status_code == 202
    assert answer.json()["kind"] == "files"
    assert exports(lake) == ["my_spotify_data.zip"]
    assert (lake / "exports" / "my_spotify_data.zip").read_bytes() == export()


def test_exports_of_one_name_do_not_replace_each_other(lake: Path) -> None:
    folder = lake / "exports"
    for content in (b"[1]", b"[2]", b"[1]", b"[3]"):
        store(export(content), "data.zip", folder)
    assert exports(lake) == ["data (2).zip", "data (3).zip", "data.zip"]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../evil.zip", "evil.zip"),
        ("/etc/cron.d/evil.zip", "evil.zip"),
        ("C:\\Windows\\evil.zip", "evil.zip"),
        ("..\\..\\evil.zip", "evil.zip"),
        ("evil\x00.zip", "evil_.zip"),
        ("new\nline.zip", "new_line.zip"),
        ("....zip.zip", "_zip.zip"),
        ("<b>&'\".zip", "_b____.zip"),
        ("Müsic (1).ZIP", "Müsic (1).ZIP"),
        ("-rf.zip", "-rf.zip"),
    ],
)
def test_names_are_no_paths(client: TestClient, lake: Path, name: str, kept: str) -> None:
    assert client.post(UPLOADS, params={"name": name}, content=export()).status_code == 202
    assert exports(lake) == [kept]


@pytest.mark.parametrize("name", ["音" * 200 + ".zip", "x" * 255 + ".zip", "ñ" * 100 + ".zip"])
def test_a_long_name_fits_any_disk(name: str) -> None:
    kept = safe_name(name)
    assert kept.endswith(".zip")
    assert len(kept.encode()) <= 100


@pytest.mark.parametrize("name", ["", ".zip", "..", "data.json", "data.zip.exe", "data.zip/"])
def test_what_is_no_zip_by_its_name_is_refused(client: TestClient, lake: Path, name: str) -> None:
    assert client.post(UPLOADS, params={"name": name}, content=export()).status_code == 400
    assert exports(lake) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"PK\x03\x04", export()[:-30], export()[:40]],
    ids=["nothing", "no zip", "a mark alone", "without its end", "its beginning"],
)
def test_what_is_no_zip_is_refused(client: TestClient, lake: Path, content: bytes) -> None:
    answer = client.post(UPLOADS, content=content)
    assert answer.status_code == 400
    assert "no zip that can be read" in answer.json()["detail"]
    assert exports(lake) == []


def test_ten_gigabytes_are_refused_before_the_first_byte(client: TestClient, lake: Path) -> None:
    asked_for: list[int] = []

    def content() -> Iterator[bytes]:
        for number in range(10):
            asked_for.append(number)
            yield bytes(1024)

    answer = client.post(UPLOADS, content=content(), headers={"Content-Length": str(10 * 1024**3)})

    assert answer.status_code == 413
    assert "2.1 GB" in answer.json()["detail"]
    assert not (lake / "exports").exists()


def test_what_says_no_length_is_counted(
    client: TestClient, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web.uploads, "MAX_UPLOAD_BYTES", 100_000)
    asked_for = 0

    def endless() -> Iterator[bytes]:
        nonlocal asked_for
        while asked_for < 10_000:
            asked_for += 1
            yield bytes(10_000)

    answer = client.post(UPLOADS, content=endless())

    assert answer.status_code == 413
    assert exports(lake) == []


def test_no_more_is_read_than_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web.uploads, "MAX_UPLOAD_BYTES", 100_000)
    came = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal came
        while True:
            came += 10_000
            yield bytes(10_000)

    with pytest.raises(web.uploads.TooLargeError):
        anyio.run(keep, endless(), None, "a.zip", tmp_path)
    assert came == 110_000
    assert not list(tmp_path.iterdir())


def test_a_disk_that_fills_up_ends_an_upload(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web.uploads, "_LOOK_AT_DISK_EVERY", 1)
    free = iter([10**9, 10**9, 10**6])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(next(free)))
    with pytest.raises(RefusedUploadError, match="is full"):
        store(export(), "a.zip", tmp_path, chunk=20)
    assert not list(tmp_path.iterdir())


class Usage:
    def __init__(self, free: int) -> None:
        self.free = free


def test_what_is_cut_off_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RefusedUploadError, match="cut off"):
        store(export()[:-1], "a.zip", tmp_path, size=len(export()))
    assert not list(tmp_path.iterdir())


def test_a_browser_that_goes_away_leaves_nothing(tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield export()[:20]
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        anyio.run(keep, broken(), None, "a.zip", tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_zip_bomb_is_refused(client: TestClient, lake: Path) -> None:
    answer = client.post(UPLOADS, content=export(bytes(50_000_000)))
    assert answer.status_code == 400
    assert "would unpack to" in answer.json()["detail"]
    assert exports(lake) == []


def test_a_zip_that_claims_terabytes_is_refused(client: TestClient, lake: Path) -> None:
    made = bytearray(export(b"x" * 1000))
    at = made.rindex(b"PK\x01\x02")
    made[at + 24 : at + 28] = struct.pack("<L", 0xFFFFFFFE)
    assert client.post(UPLOADS, content=bytes(made)).status_code == 400
    assert exports(lake) == []


def test_a_zip_of_a_million_files_is_refused_unread(
    client: TestClient, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web.uploads, "MAX_DIRECTORY_BYTES", 1000)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number in range(100):
            archive.writestr(f"{number}.json", "[]")
    answer = client.post(UPLOADS, content=made.getvalue())
    assert answer.status_code == 400
    assert "more files" in answer.json()["detail"]
    assert exports(lake) == []


def store(
    content: bytes, name: str, folder: Path, *, size: int | None = None, chunk: int = 1000
) -> Path:
    """Keep a file that comes in pieces."""

    async def pieces() -> AsyncIterator[bytes]:
        for place in range(0, len(content), chunk):
            yield content[place : place + chunk]

    return anyio.run(keep, pieces(), size, name, folder)
