"""Playlists as the Web API writes them: 100 a call, snapshot ids, refusals, delayed reads."""

from collections.abc import Iterator
from typing import Any

import pytest

from demo.spotify_account import Playlist
from demo.spotify_faults import server_error
from demo.spotify_server import DEMO_SCOPE, SpotifyStandIn
from tests.demo.spotify_samples import NOW, TRACKS, Client, stand_in

IDS = [each.track_id for each in TRACKS]
URIS = [f"spotify:track:{each}" for each in IDS]


@pytest.fixture
def server() -> Iterator[SpotifyStandIn]:
    with stand_in() as server:
        yield server


@pytest.fixture
def client(server: SpotifyStandIn) -> Client:
    return Client(server)


def made(client: Client, name: str = "Made", **details: Any) -> Playlist:
    answer = client.send("POST", "me/playlists", {"name": name, "public": False} | details)
    assert answer.status_code == 201, answer.text
    return client.server.account.playlists[answer.json()["id"]]


def numbers(playlist: Playlist) -> list[int]:
    """Return the tracks by their places in `TRACKS`."""
    return [IDS.index(each) for each in playlist.track_ids]


def test_a_playlist_is_made_empty_and_names_may_repeat(client: Client) -> None:
    first, second = made(client, description="Mine"), made(client)

    assert first.playlist_id != second.playlist_id
    shown = client.get(f"playlists/{first.playlist_id}").json()
    assert (shown["name"], shown["description"], shown["public"]) == ("Made", "Mine", False)
    assert shown["items"]["items"] == []
    listed = [each["id"] for each in client.get("me/playlists").json()["items"]]
    assert listed == [second.playlist_id, first.playlist_id]


def test_items_are_added_moved_replaced_and_removed(client: Client) -> None:
    playlist = made(client)
    path = f"playlists/{playlist.playlist_id}/items"

    client.send("POST", path, {"uris": URIS[:3]})
    client.send("POST", path, {"uris": URIS[3:5], "position": 1})
    assert numbers(playlist) == [0, 3, 4, 1, 2]
    client.send("PUT", path, {"range_start": 0, "insert_before": 5, "range_length": 2})
    assert numbers(playlist) == [4, 1, 2, 0, 3]
    client.send("PUT", path, {"range_start": 3, "insert_before": 0, "range_length": 2})
    assert numbers(playlist) == [0, 3, 4, 1, 2]
    client.send("POST", path, {"uris": [URIS[0]]})
    client.send("DELETE", path, {"items": [{"uri": URIS[0]}, {"uri": URIS[9]}]})
    assert numbers(playlist) == [3, 4, 1, 2]
    client.send("PUT", path, {"uris": URIS[5:7]})
    assert numbers(playlist) == [5, 6]
    client.send("PUT", path, {"uris": []})
    assert numbers(playlist) == []


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("POST", {"uris": [URIS[0]] * 101}),
        ("PUT", {"uris": [URIS[0]] * 101}),
        ("DELETE", {"items": [{"uri": URIS[0]}] * 101}),
        ("POST", {"uris": []}),
        ("POST", {"uris": ["spotify:local:a:b:c:1"]}),
        ("POST", {"uris": [f"spotify:track:{'n' * 22}"]}),
        ("POST", {"uris": URIS[:1], "position": 2}),
        ("PUT", {"range_start": 1, "insert_before": 0}),
        ("PUT", {"range_start": 0, "insert_before": 0, "uris": URIS}),
        ("DELETE", {}),
    ],
)
def test_what_cannot_be_written_is_refused_and_changes_nothing(
    client: Client, method: str, body: dict[str, Any]
) -> None:
    playlist = made(client)
    playlist.add(IDS[0], NOW)

    answer = client.send(method, f"playlists/{playlist.playlist_id}/items", body)

    assert answer.status_code == 400
    assert numbers(playlist) == [0]


def test_every_write_has_a_snapshot_of_its_own(client: Client) -> None:
    playlist = made(client)
    path = f"playlists/{playlist.playlist_id}"

    def read() -> str:
        fields = client.get(path, fields="snapshot_id,items.total").json()
        assert fields.keys() == {"snapshot_id", "items"}
        assert fields["items"].keys() == {"total"}
        return str(fields["snapshot_id"])

    seen = [read()]
    for method in ("POST", "PUT", "PUT"):
        answer = client.send(method, f"{path}/items", {"uris": URIS[:1]})
        seen.append(answer.json()["snapshot_id"])
        assert read() == seen[-1]
    assert len({*seen}) == 4


def test_a_sign_in_without_the_right_is_refused(server: SpotifyStandIn, client: Client) -> None:
    playlist = made(client)
    reader = Client(server, DEMO_SCOPE.replace("playlist-modify-private", ""))

    answers = [
        reader.send("POST", "me/playlists", {"name": "Made", "public": False}),
        reader.send("POST", f"playlists/{playlist.playlist_id}/items", {"uris": URIS[:1]}),
        client.send("POST", "me/playlists", {"name": "Made"}),  # a public one: another right
    ]

    assert [each.status_code for each in answers] == [403] * 3
    assert answers[0].json()["error"]["message"] == "Insufficient client scope"
    assert len(server.account.playlists) == 1


def test_somebody_elses_playlist_cannot_be_written(server: SpotifyStandIn, client: Client) -> None:
    path = f"playlists/{server.account.add_playlist('Theirs', 'friend').playlist_id}"

    assert client.send("POST", f"{path}/items", {"uris": URIS[:1]}).status_code == 403
    assert client.send("PUT", path, {"name": "Mine"}).status_code == 403
    assert "items" not in client.get(path).json()


def test_a_deleted_playlist_is_in_no_list_but_still_there(client: Client) -> None:
    playlist = made(client)
    uri = f"spotify:playlist:{playlist.playlist_id}"

    assert client.get("me/library/contains", uris=uri).json() == [True]
    assert client.send("DELETE", "me/library", uris=uri).status_code == 200

    assert client.get("me/library/contains", uris=uri).json() == [False]
    assert client.get("me/playlists").json()["items"] == []
    assert client.get(f"playlists/{playlist.playlist_id}").status_code == 200
    assert client.send("DELETE", f"playlists/{playlist.playlist_id}/followers").status_code == 403


def test_what_never_was_is_not_found(client: Client) -> None:
    assert client.get("playlists/none").status_code == 404
    assert client.get("playlists/none/items").status_code == 404
    assert client.send("POST", "playlists/none/items", {"uris": URIS[:1]}).status_code == 404


def test_reads_may_lag_behind_writes(server: SpotifyStandIn, client: Client) -> None:
    server.web_api.playlists.lag = 2
    path = f"playlists/{made(client).playlist_id}"

    assert [client.get(path).status_code for _ in range(3)] == [404, 404, 200]
    client.send("POST", f"{path}/items", {"uris": URIS[:2]})
    assert [client.get(f"{path}/items").json()["total"] for _ in range(3)] == [0, 0, 2]


def test_an_error_may_come_after_the_write(server: SpotifyStandIn, client: Client) -> None:
    playlist = made(client)
    path = f"playlists/{playlist.playlist_id}/items"
    server.faults.add(server_error(502, comes_late=True), method="POST")

    assert client.get(path).status_code == 200
    assert client.send("POST", path, {"uris": URIS[:2]}).status_code == 502
    assert numbers(playlist) == [0, 1]
