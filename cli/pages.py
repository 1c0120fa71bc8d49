"""Pages of people's listening: written at the end of a run, or when asked for."""

import webbrowser
from datetime import datetime
from pathlib import Path

from cli.console import console, say
from config.desktop import has_browser, is_in_container
from config.settings import Settings
from report.page.listening import people_with_plays

MAX_PAGES_OF_A_RUN = 4
"""A study has thousands of people: their pages are written when somebody asks for them."""


def write_pages(settings: Settings, now: datetime, concerned: frozenset[str] | None) -> None:
    """Write the pages of people, say where they are, and open one on a desktop.

    ``concerned`` are those whose plays a run changed; None: everybody in the lake.
    """
    from report.page.write import write_page

    found = people_with_plays(settings.data_dir)
    people = [each for each in found if concerned is None or each in concerned]
    shown = people[:MAX_PAGES_OF_A_RUN]
    if settings.user_id in people and settings.user_id not in shown:
        shown = [settings.user_id, *shown[:-1]]
    with console.status("writing the page …"):
        pages = [write_page(settings.data_dir, person, now) for person in shown]
    for page in pages:
        say(f"the page: {address_of(page)}")
    if len(people) > len(pages):
        say(f"pages of {len(people) - len(pages):,} more people: main.py report --user ID")
    if len(pages) == 1:
        open_on_a_desktop(pages[0])


def address_of(page: Path) -> str:
    """Return what a person opens: an address, or the path where the disk is a container's."""
    return str(page) if is_in_container() else page.resolve().as_uri()


def open_on_a_desktop(page: Path) -> None:
    """Open a page in the browser of whoever sits at this terminal; else do nothing."""
    if console.is_terminal and has_browser():
        webbrowser.open(address_of(page))
