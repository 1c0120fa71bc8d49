"""The common layout of printed tables."""

from rich import box
from rich.table import Table


def titled_table(title: str) -> Table:
    """Return an empty table under a bold title, with a line below its headings only."""
    return Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
