"""Purge a person from a lake: a new lake without them is made aside and takes the place of the old.

No table is changed: every table that is not computed is rewritten with the rows that remain,
every other is computed from those. So what is left are files that never held the person, in tables
whose logs begin today: no earlier version, no statistics, no folder of a month that only they had.
Until the new lake takes its place, in one step, the old one is as it was.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shutil import rmtree

from config.run_id import new_run_id
from config.settings import SettingsError
from engines import models
from engines.models import literal
from engines.python_words import normalised
from engines.scratch_database import session
from lake.people import ABOUT_PEOPLE, people_of
from lake.stored_rows import rows_query
from schemas import ALL_TABLES
from schemas.availability_schemas import AVAILABILITY_CHECKS
from schemas.bronze_schemas import LISTENING_HISTORY, MY_TRACKS_FEATURES
from schemas.decision_schemas import CORRECTIONS
from schemas.lakes import table_folders
from schemas.library_schemas import ALBUM_TRACKS, PLAYLIST_ITEMS, SAVED_TRACKS
from schemas.ops_schemas import (
    CHECKS,
    IMPORTED_FILES,
    LOGS,
    PIPELINE_RUNS,
    PLAY_GAPS,
    REJECTED_RECORDS,
)
from schemas.table import Table
from writers.lake_lock import SCRATCH_FOLDER
from writers.replacement import replace_lake
from writers.run_logs import append_logs
from writers.staged_rows import commit_query

SOURCES = tuple(each for each in ALL_TABLES if each.name not in models.files())
"""The tables that no run computes from others."""

FREE_OF_PEOPLE: Mapping[Table, Mapping[str, str]] = {
    # What a step was made from are versions of tables that there are no more.
    PIPELINE_RUNS: {
        "versions_read": "NULL",
        "version_written": "NULL",
        "made_from": "NULL",
        "error": "CASE WHEN error IS NOT NULL THEN 'removed by a purge' END",
    },
    CHECKS: {"example": "NULL"},
}
"""Tables about runs: columns that may name anybody, and what takes their place."""


@dataclass(frozen=True)
class Purge:
    """Who is purged: the person ``user_id``, or their records before an instant, UTC."""

    user_id: str
    before: datetime | None = None

    @property
    def in_words(self) -> str:
        """What the lake's log says of it."""
        if self.before is None:
            return "a person was purged"
        return "records of a person before a date were purged"

    def goes(self, table: Table) -> str:
        """Return the condition in SQL for the rows about people that go; 'false': none."""
        person = f"user_id = {literal(self.user_id)}"
        if self.before is None:
            return person
        # A rejected record has no time that could be relied on.
        instant = {
            LISTENING_HISTORY: f"played_at < {self._instant}",
            PLAY_GAPS: f"lost_until <= {self._instant}",
            REJECTED_RECORDS: "true",
            CORRECTIONS: f"coalesce(played_at < {self._instant}, false)",
        }.get(table, "false")
        return f"({person} AND {instant})"

    def changed_columns(self, table: Table) -> Mapping[str, str]:
        """Return what stands in columns of the rows that stay, where it is something else now."""
        if self.before is None:
            return {}

        def clipped(name: str) -> str:
            own = f"user_id = {literal(self.user_id)}"
            return (
                f"CASE WHEN {own} AND {name} < {self._instant} THEN {self._instant} ELSE {name} END"
            )

        names = {
            IMPORTED_FILES: ("first_played_at", "last_played_at"),
            PLAY_GAPS: ("lost_from",),
        }.get(table, ())
        return {name: clipped(name) for name in names}

    @property
    def _instant(self) -> str:
        assert self.before is not None
        return f"{literal(self.before.isoformat())}::TIMESTAMPTZ"


def purge(
    data_dir: Path,
    purged: Purge,
    state: Mapping[str, bytes | None],
    deleted: list[Path],
    compute: Callable[[Path], None],
    now: datetime,
) -> None:
    """Replace the lake in ``data_dir`` by one without what is purged; its lock must be held.

    ``state`` are the new contents of small files beside the tables (None: none), ``deleted``
    further files and folders to delete; ``compute`` computes the computed tables of a lake that
    has the others. Killed anywhere, the lake is the old one, or the next to take the lock finishes
    the purge. Raises SettingsError where a table is not known to this release.
    """
    _require_known_tables(data_dir)
    run_id = new_run_id(now)
    scratch = data_dir / SCRATCH_FOLDER
    rmtree(scratch, ignore_errors=True)
    staged, aside = scratch / f"{run_id}-new", scratch / f"{run_id}-old"
    try:
        staged.mkdir(parents=True)
        _write_what_stays(data_dir, staged, purged, run_id)
        compute(staged)
        append_logs(staged, run_id, [_log_line(run_id, purged, now)])
        for name, content in state.items():
            if content is not None:
                (staged / name).write_bytes(content)
    except BaseException:
        rmtree(scratch, ignore_errors=True)
        raise
    layers = {each.layer for each in ALL_TABLES}
    taken = {each for each in (*layers, *state) if (staged / each).exists()}
    replace_lake(data_dir, staged, aside, taken, {*layers, *state}, [*deleted, aside])


def features_that_go(data_dir: Path, purged: Purge) -> int:
    """Return how many measured features are of tracks that nobody has played but who is purged."""
    with session() as connection:
        going = f"NOT ({_features_that_stay(data_dir, purged)})"
        query = f"SELECT count(*) FROM ({rows_query(MY_TRACKS_FEATURES, data_dir)}) WHERE {going}"
        ((rows,),) = connection.execute(query).fetchall()
    return int(rows)


def checks_that_go(data_dir: Path, purged: Purge) -> int:
    """Return how many checks of availability are of tracks that only the purged plays name."""
    with session() as connection:
        going = f"NOT ({_checks_that_stay(data_dir, purged)})"
        query = f"SELECT count(*) FROM ({rows_query(AVAILABILITY_CHECKS, data_dir)}) WHERE {going}"
        ((rows,),) = connection.execute(query).fetchall()
    return int(rows)


def _write_what_stays(data_dir: Path, staged: Path, purged: Purge, run_id: str) -> None:
    is_empty = purged.before is None and {*people_of(data_dir)} <= {purged.user_id}
    for table in SOURCES:
        # What runs logged is free text, and kept for some weeks anyway.
        if table is LOGS or not table.exists(data_dir) or (is_empty and table in FREE_OF_PEOPLE):
            continue
        query = _what_stays(table, data_dir, purged)
        with session() as connection:
            commit_query(connection, query, table, staged, run_id)
    # Created again by whoever computes; left there, it would become part of the lake.
    rmtree(staged / SCRATCH_FOLDER, ignore_errors=True)


def _what_stays(table: Table, data_dir: Path, purged: Purge) -> str:
    stays = "true"
    if table is AVAILABILITY_CHECKS and purged.before is not None:
        stays = _checks_that_stay(data_dir, purged)
    elif table in ABOUT_PEOPLE:
        stays = f"NOT ({purged.goes(table)})"
    elif table is MY_TRACKS_FEATURES:
        stays = _features_that_stay(data_dir, purged)
    changed = {**FREE_OF_PEOPLE.get(table, {}), **purged.changed_columns(table)}
    columns = ", ".join(
        f"CAST({changed[each.name]} AS {each.data_type}) AS {each.name}"
        if each.name in changed
        else each.name
        for each in table.columns
    )
    query = f"SELECT {columns} FROM ({rows_query(table, data_dir)}) WHERE {stays}"
    if table is IMPORTED_FILES and purged.before is not None:
        return _counted_again(query, data_dir, purged)
    return query


def _counted_again(imported: str, data_dir: Path, purged: Purge) -> str:
    """Return the query for imported files with the numbers of records that the lake still has."""
    history = _what_stays(LISTENING_HISTORY, data_dir, purged)
    own = f"i.user_id = {literal(purged.user_id)} AND i.kind <> 'catalogue'"
    kept = f"CASE WHEN {own} THEN coalesce(h.rows, 0) ELSE i.records_kept END"
    known = (
        f"CASE WHEN {own} THEN i.records_read - i.records_rejected - coalesce(h.rows, 0) "
        "ELSE i.records_known END"
    )
    columns = {name: f"i.{name}" for name in IMPORTED_FILES.column_names}
    columns |= {"records_kept": kept, "records_known": known}
    shown = ", ".join(f"{value} AS {name}" for name, value in columns.items())
    return (
        f"SELECT {shown} FROM ({imported}) AS i LEFT JOIN "
        "(SELECT user_id, run_id, source_file, count(*) AS rows "
        f"FROM ({history}) GROUP BY ALL) AS h USING (user_id, run_id, source_file)"
    )


def _features_that_stay(data_dir: Path, purged: Purge) -> str:
    """Return the condition in SQL for features of tracks that somebody else has played.

    Features are found by a track's id or, where its id is another, by artist and title.
    """
    history = _what_stays(LISTENING_HISTORY, data_dir, purged)
    ids = f"track_id IN (SELECT track_id FROM ({history}) WHERE track_id IS NOT NULL)"
    names = "SELECT DISTINCT {} AS artist, track_name AS title FROM ({})"
    with session() as connection:
        played = connection.execute(
            f"{names.format('album_artist_name', history)} UNION "
            f"{names.format('artist_name', history)}"
        ).fetchall()
        features = rows_query(MY_TRACKS_FEATURES, data_dir)
        measured = connection.execute(
            f"{names.format('artist_name', features)} WHERE NOT ({ids})"
        ).fetchall()
    known = {_key(*each) for each in played}
    named = [each for each in measured if each[1] is not None and _key(*each) in known]
    by_name = "false"
    if named:
        listed = ", ".join(literal(each) for each in named)
        by_name = f"(artist_name, track_name) IN ({listed})"
    return f"{ids} OR coalesce({by_name}, false)"


def _checks_that_stay(data_dir: Path, purged: Purge) -> str:
    """Return the condition in SQL for checks of tracks that a person has without what goes."""
    having = [
        _what_stays(LISTENING_HISTORY, data_dir, purged),
        *(rows_query(table, data_dir) for table in (SAVED_TRACKS, ALBUM_TRACKS, PLAYLIST_ITEMS)),
    ]
    kept = " UNION ALL ".join(f"SELECT user_id, track_id FROM ({query})" for query in having)
    return (
        f"user_id <> {literal(purged.user_id)} OR track_id IN (SELECT track_id FROM ({kept}) "
        f"WHERE user_id = {literal(purged.user_id)} AND track_id IS NOT NULL)"
    )


def _key(artist: str | None, title: str | None) -> tuple[str, str]:
    return normalised(artist or ""), normalised(title or "")


def _log_line(run_id: str, purged: Purge, now: datetime) -> dict[str, object]:
    return {
        "run_id": run_id,
        "line_number": 1,
        "logged_at": now,
        "level": "INFO",
        "logger": "purge",
        "message": purged.in_words,
    }


def _require_known_tables(data_dir: Path) -> None:
    """Raise SettingsError for a table of sources whose columns this release does not know."""
    known = {each.path(data_dir) for each in ALL_TABLES}
    for path in table_folders(data_dir):
        if path not in known and path.parent.name in ("bronze", "ops"):
            raise SettingsError(
                f"{path} is a table of another release, which may hold the person: update "
                "Soundlake, or delete that folder, and purge then"
            )
