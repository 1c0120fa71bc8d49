"""One line for every setting and connection, checked against the stand-in for the services."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clients.auth.accounts import SCOPES
from clients.auth.token_file import TokenFile, Tokens
from config.settings import Settings, SettingsError
from demo.clock import Clock
from demo.music import FEATURES, Album, Artist, Music, Track, spotify_id
from demo.plays import Play
from demo.spotify_account import Account
from demo.spotify_faults import rate_limited, server_error, slow
from demo.spotify_server import SpotifyStandIn
from report.connection_checks import KNOWN_TRACK, Verdict, checks
from tests.export_samples import extended, write_json
from tests.stand_ins import connection

pytestmark = pytest.mark.usefixtures("slept")

NOW = datetime(2026, 10, 15, 12, tzinfo=UTC)
OK, NOTE, FAILED = Verdict.OK, Verdict.NOTE, Verdict.FAILED

Checked = dict[str, tuple[Verdict, str]]


@pytest.fixture
def stand_in() -> Iterator[SpotifyStandIn]:
    artist = Artist(spotify_id("artist"), "The Examples")
    album = Album(spotify_id("album"), "Songs", (artist,), 1)
    song = Track(KNOWN_TRACK, "Song", (artist,), album, 180_000, "X", 1)
    song.features.update(dict.fromkeys(FEATURES, 0.5))
    plays = [Play(1, song.track_id, NOW - timedelta(minutes=5), ms_played=180_000)]
    with SpotifyStandIn(Account(Music([song]), plays), Clock(NOW)) as server:
        yield server


def settings_for(stand_in: SpotifyStandIn, data_dir: Path, **others: Any) -> Settings:
    asked = {**connection(stand_in), "reccobeats_api_url": f"{stand_in.url}/reccobeats"}
    return Settings(_env_file=None, data_dir=data_dir, **{**asked, **others})


def signed_in(stand_in: SpotifyStandIn, data_dir: Path, days_ago: int = 1) -> None:
    """An access token that has ended, and a refresh token that has not."""
    refresh = stand_in.accounts.consent(" ".join(SCOPES))
    consented_at = NOW - timedelta(days=days_ago)
    TokenFile(data_dir).write(Tokens("", refresh, NOW, " ".join(SCOPES), consented_at))


def checked(settings: Settings) -> Checked:
    found = checks(lambda: settings, lambda: NOW)
    return {each.subject: (each.verdict, each.said) for each in found}


def verdicts(found: Checked) -> dict[str, Verdict]:
    return {subject: verdict for subject, (verdict, _) in found.items()}


def test_all_that_works_is_reported_and_the_403_is_explained(
    stand_in: SpotifyStandIn, tmp_path: Path
) -> None:
    signed_in(stand_in, tmp_path)

    found = checked(settings_for(stand_in, tmp_path, notify_url="https://ntfy.example/secret"))

    assert verdicts(found) == {
        "settings": OK,
        "engine": OK,
        "data folder": OK,
        "exports": NOTE,
        "catalogue": NOTE,
        "credentials": OK,
        "sign-in": OK,
        "Web API": OK,
        "recently played": OK,
        "audio features": NOTE,
        "ReccoBeats": OK,
        "notifications": OK,
    }
    assert found["sign-in"][1] == "valid until 2027-04-13, 180 days left"
    assert found["recently played"][1] == "1 plays, the last of 2026-10-15T11:55:00.000Z"
    assert "docs/FIX_403_AUDIO_FEATURES.md" in found["audio features"][1]
    assert "secret" not in found["notifications"][1]


def test_every_line_is_one_line_and_holds_no_secret(
    stand_in: SpotifyStandIn, tmp_path: Path
) -> None:
    signed_in(stand_in, tmp_path)

    said = [text for _, text in checked(settings_for(stand_in, tmp_path)).values()]

    tokens = TokenFile(tmp_path).read()
    assert tokens is not None
    assert tokens.access_token
    secrets = (stand_in.accounts.client_secret, tokens.refresh_token, tokens.access_token)
    assert not any("\n" in text for text in said)
    assert not any(secret in text for text in said for secret in secrets)


def test_without_credentials_no_service_of_spotify_is_asked_and_nothing_fails(
    stand_in: SpotifyStandIn, tmp_path: Path
) -> None:
    found = checked(settings_for(stand_in, tmp_path, client_id=None))

    assert FAILED not in verdicts(found).values()
    assert found["credentials"][1].startswith("CLIENT_ID not set: exports only")
    assert "sign-in" not in found
    assert stand_in.count("/v1") == stand_in.count("/api/token") == 0


def test_nobody_signed_in_fails_with_the_command_and_asks_no_further(
    stand_in: SpotifyStandIn, tmp_path: Path
) -> None:
    found = checked(settings_for(stand_in, tmp_path))

    assert found["sign-in"][0] == FAILED
    assert "main.py login" in found["sign-in"][1]
    assert "Web API" not in found
    assert verdicts(found)["ReccoBeats"] == OK


def test_a_sign_in_that_is_about_to_end_is_noted(stand_in: SpotifyStandIn, tmp_path: Path) -> None:
    signed_in(stand_in, tmp_path, days_ago=175)

    verdict, said = checked(settings_for(stand_in, tmp_path))["sign-in"]

    assert verdict == NOTE
    assert "main.py login" in said


def test_a_dead_sign_in_fails(stand_in: SpotifyStandIn, tmp_path: Path) -> None:
    signed_in(stand_in, tmp_path)
    stand_in.accounts.kill_tokens()

    assert checked(settings_for(stand_in, tmp_path))["sign-in"][0] == FAILED


@pytest.mark.parametrize(
    ("fault", "text"),
    [(server_error(500), "500"), (rate_limited(80_000), "until 2026-10-16")],
    ids=["500", "Retry-After: 80000"],
)
def test_what_the_web_api_answers_is_reported_and_the_rest_is_left(
    stand_in: SpotifyStandIn, tmp_path: Path, fault: Any, text: str
) -> None:
    signed_in(stand_in, tmp_path)
    stand_in.faults.add(fault, "/v1/me", times=10)

    found = checked(settings_for(stand_in, tmp_path))

    assert found["Web API"][0] == FAILED
    assert text in found["Web API"][1]
    assert "recently played" not in found


def test_no_question_takes_longer_than_its_limit(
    stand_in: SpotifyStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("report.connection_checks.ANSWER_SECONDS", 0.2)
    stand_in.faults.add(slow(30), "/reccobeats")

    found = checked(settings_for(stand_in, tmp_path, client_id=None))

    assert found["ReccoBeats"] == (
        NOTE,
        "no answer within 0.2 s: check the network, try again later",
    )


def test_an_app_with_extended_quota_still_gets_features(
    stand_in: SpotifyStandIn, tmp_path: Path
) -> None:
    signed_in(stand_in, tmp_path)
    stand_in.web_api.has_extended_quota = True

    assert checked(settings_for(stand_in, tmp_path))["audio features"] == (
        OK,
        "Spotify still provides them to this app",
    )


def test_no_service_of_features_is_essential(stand_in: SpotifyStandIn, tmp_path: Path) -> None:
    signed_in(stand_in, tmp_path)
    for path in ("/v1/audio-features", "/reccobeats"):
        stand_in.faults.add(server_error(503), path, times=10)

    found = checked(settings_for(stand_in, tmp_path))

    for subject in ("audio features", "ReccoBeats"):
        assert found[subject][0] == NOTE
        assert "503" in found[subject][1]


@pytest.mark.parametrize(
    ("share", "text"),
    [(1, "answers"), (0, "answers, but does not know the track it was asked for")],
)
def test_reccobeats_is_asked_for_one_track(
    stand_in: SpotifyStandIn, tmp_path: Path, share: float, text: str
) -> None:
    stand_in.reccobeats.known_share = share

    assert checked(settings_for(stand_in, tmp_path, client_id=None))["ReccoBeats"] == (OK, text)
    assert stand_in.count("/reccobeats") == 1


@pytest.mark.parametrize(
    ("enrich", "asked"),
    [
        ("none", (False, False)),
        ("reccobeats", (False, True)),
        ("spotify", (True, False)),
        ("all", (True, True)),
    ],
)
def test_only_the_services_of_enrich_are_asked_for_features(
    stand_in: SpotifyStandIn, tmp_path: Path, enrich: str, asked: tuple[bool, bool]
) -> None:
    signed_in(stand_in, tmp_path)

    checked(settings_for(stand_in, tmp_path, enrich=enrich))

    paths = ("/v1/audio-features", "/reccobeats")
    assert tuple(stand_in.count(path) > 0 for path in paths) == asked


def test_exports_are_counted_and_the_first_bad_one_is_named(
    stand_in: SpotifyStandIn, tmp_path: Path
) -> None:
    settings = settings_for(stand_in, tmp_path, client_id=None)
    write_json(tmp_path / "exports" / "endsong_0.json", [extended()])
    good = checked(settings)["exports"]
    (tmp_path / "exports" / "my.zip").write_text("no zip")
    bad = checked(settings)["exports"]

    assert good == (OK, f"1 file(s) of history in {tmp_path / 'exports'}")
    assert bad[0] == NOTE
    assert "my.zip: not a readable zip" in bad[1]


def test_a_catalogue_is_known_by_its_header(stand_in: SpotifyStandIn, tmp_path: Path) -> None:
    write_json(tmp_path / "kaggle" / "dataset.csv", "track_id")

    verdict, said = checked(settings_for(stand_in, tmp_path, client_id=None))["catalogue"]

    assert verdict == NOTE
    assert "lacks the column(s)" in said


def test_a_data_folder_that_cannot_be_made_fails_and_one_that_can_is_not_made(
    stand_in: SpotifyStandIn, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    new, impossible = tmp_path / "new" / "lake", tmp_path / "file" / "lake"

    assert checked(settings_for(stand_in, new, client_id=None))["data folder"][0] == OK
    assert not new.parent.exists()
    verdict, said = checked(settings_for(stand_in, impossible, client_id=None))["data folder"]
    assert verdict == FAILED
    assert "set DATA_DIR" in said


def test_wrong_settings_end_the_checks_with_the_one_that_is_wrong(tmp_path: Path) -> None:
    def read_settings() -> Settings:
        raise SettingsError("TIMEZONE='Mars' is wrong")

    found = list(checks(read_settings, lambda: NOW))

    assert (found[-1].subject, found[-1].verdict) == ("settings", FAILED)
    assert found[-1].said == "TIMEZONE='Mars' is wrong"
    assert len(found) == 1


def test_java_that_is_missing_fails_with_its_cure(
    stand_in: SpotifyStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "no-java"))
    settings = settings_for(stand_in, tmp_path, client_id=None, engine="spark")

    verdict, said = checked(settings)["Java"]

    assert verdict == FAILED
    assert "install Java 17" in said
