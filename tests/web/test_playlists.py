"""The page about playlists: rules, what they choose and why, and files for other programs."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from fastapi.testclient import TestClient

from schemas.unified_schemas import UNIFIED_TRACKS
from tests.playlists.libraries import track, write_rule
from tests.report.page.few_plays import play
from tests.report.small_lakes import put
from tests.web.listened import client_of

TITLE = '<b>"Song" & more'
PLAYS = (
    play("2024-01-01 10:00", "Alpha", "Band", track_id="a"),
    play("2024-01-01 10:03", "Alpha", "Band", track_id="a"),
    play("2024-01-01 10:06", "=Beta", "Band", track_id="b"),
    play("2024-01-01 10:09", "Without id", "Band", track_id=None),
)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    rows = [
        track(TITLE, counted_plays=9, heard_ms=60_000),
        *(track(f"Other {number:03}", counted_plays=5) for number in range(250)),
    ]
    put(tmp_path, UNIFIED_TRACKS, rows)
    mine = {"name": "<i>Mine</i>", "all": [{"gt": {"plays": 4}}], "sort": "-plays,title"}
    write_rule(tmp_path, "ä b", mine)
    write_rule(tmp_path, "wrong", {"all": [{"gt": {"plajs": 1}}]})
    client = client_of(*PLAYS)
    web = client.app.state.web  # type: ignore[attr-defined]
    web.lakes._snapshot = replace(web.lakes.of("me"), data_dir=tmp_path)
    client.app.state.web = replace(  # type: ignore[attr-defined]
        web, settings=web.settings.model_copy(update={"data_dir": tmp_path})
    )
    yield client


def test_rules_are_listed_with_what_is_wrong(client: TestClient) -> None:
    shown = client.get("/playlists").text

    assert 'href="/playlists/%C3%A4%20b"' in shown
    assert "&lt;i&gt;Mine&lt;/i&gt;" in shown and "<i>Mine" not in shown
    assert 'href="/playlists/rediscover"' in shown
    assert "wrong.nsp: all[0]: there is no field plajs: the nearest is plays" in shown


def test_a_preview_says_why_and_shows_the_first(client: TestClient) -> None:
    shown = client.get("/playlists/ä b").text

    assert "&lt;b&gt;" in shown and TITLE not in shown
    assert "9 plays" in shown
    assert "251 tracks; the first 200 are shown, files have all" in shown
    assert shown.count("<tr>") == 201


def test_files_have_all_tracks(client: TestClient) -> None:
    answered = client.get("/playlists/ä b/file?format=xspf")
    rows = list(csv.reader(StringIO(client.get("/playlists/ä b/file?format=csv").text[1:])))

    assert answered.headers["content-type"].startswith("application/xspf+xml")
    assert answered.headers["content-disposition"] == (
        "attachment; filename*=UTF-8''%C3%A4%20b.xspf"
    )
    found = client.get("/playlists/ä b/file?format=json").json()
    assert (found["rule"], len(found["tracks"])) == ("ä b", 251)
    assert len(ET.fromstring(answered.text).findall(".//{*}track")) == 251
    assert (len(rows), rows[1][0]) == (252, TITLE)


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/playlists/none", 404, "There is no rule none."),
        ("/playlists/..%2F..%2Fetc%2Fpasswd", 404, ""),
        ("/playlists/wrong", 409, "there is no field plajs"),
        ("/playlists/rediscover/file?format=exe", 422, ""),
    ],
)
def test_what_is_not_there_is_said(client: TestClient, path: str, status: int, said: str) -> None:
    answered = client.get(path)

    assert answered.status_code == status
    assert said in answered.text
