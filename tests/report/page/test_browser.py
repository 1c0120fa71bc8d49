"""The page in a real browser: what is drawn, what switches do, and whom it shuts out."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from config.settings import DEMO_FOLDER
from engines.engine import Engine
from report.page.write import page_of, write_page
from tests.export_samples import extended, write_json
from tests.lakes import query, run, statuses
from tests.report.page.browsers import (
    PICTURES,
    chromium,
    keep_picture,
    marks,
    opened,
    unfold,
    wait_for_views,
)

pytestmark = [pytest.mark.browser, pytest.mark.long]

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
MEASURES = ("plays", "minutes")
SERIOUS = ("serious", "critical")
# A chart is one picture with a label; its thousands of marks are nothing to go through.
_OUTSIDE_CHARTS = {"exclude": [[".chart > *"]]}
# What a switch changes, without what is the same in every view.
_SHOWN = """() => [...document.querySelectorAll(".view")]
    .map((view) => view.textContent.replaceAll(/\\s+/g, " ").trim()).join("|")"""
_SWITCH = """([period, measure]) => {
    const select = document.getElementById("period"), began = performance.now();
    select.value = period;
    document.querySelector(`input[name=measure][value=${measure}]`).checked = true;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    document.body.getBoundingClientRect();
    return performance.now() - began;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def lake(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The simulated account, as a person's first run leaves it: with its page."""
    folder = tmp_path_factory.mktemp("browser")
    command = [sys.executable, "run_ingestion.py", "--demo", "--data-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / DEMO_FOLDER


@pytest.fixture(scope="module")
def page_file(lake: Path) -> Path:
    return page_of(lake, "me")


@pytest.fixture(scope="module")
def odd_page(browser: Browser, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of tracks whose names are markup, a formula, or read from right to left."""
    folder = tmp_path_factory.mktemp("odd")
    names = [
        ("<script>alert(1)</script>", "</script><b>"),
        ("=cmd()|'A1'", "+1"),
        ("أغنية", "فيروز"),
    ]
    plays = [
        extended(ts=f"2024-03-{day:02}T1{n}:05:00Z", track=track, artist=artist, track_id=None)
        for day in range(1, 29)
        for n, (track, artist) in enumerate(names)
    ]
    statuses(run(engine, folder / "lake", [write_json(folder / "endsong_0.json", plays)]))
    return write_page(folder / "lake", "me", NOW)


def choices(page: Page) -> list[tuple[str, str]]:
    periods = page.eval_on_selector_all("#period option", "(all) => all.map((e) => e.value)")
    return [(period, measure) for period in periods for measure in MEASURES]


def test_every_chart_of_every_choice_has_marks(browser: Browser, page_file: Path) -> None:
    with opened(browser, page_file) as page:
        wait_for_views(page)
        for choice in choices(page):
            page.evaluate(_SWITCH, list(choice))
            unfold(page)
            charts = page.locator(".view .chart").all()
            without = [
                chart.evaluate("(place) => place.closest('.block').id")
                for chart in charts
                if not marks(chart)
            ]
            assert len(charts) > 5
            assert not without, choice


def test_switches_change_what_is_shown(browser: Browser, page_file: Path) -> None:
    with opened(browser, page_file) as page:
        wait_for_views(page)
        shown, took = {}, {}
        for choice in choices(page):
            took[choice] = page.evaluate(_SWITCH, list(choice))
            shown[choice] = page.evaluate(_SHOWN)
        page.evaluate(_SWITCH, ["all", "plays"])

        assert len(set(shown.values())) == len(shown)
        assert page.evaluate(_SHOWN) == shown["all", "plays"]
        print(f"a switch: {max(took.values()):.0f} ms at most (wanted: 100)")


def test_a_choice_stands_in_the_address(browser: Browser, page_file: Path) -> None:
    with opened(browser, page_file) as page:
        wait_for_views(page)
        page.select_option("#period", "last_28_days")
        page.get_by_text("Minutes", exact=True).click()
        shown = page.evaluate(_SHOWN)

        page.reload()
        page.wait_for_selector('#totals .view[data-key^="last_28_days"]')

        assert "period=last_28_days" in page.url
        assert page.evaluate(_SHOWN) == shown
        assert page.locator("#period").input_value() == "last_28_days"


def test_the_first_chart_comes_at_once(browser: Browser, page_file: Path) -> None:
    with opened(browser, page_file) as page:
        page.locator(".chart").first.scroll_into_view_if_needed()
        page.wait_for_selector(".chart svg")
        seconds = page.evaluate("performance.now()") / 1000

        print(f"the first chart: {seconds:.2f} s after opening (wanted: 1.5)")


@pytest.mark.parametrize("period", ["all", "last_28_days", "2025"])
def test_totals_are_those_of_the_lake(
    browser: Browser, page_file: Path, lake: Path, period: str
) -> None:
    ((last,),) = query(lake, "SELECT max(local_date) FROM silver.listening_with_features")
    dates = {
        "all": (date.min, last),
        "last_28_days": (date.fromordinal(last.toordinal() - 27), last),
        "2025": (date(2025, 1, 1), date(2025, 12, 31)),
    }
    first, last = dates[period]
    ((plays, tracks, artists, days),) = query(
        lake,
        "SELECT count(*), count(DISTINCT track_key), count(DISTINCT artist_key), "
        "count(DISTINCT local_date) FROM silver.listening_with_features "
        f"WHERE is_counted AND local_date BETWEEN DATE '{first}' AND DATE '{last}'",
    )

    with opened(browser, page_file) as page:
        wait_for_views(page)
        page.select_option("#period", period)
        figures = {
            figure.locator("dt").inner_text(): figure.locator("data").first.get_attribute("value")
            for figure in page.locator("#totals .figures > div").all()
        }

    known = {name: int(float(value or 0)) for name, value in figures.items()}
    assert (known["plays"], known["tracks"]) == (plays, tracks)
    assert (known["artists"], known["days with music"]) == (artists, days)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("device", "width"), [("desktop", 1280), ("phone", 360)])
def test_nobody_is_shut_out(
    browser: Browser, page_file: Path, scheme: str, device: str, width: int
) -> None:
    with opened(browser, page_file, width, color_scheme=scheme) as page:
        unfold(page)
        faults = [
            f"{fault['id']}: {node['target']} {node['failureSummary']}"
            for fault in Axe().run(page, context=_OUTSIDE_CHARTS).response["violations"]
            if fault["impact"] in SERIOUS
            for node in fault["nodes"]
        ]
        keep_picture(page, f"{device}-{scheme}")

        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert not faults, "\n".join(faults)


def test_headings_are_in_order(browser: Browser, page_file: Path) -> None:
    with opened(browser, page_file) as page:
        levels = page.eval_on_selector_all(
            "h1, h2, h3, h4", "(all) => all.filter((e) => e.offsetParent).map((e) => +e.tagName[1])"
        )

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_a_page_without_script_has_its_tables(browser: Browser, page_file: Path) -> None:
    with opened(browser, page_file, java_script_enabled=False) as page:
        assert page.locator("table").first.is_visible()
        assert not page.locator(".choices").is_visible()
        assert page.locator("#totals .figures").is_visible()
        assert not any(button.is_visible() for button in page.locator("button").all())


def test_a_keyboard_reaches_the_content_and_the_switches(browser: Browser, page_file: Path) -> None:
    with opened(browser, page_file) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "period"
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowRight")
        assert "measure=minutes" in page.url


def test_the_theme_can_be_chosen(browser: Browser, page_file: Path) -> None:
    with opened(browser, page_file, color_scheme="dark") as page:
        before = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.click("#theme")

        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
        assert page.evaluate("document.documentElement.dataset.theme") == "light"


def test_the_recap_is_a_picture_and_prints(browser: Browser, page_file: Path) -> None:
    with opened(browser, page_file) as page:
        button = page.locator("#recap button.picture").first
        with page.expect_download() as download:
            button.click()
        picture = Path(download.value.path()).read_bytes()
        PICTURES.mkdir(parents=True, exist_ok=True)
        (PICTURES / "recap.png").write_bytes(picture)
        (PICTURES / "printed.pdf").write_bytes(page.pdf(format="A4", print_background=True))

    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 10_000


def test_odd_names_are_text_and_a_copy_holds_no_formula(browser: Browser, odd_page: Path) -> None:
    with opened(browser, odd_page) as page:
        table = page.locator(".block", has=page.locator("table", has_text="=cmd()")).first
        with page.expect_download() as download:
            table.locator("button.csv").first.click()
        copied = Path(download.value.path()).read_text(encoding="utf-8")
        shown = page.locator("main").inner_text()

        assert "<script>alert(1)</script>" in shown
        assert "أغنية" in shown
        assert copied.startswith("\ufeff")
        assert "\"'=cmd()|'A1'\"" in copied
        assert not re.search(r'(^|,)"[=+@]', copied, re.MULTILINE)
        assert page.locator("main script:not([type])").count() == 0


def test_a_day_of_the_calendar_opens_what_was_heard(browser: Browser, odd_page: Path) -> None:
    with opened(browser, odd_page) as page:
        page.evaluate(
            """() => document.querySelector("#calendar .chart").dispatchEvent(new CustomEvent(
                "mark", { bubbles: true, detail: { data: ["2024-03-01", 3], name: "" } }))"""
        )
        page.wait_for_selector("dialog[open]")

        assert page.locator("dialog h2").inner_text() == "Friday 1 Mar 2024: 3 plays, 9 min"
        assert page.locator("dialog li").all_inner_texts() == [
            "<script>alert(1)</script> · </script><b> · 1 play",
            "=cmd()|'A1' · +1 · 1 play",
            "أغنية · فيروز · 1 play",
        ]
