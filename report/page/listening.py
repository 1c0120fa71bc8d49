"""One person's plays, loaded once for all questions of a page, and the periods to ask for."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from engines.models import literal
from lake.provenance import table_state
from lake.reader import has_table, open_lake
from schemas.silver_schemas import COUNTS, LISTENING_WITH_FEATURES

RECENT_MONTHS = 12
RECENT_DAYS = 28

# What the questions need; the rest of silver's columns stays on disk.
_COLUMNS = (
    "played_at, local_date, hour_of_day, session_id, track_key, track_id, track_name, artist_key, "
    "artist_name, album_name, ms_played, skipped, is_counted, genre, feature_source, valence, "
    "energy, sources, utc_offset_minutes"
)


@dataclass(frozen=True)
class Period:
    """Local dates from ``first`` to ``last``, both included.

    ``before`` is the period of the same length that it is compared with, None where the lake does
    not reach back as far.
    """

    id: str
    label: str
    first: date
    last: date
    before: "Period | None" = None

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Listening:
    """A person's plays as the table ``plays`` of ``connection``.

    The tables of the lake are views of their own names beside it. ``today`` is the last local date
    with a play. What the person excluded or hid is not among them: ``excluded`` is how many plays
    of these dates that leaves out, ``hidden`` how many of those are hidden. ``redact`` says that
    the page is made to be shared: it must not show times of single plays, devices or countries.
    """

    connection: duckdb.DuckDBPyConnection
    user_id: str
    timezone: str
    today: date
    periods: tuple[Period, ...]
    redact: bool = False
    excluded: int = 0
    hidden: int = 0


@contextmanager
def open_listening(
    data_dir: Path,
    user_id: str,
    *,
    first: date | None = None,
    last: date | None = None,
    redact: bool = False,
) -> Iterator[Listening | None]:
    """Open the lake in ``data_dir`` for questions on one person; None where there is no play.

    ``first`` and ``last`` limit the plays to local dates.
    """
    with open_lake(data_dir) as connection:
        if not has_table(connection, LISTENING_WITH_FEATURES.full_name):
            yield None
            return
        # Written in, not passed: with the first parameter DuckDB loads pandas, which takes longer.
        connection.execute(
            f"""
            CREATE TABLE plays AS
            SELECT {_COLUMNS}, is_excluded, is_hidden FROM {LISTENING_WITH_FEATURES.full_name}
            WHERE user_id = {literal(user_id)}
              AND local_date BETWEEN DATE '{first or date.min}' AND DATE '{last or date.max}'
            """
        )
        ((hidden,),) = connection.execute(
            "SELECT count(*) FILTER (is_hidden) FROM plays"
        ).fetchall()
        # Of what was read: its files are many, and asking them twice takes a tenth of a page.
        ((excluded,),) = connection.execute(f"DELETE FROM plays WHERE NOT ({COUNTS})").fetchall()
        ((begin, end),) = connection.execute(
            "SELECT min(local_date), max(local_date) FROM plays"
        ).fetchall()
        if begin is None:
            yield None
            return
        yield Listening(
            connection,
            user_id,
            _timezone(data_dir),
            end,
            periods_of(begin, end),
            redact,
            excluded,
            hidden,
        )


def periods_of(begin: date, end: date) -> tuple[Period, ...]:
    """Return the periods of a page whose plays lie from ``begin`` to ``end``.

    All of them, the last 12 months and 28 days where there is more than that, and each year, the
    newest first.
    """
    whole = Period("all", "All time", begin, end)
    return (
        whole,
        *_recent("last_12_months", "Last 12 months", begin, end, (end - a_year_before(end)).days),
        *_recent("last_28_days", "Last 28 days", begin, end, RECENT_DAYS),
        *(_year(year, begin, end) for year in range(end.year, begin.year - 1, -1)),
    )


def a_year_before(day: date) -> date:
    """Return the same day of the year before; of 29 February the 28th."""
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if leap_day else day.day)


def _recent(id_: str, label: str, begin: date, end: date, days: int) -> Iterator[Period]:
    first = end - timedelta(days=days - 1)
    if first <= begin:
        return
    last_before = first - timedelta(days=1)
    first_before = last_before - timedelta(days=days - 1)
    before = None
    if first_before >= begin:
        before = Period(f"{id_}_before", f"the {days} days before", first_before, last_before)
    yield Period(id_, label, first, end, before)


def _year(year: int, begin: date, end: date) -> Period:
    """Return a calendar year; one that is not over is compared with as much of the year before."""
    first, last = date(year, 1, 1), min(date(year, 12, 31), end)
    before = None
    if date(year - 1, 1, 1) >= begin.replace(day=1):
        before = Period(f"{year - 1}", f"{year - 1}", date(year - 1, 1, 1), a_year_before(last))
    return Period(str(year), str(year), first, last, before)


def _timezone(data_dir: Path) -> str:
    """Return the time zone that local dates and hours of the lake are in."""
    state = table_state(LISTENING_WITH_FEATURES, data_dir)
    settings = {} if state is None or state.provenance is None else state.provenance.settings
    return settings.get("timezone", "UTC")


def people_with_plays(data_dir: Path) -> list[str]:
    """Return the people of whom the lake has plays, in alphabetical order."""
    with open_lake(data_dir, [LISTENING_WITH_FEATURES]) as connection:
        if not has_table(connection, LISTENING_WITH_FEATURES.full_name):
            return []
        found = connection.execute(
            f"SELECT DISTINCT user_id FROM {LISTENING_WITH_FEATURES.full_name} ORDER BY 1"
        ).fetchall()
    return [user_id for (user_id,) in found]
