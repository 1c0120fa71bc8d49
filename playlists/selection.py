"""Which tracks a rule chooses of a person's library, and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, NamedTuple

import duckdb

from engines.models import literal
from lake.searched_text import folded
from playlists.conditions import condition
from playlists.fields import FIELDS, Field
from playlists.library import library
from playlists.plan import MOST_ON_A_PLAYLIST
from playlists.resolved import resolved
from playlists.rules import Rule
from playlists.separation import separated

_NAMES = (
    "track_key",
    "track_id",
    "track_name",
    "artist_name",
    "artist_key",
    "album_name",
    "duration_ms",
)
_VALUES = 2 + len(_NAMES)
"""The place of the first field's value in a row, behind two counts and the names."""

_WORK = "coalesce(work_key, '|' || track_key)"


class ChosenTrack(NamedTuple):
    """A track that a rule chose, with its values of the fields that the rule names, by name."""

    track_key: str
    track_id: str
    track_name: str | None
    artist_name: str | None
    artist_key: str | None
    album_name: str | None
    duration_ms: int | None
    values: dict[str, Any]


@dataclass(frozen=True)
class Selection:
    """The tracks that a rule chose in their order.

    ``matching`` is how many meet its conditions, before dedupe and limit; ``without_id`` of these
    have no Spotify id, so that no playlist can hold them, and are left out.
    """

    rule: Rule
    tracks: Sequence[ChosenTrack]
    matching: int
    without_id: int


def track_uri(track_id: str) -> str:
    """Return the address by which playlists at Spotify hold a track."""
    return f"spotify:track:{track_id}"


def select(
    lake: duckdb.DuckDBPyConnection, rule: Rule, user_id: str, timezone: str, today: date
) -> Selection:
    """Return what a rule chooses; ``today`` is the local date in ``timezone``.

    What the person excluded is left out, unless the rule asks for ``excluded`` itself.

    Raises RuleError where the rule names a playlist that is not one of the person's own.
    """
    rule = replace(rule, where=resolved(lake, rule, user_id))
    where = condition(rule.where, today)
    asked = rule.fields
    meets = where.sql
    if FIELDS["excluded"] not in asked:
        meets += " AND NOT is_excluded"
    columns = [*_NAMES, *(each.column for each in asked)]
    order = _order(rule, today)
    # One statement: to keep what matches in a table takes longer than all that is asked of it.
    # Where nothing is chosen, one row without a track has the counts.
    rows = lake.execute(
        f"""
        WITH matched AS MATERIALIZED (
            SELECT {", ".join(dict.fromkeys([*columns, "work_key"]))}
            FROM ({library(lake, user_id, timezone, asked)}) WHERE {meets}
        ), counted AS (
            SELECT
                count(*) AS matching,
                count(*) FILTER (track_id IS NULL) AS without_id
            FROM matched
        ), chosen AS (
            SELECT *, row_number() OVER (ORDER BY {order}) AS place
            FROM matched WHERE track_id IS NOT NULL
            {_each_work_once(order) if rule.dedupe else ""}
            ORDER BY {order} LIMIT ({_limit(rule)}) OFFSET {rule.offset}
        )
        SELECT matching, without_id, {", ".join(columns)}
        FROM counted LEFT JOIN chosen ON true ORDER BY place
        """,
        where.values,
    ).fetchall()
    names = [each.name for each in asked]
    tracks = [
        ChosenTrack._make((*row[2:_VALUES], dict(zip(names, row[_VALUES:], strict=True))))
        for row in rows
        if row[2] is not None
    ]
    matching, without_id = rows[0][:2]
    apart = separated(tracks, lambda each: each.artist_key or each.track_key, rule.separate_artists)
    return Selection(rule, apart, matching, without_id)


def _each_work_once(order: str) -> str:
    return f"QUALIFY row_number() OVER (PARTITION BY {_WORK} ORDER BY {order}) = 1"


def _limit(rule: Rule) -> str:
    """Return how many tracks the rule chooses at most; a limit goes before a percentage.

    A rule without either has as many as a playlist can hold.
    """
    if rule.limit is not None or rule.limit_percent is None:
        return str(min(rule.limit or MOST_ON_A_PLAYLIST, MOST_ON_A_PLAYLIST))
    playable = f"count(DISTINCT {_WORK})" if rule.dedupe else "count(*)"
    return (
        f"SELECT least(greatest({playable} * {rule.limit_percent} // 100, 1), {MOST_ON_A_PLAYLIST})"
        " FROM matched WHERE track_id IS NOT NULL"
    )


def _order(rule: Rule, today: date) -> str:
    """Return the order: what is not known comes last either way, ties go by key."""
    keys = []
    for key in rule.sort:
        if key.field is None:
            seed = literal(f"{_seed(rule, today)}|")
            keys.append(f"md5(concat({seed}, track_key))")
        else:
            expression = _sorted_by(rule, key.field)
            keys.append(f"{expression} {'DESC' if key.descending else 'ASC'} NULLS LAST")
    return ", ".join([*keys, "track_key"])


def _sorted_by(rule: Rule, field: Field) -> str:
    match field.kind:
        case "text":
            return folded(field.column)
        case "key":  # in the order in which the rule names them
            keys = ", ".join(map(literal, rule.named_keys))
            return f"list_position([{keys}]::VARCHAR[], {field.column})"
        case _:
            return field.column


def _seed(rule: Rule, today: date) -> str:
    """Return what a random order follows from: another every day or week where the seed says so."""
    if rule.seed == "daily":
        return today.isoformat()
    if rule.seed == "weekly":
        return (today - timedelta(days=today.weekday())).isoformat()
    return rule.seed
