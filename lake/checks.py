"""The checks of changed rows in every run, in SQL that is independent of the models.

Declared beside each table: its key is unique, totals of a person's rows, references to rows of
other tables, and conditions on each row. Once for the lake: plays in silver against the records of
bronze, month by month (``plays_against_records``).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import duckdb

from engines.models import literal, quoted_name
from engines.parquet import scan
from lake.table_rows import table_rows
from schemas import BY_NAME
from schemas.bronze_schemas import IS_MUSIC, IS_SPOKEN, LISTENING_HISTORY
from schemas.ops_schemas import IMPOSSIBLE_PLAYS, REJECTED_RECORDS
from schemas.play_sources import PLAY_SOURCES
from schemas.silver_schemas import LISTENING_WITH_FEATURES
from schemas.table import Reference, Table, Total

_SHARES = ("measured_share", "catalogue_share", "synthetic_share")
_SHARE_ERROR = 1e-5  # of three shares, each rounded to six decimals
_EDGE = "INTERVAL 1 HOUR"
_NO_ROWS = "SELECT 1 WHERE false"


@dataclass(frozen=True)
class Proof:
    """The result of one check: the number of failures, and the first of them."""

    table: Table
    name: str
    failures: int
    example: str | None
    seconds: float

    @property
    def holds(self) -> bool:
        return self.failures == 0


def prove(
    tables: Iterable[Table],
    data_dir: Path,
    people: Collection[str] | None,
    *,
    across: bool = True,
) -> Iterator[Proof]:
    """Yield the result of each check of some tables, for these ``people`` (None: everybody).

    ``across`` says whether a table is compared with others, which must then be up to date.
    """
    chosen = None if people is None else frozenset(people)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        # Many questions to the same files.
        connection.execute("SET parquet_metadata_cache = true")
        checked = list(tables)
        if across:
            _expect(
                connection, [each for table in checked for each in table.totals], data_dir, chosen
            )
        for table in checked:
            _bind(connection, table, data_dir, chosen)
            queries = {"key_unique": _key_query(table), **_queries_of_rows(connection, table)}
            if across:
                queries |= _queries_across(connection, table, data_dir, chosen)
            for name, query in queries.items():
                began = monotonic()
                failures, example = _found(connection, query)
                yield Proof(table, name, failures, example, monotonic() - began)


def proved_against(table: Table) -> frozenset[Table]:
    """Return the tables that a table is compared with."""
    names = {each.of for each in table.totals} | {each.table for each in table.references}
    return frozenset(BY_NAME[each] for each in names) - {table}


def _key_query(table: Table) -> str:
    """Return the query for keys that more than one row of a table has."""
    key = ", ".join(table.key)
    return (
        f"SELECT {key}, count(*) AS rows FROM {table.full_name} GROUP BY {key} HAVING count(*) > 1"
    )


def _queries_of_rows(connection: duckdb.DuckDBPyConnection, table: Table) -> dict[str, str]:
    """Return each check of a table's single rows, as a query for its failures.

    A check that holds in every row has a query without rows. That is asked of all checks at once:
    each alone would read the table again.
    """
    key, shares = ", ".join(table.key), ", ".join(_SHARES)
    broken = {
        name: (key, f"NOT coalesce({rule}, false)") for name, rule in table.invariants.items()
    }
    if {*_SHARES} <= {*table.column_names}:
        broken["shares_add_up"] = (
            f"{key}, {shares}",
            f"abs({' + '.join(_SHARES)} - 1) > {_SHARE_ERROR}",
        )
    if not broken:
        return {}
    counts = ", ".join(f"count_if({condition})" for _, condition in broken.values())
    ((*found,),) = connection.execute(f"SELECT {counts} FROM {table.full_name}").fetchall()
    return {
        name: f"SELECT {shown} FROM {table.full_name} WHERE {condition}" if failures else _NO_ROWS
        for (name, (shown, condition)), failures in zip(broken.items(), found, strict=True)
    }


def _expect(
    connection: duckdb.DuckDBPyConnection,
    totals: Iterable[Total],
    data_dir: Path,
    people: frozenset[str] | None,
) -> None:
    """Compute what totals must equal, one row per person: each table is read once for all of them.

    The result of a table is ``expected_`` and its name, with a column for each aggregate.
    """
    aggregates: defaultdict[str, set[str]] = defaultdict(set)
    for each in totals:
        aggregates[each.of].add(each.expected)
    for of, expected in aggregates.items():
        if _bind(connection, BY_NAME[of], data_dir, people):
            columns = ", ".join(f"{each} AS {quoted_name(each)}" for each in sorted(expected))
            connection.execute(
                f"CREATE TEMP TABLE {_expected_of(of)} AS "
                f"SELECT user_id, {columns} FROM {of} GROUP BY user_id"
            )


def _expected_of(table: str) -> str:
    return f"expected_{table.replace('.', '_')}"


def _queries_across(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    data_dir: Path,
    people: frozenset[str] | None,
) -> dict[str, str]:
    """Return each check against other tables, as a query for its failures."""
    queries = {}
    # The most informative check is first.
    if table is LISTENING_WITH_FEATURES and _bind(connection, LISTENING_HISTORY, data_dir, people):
        has_rejections = _bind(connection, REJECTED_RECORDS, data_dir, people)
        queries["plays_against_records"] = plays_against_records(has_rejections=has_rejections)
    for total in table.totals:
        if _bind(connection, BY_NAME[total.of], data_dir, people):
            queries[f"{_words(total.found)}_as_in_{total.of}"] = _total_query(table, total)
    for reference in table.references:
        if _bind(connection, BY_NAME[reference.table], data_dir, people):
            queries[f"refers_to_{reference.table}"] = _reference_query(table, reference)
    return queries


def _total_query(table: Table, total: Total) -> str:
    """Return the query for people (and values of ``each``) whose total differs."""
    each = "" if total.each is None else f", {total.each}"
    return (
        f"SELECT user_id{each}, found, expected "
        f"FROM (SELECT user_id, {quoted_name(total.expected)} AS expected "
        f"FROM {_expected_of(total.of)}) "
        f"FULL JOIN (SELECT user_id{each}, {total.found} AS found FROM {table.full_name} "
        f"WHERE {total.where} GROUP BY user_id{each}) USING (user_id) "
        "WHERE coalesce(found, 0) <> coalesce(expected, 0)"
    )


def _reference_query(table: Table, reference: Reference) -> str:
    columns = ", ".join(reference.columns)
    return (
        f"SELECT DISTINCT {columns} FROM {table.full_name} "
        f"ANTI JOIN {reference.table} USING ({columns}) WHERE {reference.where}"
    )


# Names that agree in letters and digits, ignoring all else, count as one name here.
_ALIKE = (
    "regexp_replace(replace(strip_accents(lower({})), 'ς', 'σ'), '[^\\p{{L}}\\p{{N}}]', '', 'g')"
)
_NAMES_NONE = (
    "regexp_full_match(track_name, '(?is)[\\s\\p{Z}]*unknown[\\s\\p{Z}]+track[\\s\\p{Z}]*') "
    "AND regexp_full_match(coalesce(album_artist_name, artist_name, ''), "
    "'(?is)[\\s\\p{Z}]*(unknown[\\s\\p{Z}]+artist[\\s\\p{Z}]*)?')"
)
IS_NAMED = (
    "((track_id IS NOT NULL OR regexp_full_match(track_name, '(?s).*[^\\s\\p{Z}].*')) "
    f"AND NOT coalesce({_NAMES_NONE}, false))"
)
"""The condition in DuckDB's SQL for records of music that name a track."""


def plays_against_records(*, has_rejections: bool) -> str:
    """Return the query for people's months whose plays are too few or too many for the records.

    A source knows each play once, so there are at least as many plays in a month as records of any
    one source, and at most as many as records of all sources; where one source alone has records
    in a month, the two are equal. Another source may set the end of a play a little later, so that
    records within an hour of a month's ends may count for the neighbouring month. Fewer plays than
    records need a reason: that ``ops.rejected_records`` names the record as an impossible play, or
    that account data may mean a podcast, of which the person has an episode of that name or minute.
    """
    reasons = literal(tuple(IMPOSSIBLE_PLAYS.values()))
    rejected = (
        f"SELECT user_id, record->>'$.record_id' AS record_id FROM {REJECTED_RECORDS.full_name} "
        f"WHERE reason IN {reasons}"
        if has_rejections
        else "SELECT NULL AS user_id, NULL AS record_id WHERE false"
    )
    history = LISTENING_HISTORY.full_name
    doubtful = literal(tuple(each.name for each in PLAY_SOURCES if each.calls_episodes_tracks))
    return f"""
        WITH spoken AS (
            SELECT DISTINCT user_id, {_ALIKE.format("artist_name")} AS name,
                epoch_ms(played_at) // 60000 AS minute
            FROM {history} WHERE {IS_SPOKEN}
        ), in_doubt AS (
            SELECT user_id, record_id FROM ({rejected})
            UNION
            SELECT h.user_id, h.record_id FROM {history} AS h SEMI JOIN spoken AS s
            ON h.user_id = s.user_id AND {_ALIKE.format("h.artist_name")} = s.name
            WHERE source IN {doubtful}
            UNION
            SELECT h.user_id, h.record_id FROM {history} AS h
            SEMI JOIN (SELECT user_id, minute + unnest([-1, 0, 1]) AS minute FROM spoken) AS s
            ON h.user_id = s.user_id AND epoch_ms(h.played_at) // 60000 = s.minute
            WHERE source IN {doubtful}
        ), record AS (
            SELECT h.user_id, played_month, source, d.record_id IS NOT NULL AS is_in_doubt,
                date_trunc('month', played_at) <> date_trunc('month', played_at - {_EDGE})
                    OR date_trunc('month', played_at) <> date_trunc('month', played_at + {_EDGE})
                    AS is_at_edge
            FROM {history} AS h
            LEFT JOIN in_doubt AS d ON d.user_id = h.user_id AND d.record_id = h.record_id
            WHERE {IS_MUSIC} AND {IS_NAMED}
        ), of_source AS (
            SELECT user_id, played_month, source, count(*) AS records,
                count_if(is_in_doubt) AS in_doubt, count_if(is_at_edge) AS at_edge
            FROM record GROUP BY ALL
        ), several AS (
            SELECT user_id, count(DISTINCT source) > 1 AS have_several FROM record GROUP BY user_id
        ), expected AS (
            SELECT user_id, played_month, max(records - in_doubt) AS least, sum(records) AS most,
                if(any_value(have_several), sum(at_edge), 0) AS slack
            FROM of_source JOIN several USING (user_id) GROUP BY user_id, played_month
        ), found AS (
            SELECT user_id, played_month, count(*) AS plays
            FROM {LISTENING_WITH_FEATURES.full_name} GROUP BY ALL
        )
        SELECT user_id, played_month, coalesce(plays, 0) AS plays, coalesce(least, 0) AS least,
            coalesce(most, 0) AS most
        FROM expected FULL JOIN found USING (user_id, played_month)
        WHERE coalesce(plays, 0) < coalesce(least, 0) - coalesce(slack, 0)
           OR coalesce(plays, 0) > coalesce(most, 0) + coalesce(slack, 0)
        ORDER BY ALL
    """


def _bind(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    data_dir: Path,
    people: frozenset[str] | None,
) -> bool:
    """Register a table by its name, once; return whether the lake has it."""
    if not table.exists(data_dir):
        return False
    known = connection.execute(
        "SELECT count(*) FROM information_schema.tables "
        f"WHERE table_schema = '{table.layer}' AND table_name = '{table.name}'"
    ).fetchone()
    if known != (0,):
        return True
    chosen = people if "user_id" in table.column_names else None
    rows = table_rows(table, data_dir, people=chosen)
    query = scan(table, rows.files, rows.columns)
    if chosen is not None:
        query += f" WHERE user_id IN {literal(tuple(sorted(chosen)))}" if chosen else " LIMIT 0"
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {table.layer}")
    connection.execute(f"CREATE VIEW {table.full_name} AS {query}")
    return True


def _found(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, str | None]:
    result = connection.execute(f"SELECT count(*) OVER () AS failures, * FROM ({query}) LIMIT 1")
    names = [column[0] for column in result.description or ()][1:]
    first = result.fetchone()
    if first is None:
        return 0, None
    shown = (f"{name} {value}" for name, value in zip(names, first[1:], strict=True))
    return int(first[0]), ", ".join(shown)


def _words(expression: str) -> str:
    """Return an aggregate as a name: ``sum(total_plays)`` is ``sum_total_plays``."""
    parts = "".join(each if each.isalnum() or each == "_" else " " for each in expression).split()
    return "_".join(parts)
