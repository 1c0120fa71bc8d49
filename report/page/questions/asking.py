"""How the questions ask the plays of one person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from datetime import date

    import duckdb

    from report.page.listening import Listening

Row = TypeVar("Row")
IN_PERIOD = "local_date BETWEEN $first AND $last"
# Both measures, in every question the same: plays of 30 s and more, and the time that is known to
# have been heard, of short plays too.
PLAYS = "count(*) FILTER (is_counted)"
MINUTES = "sum(ms_played) / 60000.0"


class Span(Protocol):
    """Local dates from the first to the last, as a period of the page has them."""

    @property
    def first(self) -> date:
        """The first date."""

    @property
    def last(self) -> date:
        """The last date, included."""


def ask(
    listening: Listening,
    row: type[Row],
    sql: str,
    span: Span | None = None,
    **parameters: Any,
) -> list[Row]:
    """Return what ``sql`` gives, a ``row`` each; ``span`` fills ``$first`` and ``$last``."""
    if span is not None:
        parameters |= {"first": span.first, "last": span.last}
    return [row(*found) for found in run(listening, sql, parameters).fetchall()]


def run(
    listening: Listening, sql: str, parameters: dict[str, Any] | None = None
) -> duckdb.DuckDBPyConnection:
    """Run one statement on the connection of ``listening``."""
    return listening.connection.execute(sql, parameters or {})
