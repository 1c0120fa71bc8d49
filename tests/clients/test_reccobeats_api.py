"""ReccoBeats, played by the stand-in."""

import json

import pytest

from clients.errors import ApiError, RateLimitedError
from clients.reccobeats_api import MAX_IDS, ReccoBeatsApi
from demo.clock import Clock
from demo.spotify_account import Account
from demo.spotify_faults import Fault, rate_limited, server_error
from demo.spotify_server import SpotifyStandIn
from tests.clients.conftest import NOW


@pytest.fixture
def reccobeats(stand_in: SpotifyStandIn, clock: Clock) -> ReccoBeatsApi:
    return ReccoBeatsApi(f"{stand_in.url}/reccobeats", clock.now)


def test_features_go_by_the_spotify_id_whatever_their_place(
    reccobeats: ReccoBeatsApi, account: Account, stand_in: SpotifyStandIn
) -> None:
    ids = list(account.music.tracks)[:MAX_IDS]
    for number, track_id in enumerate(ids):
        account.music.tracks[track_id].features["valence"] = number / 100

    features = reccobeats.audio_features(ids)

    known = [each for each in ids if stand_in.reccobeats.knows(each)]
    assert 0 < len(known) < len(ids)
    assert list(features) == known
    assert all(features[each]["valence"] == ids.index(each) / 100 for each in known)


def test_tracks_that_nobody_measured_are_left_out(reccobeats: ReccoBeatsApi) -> None:
    assert reccobeats.audio_features(["11dFghVXANMlKmJXsNCbNl"]) == {}


def test_no_tracks_need_no_call(reccobeats: ReccoBeatsApi, stand_in: SpotifyStandIn) -> None:
    assert reccobeats.audio_features([]) == {}

    assert stand_in.requests == []


def test_more_than_forty_tracks_are_not_even_asked_for(
    reccobeats: ReccoBeatsApi, stand_in: SpotifyStandIn
) -> None:
    with pytest.raises(ValueError, match="41 tracks"):
        reccobeats.audio_features([str(number) for number in range(MAX_IDS + 1)])

    assert stand_in.requests == []


def test_features_of_tracks_that_nobody_asked_for_are_not_taken(
    reccobeats: ReccoBeatsApi, stand_in: SpotifyStandIn
) -> None:
    content = [{"href": None}, {}, {"href": "https://open.spotify.com/track/other"}]
    stand_in.faults.add(Fault(200, body=json.dumps({"content": content})))

    assert reccobeats.audio_features(["mine"]) == {}


def test_an_answer_of_another_shape_is_an_error(
    reccobeats: ReccoBeatsApi, stand_in: SpotifyStandIn
) -> None:
    stand_in.faults.add(Fault(200, body='{"tracks": []}'))

    with pytest.raises(ApiError, match="without content"):
        reccobeats.audio_features(["x"])


def test_limits_and_errors_are_reported_as_everywhere(
    reccobeats: ReccoBeatsApi, stand_in: SpotifyStandIn
) -> None:
    stand_in.faults.add(rate_limited(7_200))
    with pytest.raises(RateLimitedError, match="ReccoBeats") as limited:
        reccobeats.audio_features(["x"])
    assert (limited.value.until - NOW).total_seconds() == 7_200

    stand_in.faults.add(server_error(502), times=9)
    with pytest.raises(ApiError, match="ReccoBeats answered 502") as broken:
        reccobeats.audio_features(["x"])
    assert broken.value.status == 502
