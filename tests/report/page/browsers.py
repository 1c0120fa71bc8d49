"""A browser for tests of the page: Chromium of the system, driven by playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

PICTURES = Path(__file__).resolve().parents[3] / "build" / "pictures"
"""Where tests leave what they saw, for a person to look at."""

_NAMES = ("chromium", "chromium-browser", "google-chrome")
# Milliseconds that a busy machine may need for what takes an idle one a fraction of a second.
_PATIENCE = 120_000


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium; the test is skipped where there is none."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip("needs Chromium (on Debian: apt-get install chromium)")
    # Chromium does not start as root inside its own sandbox.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser
        browser.close()


@contextmanager
def opened(
    browser: Browser, file: Path, width: int = 1280, height: int = 900, **context: Any
) -> Iterator[Page]:
    """Open a page from disk, and hold that it reports no fault and asks for nothing."""
    with browser.new_context(
        viewport={"width": width, "height": height},
        **{"reduced_motion": "reduce", "color_scheme": "light", **context},
    ) as window:
        window.set_default_timeout(_PATIENCE)
        page = window.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: said.append(request.url))
        page.goto(file.as_uri())
        yield page
        asked = [
            each
            for each in said
            if not each.startswith((file.as_uri(), "data:", f"blob:{file.as_uri()[:7]}"))
        ]
        assert asked == []


def wait_for_views(page: Page) -> None:
    """Wait until the switches work: what they show is unpacked after the page is open."""
    for period in ("last_28_days", "all"):
        page.wait_for_function(
            """(period) => {
                const select = document.getElementById("period");
                select.value = period;
                select.dispatchEvent(new Event("change", { bubbles: true }));
                return document.querySelector("#totals .view").dataset.key.startsWith(period);
            }""",
            arg=period,
        )


def unfold(page: Page) -> None:
    """Open what is folded and is no table, and draw every chart, in sight or not."""
    page.evaluate(
        """() => {
            document.querySelectorAll("details.folded").forEach((each) => { each.open = true; });
            const charts = [...document.querySelectorAll(".view .chart")];
            document.dispatchEvent(new CustomEvent("redraw", { detail: charts }));
        }"""
    )


def keep_picture(page: Page, name: str) -> None:
    """Leave a picture of the whole page, as high as it is."""
    height = page.evaluate("document.body.scrollHeight")
    width = page.evaluate("innerWidth")
    page.set_viewport_size({"width": width, "height": height})
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")


def marks(chart: Locator) -> int:
    """Return how many shapes a chart shows that are neither its background nor hidden."""
    return int(
        chart.evaluate(
            """(place) => [...place.querySelectorAll("path, circle, rect, polyline")]
            .filter((shape) => {
                const { width, height } = shape.getBoundingClientRect();
                return width + height > 0 && shape.getAttribute("fill-opacity") !== "0";
            }).length"""
        )
    )
