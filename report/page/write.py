"""Writes a person's page: one HTML file that needs no network and no server."""

import base64
import gzip
import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from config.settings import EXPORTS_FOLDER
from loaders.export_names import WHERE_EXPORTS_ARE
from report.page import words
from report.page.listening import Listening, open_listening
from report.page.parts import ANY, MEASURES, Block, Section, View, ViewKey
from report.page.questions.asking import prepare
from report.page.sections import SECTIONS
from report.page.sections.behind import days_behind

REPORTS_FOLDER = "reports"
PAGE = "index.html"
_HERE = Path(__file__).parent
_ECHARTS = _HERE / "static" / "vendor" / "echarts-6.1.0.min.js"
_LEVEL = 5
_AT_A_TIME = 2
_DEFAULT: ViewKey = ("all", "plays")
# What every file system takes as the name of a folder.
_UNSAFE = re.compile(r"[^\w.@ -]|^\.+$")


@dataclass(frozen=True)
class Span:
    """The local dates that a page is limited to, each None where it is not."""

    first: date | None = None
    last: date | None = None


def page_of(data_dir: Path, user_id: str) -> Path:
    """Return the file of a person's page in the lake at ``data_dir``.

    On a disk where ``Anna`` is ``anna`` too, the one's page is still not the other's.
    """
    name = _UNSAFE.sub("_", user_id)
    if name != user_id or name != name.casefold():
        name = f"{name}-{hashlib.sha256(user_id.encode()).hexdigest()[:8]}"
    return data_dir / REPORTS_FOLDER / name / PAGE


def write_page(
    data_dir: Path,
    user_id: str,
    now: datetime,
    *,
    span: Span = Span(),
    out: Path | None = None,
    redact: bool = False,
) -> Path:
    """Write the page of a person and return its file.

    ``out`` is that file where the page is not to lie in the lake. A reader never sees half a page.
    Raises OSError where it cannot be written.
    """
    target = out or page_of(data_dir, user_id)
    with open_listening(
        data_dir, user_id, first=span.first, last=span.last, redact=redact
    ) as listening:
        text = _empty(data_dir, user_id, now) if listening is None else _page(listening, now)
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(f"{target.name}.new")
    scratch.write_text(text, encoding="utf-8", errors="replace")
    scratch.replace(target)
    return target


def _page(listening: Listening, now: datetime) -> str:
    sections: list[Section] = []
    views: dict[str, dict[str, str]] = {}
    with _two_at_a_time(listening) as answer:
        coming = [answer(make) for make in SECTIONS.values()]
        # What a single day was is not for a page that is shared.
        behind = None if listening.redact else answer(days_behind)
        # Meanwhile: Jinja takes as long to compile them as a section takes to be made.
        for name in _templates().list_templates():
            _templates().get_template(name)
        for section in (each.result() for each in coming):
            if section.blocks:
                sections.append(section)
                views |= _switched_views(section)
        days = None if behind is None else _packed(behind.result())
    return _rendered(
        "page.html.j2",
        listening=listening,
        sections=sections,
        views=_packed(views),
        days=days,
        measures=MEASURES,
        now=now,
        first=listening.periods[0].first,
    )


@contextmanager
def _two_at_a_time(listening: Listening) -> Iterator[Callable[[Callable[[Listening], Any]], Any]]:
    """Return what starts a function of the listening; its answer is the future's ``result()``.

    DuckDB answers most of the questions in one thread, as they are of few rows: so two of them are
    asked at a time, on a connection each.
    """
    prepare(listening)
    mine = threading.local()

    def begin() -> None:
        mine.listening = replace(listening, connection=listening.connection.cursor())

    with ThreadPoolExecutor(_AT_A_TIME, initializer=begin) as pool:
        yield lambda asked: pool.submit(lambda: asked(mine.listening))


def _empty(data_dir: Path, user_id: str, now: datetime) -> str:
    return _rendered(
        "empty.html.j2",
        user_id=user_id,
        exports=data_dir / EXPORTS_FOLDER,
        where_exports_are=WHERE_EXPORTS_ARE,
        now=now,
    )


def default_view(block: Block) -> tuple[ViewKey, View]:
    """Return what a block shows first."""
    for key in keys_for(*_DEFAULT):
        if key in block.views:
            return key, block.views[key]
    return next(iter(block.views.items()))


def _switched_views(section: Section) -> dict[str, dict[str, str]]:
    """Return every view of the blocks that have a choice as HTML, by block and choice."""
    as_html = _templates().get_template("view.html.j2").module.view  # type: ignore[attr-defined]
    return {
        block.id: {" ".join(key): as_html(block, view) for key, view in block.views.items()}
        for block in section.blocks
        if len(block.views) > 1
    }


def _packed(data: Mapping[str, Any]) -> str:
    """Return data for the script as compressed text.

    A page has hundreds of views, most of which nobody looks at: written out they would be most of
    its size.
    """
    return base64.b64encode(gzip.compress(json.dumps(data).encode(), _LEVEL)).decode()


def keys_for(period: str, measure: str) -> Iterable[ViewKey]:
    """Return the keys under which a view for a choice may stand, the closest first."""
    return (period, measure), (period, ANY), (ANY, measure), (ANY, ANY)


def _rendered(name: str, **values: Any) -> str:
    return _templates().get_template(name).render(**values)


def environment(*folders: Path) -> Environment:
    """Return the templates of the page, those in ``folders`` in place of others of their names."""
    templates = Environment(
        loader=FileSystemLoader([*folders, _HERE / "templates"]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    templates.filters |= words.FILTERS
    templates.globals |= {"default_view": default_view, "style": _static("page.css")}
    return templates


@cache
def _templates() -> Environment:
    templates = environment()
    templates.globals |= {
        "charts": _static("charts.js"),
        "choices": _static("choices.js"),
        "looks": _static("looks.js"),
        "days_script": _static("days.js"),
        "downloads": _static("downloads.js"),
        "echarts": Markup(_ECHARTS.read_text(encoding="utf-8")),
    }
    return templates


def _static(name: str) -> Markup:
    return Markup((_HERE / "static" / name).read_text(encoding="utf-8"))
