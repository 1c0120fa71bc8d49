"""From a rule's file to the playlist at Spotify."""

import json
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from clients.auth.accounts import SCOPES
from main import app
from schemas.unified_schemas import UNIFIED_TRACKS
from tests.playlists.conftest import IDS, Person
from tests.playlists.libraries import track
from tests.report.small_lakes import put


def invoke(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["playlists", *arguments])
    return done.exit_code, done.output


@pytest.fixture
def signed_in(person: Person, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Return a person with tracks 0 to 9 in their lake, the later ones played more often."""
    person.clock.set(datetime.now(UTC))
    token = person.stand_in.accounts.consent(" ".join(SCOPES))
    person.settings = person.settings.model_copy(update={"spotify_refresh_token": SecretStr(token)})
    assert person.settings.client_secret is not None
    for name, value in {
        "CLIENT_ID": person.settings.client_id,
        "CLIENT_SECRET": person.settings.client_secret.get_secret_value(),
        "SPOTIFY_REFRESH_TOKEN": token,
        "SPOTIFY_API_URL": person.settings.spotify_api_url,
        "SPOTIFY_ACCOUNTS_URL": person.settings.spotify_accounts_url,
        "DATA_DIR": str(person.settings.data_dir),
    }.items():
        monkeypatch.setenv(name, str(value))
    rows = [
        track(f"Song {number}", track_id=IDS[number], counted_plays=number) for number in range(10)
    ]
    put(person.settings.data_dir, UNIFIED_TRACKS, [*rows, track("Lost", track_id=None)])
    return person


def write_rule(person: Person, slug: str, **rule: object) -> None:
    folder = person.settings.data_dir / "playlists"
    folder.mkdir(exist_ok=True)
    (folder / f"{slug}.nsp").write_text(json.dumps(rule))


def test_a_rule_that_comes_along_becomes_a_playlist(signed_in: Person) -> None:
    assert invoke("sync")[1].startswith("no rule has a playlist yet")

    code, said = invoke("sync", "Most played")

    assert code == 0, said
    assert said.startswith("Most played: 5 tracks, 5 added, 0 removed (2 writes, ")
    assert signed_in.numbers == [9, 8, 7, 6, 5]
    assert invoke("sync")[1] == "Most played: nothing to write, 5 tracks\n"


def test_a_rule_of_ones_own_keeps_a_given_playlist(signed_in: Person) -> None:
    write_rule(signed_in, "all", name="All of it", all=[{"gt": {"plays": -1}}], sort="plays")
    playlist = signed_in.account.add_playlist("Mine")

    assert invoke("map", "none", playlist.playlist_id)[0] == 2
    assert invoke("map", "All of it", playlist.playlist_id)[0] == 0
    code, said = invoke("sync")

    assert code == 0, said
    assert "All of it: 1 track has no Spotify id: left out" in said
    assert signed_in.numbers == [*range(10)]
