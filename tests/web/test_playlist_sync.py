"""The playlist of a rule at Spotify: synced, mapped and told about on the page and by the API."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from clients.auth.accounts import SCOPES, WRITE_PLAYLISTS
from clients.auth.spotify_auth import TokenKeeper
from clients.errors import SignInError
from clients.spotify_playlists import SpotifyPlaylists
from config.settings import Settings
from demo.clock import Clock
from demo.music import Music
from demo.spotify_account import Account, Playlist
from demo.spotify_server import SpotifyStandIn
from lake.playlist_mappings import PlaylistMapping
from playlists.rule_files import EXAMPLES
from playlists.rule_sync import playlist_mappings
from schemas.silver_schemas import LISTENING_WITH_FEATURES
from schemas.unified_schemas import UNIFIED_TRACKS
from tests.playlists.conftest import IDS, TRACKS
from tests.playlists.libraries import track, write_rule
from tests.report.small_lakes import at, play, put
from tests.stand_ins import as_environment, connection, signed_in
from tests.web.conftest import ADDRESS, Made
from web.application import application
from web.runs import Run
from writers.lake_lock import lake_lock
from writers.playlist_mappings import keep_mapping

ROOT = Path(__file__).resolve().parents[2]
ID = "abcdefghijklmnopqrst12"
RULE = "ä b"


class World:
    """A page on a lake of five tracks, and the account at the stand-in that it writes to."""

    def __init__(self, folder: Path, stand_in: SpotifyStandIn, monkeypatch: pytest.MonkeyPatch):
        self.folder, self.stand_in, self._monkeypatch = folder, stand_in, monkeypatch
        self.client = self.opened(**signed_in(stand_in))

    def opened(self, **given: Any) -> TestClient:
        """Return a browser before the page under other settings, which its runs have too."""
        own = {name.upper() for name in Settings.model_fields}
        for name in own:
            self._monkeypatch.delenv(name, raising=False)
        for name, value in as_environment(given).items():
            self._monkeypatch.setenv(name, value)
        self.settings = Settings(_env_file=None, data_dir=self.folder, **given)
        app = application(self.settings, lambda: datetime.now(UTC), ROOT)
        self.app = app
        return TestClient(app, base_url=ADDRESS, follow_redirects=False)

    @property
    def playlists(self) -> list[Playlist]:
        return [*self.stand_in.account.playlists.values()]

    def finished(self) -> Run:
        """Return the last run of the page, once it has ended."""
        run: Run = self.app.state.web.runs.latest
        until = time.monotonic() + 60
        while run.status == "running" and time.monotonic() < until:
            time.sleep(0.02)
        return run


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    folder = tmp_path / "lake"
    put(folder, LISTENING_WITH_FEATURES, [play(at(1))])
    tracks = [
        {**track(f"<i>Song {number}</i>", counted_plays=5 + number), "track_id": IDS[number]}
        for number in range(5)
    ]
    put(folder, UNIFIED_TRACKS, tracks)
    write_rule(folder, RULE, {"name": "<b>Mine", "all": [{"gt": {"plays": 4}}], "sort": "plays"})
    write_rule(folder, "wrong", {"all": [{"gt": {"plajs": 1}}]})
    account = Account(Music(TRACKS), (), "spot")
    with SpotifyStandIn(account, Clock(datetime.now(UTC), 1.0)) as stand_in:
        yield World(folder, stand_in, monkeypatch)


def test_a_click_writes_the_playlist_and_the_page_says_what_was_done(world: World) -> None:
    page = world.client.get(f"/playlists/{RULE}").text
    assert "The rule has no playlist yet" in page

    answer = world.client.post(f"/playlists/{RULE}/sync")
    assert answer.headers["location"] == "/playlists/%C3%A4%20b#at-spotify"
    run = world.finished()
    assert run.status == "done", run.lines
    (playlist,) = world.playlists
    assert playlist.track_ids == IDS[:5]

    page = world.client.get(f"/playlists/{RULE}").text
    assert f"https://open.spotify.com/playlist/{playlist.playlist_id}" in page
    assert "5 tracks, 5 added, 0 removed (2 writes, " in page
    assert "&lt;b&gt;Mine: 5 tracks" in page
    assert "<b>Mine" not in page
    assert f"/playlist/{playlist.playlist_id}" in world.client.get("/playlists").text
    (rule,) = [each for each in world.client.get("/api/v1/playlists").json() if each["mapping"]]
    assert (rule["rule"], rule["mapping"]["playlist_id"]) == (RULE, playlist.playlist_id)
    assert (rule["last_sync"]["added"], rule["last_sync"]["status"]) == (5, "written")


def test_an_older_sign_in_is_one_line_with_a_button(world: World) -> None:
    former = [each for each in SCOPES if each != WRITE_PLAYLISTS]
    client = world.opened(**signed_in(world.stand_in, *former))
    keeper = TokenKeeper(world.settings, lambda: datetime.now(UTC))
    with pytest.raises(SignInError):
        SpotifyPlaylists(world.settings, keeper, lambda: datetime.now(UTC)).require_right_to_write()

    page = client.get(f"/playlists/{RULE}").text
    assert "This sign-in may not write playlists: sign in again." in page
    assert 'action="/settings/sign-in"' in page
    assert f"/playlists/{RULE}/sync" not in page
    refused = client.post(f"/api/v1/playlists/{RULE}/sync")
    assert (refused.status_code, "sign in again" in refused.json()["detail"]) == (409, True)
    # A dry run only reads.
    assert client.post(f"/playlists/{RULE}/sync", data={"dry_run": "true"}).status_code == 303


@pytest.mark.parametrize("is_signed_out", [True, False])
def test_what_is_missing_is_named(world: World, is_signed_out: bool) -> None:
    client = world.opened(**connection(world.stand_in)) if is_signed_out else world.opened()

    page = client.get(f"/playlists/{RULE}").text
    said = "Nobody is signed in" if is_signed_out else "set CLIENT_ID and CLIENT_SECRET"
    assert said in page
    assert ('action="/settings/sign-in"' in page) == is_signed_out
    answer = client.post(f"/playlists/{RULE}/sync")
    assert answer.status_code == 409
    assert said in answer.text or said[1:] in answer.text


def test_playlists_of_another_person_are_not_written(world: World) -> None:
    put(world.folder, LISTENING_WITH_FEATURES, [play(at(1), user_id="other")])

    page = world.client.get(f"/playlists/{RULE}?user=other").text
    assert "The sign-in is that of USER_ID=me, not of other." in page
    assert "/mapping" not in page
    asked = world.client.post(f"/playlists/{RULE}/mapping?user=other", data={"playlist": ID})
    assert asked.status_code == 409
    assert world.client.post(f"/playlists/{RULE}/sync?user=other").status_code == 409


def test_a_playlist_is_mapped_by_its_address_and_its_edits_are_kept(world: World) -> None:
    def mapped(**form: str) -> int:
        answer = world.client.post(f"/playlists/{RULE}/mapping", data=form)
        return int(answer.status_code)

    assert mapped() == 409
    assert mapped(playlist="my playlist") == 409
    address = f"https://open.spotify.com/playlist/{ID}?si=0"
    assert mapped(playlist=address, keep_edits="true") == 303
    mapping = playlist_mappings(world.folder, "me")[RULE]
    assert (mapping.playlist_id, mapping.keep_edits) == (ID, True)
    assert "What you change on it by hand stays" in world.client.get(f"/playlists/{RULE}").text
    assert mapped(keep_edits="false") == 303
    assert not playlist_mappings(world.folder, "me")[RULE].keep_edits
    taken = world.client.post("/playlists/rediscover/mapping", data={"playlist": ID})
    assert (taken.status_code, f"kept by the rule {RULE}" in taken.text) == (409, True)
    with lake_lock(world.folder):
        assert mapped(keep_edits="true") == 409
    assert world.client.post("/playlists/none/mapping", data={"playlist": ID}).status_code == 404


def test_the_api_maps_a_playlist_too(world: World) -> None:
    def mapped(rule: str = RULE, **wanted: Any) -> Any:
        return world.client.post(f"/api/v1/playlists/{rule}/mapping", json=wanted)

    assert mapped(keep_edits=True).status_code == 409
    answer = mapped(playlist=ID, keep_edits=True).json()
    assert (answer["playlist_id"], answer["keep_edits"], answer["status"]) == (ID, True, "active")
    assert answer["link"] == f"https://open.spotify.com/playlist/{ID}"
    assert mapped(keep_edits=False).json()["keep_edits"] is False
    taken = mapped("rediscover", playlist=ID)
    assert (taken.status_code, f"kept by the rule {RULE}" in taken.json()["detail"]) == (409, True)
    assert mapped("none", playlist=ID).status_code == 404


def test_a_deleted_playlist_is_told(world: World) -> None:
    now = datetime.now(UTC)
    ended = PlaylistMapping("me", RULE, "Mine", False, now, "ended", ID, "deleted at Spotify")
    keep_mapping(world.folder, ended, now)

    page = world.client.get(f"/playlists/{RULE}").text
    assert "Its playlist was deleted at Spotify, so the rule keeps none." in page
    rules = world.client.get("/api/v1/playlists").json()
    assert [each["mapping"]["status"] for each in rules if each["mapping"]] == ["ended"]


def test_the_api_lists_rules_and_says_why_tracks_are_in(world: World) -> None:
    rules = {each["rule"]: each for each in world.client.get("/api/v1/playlists").json()}
    assert "there is no field plajs" in rules["wrong"]["error"]
    assert (rules[RULE]["name"], rules[RULE]["error"]) == ("<b>Mine", None)
    assert (rules[RULE]["comes_along"], rules["rediscover"]["comes_along"]) == (False, True)

    shown = world.client.get(f"/api/v1/playlists/{RULE}?per_page=2&page=2").json()
    assert [(each["track_id"], each["why"]) for each in shown["tracks"]] == [
        (IDS[2], "7 plays"),
        (IDS[3], "8 plays"),
    ]
    assert (shown["total"], shown["matching"], shown["without_id"]) == (5, 5, 0)
    assert shown["tracks"][0]["values"] == {"plays": 7}


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "/api/v1/playlists/none", 404, "there is no rule none"),
        ("GET", "/api/v1/playlists/wrong", 409, "there is no field plajs"),
        ("POST", "/api/v1/playlists/none/sync", 404, "there is no rule none"),
        ("POST", "/api/v1/playlists/wrong/sync", 409, "there is no field plajs"),
        ("GET", "/api/v1/playlists/rediscover?page=0", 422, "page"),
    ],
)
def test_errors_are_problem_documents(
    world: World, method: str, path: str, status: int, said: str
) -> None:
    answer = world.client.request(method, path)

    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    )
    assert said in answer.json()["detail"]


def test_the_page_of_its_run_leads_back(make: Made, commands: Path, lake: Path) -> None:
    with TestClient(make(), base_url=ADDRESS, follow_redirects=False) as client:
        begun = client.post("/api/v1/playlists/most-played/sync", json={"dry_run": True}).json()
        events = client.get(f"/data/runs/{begun['run_id']}/events").text
        page = client.get(f"/data/runs/{begun['run_id']}").text

    assert f"--data-dir {lake} --dry-run {EXAMPLES / 'most-played.nsp'}" in events
    assert 'href="/playlists/most-played"' in page
    assert "Dry run of most-played" in page
    assert "nothing new" not in page
    assert (begun["kind"], begun["rule"]) == ("playlist", "most-played")


def test_a_sync_while_a_run_is_under_way_is_refused(make: Made, commands: Path) -> None:
    (commands / "main.py").write_text("import time\ntime.sleep(60)\n")
    with TestClient(make(), base_url=ADDRESS, follow_redirects=False) as client:
        begun = client.post("/api/v1/playlists/most-played/sync")
        assert (begun.status_code, begun.json()["status"]) == (202, "running")
        again = client.post("/api/v1/playlists/most-played/sync")
        assert (again.status_code, "under way" in again.json()["detail"]) == (409, True)
        page = client.get("/playlists/most-played").text
        assert f'data-events="/data/runs/{begun.json()["run_id"]}/events"' in page
