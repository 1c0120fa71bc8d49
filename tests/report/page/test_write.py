"""The page as a file: whole, self-contained, and safe whatever tracks are called."""

import base64
import gzip
import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engines.engine import Engine
from report.page.listening import people_with_plays
from report.page.write import page_of, write_page
from tests.export_samples import extended, write_json
from tests.lakes import query, run, statuses
from tests.report.page.page_text import PageText

STATIC = Path(__file__).resolve().parents[3] / "report" / "page" / "static"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ODD = '<script>alert("1")</script>'
FORMULA = "=cmd()|'A1'"
ARABIC = "أغنية"


@pytest.fixture(scope="module")
def lake(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty days of three tracks whose names are no easy ones."""
    folder = tmp_path_factory.mktemp("page")
    plays = [
        extended(
            ts=f"2024-0{month}-{day:02}T{10 + n}:05:00Z",
            track=track,
            artist=artist,
            track_id=track_id * 22,
        )
        for month in (3, 4)
        for day in range(1, 29)
        for n, (track, artist, track_id) in enumerate(
            [(ODD, "</script><b>", "a"), (FORMULA, "Band", "b"), (ARABIC, "فيروز", "c")]
        )
    ]
    statuses(run(engine, folder / "lake", [write_json(folder / "endsong_0.json", plays)]))
    return folder / "lake"


@pytest.fixture(scope="module")
def html(lake: Path) -> str:
    return write_page(lake, "me", NOW).read_text(encoding="utf-8")


def test_names_are_text_whatever_they_look_like(html: str) -> None:
    page = PageText(html)

    assert ODD in page.text
    assert FORMULA in page.text
    assert ARABIC in page.text
    assert page.count("b") == 0
    assert 'alert("1")' not in "".join(page.scripts)
    assert f"<bdi>{ARABIC}</bdi>" in html


def test_nothing_is_fetched_and_links_lead_to_spotify_alone(html: str) -> None:
    page = PageText(html)

    assert page.addresses
    for tag, address in page.addresses:
        assert tag == "a" or address.startswith("data:"), (tag, address)
        assert address.startswith(("#", "data:", "https://open.spotify.com/track/")), address
    assert page.count("script", src="") == 0
    assert "default-src 'none'" in html
    # The page's policy forbids the library too; its text has the words of drawing by address.
    own = [text for text in page.scripts if "Apache Software Foundation" not in text]
    assert len(own) == len(page.scripts) - 1
    for text in own:
        assert not re.search(r"url\(|@import|\bfetch\(|XMLHttpRequest|WebSocket|import\(", text)


def test_the_script_is_small_and_the_library_is_the_published_one() -> None:
    library = (STATIC / "vendor" / "echarts-6.1.0.min.js").read_bytes()

    assert len((STATIC / "charts.js").read_bytes()) < 6 * 1024
    assert hashlib.sha256(library).hexdigest() == (
        "b66b25aeb4df84e33199dc21694014d336d222cbd9deb0e5a7c14bd6aa0d0fd0"
    )
    assert "Apache License" in (STATIC / "vendor" / "echarts-LICENSE").read_text(encoding="utf-8")


def test_what_lies_behind_a_day_is_packed(html: str) -> None:
    packed = re.search(r'<script type="application/gzip" id="days">(.*?)</script>', html)

    assert packed
    behind = json.loads(gzip.decompress(base64.b64decode(packed[1])))
    assert behind["days"]["2024-03-01"][:2] == ["Friday 1 Mar 2024", "3 plays, 9 min"]
    assert f"{ARABIC} · فيروز" in behind["tracks"]


def test_every_block_has_a_first_view_and_every_chart_its_numbers(html: str) -> None:
    page = PageText(html)
    options = re.findall(r'<script type="application/json" class="option">(.*?)</script>', html)

    blocks = page.count("article", **{"class": "block"}) + page.count(
        "article", **{"class": "block wide"}
    )
    assert blocks > 5
    assert len(options) > 5
    assert all(isinstance(json.loads(each), dict) for each in options)
    assert page.count("details", **{"class": "numbers"}) >= len(options)


def test_the_totals_are_those_of_the_lake(html: str, lake: Path) -> None:
    ((plays, tracks),) = query(
        lake,
        "SELECT count(*), count(DISTINCT track_key) FROM silver.listening_with_features "
        "WHERE is_counted",
    )

    assert f'<data value="{plays}">' in html
    assert f'<data value="{tracks}">' in html
    assert (plays, tracks) == (168, 3)


def test_a_redacted_page_names_nobody_no_device_and_no_country(lake: Path, tmp_path: Path) -> None:
    page = write_page(lake, "me", NOW, out=tmp_path / "page.html", redact=True)
    text = PageText(page.read_text(encoding="utf-8")).text

    assert "A listening history" in text
    assert PageText(page.read_text(encoding="utf-8")).count("script", id="days") == 0
    assert "windows" not in text
    assert "Germany" not in text
    assert not re.search(r"\bDE\b", text)
    assert not re.search(r"\b\d{1,2}:05\b", text)


def test_a_lake_without_plays_says_what_to_do(tmp_path: Path) -> None:
    page = write_page(tmp_path / "lake", "me", NOW)
    text = PageText(page.read_text(encoding="utf-8")).text

    assert page == page_of(tmp_path / "lake", "me")
    assert "No plays yet" in text
    assert str(tmp_path / "lake" / "exports") in text


def test_one_play_is_a_page(engine: Engine, tmp_path: Path) -> None:
    exports = [write_json(tmp_path / "endsong_0.json", [extended()])]
    statuses(run(engine, tmp_path / "lake", exports))

    page = write_page(tmp_path / "lake", "me", NOW)

    assert people_with_plays(tmp_path / "lake") == ["me"]
    assert '<data value="1">1</data>' in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("user_id", ["..", "a/b", "a\\b", "üser", "x" * 30, "CON:"])
def test_a_page_lies_in_a_folder_of_its_own_below_reports(user_id: str, tmp_path: Path) -> None:
    page = page_of(tmp_path, user_id)

    assert page.parent.parent == tmp_path / "reports"
    assert page.parent.name not in ("", ".", "..")
    assert page != page_of(tmp_path, f"{user_id}_")


@pytest.mark.parametrize(("one", "other"), [("Anna", "anna"), ("ÜNAL", "ünal"), ("me", "ME")])
def test_pages_are_apart_on_a_disk_that_takes_capitals_for_small_letters(
    one: str, other: str, tmp_path: Path
) -> None:
    pages = [str(page_of(tmp_path, each)).casefold() for each in (one, other)]

    assert pages[0] != pages[1]
