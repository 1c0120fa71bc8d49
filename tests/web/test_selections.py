"""Playlists from the lists that pages show: files of the same state, and rules that are kept."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args
from xml.etree import ElementTree as ET

import pytest
from fastapi.testclient import TestClient

from playlists.rule_files import read_rule
from report.page.parts import ANY, Block, Column, Numbers, Section, View
from schemas.gold_schemas import MOOD_CLUSTERS
from schemas.unified_schemas import UNIFIED_TRACKS
from tests.playlists.libraries import track, write_rule
from tests.report.page.few_plays import listening, play
from tests.report.small_lakes import put
from tests.web.listened import client_of
from web.links import linked
from web.listed import LISTS
from web.selections import _FIELDS, Source

PLAYS = (
    play("2024-01-01 10:00", "Alpha", "Band", track_id="a", genre="rock"),
    play("2024-01-01 10:03", "=Beta", "Band", track_id="b", genre="rock"),
    play("2024-01-01 10:06", "Alpha", "Band", track_id="a", genre="rock"),
    play("2024-02-05 20:00", "Alpha", "Band", track_id="a", genre="rock"),
    play("2024-02-05 20:03", "<i>Song</i>", "Émilie", track_id="s"),
    play("2024-02-05 20:06", "Without id", "Band", track_id=None, genre="rock"),
    play("2024-02-05 20:07", "Short", "Band", track_id="x", ms_played=9_000, skipped=True),
)
LIBRARY = [
    track("Alpha", artist_name="Band", track_id="a", counted_plays=3, genre="rock"),
    track("=Beta", artist_name="Band", track_id="b", counted_plays=1, genre="rock"),
    track("<i>Song</i>", artist_name="Émilie", track_id="s", counted_plays=1),
    track("Without id", artist_name="Band", track_id=None, counted_plays=1, genre="rock"),
    track("Short", artist_name="Band", track_id="x", plays=1, genre="rock"),
    track("Never", artist_name="Band", track_id="n", genre="rock"),
]
CLUSTERED = [
    {
        "user_id": "me",
        "track_key": "band|alpha",
        "track_name": "Alpha",
        "artist_name": "Band",
        "label": "calm & bright",
        "cluster_id": 0,
        "centroid_distance": 0.1,
        "feature_source": "real",
    }
]


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    put(tmp_path, UNIFIED_TRACKS, LIBRARY)
    put(tmp_path, MOOD_CLUSTERS, CLUSTERED)
    client = client_of(*PLAYS)
    web = client.app.state.web  # type: ignore[attr-defined]
    web.lakes._snapshot = replace(web.lakes.of("me"), data_dir=tmp_path)
    connection = web.lakes.of("me").listening.connection
    connection.execute("CREATE SCHEMA IF NOT EXISTS gold")
    connection.execute(
        "CREATE OR REPLACE VIEW gold.mood_clusters AS "
        "SELECT 'me' AS user_id, 'band|alpha' AS track_key, 'calm & bright' AS label"
    )
    client.app.state.web = replace(  # type: ignore[attr-defined]
        web, settings=web.settings.model_copy(update={"data_dir": tmp_path})
    )
    yield client


def ids_in(client: TestClient, address: str) -> list[str]:
    """Return the tracks of a list as its file has them."""
    path, _, query = address.partition("?")
    answered = client.get(f"/selections/{path}/file?{query}&format=json")
    assert answered.status_code == 200, answered.text
    return [each["track_id"] for each in answered.json()["tracks"]]


def kept(client: TestClient, address: str, name: str = "Mine") -> dict[str, Any]:
    """Keep the rule of a list and return what its file holds."""
    answer = client.post(f"/selections/{address}", data={"name": name})
    assert answer.status_code == 303, answer.text
    folder = client.app.state.web.settings.data_dir / "playlists"  # type: ignore[attr-defined]
    slug = answer.headers["location"].split("?")[0].removeprefix("/playlists/")
    rule: dict[str, Any] = json.loads((folder / f"{slug}.nsp").read_text("utf-8"))
    read_rule(folder / f"{slug}.nsp")
    return rule


@pytest.mark.parametrize(
    ("address", "ids"),
    [
        ("tracks?", ["a", "s", "b"]),
        ("tracks?sort=track&order=asc", ["s", "b", "a"]),
        ("tracks?most=1", ["a"]),
        ("tracks?period=2024-01", ["a", "b"]),
        ("tracks?q=beta", ["b"]),
        # In the order of hearing, each once, short plays and tracks without an id left out.
        ("day?date=2024-01-01", ["a", "b"]),
        ("day?date=2024-02-05", ["a", "s"]),
        ("artist?key=band", ["a", "b"]),
        ("genre?name=rock", ["a", "b"]),
        ("genre?name=rock&period=2024-02", ["a"]),
        ("album?artist=band&name=Album", ["a", "b"]),
        ("kind?name=calm+%26+bright", ["a"]),
        ("plays?", ["x", "s", "a", "b"]),
        ("artists?most=1", ["a", "b"]),
        ("artists?sort=artist&order=desc&most=1", ["s"]),
        ("artists?q=nobody", []),
        ("artists?period=2024-02&most=1&measure=minutes", ["a"]),
        ("albums?", ["a", "s", "b"]),
        ("genres?", ["a", "b"]),
    ],
)
def test_files_have_the_tracks_of_the_state_of_the_page(
    client: TestClient, address: str, ids: list[str]
) -> None:
    found = ids_in(client, address)
    assert sorted(found) == sorted(ids)
    has_ties = address.startswith(("tracks?", "album", "artists")) and "sort" not in address
    if not has_ties:
        assert found == ids


def test_every_format_has_the_title_and_the_tracks(client: TestClient) -> None:
    def file(name: str) -> str:
        answered = client.get(f"/selections/day/file?date=2024-01-01&format={name}")
        disposition = answered.headers["content-disposition"]
        assert disposition.endswith(f"Monday%2C%201%20Jan%202024.{name}")
        return str(answered.text)

    assert file("m3u8").splitlines()[1:4] == [
        "#PLAYLIST:Monday, 1 Jan 2024",
        "#EXTINF:-1,Band - Alpha",
        "https://open.spotify.com/track/a",
    ]
    assert "'=Beta" in file("csv")
    assert len(ET.fromstring(file("xspf")).findall(".//{*}track")) == 2
    assert json.loads(file("json"))["tracks"][1]["uri"] == "spotify:track:b"


FOLLOWS = "A rule that follows your listening"


@pytest.mark.parametrize(
    ("address", "conditions", "sort"),
    [
        ("tracks?most=20", [], "-plays"),
        ("tracks?measure=minutes", [], "-minutes"),
        ("tracks?sort=last&order=asc", [], "lastPlayed"),
        ("genre?name=rock", [{"is": {"genre": "rock"}}], "-plays"),
        ("artist?key=émilie", [{"is": {"artist": "Émilie"}}], "-plays"),
        ("kind?name=calm+%26+bright", [{"is": {"cluster": "calm & bright"}}], "-plays"),
        ("artists?most=1&measure=minutes", [{"any": [{"is": {"artist": "Band"}}]}], "-minutes"),
        ("genres?", [{"any": [{"is": {"genre": "rock"}}]}], "-plays"),
    ],
)
def test_what_a_rule_can_say_follows_the_listening(
    client: TestClient, address: str, conditions: list[Any], sort: str
) -> None:
    assert FOLLOWS in client.get(f"/selections/{address}").text

    rule = kept(client, address)

    assert rule["all"] == [*conditions, {"gt": {"plays": 0}}]
    assert (rule["name"], rule["sort"]) == ("Mine", sort)
    assert rule["limit"] == (20 if "most=20" in address else 1000)


@pytest.mark.parametrize(
    ("address", "keys"),
    [
        ("day?date=2024-01-01", ["band|alpha", "band|=beta"]),
        ("tracks?period=2024-01", ["band|alpha", "band|=beta"]),
        ("tracks?q=song", ["émilie|<i>song</i>"]),
        ("album?artist=band&name=Album", None),
        ("plays?most=2", None),
        ("albums?", None),
        ("artists?period=2024-01", ["band|alpha", "band|=beta"]),
    ],
)
def test_other_lists_are_rules_that_name_their_tracks(
    client: TestClient, address: str, keys: list[str] | None
) -> None:
    page = client.get(f"/selections/{address}").text
    assert FOLLOWS not in page
    assert "<i>Song" not in page

    rule = kept(client, address)

    ((named,),) = [each["is"].values() for each in rule["all"]]
    assert keys is None or named == keys
    assert rule["sort"] == "trackKey"
    shown = client.get("/api/v1/playlists/Mine").json()
    assert [each["track_key"] for each in shown["tracks"]] == [
        key for key in named if key != "band|without id"
    ]


def test_of_artists_albums_and_genres_the_first_are_counted(client: TestClient) -> None:
    for source, label in (("genres", "Of the first"), ("tracks", "At most")):
        page = client.get(f"/selections/{source}?most=7").text
        assert f'<label for="most">{label}</label>' in page
        assert ('value="7"> genres <button>' in page) == (source == "genres")


def test_a_rule_that_would_choose_others_is_not_offered(client: TestClient, tmp_path: Path) -> None:
    shutil.rmtree(UNIFIED_TRACKS.path(tmp_path))
    put(tmp_path, UNIFIED_TRACKS, [{**each, "genre": None} for each in LIBRARY])

    assert FOLLOWS not in client.get("/selections/genre?name=rock").text
    assert "trackKey" in json.dumps(kept(client, "genre?name=rock"))


def test_no_rule_is_written_over_another(client: TestClient, tmp_path: Path) -> None:
    path = write_rule(tmp_path, "mine", {"all": [{"gt": {"plays": 1}}]})
    before = path.read_text()

    for name in ("Mine", "mine", " mine ", "Rediscover"):
        refused = client.post("/selections/tracks", data={"name": name})
        assert (refused.status_code, "give another name" in refused.text) == (409, True)
    assert path.read_text() == before
    assert [each.name for each in (tmp_path / "playlists").iterdir()] == ["mine.nsp"]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("../../etc/passwd", "__.._etc_passwd"),
        ("AC/DC: best?", "AC_DC_ best_"),
        ("..", "_"),
        ("a\x00b\nc", "a_b_c"),
        ("Ä" * 80, "Ä" * 50),
        ("CON.", "CON"),
    ],
)
def test_names_are_no_paths(client: TestClient, tmp_path: Path, name: str, slug: str) -> None:
    answer = client.post("/selections/tracks", data={"name": name})

    assert answer.status_code == 303
    assert [each.name for each in (tmp_path / "playlists").iterdir()] == [f"{slug}.nsp"]
    assert client.get(answer.headers["location"]).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("day", 404),
        ("day?date=soon", 422),
        ("session?id=none", 404),
        ("artist?key=nobody", 404),
        ("kind?name=none", 404),
        ("nothing", 422),
        ("sessions", 422),
        ("artists?sort=nothing", 404),
        ("genres?period=1999", 404),
        ("tracks?most=0", 422),
        ("tracks?most=1001", 422),
        ("tracks?sort=nothing", 404),
        ("tracks?period=1999", 404),
    ],
)
def test_what_is_not_there_is_said(client: TestClient, path: str, status: int) -> None:
    for address in (path, path.replace("?", "/file?") if "?" in path else f"{path}/file"):
        assert client.get(f"/selections/{address}").status_code == status
    assert client.post(f"/selections/{path}", data={"name": "x"}).status_code == status


def test_pages_lead_to_the_playlist_of_what_they_show(client: TestClient) -> None:
    def leads(path: str, to: str) -> bool:
        return f'href="/selections/{to}"' in client.get(path).text

    assert leads("/lists/tracks?q=a", "tracks?sort=plays&amp;order=desc&amp;q=a")
    assert leads("/view/what?measure=minutes", "tracks?measure=minutes&amp;most=4")
    assert leads("/genre?name=rock&period=2024", "genre?period=2024&amp;name=rock")
    assert leads("/day?date=2024-01-01", "day?date=2024-01-01")
    assert "/selections/" not in client.get("/day?date=2024-01-02").text
    assert leads("/lists/artists", "artists?sort=plays&amp;order=desc")
    assert leads("/view/what", "genres?most=1")
    assert "/selections/" not in client.get("/lists/sessions").text
    assert {name for name, each in LISTS.items() if each.has_tracks} <= {*get_args(Source)}
    assert {*_FIELDS} < {each.name for each in LISTS["tracks"].columns}


def test_kinds_of_sound_lead_to_their_playlists() -> None:
    option = {
        "yAxis": {"data": ["dark and calm", "bright,\nlive"]},
        "series": [{"type": "bar", "data": [{"value": 0.7}, {"value": 0.3}]}],
    }
    numbers = Numbers((Column("Kind of sound", names="kind"),), [["dark and calm"], [None]])
    block = Block("mood-kinds", "Which kinds?", {(ANY, ANY): View(option, numbers)})
    heard = listening(*PLAYS)

    (shown,) = linked(Section("mood", "Mood", [block]), heard, PLAYS[0]["local_date"]).blocks

    view = shown.views[ANY, ANY]
    assert view.table is not None and view.option is not None
    assert view.table.links == {(0, 0): "selections/kind?name=dark+and+calm"}
    assert [each["page"] for each in view.option["series"][0]["data"]] == [
        "selections/kind?name=dark+and+calm",
        "selections/kind?name=bright%2C+live",
    ]
