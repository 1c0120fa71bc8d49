"""The Web API, read from the stand-in for it."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import pytest

from clients.auth.spotify_auth import TokenKeeper
from clients.errors import ApiError, RateLimitedError, SignInError
from clients.spotify_api import SpotifyApi
from demo.clock import Clock
from demo.spotify_account import Account, Kept
from demo.spotify_faults import Fault, hung_up, rate_limited, server_error
from demo.spotify_server import SpotifyStandIn
from tests.clients.conftest import NOW, MakeSettings

PLAYED = "/v1/me/player/recently-played"
FEATURES = "/v1/audio-features"


def answering(body: Any) -> Fault:
    return Fault(200, body=json.dumps(body))


def ids(items: Iterator[dict[str, Any]]) -> list[str]:
    return [each["id"] for each in items]


def test_the_person_who_is_signed_in(api: SpotifyApi) -> None:
    assert api.me()["id"] == "demo"


def test_all_fifty_plays_that_there_are_newest_first(api: SpotifyApi, account: Account) -> None:
    plays = api.recently_played()

    assert [each["track"]["id"] for each in plays] == [each.track_id for each in account.plays[:50]]
    assert plays[0]["played_at"] == "2026-10-15T12:00:00.000Z"


def test_plays_are_asked_for_to_their_end(api: SpotifyApi, stand_in: SpotifyStandIn) -> None:
    api.recently_played()

    first, last = (each.query for each in stand_in.requests if each.path == PLAYED)
    assert first == {"limit": "50"}
    oldest = round((NOW - timedelta(minutes=49)).timestamp() * 1000)
    assert last == {"limit": "50", "before": str(oldest)}


@pytest.mark.parametrize("year", ["recently_played_2017.json", "recently_played_tracks.json"])
def test_recorded_plays_come_with_all_that_they_hold(
    api: SpotifyApi, stand_in: SpotifyStandIn, shared_data: Path, year: str
) -> None:
    recorded = json.loads((shared_data / "api" / year).read_text())
    stand_in.faults.add(answering(recorded), PLAYED)
    stand_in.faults.add(answering({"items": [], "next": None, "cursors": None}), PLAYED)

    assert api.recently_played() == recorded["items"]


def test_nobody_has_listened_yet(api: SpotifyApi, account: Account) -> None:
    account.plays.clear()

    assert api.recently_played() == []


def test_plays_at_hand_are_kept_though_older_ones_cannot_be_read(
    api: SpotifyApi, stand_in: SpotifyStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    page = {"items": [{"played_at": "now"}], "cursors": {"before": "1"}}
    stand_in.faults.add(answering(page), PLAYED)
    stand_in.faults.add(rate_limited(80_000), PLAYED)

    assert api.recently_played() == page["items"]

    assert "plays before the last 1 could not be read: rate-limited by Spotify until" in caplog.text


def test_plays_that_go_round_in_circles_end(api: SpotifyApi, stand_in: SpotifyStandIn) -> None:
    page = {"items": [{"played_at": "now"}], "cursors": {"before": "1"}}
    stand_in.faults.add(answering(page), PLAYED, times=99)

    assert len(api.recently_played()) == 2


def test_no_plays_and_an_error_are_distinguished(api: SpotifyApi, stand_in: SpotifyStandIn) -> None:
    stand_in.faults.add(server_error(503), PLAYED, times=9)

    with pytest.raises(ApiError) as caught:
        api.recently_played()

    assert caught.value.status == 503


def test_saved_tracks_to_their_end_the_last_saved_first(api: SpotifyApi, account: Account) -> None:
    tracks = list(account.music.tracks)
    account.saved_tracks = [Kept(each, NOW - timedelta(days=i)) for i, each in enumerate(tracks)]

    saved = list(api.saved_tracks())

    assert [each["track"]["id"] for each in saved] == tracks
    assert api.saved_tracks_total() == 120


def test_saved_tracks_are_asked_for_as_they_are_taken(
    api: SpotifyApi, account: Account, stand_in: SpotifyStandIn
) -> None:
    account.saved_tracks = [Kept(each, NOW) for each in account.music.tracks]

    assert len(list(islice(api.saved_tracks(), 50))) == 50

    assert stand_in.count("/v1/me/tracks") == 1


def test_saved_albums_and_the_tracks_of_each(api: SpotifyApi, account: Account) -> None:
    (album_id,) = account.music.albums
    account.save_album(album_id, NOW)

    assert [each["album"]["id"] for each in api.saved_albums()] == [album_id]
    assert ids(api.album_tracks(album_id)) == list(account.music.tracks)


def test_playlists_and_the_items_of_each(api: SpotifyApi, account: Account) -> None:
    playlist = account.add_playlist("Long")
    playlist.items = [Kept(each, NOW) for each in account.music.tracks]

    assert ids(api.playlists()) == [playlist.playlist_id]
    items = list(api.playlist_items(playlist.playlist_id))
    assert [each["item"]["id"] for each in items] == list(account.music.tracks)


@pytest.mark.parametrize("term", ["short_term", "medium_term", "long_term"])
def test_top_tracks_and_artists_of_each_term(
    api: SpotifyApi,
    account: Account,
    stand_in: SpotifyStandIn,
    term: Literal["short_term", "medium_term", "long_term"],
) -> None:
    assert {*ids(api.top("tracks", term))} == {each.track_id for each in account.plays}
    assert ids(api.top("artists", term)) == list(account.music.artists)

    assert {each.query["time_range"] for each in stand_in.requests if "top" in each.path} == {term}


def test_audio_features_are_refused_to_new_apps(api: SpotifyApi, stand_in: SpotifyStandIn) -> None:
    with pytest.raises(ApiError) as caught:
        api.audio_features("11dFghVXANMlKmJXsNCbNl")

    assert caught.value.status == 403
    assert stand_in.count(FEATURES) == 1


def test_audio_features_where_they_still_come(
    api: SpotifyApi, account: Account, stand_in: SpotifyStandIn
) -> None:
    stand_in.web_api.has_extended_quota = True
    track_id = next(iter(account.music.tracks))

    assert api.audio_features(track_id)["valence"] == 0.5


@pytest.mark.parametrize(
    "strange", ["../me", "a?b=c", "a/b"], ids=["upwards", "with a query", "with a folder"]
)
def test_an_id_stays_an_id(api: SpotifyApi, stand_in: SpotifyStandIn, strange: str) -> None:
    with pytest.raises(ApiError):
        api.audio_features(strange)

    assert stand_in.requests[-1].path.startswith(f"{FEATURES}/")
    assert stand_in.requests[-1].query == {}


def test_empty_pages_and_gaps_do_not_end_a_list(api: SpotifyApi, stand_in: SpotifyStandIn) -> None:
    base = f"{stand_in.url}/v1/me/albums"
    pages: list[dict[str, Any]] = [
        {"items": [], "next": f"{base}?offset=50"},
        {"items": [None, {"album": {"id": "a"}}], "next": f"{base}?offset=100"},
        {"items": [], "next": None},
    ]
    for page in pages:
        stand_in.faults.add(answering(page), "/v1")

    assert list(api.saved_albums()) == [{"album": {"id": "a"}}]


def test_a_next_page_is_only_sought_at_our_own_address(
    api: SpotifyApi, stand_in: SpotifyStandIn
) -> None:
    for elsewhere in ("https://example.org/v1/me/albums", f"{stand_in.url}/v1.evil/me"):
        stand_in.faults.add(answering({"items": [], "next": elsewhere}), "/v1")
        with pytest.raises(ApiError, match="SPOTIFY_API_URL"):
            list(api.saved_albums())


def test_pages_that_go_round_in_circles_end(api: SpotifyApi, stand_in: SpotifyStandIn) -> None:
    same: dict[str, Any] = {"items": [], "next": f"{stand_in.url}/v1/me/albums?offset=50"}
    stand_in.faults.add(answering(same), "/v1", times=99)

    with pytest.raises(ApiError, match="in circles"):
        list(api.saved_albums())


@pytest.mark.parametrize("page", [{}, {"items": None}, {"items": 7}])
def test_a_page_without_items_is_an_error(
    api: SpotifyApi, stand_in: SpotifyStandIn, page: dict[str, Any]
) -> None:
    stand_in.faults.add(answering(page), "/v1", times=9)

    with pytest.raises(ApiError, match="without items"):
        list(api.saved_albums())
    with pytest.raises(ApiError, match="without items"):
        api.recently_played()
    with pytest.raises(ApiError, match="without its total"):
        api.saved_tracks_total()


def test_a_token_that_is_not_taken_is_renewed_once(
    api: SpotifyApi, keeper: TokenKeeper, stand_in: SpotifyStandIn
) -> None:
    keeper.get_access_token()
    stand_in.faults.add(Fault(401), "/v1/me")

    assert api.me()["id"] == "demo"

    assert stand_in.count("/api/token") == 2


def test_a_person_whom_spotify_does_not_let_in_is_named_as_such(
    api: SpotifyApi, stand_in: SpotifyStandIn
) -> None:
    stand_in.faults.add(Fault(401), "/v1/me", times=9)

    with pytest.raises(ApiError) as caught:
        api.me()

    assert caught.value.status == 401
    assert stand_in.count("/v1/me") == 2


def test_a_token_that_ends_between_two_pages_is_renewed(
    api: SpotifyApi, account: Account, clock: Clock
) -> None:
    account.saved_tracks = [Kept(each, NOW) for each in account.music.tracks]
    saved = api.saved_tracks()
    next(saved)

    clock.advance(timedelta(hours=2))

    assert len(list(saved)) == 119


def test_access_that_was_withdrawn_asks_for_a_sign_in(
    api: SpotifyApi, stand_in: SpotifyStandIn
) -> None:
    api.me()
    stand_in.accounts.kill_tokens()

    with pytest.raises(SignInError, match=r"python main\.py login"):
        api.me()


def test_a_sign_in_of_too_few_scopes_names_the_cure(
    make_settings: MakeSettings, stand_in: SpotifyStandIn, clock: Clock
) -> None:
    token = stand_in.accounts.consent("user-read-recently-played")
    settings = make_settings(spotify_refresh_token=token)
    api = SpotifyApi(settings, TokenKeeper(settings, clock.now), clock.now)

    assert len(api.recently_played()) == 50
    with pytest.raises(ApiError, match=r"Insufficient client scope.*python main.py login"):
        list(api.saved_tracks())


@pytest.mark.parametrize(
    "call",
    [
        SpotifyApi.me,
        SpotifyApi.recently_played,
        lambda api: list(api.saved_tracks()),
        SpotifyApi.saved_tracks_total,
        lambda api: list(api.playlists()),
        lambda api: api.audio_features("x"),
    ],
)
def test_every_call_stops_at_a_long_retry_after(
    api: SpotifyApi,
    stand_in: SpotifyStandIn,
    slept: list[float],
    call: Callable[[SpotifyApi], object],
) -> None:
    stand_in.faults.add(rate_limited(80_000), "/v1")

    with pytest.raises(RateLimitedError) as caught:
        call(api)

    assert caught.value.until == NOW + timedelta(seconds=80_000)
    assert slept == []


def test_a_broken_connection_in_the_middle_of_a_list_is_made_good(
    api: SpotifyApi, account: Account, stand_in: SpotifyStandIn
) -> None:
    account.saved_tracks = [Kept(each, NOW) for each in account.music.tracks]
    saved = api.saved_tracks()
    next(saved)

    stand_in.faults.add(hung_up(), times=2)

    assert len(list(saved)) == 119


REGISTER = "User Management, and add"


@pytest.mark.parametrize("is_json", [True, False], ids=["JSON", "plain text"])
@pytest.mark.parametrize(
    ("message", "cure"),
    [
        ("User not registered in the Developer Dashboard", REGISTER),
        ("User not approved for app", REGISTER),
        (
            "Check settings on developer.spotify.com/dashboard, the user may not be registered.",
            REGISTER,
        ),
        (
            "Active premium subscription required for the owner of the app. When the subscription "
            "status changes, it can take a few hours before requests are allowed again.",
            "account that owns the app needs Spotify Premium",
        ),
        ("Insufficient client scope", "python main.py login"),
    ],
)
def test_a_refusal_is_reported_with_its_cure(
    api: SpotifyApi, stand_in: SpotifyStandIn, message: str, cure: str, *, is_json: bool
) -> None:
    body = json.dumps({"error": {"status": 403, "message": message}}) if is_json else f"{message}\n"
    stand_in.faults.add(Fault(403, body=body), PLAYED)

    with pytest.raises(ApiError) as caught:
        api.recently_played()

    assert caught.value.status == 403
    assert message[:50] in str(caught.value)
    assert cure in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("body", ["", "<html><body>Forbidden</body></html>", "{broken", "\x00\x01"])
def test_a_refusal_without_words_is_reported_by_its_number(
    api: SpotifyApi, stand_in: SpotifyStandIn, body: str
) -> None:
    stand_in.faults.add(Fault(403, body=body), PLAYED)

    with pytest.raises(ApiError, match=f"Spotify answered 403 to GET {PLAYED}$"):
        api.recently_played()
