"""From a rule's file to the playlist at Spotify."""

import pytest
from typer.testing import CliRunner

from main import app
from schemas.unified_schemas import UNIFIED_TRACKS
from tests.playlists.conftest import IDS, Person
from tests.playlists.libraries import track, write_rule
from tests.report.small_lakes import put


def invoke(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["playlists", *arguments])
    return done.exit_code, done.output


@pytest.fixture
def listener(at_a_terminal: Person) -> Person:
    """Return a person with tracks 0 to 9 in their lake, the later ones played more often."""
    rows = [
        track(f"Song {number}", track_id=IDS[number], counted_plays=number) for number in range(10)
    ]
    lost = track("Lost", track_id=None)
    put(at_a_terminal.settings.data_dir, UNIFIED_TRACKS, [*rows, lost])
    return at_a_terminal


def test_a_rule_that_comes_along_becomes_a_playlist(listener: Person) -> None:
    assert invoke("sync")[1].startswith("no rule has a playlist yet")

    code, said = invoke("sync", "Most played")

    assert code == 0, said
    assert said.startswith("Most played: 5 tracks, 5 added, 0 removed (2 writes, ")
    assert listener.numbers == [9, 8, 7, 6, 5]
    assert invoke("sync")[1] == "Most played: nothing to write, 5 tracks\n"


def test_a_rule_of_ones_own_keeps_a_given_playlist(listener: Person) -> None:
    rule = {"name": "All of it", "all": [{"gt": {"plays": -1}}], "sort": "plays"}
    write_rule(listener.settings.data_dir, "all", rule)
    playlist = listener.account.add_playlist("Mine")

    assert invoke("map", "none", playlist.playlist_id)[0] == 2
    assert invoke("map", "All of it", playlist.playlist_id)[0] == 0
    code, said = invoke("sync")

    assert code == 0, said
    assert "All of it: 1 track has no Spotify id: left out" in said
    assert listener.numbers == [*range(10)]
