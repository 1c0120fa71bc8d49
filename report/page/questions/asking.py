"""How the questions ask the plays of one person: of many periods at once.

A question of a single period takes longer to be planned than to be answered, so each question is
one statement over all the periods that a page shows. The plays are added up once:

- ``heard``: the plays with what they are of, as numbers;
- ``heard_days``: what each day held;
- ``asked``: the number of each period asked for, and of the one before it (``is_before``): a time
  that is asked for twice, as a year of its own and as the one before another, has one number;
- ``asked_days``: the dates of each number; ``is_before`` says that no period asked for has it;
- ``period_counts``: a row a number, track, artist, album and genre.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

import duckdb

from engines.models import literal
from lake.reader import has_table
from schemas.genre_schemas import ARTIST_GENRES

if TYPE_CHECKING:
    from report.page.listening import Listening, Period

Row = TypeVar("Row")
Periods = Sequence["Period"]
# Both measures, in every question the same: plays of 30 s and more, and the time that is known to
# have been heard, of short plays too.
PLAYS = "count(*) FILTER (is_counted)"
MINUTES = "sum(ms_played) / 60000.0"

_making = Lock()  # two that make one table at once would get in each other's way
_WEEKS_UP_TO_DAYS = 100
_MONTHS_UP_TO_DAYS = 366 * 4


def grain(period: Period) -> str:
    """Return 'week', 'month' or 'quarter': the step in which the period is shown."""
    if period.days <= _WEEKS_UP_TO_DAYS:
        return "week"
    return "month" if period.days <= _MONTHS_UP_TO_DAYS else "quarter"


def run(listening: Listening, sql: str) -> duckdb.DuckDBPyConnection:
    """Run one statement on the connection of ``listening``.

    Numbers and dates are written into it: with the first parameter DuckDB loads libraries that a
    page has no need of, which takes longer than all the questions.
    """
    return listening.connection.execute(sql)


def ask(
    listening: Listening,
    row: Callable[..., Row],
    sql: str,
    periods: Periods,
) -> dict[str, list[Row]]:
    """Return what ``sql`` gives of each period, by its id: a ``row`` of all columns but the first.

    The first column is the number of the period, as in ``asked_days``.
    """
    _ask_for(listening, periods)
    if "period_counts" in sql:
        _count(listening)
    answers: dict[str, list[Row]] = {period.id: [] for period in periods}
    for number, *values in run(listening, sql).fetchall():
        answers[periods[number].id].append(row(*values))
    return answers


def _ask_for(listening: Listening, periods: Periods) -> None:
    """Make ``asked`` and ``asked_days`` of these periods, unless they are there."""
    asked, spans = _numbered(periods)
    [(asked_before,)] = run(listening, "SELECT getvariable('asked_periods')").fetchall()
    if asked_before == asked + spans:
        return
    prepare(listening)
    run(
        listening,
        "CREATE OR REPLACE TEMP TABLE asked AS "
        f"SELECT * FROM (VALUES {asked}) AS t (period, is_before, number)",
    )
    run(
        listening,
        f"""
        CREATE OR REPLACE TEMP TABLE asked_days AS
        SELECT
            s.period, s.is_before, d.local_date,
            CASE s.grain
                WHEN 'week' THEN date_trunc('week', d.local_date)
                WHEN 'month' THEN date_trunc('month', d.local_date)
                ELSE date_trunc('quarter', d.local_date)
            END::DATE AS step
        FROM heard_days AS d
        JOIN (VALUES {spans}) AS s (period, is_before, first, last, grain)
            ON d.local_date BETWEEN s.first AND s.last
        """,
    )
    run(listening, "DROP TABLE IF EXISTS period_counts")
    run(listening, f"SET VARIABLE asked_periods = {literal(asked + spans)}")


def _count(listening: Listening) -> None:
    """Make ``period_counts`` of the periods asked for, unless it is there."""
    run(
        listening,
        f"""
        CREATE TEMP TABLE IF NOT EXISTS period_counts AS
        SELECT
            d.period, d.is_before, h.track, h.artist, h.album, h.genre,
            {PLAYS} AS plays,
            sum(h.ms_played) AS ms_played,
            min(h.played_at) FILTER (h.is_counted) AS first_at,
            max(h.played_at) FILTER (h.is_counted) AS last_at,
            min(h.local_date) FILTER (h.is_counted) AS first,
            max(h.local_date) FILTER (h.is_counted) AS last,
            count(*) AS all_plays,
            count(*) FILTER (h.skipped) AS skips,
            count(h.skipped) AS known_skips,
            count(*) FILTER (h.is_counted AND h.ms_played IS NULL) AS plays_without_time
        FROM heard AS h JOIN asked_days AS d USING (local_date)
        GROUP BY d.period, d.is_before, h.track, h.artist, h.album, h.genre
        """,
    )


def _numbered(periods: Periods) -> tuple[str, str]:
    """Return the rows of ``asked``, and each number with its dates and grain, as SQL writes them.

    The number of a period is its place; a period before has that of a period with its dates, else
    one after all of these.
    """
    numbers = {(span.first, span.last): number for number, span in enumerate(periods)}
    asked = [(number, False, number) for number in range(len(periods))]
    spans = [(number, False, period, period) for number, period in enumerate(periods)]
    for place, period in enumerate(periods):
        if period.before is not None:
            dates = (period.before.first, period.before.last)
            if dates not in numbers:
                numbers[dates] = len(spans)
                spans.append((numbers[dates], True, period.before, period))
            asked.append((place, True, numbers[dates]))
    return ", ".join(map(str, asked)), ", ".join(
        f"({number}, {is_before}, DATE '{span.first}', DATE '{span.last}', '{grain(period)}')"
        for number, is_before, span, period in spans
    )


def make_once(listening: Listening, name: str, sql: str) -> None:
    """Make a table of what ``sql`` selects, for all connections, unless it is there.

    Whether it is there is asked first: to plan the statement takes longer than most questions.
    """
    if _is_made(listening, name):
        return
    with _making:
        if not _is_made(listening, name):
            run(listening, f"CREATE TABLE {name} AS {sql}")


def _is_made(listening: Listening, name: str) -> bool:
    try:
        run(listening, f"FROM {name} LIMIT 0")
    except duckdb.CatalogException:
        return False
    return True


def prepare(listening: Listening) -> None:
    """Make ``heard``, its days and the names behind its numbers, once.

    A number is the hash of a key: of 64 bits, so that no two of a person's tracks share one. The
    genre is the track's, else the artist's, as in gold.genre_analysis.
    """
    if _is_made(listening, "album_names"):  # the last one
        return
    artists = "SELECT NULL::VARCHAR AS artist_key, NULL::VARCHAR AS genre WHERE false"
    if has_table(listening.connection, ARTIST_GENRES.full_name):
        artists = f"""
            SELECT artist_key, genre FROM {ARTIST_GENRES.full_name}
            WHERE genre_source <> 'unclassified'
        """
    make_once(
        listening,
        "heard",
        f"""
        SELECT
            p.played_at, p.local_date, p.hour_of_day, p.is_counted, p.skipped, p.ms_played,
            hash(p.track_key) AS track,
            CASE WHEN p.artist_key IS NOT NULL THEN hash(p.artist_key) END AS artist,
            CASE WHEN p.artist_key IS NOT NULL AND p.album_name IS NOT NULL
                THEN hash(p.artist_key, p.album_name) END AS album,
            coalesce(p.genre, a.genre) AS genre
        FROM plays AS p LEFT JOIN ({artists}) AS a USING (artist_key)
        """,
    )
    make_once(
        listening,
        "heard_days",
        f"SELECT local_date, {PLAYS} AS plays, {MINUTES} AS minutes FROM heard GROUP BY local_date",
    )
    make_once(
        listening,
        "track_names",
        """
        SELECT
            hash(track_key) AS thing, max(track_name) AS name, max(artist_name) AS by,
            min(track_id) AS track_id,
            min(local_date) FILTER (is_counted) AS first
        FROM plays GROUP BY track_key
        """,
    )
    make_once(
        listening,
        "artist_names",
        """
        SELECT
            hash(artist_key) AS thing, max(artist_name) AS name, NULL AS by, NULL AS track_id,
            min(local_date) FILTER (is_counted) AS first
        FROM plays WHERE artist_key IS NOT NULL GROUP BY thing
        """,
    )
    make_once(
        listening,
        "album_names",
        """
        SELECT
            hash(artist_key, album_name) AS thing, any_value(album_name) AS name,
            max(artist_name) AS by, NULL AS track_id
        FROM plays WHERE artist_key IS NOT NULL AND album_name IS NOT NULL
        GROUP BY thing
        """,
    )
