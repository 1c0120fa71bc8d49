"""The stand-in's answers against Spotify's description of its API and against recorded answers."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from openapi_core import OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse
from openapi_core.exceptions import OpenAPIError

from demo.spotify_account import Withdrawn
from demo.spotify_faults import rate_limited
from demo.spotify_server import SpotifyStandIn
from tests.demo.spotify_samples import ALBUM, BAND, NOW, TRACKS, Client, plays, stand_in

TRACK_ID, ALBUM_ID, ARTIST_ID = TRACKS[0].track_id, ALBUM.album_id, BAND.artist_id
RECENT = "me/player/recently-played"
# Removed by February 2026; the description marks them as deprecated and still requires some.
REMOVED = {
    "track": {"available_markets", "linked_from", "popularity"},
    "album": {"available_markets", "label", "popularity"},
    "artist": {"followers", "popularity"},
    "user": {"country", "email", "followers", "product"},
}
STILL_REQUIRED = {
    "AlbumBase": {"available_markets"},
    "AlbumObject": {"label", "popularity"},
}
# Null in recorded answers, though the description does not say so.
NULLABLE_OBJECTS = ("CursorObject", "ContextObject")
# A genre of an artist is not sent any more; restrictions stand on what cannot be played here.
NOT_MADE = {"available_markets[]", "genres[]", "restrictions"}
Paths = dict[str, set[str]]


@pytest.fixture
def server() -> Iterator[SpotifyStandIn]:
    history = plays(60)
    history[-1] = replace(history[-1], context_uri=None)
    with stand_in(history) as server:
        for days, track in enumerate(TRACKS):
            server.account.save_track(track.track_id, NOW - timedelta(days=days))
        server.account.save_album(ALBUM_ID, NOW)
        playlist = server.account.add_playlist("Kept")
        playlist.add(TRACK_ID, NOW)
        server.web_api.has_extended_quota = True
        yield server


@pytest.fixture(scope="module")
def document(shared_data: Path) -> dict[str, Any]:
    """Return the description as it holds in late 2026."""
    text = (shared_data / "openapi" / "spotify-web-api.yml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.load(text, yaml.CSafeLoader)
    schemas = document["components"]["schemas"]
    for name, fields in STILL_REQUIRED.items():
        assert fields <= {*schemas[name]["required"]}
        schemas[name]["required"] = [
            field for field in schemas[name]["required"] if field not in fields
        ]
    for name in NULLABLE_OBJECTS:
        schemas[name]["nullable"] = True
    schemas["CursorPagingObject"]["properties"]["cursors"]["nullable"] = True
    schemas["CursorPagingObject"]["properties"]["next"]["nullable"] = True
    schemas["PlayHistoryObject"]["properties"]["context"]["nullable"] = True
    # It names no schema for a value of `type`.
    entry = schemas["PlaylistTrackObject"]["properties"]
    entry["item"]["discriminator"]["mapping"] = {"track": "#/components/schemas/TrackObject"}
    return document


def answers(client: Client) -> dict[str, requests.Response]:
    """Return one answer of every kind that brings something."""
    playlist_id = next(iter(client.server.account.playlists))
    paths = (
        *("me", RECENT, f"{RECENT}?before=1", "me/tracks", "me/albums", "me/playlists"),
        *("me/top/tracks", "me/top/artists", f"playlists/{playlist_id}/items"),
        *(f"playlists/{playlist_id}", f"me/library/contains?uris=spotify:playlist:{playlist_id}"),
        *(f"tracks/{TRACK_ID}", f"artists/{ARTIST_ID}", f"albums/{ALBUM_ID}"),
        *(f"albums/{ALBUM_ID}/tracks", "search?q=song&type=track,album,artist"),
        f"audio-features/{TRACK_ID}",
    )
    return {path: client.get(path) for path in paths}


def check(document: dict[str, Any], server: SpotifyStandIn, answer: requests.Response) -> None:
    """Raise OpenAPIError where an answer is not as described."""
    document["servers"] = [{"url": f"{server.url}/v1"}]
    OpenAPI.from_dict(document).validate_response(
        RequestsOpenAPIRequest(answer.request), RequestsOpenAPIResponse(answer)
    )


def test_answers_are_as_described(document: dict[str, Any], server: SpotifyStandIn) -> None:
    for path, answer in answers(Client(server)).items():
        assert answer.status_code == 200, path
        check(document, server, answer)


def test_answers_on_tracks_that_cannot_be_played_are_as_described(
    document: dict[str, Any], server: SpotifyStandIn
) -> None:
    client, account = Client(server), server.account
    account.withdrawn = {
        TRACK_ID: Withdrawn(NOW),
        TRACKS[1].track_id: Withdrawn(NOW, instead=TRACKS[2].track_id),
    }
    account.names_originals = True
    account.deleted[TRACKS[3].track_id] = NOW
    paths = [f"tracks/{each.track_id}?market=DE" for each in TRACKS[:3]]

    for path in (*paths, "me/tracks?market=DE", f"search?q=isrc:{TRACKS[1].isrc}&type=track"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        check(document, server, answer)


def test_answers_to_what_writes_playlists_are_as_described(
    document: dict[str, Any], server: SpotifyStandIn
) -> None:
    client = Client(server)
    uris = [f"spotify:track:{each.track_id}" for each in TRACKS[:3]]
    made = client.send("POST", "me/playlists", {"name": "Made", "public": False})
    path = f"playlists/{made.json()['id']}"

    written = [
        made,
        client.send("POST", f"{path}/items", {"uris": uris, "position": 0}),
        client.send("PUT", f"{path}/items", {"range_start": 0, "insert_before": 3}),
        client.send("DELETE", f"{path}/items", {"items": [{"uri": uris[0]}]}),
        client.send("PUT", f"{path}/items", {"uris": uris}),
        client.send("PUT", path, {"name": "Other"}),
    ]

    assert [each.status_code for each in written] == [201, 201, 200, 200, 200, 200]
    for answer in written:
        check(document, server, answer)


def test_errors_are_as_described(document: dict[str, Any], server: SpotifyStandIn) -> None:
    forbidden = Client(server, "user-read-private").get("me/tracks")
    unknown = requests.get(
        f"{server.url}/v1/me", headers={"Authorization": "Bearer made-up"}, timeout=5
    )
    server.faults.add(rate_limited(1, "QUOTA_EXCEEDED"))
    too_many = Client(server).get("me")

    assert [each.status_code for each in (forbidden, unknown, too_many)] == [403, 401, 429]
    for answer in (forbidden, unknown, too_many):
        check(document, server, answer)


def test_the_check_would_notice_a_wrong_answer(
    document: dict[str, Any], server: SpotifyStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = Client(server).get("me/albums")
    broken = answer.text.replace('"total_tracks":12', '"total_tracks":"12"')
    assert broken != answer.text
    monkeypatch.setattr(answer, "_content", broken.encode())

    with pytest.raises(OpenAPIError):
        check(document, server, answer)


def test_whatever_is_deprecated_is_refused(
    document: dict[str, Any], server: SpotifyStandIn
) -> None:
    server.web_api.has_extended_quota = False
    token = server.accounts.access_token("user-library-read")
    deprecated = [
        (method, path)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if isinstance(operation, dict) and operation.get("deprecated")
    ]
    assert len(deprecated) > 40

    for method, path in deprecated:
        address = server.url + "/v1" + path.replace("{", "").replace("}", "")
        headers = {"Authorization": f"Bearer {token}"}
        answer = requests.request(method, address, headers=headers, timeout=5)
        assert answer.status_code == 403, (method, path)


def objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner)


def test_removed_fields_are_nowhere(server: SpotifyStandIn) -> None:
    kinds = set()
    for answer in answers(Client(server)).values():
        for each in objects(answer.json()):
            removed = REMOVED.get(each.get("type", ""), set())
            kinds |= {each["type"]} if removed else set()
            assert not removed & {*each}, each
    assert kinds == {*REMOVED}


def paths_of(value: Any, path: str = "", found: Paths | None = None) -> Paths:
    """Return the JSON types that stand at each path of keys; entries of a list share one."""
    found = defaultdict(set) if found is None else found
    if isinstance(value, dict):
        found[path].add("object")
        for key, inner in value.items():
            paths_of(inner, f"{path}.{key}", found)
    elif isinstance(value, list):
        found[path].add("array")
        for inner in value:
            paths_of(inner, f"{path}[]", found)
    else:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        found[path].add("number" if number else type(value).__name__)
    return found


def recorded(folder: Path, *names: str) -> Paths:
    found: Paths = defaultdict(set)
    for name in names:
        paths_of(json.loads((folder / "api" / name).read_text(encoding="utf-8")), "", found)
    return found


@pytest.mark.parametrize(
    ("path", "names"),
    [
        (RECENT, ("recently_played_tracks.json", "recently_played_2017.json")),
        ("me/tracks?limit=1", ("saved_tracks.json",)),
        ("me/albums", ("saved_albums.json",)),
        ("me/top/tracks?limit=1", ("top_tracks.json",)),
        ("me/top/artists?limit=1", ("top_artists.json",)),
        (f"audio-features/{TRACK_ID}", ("audio_features.json",)),
    ],
)
def test_an_answer_has_the_shape_of_the_recorded_one(
    server: SpotifyStandIn, shared_data: Path, path: str, names: tuple[str, ...]
) -> None:
    real = recorded(shared_data, *names)

    made = paths_of(Client(server).get(path).json())

    for key, types in made.items():
        assert types <= real[key], key
    left_out = NOT_MADE.union(*REMOVED.values())
    left = {key for key in real if not left_out & {*key.split(".")}}
    assert left <= made.keys()
