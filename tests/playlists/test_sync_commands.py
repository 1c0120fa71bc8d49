"""The commands that write playlists at Spotify, as a person types them."""

from datetime import datetime

import pytest
from typer.testing import CliRunner

from clients.auth.accounts import SCOPES, WRITE_PLAYLISTS
from config.settings import Settings, SettingsError
from demo.spotify_faults import rate_limited, server_error
from main import app
from playlists.outcome import Wanted
from playlists.scheduled_sync import sync_due_rules
from schemas.silver_schemas import LISTENING_WITH_FEATURES
from tests.playlists.conftest import Person, uri
from tests.report.small_lakes import at, play, put
from writers.lake_lock import lake_lock

ID = "abcdefghijklmnopqrst12"
Rules = dict[str, Wanted]


@pytest.fixture
def rules(at_a_terminal: Person, monkeypatch: pytest.MonkeyPatch) -> Rules:
    """Return the rules that there are, to be changed, with a lake and the settings for it."""
    rules: Rules = {}

    def wanted(settings: Settings, rule: str, now: datetime) -> Wanted:
        if rule not in rules:
            raise SettingsError(f"{rule}: there is no such rule")
        return rules[rule]

    for module in ("playlists.wanted", "playlists.scheduled_sync"):
        monkeypatch.setattr(f"{module}.wanted_tracks", wanted)
    monkeypatch.setattr("playlists.wanted.rules_with_playlist", lambda *_: [*rules])
    monkeypatch.setattr("playlists.wanted.slug_of", lambda _, rule: rule)
    monkeypatch.setattr("playlists.scheduled_sync.rules_due", lambda *_: [*rules])
    put(at_a_terminal.settings.data_dir, LISTENING_WITH_FEATURES, [play(at(1))])
    return rules


def rule(slug: str, *numbers: int, without_id: int = 0) -> Wanted:
    return Wanted(slug, slug.capitalize(), [uri(each) for each in numbers], without_id)


def invoke(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["playlists", *arguments])
    return done.exit_code, done.stdout, done.stderr


def test_sync_says_what_it_did_and_repeats_nothing(person: Person, rules: Rules) -> None:
    rules["calm"] = rule("calm", 1, 2, without_id=3)

    code, said, _ = invoke("sync", "calm")
    assert code == 0, said
    first, second = said.splitlines()
    assert first.startswith("Calm: 2 tracks, 2 added, 0 removed (2 writes, ")
    assert second == "Calm: 3 tracks have no Spotify id: left out"
    assert person.numbers == [1, 2]

    rules["calm"] = rule("calm", 1, 2)
    assert invoke("sync")[:2] == (0, "Calm: nothing to write, 2 tracks\n")
    person.put([1, 2, 5])
    code, said, _ = invoke("sync")
    assert "Calm: changed by hand: 1 added (not kept, as the rule decides)" in said


def test_a_dry_run_needs_no_right_to_write(person: Person, rules: Rules) -> None:
    rules["calm"] = rule("calm", 1, 2)

    assert invoke("sync", "calm", "--dry-run")[:2] == (
        0,
        "Calm: would make a private playlist of 2 tracks\n",
    )
    assert person.account.playlists == {}
    invoke("sync", "calm")
    rules["calm"] = rule("calm", 2, 3, 4)
    assert invoke("sync", "--dry-run")[1] == "Calm: would hold 3 tracks, 2 added, 1 removed\n"
    assert person.numbers == [1, 2]


def test_without_rules_the_next_step_is_named(rules: Rules) -> None:
    code, said, _ = invoke("sync")

    assert code == 0
    assert said == "no rule has a playlist yet: name one, as in main.py playlists sync RULE\n"


def test_an_unknown_rule_is_wrong_use(rules: Rules) -> None:
    code, _, error = invoke("sync", "nothing")

    assert (code, error) == (2, "nothing: there is no such rule\n")


def test_a_sign_in_from_before_is_one_line_with_the_cure(
    person: Person,
    rules: Rules,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rules["calm"] = rule("calm", 1)
    former = " ".join(each for each in SCOPES if each != WRITE_PLAYLISTS)
    monkeypatch.setenv("SPOTIFY_REFRESH_TOKEN", person.stand_in.accounts.consent(former))

    code, _, error = invoke("sync", "calm")

    assert code == 2
    assert error.startswith("this sign-in may not write playlists: run `python main.py login`")
    assert len(error.splitlines()) == 1
    assert person.account.playlists == {}


def test_one_failed_playlist_does_not_stop_the_others(person: Person, rules: Rules) -> None:
    rules |= {"one": rule("one", 1), "two": rule("two", 2)}
    person.account.add_playlist("Theirs", "friend").playlist_id = ID
    person.account.playlists[ID] = person.account.playlists.popitem()[1]
    assert invoke("map", "one", ID)[0] == 0

    code, said, error = invoke("sync")

    assert code == 1
    assert "Two: 1 track, 1 added" in said
    assert error.startswith("One: Spotify answered 403")


def test_a_long_wait_is_one_line(person: Person, rules: Rules) -> None:
    rules["calm"] = rule("calm", 1)
    person.stand_in.faults.add(rate_limited(9000), "/v1/")

    code, _, error = invoke("sync", "calm")

    assert code == 1
    assert error.startswith("rate-limited by Spotify until")


def test_a_held_lake_is_told(person: Person, rules: Rules) -> None:
    rules["calm"] = rule("calm", 1)
    with lake_lock(person.settings.data_dir):
        assert invoke("sync", "calm")[0] == 3
        assert invoke("map", "calm", ID)[0] == 3
        assert invoke("sync", "calm", "--dry-run")[0] == 0


def test_a_deleted_playlist_is_told_once_and_made_again_on_request(
    person: Person,
    rules: Rules,
) -> None:
    rules["calm"] = rule("calm", 1)
    invoke("sync", "calm")
    person.account.playlists.clear()

    assert invoke("sync")[1] == (
        "Calm: its playlist was deleted at Spotify, so its mapping has ended: "
        "`main.py playlists sync calm` makes a new one\n"
    )
    assert "Calm: skipped, as its playlist was deleted" in invoke("sync")[1]
    assert "Calm: 1 track, 1 added" in invoke("sync", "calm")[1]


@pytest.mark.parametrize(
    "given",
    [ID, f"spotify:playlist:{ID}", f"https://open.spotify.com/playlist/{ID}?si=0123456789abcdef"],
)
def test_a_playlist_is_mapped_by_its_id_or_address(
    person: Person,
    rules: Rules,
    given: str,
) -> None:
    code, said, _ = invoke("map", "calm", given, "--name", "Quiet", "--keep-edits")

    assert code == 0
    assert said == f"calm keeps the playlist {ID}; your own changes to it stay\n"
    mapping = person.mapping("calm")
    assert (mapping.playlist_id, mapping.name, mapping.keep_edits) == (ID, "Quiet", True)


def test_what_cannot_be_mapped_is_said(rules: Rules) -> None:
    code, _, error = invoke("map", "calm", "my playlist")
    assert (code, "is no playlist at Spotify" in error) == (2, True)
    invoke("map", "calm", ID)
    code, _, error = invoke("map", "other", ID)
    assert (code, "is kept by the rule calm" in error) == (2, True)


def test_a_run_syncs_the_rules_that_are_due(
    person: Person,
    rules: Rules,
) -> None:
    def synced() -> list[str]:
        return sync_due_rules(person.settings, person.clock.now)

    assert synced() == []
    rules["calm"] = rule("calm", 1, 2)
    (note,) = synced()
    assert note.startswith("Playlist Calm: 2 tracks, 2 added, 0 removed")
    assert synced() == []
    person.stand_in.faults.add(server_error(500), "/v1/playlists/", times=4)
    rules["wrong"] = Wanted("wrong", "Wrong", ["spotify:track:none"])
    first, second = synced()
    assert first.startswith("Playlist of the rule calm: Spotify answered 500")
    assert second.startswith("Playlist of the rule wrong: Spotify answered 400")
