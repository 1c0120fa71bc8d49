"""What a client meets: the window of recently played tracks, the library, what is gone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests

from demo.music import Artist
from demo.plays import Outage, Period, Play, in_ms
from demo.spotify_account import Withdrawn
from demo.spotify_server import SpotifyStandIn
from tests.demo.spotify_samples import ALBUM, GUEST, NOW, TRACK_MS, TRACKS, Client, plays, stand_in

HOUR = timedelta(hours=1)


@pytest.fixture
def server() -> Iterator[SpotifyStandIn]:
    with stand_in(plays(60)) as server:
        yield server


@pytest.fixture
def client(server: SpotifyStandIn) -> Client:
    return Client(server)


def instants(items: list[dict[str, Any]]) -> list[str]:
    return [item["played_at"] for item in items]


def shown_at(play: Play) -> str:
    return f"{play.ended_at:%Y-%m-%dT%H:%M:%S.000Z}"


def test_only_the_last_fifty_plays_exist(server: SpotifyStandIn, client: Client) -> None:
    page = client.get("me/player/recently-played", limit=20).json()
    sizes = [len(page["items"])]
    seen = instants(page["items"])
    while page["next"]:
        page = client.get_address(page["next"]).json()
        sizes.append(len(page["items"]))
        seen += instants(page["items"])

    assert sizes == [20, 20, 10, 0]
    assert page["cursors"] is None
    assert seen == [shown_at(play) for play in reversed(server.account.plays[10:])]


def test_a_play_is_shown_with_its_track_and_where_it_was_played_from(client: Client) -> None:
    newest = client.recent()[0]

    assert newest["played_at"] == "2026-11-02T18:00:00.000Z"
    assert newest["track"]["id"] == TRACKS[59 % 12].track_id
    assert newest["track"]["external_ids"] == {"isrc": TRACKS[59 % 12].isrc}
    assert newest["context"]["uri"] == f"spotify:album:{ALBUM.album_id}"


def test_after_and_before_are_milliseconds(server: SpotifyStandIn, client: Client) -> None:
    middle = server.account.plays[50]

    later = client.recent(after=in_ms(middle.ended_at))
    earlier = client.recent(before=in_ms(middle.ended_at))
    in_seconds_by_mistake = client.recent(after=int(middle.ended_at.timestamp()))

    assert instants(later) == [shown_at(play) for play in reversed(server.account.plays[51:])]
    assert instants(earlier) == [shown_at(play) for play in reversed(server.account.plays[10:50])]
    assert len(in_seconds_by_mistake) == 50


@pytest.mark.parametrize(
    "query",
    [{"after": 1, "before": 2}, {"limit": 51}, {"limit": 0}, {"after": "yesterday"}],
)
def test_a_wrong_question_is_refused(client: Client, query: dict[str, Any]) -> None:
    answer = client.get("me/player/recently-played", **query)

    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == 400


def test_without_plays_there_is_no_page_and_no_cursor(
    server: SpotifyStandIn, client: Client
) -> None:
    server.account.plays = []

    page = client.get("me/player/recently-played").json()

    assert (page["items"], page["next"], page["cursors"]) == ([], None, None)


def test_a_play_appears_when_it_has_ended(server: SpotifyStandIn, client: Client) -> None:
    server.clock.set(NOW - timedelta(milliseconds=1))
    before = client.recent()
    server.clock.advance(timedelta(milliseconds=1))

    assert instants(client.recent())[1:] == instants(before)[:-1]


@pytest.mark.parametrize(
    ("change", "is_shown"),
    [
        ({"ms_played": 29_999}, False),
        ({"ms_played": 30_000}, True),
        ({"ms_played": 5_000, "reached_end": True}, True),
        ({"media_type": "episode"}, False),
        ({"media_type": "video"}, True),
        ({"is_private": True}, False),
    ],
)
def test_which_plays_are_never_shown(
    server: SpotifyStandIn, client: Client, change: dict[str, Any], is_shown: bool
) -> None:
    (play,) = plays(1)
    server.account.plays = [replace(play, **change)]

    assert bool(client.recent()) == is_shown


def test_a_late_play_takes_its_place_among_the_others(
    server: SpotifyStandIn, client: Client
) -> None:
    late = server.account.plays[40]
    server.account.plays[40] = replace(late, visible_at=NOW + HOUR)
    before = instants(client.recent())
    server.clock.advance(HOUR)
    after = instants(client.recent())

    assert shown_at(late) not in before
    assert after.index(shown_at(late)) == 19
    assert len(after) == 50


def test_a_late_play_that_fifty_have_followed_is_never_shown(
    server: SpotifyStandIn, client: Client
) -> None:
    late = server.account.plays[5]
    server.account.plays[5] = replace(late, visible_at=NOW + HOUR)
    server.clock.advance(2 * HOUR)

    assert shown_at(late) not in instants(client.recent())


def test_played_at_is_the_start_in_some_periods(server: SpotifyStandIn, client: Client) -> None:
    server.account.start_periods = [Period(NOW + HOUR, NOW + 2 * HOUR)]
    by_end = instants(client.recent())
    server.clock.advance(HOUR)
    by_start = instants(client.recent())
    server.clock.advance(HOUR)

    assert by_end[0] == "2026-11-02T18:00:00.000Z"
    assert by_start[0] == "2026-11-02T17:56:40.000Z"
    assert instants(client.recent()) == by_end


def test_a_single_play_can_be_reported_by_its_start(server: SpotifyStandIn, client: Client) -> None:
    (play,) = plays(1, reports_start=True)
    paused = NOW - timedelta(milliseconds=TRACK_MS) - timedelta(minutes=2)
    server.account.plays = [replace(play, started_at=paused)]

    assert instants(client.recent()) == ["2026-11-02T17:54:40.000Z"]


@pytest.mark.parametrize("loses_plays", [False, True])
def test_an_outage_catches_up_or_loses_its_plays(
    server: SpotifyStandIn, client: Client, loses_plays: bool
) -> None:
    server.account.outages = [Outage(Period(NOW - HOUR, NOW), loses_plays)]
    server.clock.set(NOW - timedelta(minutes=1))
    during = client.recent()
    server.clock.set(NOW)
    afterwards = instants(client.recent())

    in_the_hour = [shown_at(play) for play in server.account.plays[-12:-1]]
    assert max(instants(during)) <= "2026-11-02T17:00:00.000Z"
    assert [at for at in in_the_hour if at in afterwards] == ([] if loses_plays else in_the_hour)
    assert afterwards[0] == "2026-11-02T18:00:00.000Z"


def test_what_was_offered_is_remembered(server: SpotifyStandIn, client: Client) -> None:
    client.recent(limit=3)

    assert server.account.offered == {57, 58, 59}


def test_a_relinked_track_has_another_id_and_other_artists(
    server: SpotifyStandIn, client: Client
) -> None:
    played = server.account.plays[-1].track_id
    somebody = Artist("0000000000000000000001", "Somebody")
    server.account.relink(played, "0000000000000000000000", (somebody, GUEST))

    track = client.recent()[0]["track"]

    assert track["id"] == "0000000000000000000000"
    assert [artist["name"] for artist in track["artists"]] == ["Somebody", "Guest"]
    assert track["album"]["artists"][0]["name"] == "The Band"
    # Only what knows where the listener is says whether it can be played.
    track["album"]["is_playable"] = track["is_playable"] = True
    assert client.get("tracks/0000000000000000000000").json() == track


def test_the_library_changes_as_the_test_says(server: SpotifyStandIn, client: Client) -> None:
    account = server.account
    for hours, track in enumerate(TRACKS[:3]):
        account.save_track(track.track_id, NOW - hours * HOUR)
    account.save_track(TRACKS[3].track_id, NOW + HOUR)
    account.save_album(ALBUM.album_id, NOW)
    account.unsave_track(TRACKS[1].track_id)

    tracks = client.get("me/tracks").json()
    albums = client.get("me/albums").json()

    saved = [(item["track"]["name"], item["added_at"]) for item in tracks["items"]]
    assert saved == [("Song 1", "2026-11-02T18:00:00Z"), ("Song 3", "2026-11-02T16:00:00Z")]
    assert [item["album"]["name"] for item in albums["items"]] == ["Songs"]
    account.unsave_album(ALBUM.album_id)
    assert client.get("me/albums").json()["total"] == 0


def test_lists_are_paged_by_offset(client: Client) -> None:
    pages = [client.get(f"albums/{ALBUM.album_id}/tracks", limit=5).json()]
    while pages[-1]["next"]:
        pages.append(client.get_address(pages[-1]["next"]).json())

    assert [len(page["items"]) for page in pages] == [5, 5, 2]
    assert [page["offset"] for page in pages] == [0, 5, 10]
    assert {page["total"] for page in pages} == {12}
    names = [item["name"] for page in pages for item in page["items"]]
    assert names == [track.name for track in TRACKS]
    back = client.get_address(pages[2]["previous"]).json()
    assert back["items"] == pages[1]["items"]


def test_a_playlist_holds_items_and_its_snapshot_changes_with_them(
    server: SpotifyStandIn, client: Client
) -> None:
    playlist = server.account.add_playlist("Kept")
    path = f"playlists/{playlist.playlist_id}/items"
    playlist.add(TRACKS[0].track_id, NOW)
    (first,) = client.get("me/playlists").json()["items"]
    playlist.remove(TRACKS[0].track_id)
    playlist.add(TRACKS[1].track_id, NOW)
    (second,) = client.get("me/playlists").json()["items"]
    (entry,) = client.get(path).json()["items"]

    assert first["snapshot_id"] != second["snapshot_id"]
    assert second["items"]["total"] == 1
    assert "tracks" not in second
    assert entry["item"]["name"] == "Song 2"
    assert "track" not in entry


def test_the_items_of_somebody_elses_playlist_are_not_shown(
    server: SpotifyStandIn, client: Client
) -> None:
    playlist = server.account.add_playlist("Followed", owner_id="somebody")

    (shown,) = client.get("me/playlists").json()["items"]

    assert shown["owner"]["id"] == "somebody"
    assert client.get(f"playlists/{playlist.playlist_id}/items").status_code == 403


def test_top_tracks_and_artists_are_those_played_most(
    server: SpotifyStandIn, client: Client
) -> None:
    once, often = TRACKS[0].track_id, TRACKS[1].track_id
    recent = [replace(play, track_id=often) for play in plays(3)]
    old = [replace(play, track_id=once) for play in plays(5, NOW - timedelta(days=60))]
    server.account.plays = [*old, *recent]

    def top(kind: str, term: str) -> list[str]:
        answer = client.get(f"me/top/{kind}", time_range=term).json()
        return [item["name"] for item in answer["items"]]

    assert top("tracks", "short_term") == ["Song 2"]
    assert top("tracks", "medium_term") == ["Song 1", "Song 2"]
    assert top("artists", "long_term") == ["The Band", "Guest"]


def test_a_search_finds_ten_at_most(client: Client) -> None:
    found = client.get("search", q="song 1", type="track,album", limit=10).json()

    assert [each["name"] for each in found["tracks"]["items"]][:2] == ["Song 1", "Song 10"]
    assert found["albums"]["total"] == 0
    assert client.get("search", q="song", type="track", limit=11).status_code == 400


@pytest.mark.parametrize(
    "path",
    ["audio-features/x", "audio-features?ids=x", "audio-analysis/x", "recommendations"],
)
def test_what_is_gone_since_2024_is_refused_without_a_word(client: Client, path: str) -> None:
    answer = client.get(path)

    assert (answer.status_code, answer.json()) == (403, {"error": {"status": 403}})


@pytest.mark.parametrize(
    "path",
    [
        *("tracks?ids=x", "albums?ids=x", "artists?ids=x", "artists/x/top-tracks"),
        *("users/x/playlists", "playlists/x/tracks", "me/tracks/contains?ids=x"),
    ],
)
def test_what_is_gone_since_2026_is_forbidden(client: Client, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 403
    assert answer.json() == {"error": {"status": 403, "message": "Forbidden"}}


def test_what_never_was_is_not_found(client: Client) -> None:
    assert client.get("me/mood").status_code == 404
    assert client.get("tracks/unknown").status_code == 404
    assert client.get("albums/unknown").status_code == 404


def test_apps_with_extended_quota_still_get_audio_features(
    server: SpotifyStandIn, client: Client
) -> None:
    server.web_api.has_extended_quota = True
    known = TRACKS[0].track_id

    one = client.get(f"audio-features/{known}").json()
    several = client.get("audio-features", ids=f"{known},unknown").json()

    assert one["valence"] == 0.5
    assert several == {"audio_features": [one, None]}
    assert client.get("audio-features/unknown").status_code == 404


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("me/player/recently-played", "user-read-recently-played"),
        ("me/tracks", "user-library-read"),
        ("me/albums", "user-library-read"),
        ("me/playlists", "playlist-read-private"),
        ("me/top/tracks", "user-top-read"),
    ],
)
def test_a_token_allows_what_its_scope_says(server: SpotifyStandIn, path: str, scope: str) -> None:
    assert Client(server, scope).get(path).status_code == 200
    refusal = Client(server, "user-read-private").get(path)
    assert refusal.status_code == 403
    assert refusal.json()["error"]["message"] == "Insufficient client scope"


def test_a_request_without_a_token_is_refused(server: SpotifyStandIn) -> None:
    answer = requests.get(f"{server.url}/v1/me", timeout=5)

    assert answer.status_code == 401
    assert answer.json()["error"]["message"] == "No token provided"


def test_requests_are_counted(server: SpotifyStandIn, client: Client) -> None:
    client.get("me/tracks", limit=3)
    client.get("me/tracks", limit=99)
    client.get("audio-features/x")

    asked = [(each.path, each.query, each.status) for each in server.requests[:2]]
    assert asked == [
        ("/v1/me/tracks", {"limit": "3"}, 200),
        ("/v1/me/tracks", {"limit": "99"}, 400),
    ]
    assert server.count("/v1/me/") == 2
    assert server.count("/v1/", 403) == 1


def test_a_withdrawn_track_says_so_in_its_country(server: SpotifyStandIn, client: Client) -> None:
    gone, elsewhere = TRACKS[0].track_id, TRACKS[1].track_id
    server.account.save_track(gone, NOW)
    server.account.add_playlist("Kept").add(gone, NOW)
    server.account.withdrawn = {
        gone: Withdrawn(NOW, reason="product"),
        elsewhere: Withdrawn(NOW, frozenset({"US"})),
    }
    (playlist_id,) = server.account.playlists
    answers = [
        client.get(f"tracks/{gone}").json(),
        client.get("me/tracks").json()["items"][0]["track"],
        client.get(f"playlists/{playlist_id}/items").json()["items"][0]["item"],
    ]

    assert [(each["is_playable"], each["restrictions"]) for each in answers] == [
        (False, {"reason": "product"})
    ] * 3
    # The country of the account takes priority over the one that is asked for.
    assert client.get(f"tracks/{elsewhere}", market="US").json()["is_playable"] is True
    server.account.country = None
    assert client.get(f"tracks/{elsewhere}", market="US").json()["is_playable"] is False
    assert "is_playable" not in client.get(f"tracks/{elsewhere}").json()
    server.clock.advance(-HOUR)
    assert client.get(f"tracks/{gone}", market="DE").json()["is_playable"] is True


def test_another_track_is_shown_in_place_to_who_asks_for_a_country(
    server: SpotifyStandIn, client: Client
) -> None:
    gone, instead = TRACKS[0].track_id, TRACKS[1].track_id
    server.account.withdrawn[gone] = Withdrawn(NOW, instead=instead)

    assert client.get(f"tracks/{gone}").json()["id"] == gone
    shown = client.get(f"tracks/{gone}", market="DE").json()
    assert (shown["id"], shown["is_playable"], "linked_from" in shown) == (instead, True, False)
    server.account.names_originals = True
    shown = client.get(f"tracks/{gone}", market="DE").json()
    assert (shown["id"], shown["linked_from"]["id"]) == (instead, gone)


def test_a_deleted_track_is_not_found_and_stays_in_the_library(
    server: SpotifyStandIn, client: Client
) -> None:
    gone = TRACKS[0].track_id
    server.account.save_track(gone, NOW)
    server.account.deleted[gone] = NOW

    answer = client.get(f"tracks/{gone}")

    assert (answer.status_code, answer.json()["error"]["message"]) == (404, "Resource not found")
    assert client.get("me/tracks").json()["items"][0]["track"]["is_playable"] is False


def test_a_market_is_kept_in_the_links_of_pages(server: SpotifyStandIn, client: Client) -> None:
    for track in TRACKS[:2]:
        server.account.save_track(track.track_id, NOW)

    assert "market=DE" in client.get("me/tracks", market="DE", limit=1).json()["next"]
    assert client.get("me/tracks", market="Germany").status_code == 400


def test_a_recording_is_found_by_its_code(client: Client) -> None:
    found = client.get("search", q=f"isrc:{TRACKS[3].isrc}", type="track,album").json()

    assert [each["id"] for each in found["tracks"]["items"]] == [TRACKS[3].track_id]
    assert found["tracks"]["items"][0]["is_playable"] is True
    assert found["albums"]["items"] == []
