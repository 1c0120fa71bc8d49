"""Playlists written through the Web API: once, whatever happens on the way."""

import pytest

from clients.auth.accounts import SCOPES, WRITE_PLAYLISTS
from clients.auth.spotify_auth import TokenKeeper
from clients.errors import ApiError, DoubtfulWriteError, RateLimitedError, SignInError
from clients.spotify_playlists import SpotifyPlaylists
from config.settings import Settings
from demo.clock import Clock
from demo.spotify_account import Account
from demo.spotify_faults import Fault, garbage, hung_up, rate_limited, server_error
from demo.spotify_server import SpotifyStandIn
from tests.clients.conftest import MakeSettings


@pytest.fixture
def playlists(settings: Settings, keeper: TokenKeeper, clock: Clock) -> SpotifyPlaylists:
    return SpotifyPlaylists(settings, keeper, clock.now)


def uris_of(account: Account, *numbers: int) -> list[str]:
    ids = [*account.music.tracks]
    return [f"spotify:track:{ids[number]}" for number in numbers]


def test_a_playlist_is_made_private_and_written(
    playlists: SpotifyPlaylists, account: Account
) -> None:
    made = playlists.create("Mine", "by a test")
    a, b, c, d = uris_of(account, 0, 1, 2, 3)

    assert (made.name, made.description, made.is_public) == ("Mine", "by a test", False)
    assert made.owner_id == account.user_id
    playlists.add(made.playlist_id, [a, b], 0)
    playlists.add(made.playlist_id, [c, d], 1)
    playlists.move(made.playlist_id, 1, 2, 0)
    version = playlists.remove(made.playlist_id, [a])
    assert playlists.uris(made.playlist_id) == [c, d, b]
    assert playlists.state(made.playlist_id).snapshot_id == version
    assert [each.playlist_id for each in playlists.states()] == [made.playlist_id]
    playlists.replace(made.playlist_id, [a])
    assert playlists.uris(made.playlist_id) == [a]


def test_long_playlists_are_read_to_their_end(
    playlists: SpotifyPlaylists, account: Account
) -> None:
    made = playlists.create("Mine", "")
    wanted = uris_of(account, *range(120))
    playlists.add(made.playlist_id, wanted[:100], 0)
    playlists.add(made.playlist_id, wanted[100:], 100)

    assert playlists.uris(made.playlist_id) == wanted


def test_a_write_refused_for_a_moment_is_sent_again(
    playlists: SpotifyPlaylists, account: Account, stand_in: SpotifyStandIn, slept: list[float]
) -> None:
    made = playlists.create("Mine", "")
    stand_in.faults.add(rate_limited(7), method="POST", path="/v1/", times=2)

    playlists.add(made.playlist_id, uris_of(account, 0), 0)

    assert slept == [7, 7]
    assert len(account.playlists[made.playlist_id].items) == 1


@pytest.mark.parametrize("fault", [rate_limited(31), rate_limited(1, "QUOTA_EXCEEDED")])
def test_a_long_wait_ends_the_writing(
    playlists: SpotifyPlaylists, stand_in: SpotifyStandIn, slept: list[float], fault: Fault
) -> None:
    stand_in.faults.add(fault, path="/v1/")

    with pytest.raises(RateLimitedError):
        playlists.create("Mine", "")
    assert slept == []


@pytest.mark.parametrize("fault", [server_error(502, comes_late=True), hung_up(), garbage()])
def test_a_write_without_an_answer_is_in_doubt_and_not_repeated(
    playlists: SpotifyPlaylists, account: Account, stand_in: SpotifyStandIn, fault: Fault
) -> None:
    stand_in.faults.add(fault, path="/v1/", method="POST")

    with pytest.raises(DoubtfulWriteError):
        playlists.create("Mine", "")
    assert len(account.playlists) == 1


def test_a_wrong_write_is_no_doubt(playlists: SpotifyPlaylists, account: Account) -> None:
    theirs = account.add_playlist("Theirs", "friend").playlist_id

    for playlist_id, status in ((theirs, 403), ("none", 404)):
        with pytest.raises(ApiError) as caught:
            playlists.add(playlist_id, uris_of(account, 0), 0)
        assert caught.value.status == status
        assert not isinstance(caught.value, DoubtfulWriteError)


def test_a_sign_in_from_before_may_do_all_but_write(
    make_settings: MakeSettings, account: Account, stand_in: SpotifyStandIn, clock: Clock
) -> None:
    former = " ".join(each for each in SCOPES if each != WRITE_PLAYLISTS)
    settings = make_settings(spotify_refresh_token=stand_in.accounts.consent(former))
    playlists = SpotifyPlaylists(settings, TokenKeeper(settings, clock.now), clock.now)

    with pytest.raises(SignInError, match="may not write playlists: run `python"):
        playlists.require_right_to_write()
    with pytest.raises(SignInError, match="may not write playlists: run `python"):
        playlists.create("Mine", "")
    assert [*playlists.playlists()] == []
    assert len(playlists.recently_played()) == 50


def test_a_sign_in_with_the_right_is_required_silently(playlists: SpotifyPlaylists) -> None:
    playlists.require_right_to_write()
