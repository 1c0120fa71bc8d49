"""The application in a real browser: signing in, a sync, an upload, and that nobody is shut out."""

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from config.settings import Settings
from demo.clock import Clock
from demo.music import Music
from demo.plays import Play
from demo.spotify_account import Account
from demo.spotify_server import SpotifyStandIn
from lake.reader import open_lake
from report.page.sections import SECTIONS
from tests.demo.spotify_samples import TRACK_MS, TRACKS
from tests.export_samples import extended, write_zip
from tests.report.page.browsers import chromium, keep_picture, unfold
from tests.stand_ins import as_environment, connection
from tests.web.addresses import pages
from tests.web.conftest import PLAYS
from tests.web.test_server import free_port
from web.listed import LISTS

pytestmark = [pytest.mark.browser, pytest.mark.long]

ROOT = Path(__file__).resolve().parents[2]
SERIOUS = ("serious", "critical")
# A chart is one picture with a label; Swagger UI is not ours to mend.
OUTSIDE = {"exclude": [[".chart > *"], ["#explorer > *"]]}
PATIENCE = 100_000
# What the page of a thing is asked by, of any play. That of a genre is laid out as an artist's.
THINGS = {
    "/artist": "'key=' || url_encode(artist_key)",
    "/track": "'key=' || url_encode(track_key)",
    "/album": "'artist=' || url_encode(artist_key) || '&name=' || url_encode(album_name)",
    "/day": "'date=' || local_date",
    "/session": "'id=' || url_encode(session_id)",
    "/same": "'kind=track&q=a&key=' || url_encode(track_key)",
}
LEFT_OUT = {"/healthz", "/genre", "/lists/overview"}
PAGES = sorted(
    ({each.path() for each in pages()} - LEFT_OUT)
    | {f"/view/{name}" for name in SECTIONS}
    | {f"/lists/{name}" for name in LISTS}
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@dataclass
class World:
    """The page at ``url`` as a person's machine serves it, and the Spotify that it asks."""

    url: str
    stand_in: SpotifyStandIn


@pytest.fixture(scope="module")
def world(
    browser: Browser, made_lake: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("application")
    shutil.copytree(made_lake, folder / "data")
    now = datetime.now(UTC)
    port, callback = free_port(), f"http://127.0.0.1:{free_port()}/callback"
    with SpotifyStandIn(Account(Music(TRACKS), [], "listener"), Clock(now, 1.0)) as stand_in:
        stand_in.accounts.redirect_uris.add(callback)
        own = {name.upper() for name in Settings.model_fields}
        environment = {name: value for name, value in os.environ.items() if name not in own}
        environment |= {
            **as_environment(connection(stand_in)),
            "REDIRECT_URI": callback,
            "RECCOBEATS_API_URL": f"{stand_in.url}/reccobeats",
            "WEB_PORT": str(port),
            "ENGINE": "duckdb",
        }
        command = [sys.executable, str(ROOT / "main.py"), "web", "--data-dir", str(folder / "data")]
        with subprocess.Popen(command, env=environment, cwd=folder) as process:
            try:
                url = f"http://127.0.0.1:{port}"
                wait_for_answer(f"{url}/healthz")
                yield World(url, stand_in)
            finally:
                process.terminate()
                process.wait(timeout=30)


def wait_for_answer(url: str) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


@contextmanager
def opened(browser: Browser, width: int = 1280, scheme: str = "light") -> Iterator[Page]:
    """Open a window, and hold that no page in it says anything is wrong."""
    with browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
    ) as window:
        window.set_default_timeout(PATIENCE)
        page = window.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(f"dialog: {dialog.message}"))
        yield page
        assert said == []


def plays_on(page: Page, world: World) -> int:
    """Return how many plays the overview shows."""
    page.goto(f"{world.url}/view/overview")
    figure = page.locator("#totals .figures > div", has_text="plays").first
    return int(figure.locator("data").first.get_attribute("value") or 0)


def wait_for_run(page: Page) -> None:
    """Wait on the page of a run until that says how it ended, and hold that it ended well."""
    page.wait_for_url(re.compile("/data/runs/"))
    page.get_by_text(re.compile("^(Done|Failed), begun")).wait_for()
    assert page.get_by_text(re.compile("^Done, begun")).is_visible(), page.inner_text("pre.log")


def test_signing_in_leads_to_spotify_and_back(browser: Browser, world: World) -> None:
    with opened(browser) as page:
        page.goto(f"{world.url}/settings")
        assert page.get_by_text("Nobody is signed in").is_visible()
        page.get_by_role("button", name="Sign in at Spotify").click()
        page.get_by_text("Signed in until").wait_for()

        assert page.url == f"{world.url}/settings"
        assert world.stand_in.count("/authorize") == 1
        assert world.stand_in.count("/api/token", 200) == 1


def test_a_sync_goes_from_the_click_to_the_play_on_the_page(browser: Browser, world: World) -> None:
    heard_at = datetime.now(UTC) - timedelta(hours=1)
    world.stand_in.account.plays.append(Play(0, TRACKS[0].track_id, heard_at, ms_played=TRACK_MS))
    with opened(browser) as page:
        assert plays_on(page, world) == PLAYS
        page.goto(f"{world.url}/settings")
        page.get_by_role("button", name="Recent plays").click()
        wait_for_run(page)
        assert "1 new of the 1 plays" in page.inner_text("pre.log")
        page.get_by_role("link", name="To the overview").click()
        page.wait_for_url(re.compile("/view/overview"))
        assert plays_on(page, world) == PLAYS + 1
        assert world.stand_in.count("/v1/me/tracks") == 0


def test_a_list_is_kept_as_a_rule_and_its_playlist_is_made(browser: Browser, world: World) -> None:
    with opened(browser) as page:
        page.goto(f"{world.url}/view/what")
        page.get_by_role("link", name="Playlist from this list").first.click()
        page.get_by_role("textbox", name="Name").fill("What I hear")
        page.get_by_role("button", name="Keep", exact=True).click()
        page.wait_for_url(re.compile("/playlists/What"))
        page.get_by_role("button", name="What would be written").click()
        page.get_by_text(re.compile("^Done: what would be written")).wait_for()
        assert "would make a private playlist" in page.inner_text("pre.log")
        assert not world.stand_in.account.playlists
        page.get_by_role("button", name="Sync to Spotify").click()
        page.get_by_text(re.compile("^Done: sync")).wait_for()
        (playlist,) = world.stand_in.account.playlists.values()
        assert playlist.name == "What I hear"
        assert page.get_by_role("link", name="What I hear").first.is_visible()


def test_a_zip_that_is_chosen_is_imported(browser: Browser, world: World, tmp_path: Path) -> None:
    plays = [extended(ts=f"2025-12-2{day}T18:00:00Z", track="New", track_id=None) for day in (4, 5)]
    file = write_zip(tmp_path / "my_spotify_data.zip", {"endsong_7.json": plays})
    with opened(browser) as page:
        before = plays_on(page, world)
        page.goto(f"{world.url}/settings")
        page.set_input_files("#file", file)
        wait_for_run(page)
        assert plays_on(page, world) == before + 2
        page.goto(f"{world.url}/data/files")
        assert page.get_by_text("my_spotify_data.zip").first.is_visible()


def test_what_is_no_zip_is_refused_on_the_page(
    browser: Browser, world: World, tmp_path: Path
) -> None:
    file = tmp_path / "broken.zip"
    file.write_bytes(b"no zip")
    with opened(browser) as page:
        # The browser reports the answer itself, which is what it should be.
        page.route("**/api/v1/uploads*", answer_without_status)
        page.goto(f"{world.url}/settings")
        page.set_input_files("#file", file)
        page.get_by_text("no zip that can be read").wait_for()


def answer_without_status(route: object) -> None:
    answer = route.fetch()  # type: ignore[attr-defined]
    assert answer.status == 400
    route.fulfill(response=answer, status=300)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
@pytest.mark.parametrize("path", PAGES)
def test_nobody_is_shut_out(
    browser: Browser, world: World, made_lake: Path, path: str, width: int, scheme: str
) -> None:
    with opened(browser, width, scheme) as page:
        asked = path.replace("20260101T120000-0", run_of(world)) + query_of(path, made_lake)
        answer = page.goto(world.url + asked)
        assert answer is not None
        assert answer.status == 200
        page.wait_for_load_state("networkidle")
        unfold(page)
        faults = [
            f"{fault['id']}: {node['target']} {node['failureSummary']}"
            for fault in Axe().run(page, context=OUTSIDE).response["violations"]
            if fault["impact"] in SERIOUS
            for node in fault["nodes"]
        ]
        keep_picture(page, f"web{path.replace('/', '-')}-{scheme}")

        assert not faults, "\n".join(faults)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def query_of(path: str, lake: Path) -> str:
    """Return what the page of a thing is asked by; nothing for other pages."""
    if path not in THINGS:
        return ""
    with open_lake(lake) as tables:
        ((query,),) = tables.execute(
            f"SELECT {THINGS[path]} FROM silver.listening_with_features ORDER BY played_at LIMIT 1"
        ).fetchall()
    return f"?{query}"


def run_of(world: World) -> str:
    """Return the id of a run in the lake."""
    with urllib.request.urlopen(f"{world.url}/api/v1/runs", timeout=30) as answer:
        found = re.search(rb'"run_id":"([^"]+)"', answer.read())
    assert found
    return found[1].decode()
