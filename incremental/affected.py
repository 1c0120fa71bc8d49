"""Who is affected by a change of an input, found by DuckDB in added and removed data files.

The result may be too large, never too small: after every step the table is, row for row, what
``--full`` would compute.
"""

from collections import Counter
from collections.abc import Collection

from engines.models import literal
from engines.parquet import read_parquet
from engines.python_words import name_key
from engines.scratch_database import session
from incremental.bounded_models import compute_mood_model
from incremental.differences import Part
from incremental.lake import Lake
from incremental.row_changes import UnknownChangeError, changed_rows
from incremental.step import Change
from lake.reader import open_tables
from schemas.bronze_schemas import IS_MUSIC, IS_SPOKEN, MY_TRACKS_FEATURES
from schemas.common_columns import FEATURE_NAMES
from schemas.decision_schemas import CORRECTIONS
from schemas.gold_schemas import MOOD_CLUSTER_PROFILES
from schemas.silver_schemas import (
    CATALOGUE_TRACKS,
    COUNTS,
    FEATURE_DONORS,
    LISTENING_WITH_FEATURES,
    TRACK_NAMES,
    TRACKS,
)
from schemas.summary_schemas import ARTIST_SUMMARY
from schemas.table import Table

MAX_KEYS = 20_000
"""With more tracks or artists, finding who is affected costs more than recomputing everybody."""

_NAME_COLUMNS = ("track_key", "name_key", "track_ids::VARCHAR", "track_name", "artist_name")


def people_with_new_records(change: Change, table: Table) -> frozenset[str]:
    """Return the people of whom new records landed in ``bronze.listening_history_bronze``.

    Records of podcasts count, as they can show that other records of the person are not music;
    records that name nothing affect nobody.

    Raises UnknownChangeError where records were removed, which no step does.
    """
    changes = change.files(table)
    if changes.removed:
        raise UnknownChangeError(f"records were removed from {table.full_name}")
    if not changes.added:
        return frozenset()
    with session() as connection:
        rows = connection.execute(
            f"SELECT DISTINCT user_id FROM {read_parquet(sorted(changes.added), table)} "
            f"WHERE {IS_MUSIC} OR {IS_SPOKEN}"
        ).fetchall()
    return frozenset(person for (person,) in rows)


def people_of_changed_rows(change: Change, table: Table) -> frozenset[str]:
    """Return the people with added or removed rows, for tables whose commits name nobody."""
    of_row = (*table.key, *({"closed_at"} & {*table.column_names}))
    added, removed = changed_rows(change.files(table), of_row, max_rows=MAX_KEYS)
    return frozenset(row[of_row.index("user_id")] for row in (*added, *removed))


def people_with_other_covered_dates(change: Change, table: Table) -> frozenset[str]:
    """Return the people whose dates (not hours) in ``silver.listening_coverage`` changed."""
    columns = ("user_id", "first_date", "last_date")
    added, removed = changed_rows(change.files(table), columns, max_rows=MAX_KEYS)
    return frozenset(user_id for user_id, *_ in (*added, *removed))


def listeners_of_renamed_tracks(change: Change, table: Table) -> frozenset[str]:
    """Return the listeners of tracks whose names, ids or key in ``silver.track_names`` changed."""
    return _listeners(change.lake, _keys(change, table, _NAME_COLUMNS))


def listeners_of_synthetic_tracks(change: Change, table: Table) -> frozenset[str]:
    """Return the listeners of tracks whose synthetic features were added, removed or changed."""
    columns = ("track_key", "method", "donor_level", *FEATURE_NAMES)
    return _listeners(change.lake, _keys(change, table, columns))


def listeners_of_measured_tracks(change: Change, table: Table) -> frozenset[str]:
    """Return the listeners of tracks that a provider measured newly or differently."""
    return _listeners(change.lake, _measured_tracks(change, table))


def people_with_changed_days(change: Change, table: Table) -> frozenset[str]:
    """Return the people with changes before their last day, or with another last day.

    For tables that read ``complete_plays`` of ``silver.listening_with_features``: plays of a day
    that is not over change nothing in them, nor do excluded ones.
    """
    return _people_with_changed_days(change, table, where=COUNTS)


def people_with_changed_counted_days(change: Change, table: Table) -> frozenset[str]:
    """Return what ``people_with_changed_days`` does, looking at counted plays only.

    A person's last day with a counted play may be another than the last with a play.
    """
    return _people_with_changed_days(change, table, where="is_counted")


def _people_with_changed_days(change: Change, table: Table, *, where: str) -> frozenset[str]:
    # Several steps read the same days since the same version.
    since = change.made_from.reads.get(table.full_name)
    asked = (table, since, change.lake.version(table), where)
    known = change.lake.people_with_changed_days
    if asked not in known:
        known[asked] = _find_people_with_changed_days(change, table, where)
    return known[asked]


def _find_people_with_changed_days(change: Change, table: Table, where: str) -> frozenset[str]:
    columns = table.column_names
    user, day = columns.index("user_id"), columns.index("local_date")
    added, removed = changed_rows(change.files(table), columns, where=where, max_rows=MAX_KEYS)
    new = Counter((row[user], row[day]) for row in added)
    changed = {*new, *((row[user], row[day]) for row in removed)}
    if not changed:
        return frozenset()
    people = literal(tuple(sorted({person for person, _ in changed})))
    with open_tables(change.lake.data_dir, [table]) as lake:
        last_days = lake.execute(
            f"WITH days AS (SELECT user_id, local_date, count(*) AS plays FROM {table.full_name} "
            f"WHERE user_id IN {people} AND {where} GROUP BY ALL) "
            "SELECT user_id, max(local_date), arg_max(plays, local_date) FROM days "
            "GROUP BY user_id HAVING count(*) > 1"
        ).fetchall()
    # What is known of the last day was its last day before too, unless all its plays are new.
    still_open = {
        (person, last_day) for person, last_day, plays in last_days if new[person, last_day] < plays
    }
    return frozenset(person for person, _ in changed - still_open)


def listeners_of_changed_artists(change: Change, table: Table) -> frozenset[str]:
    """Return the people who played an artist whose genre in ``silver.artist_genres`` changed.

    Whoever played the artist since ``silver.artist_summary`` was made has changed plays as well.
    """
    columns = ("artist_key", "genre")
    added, removed = changed_rows(
        change.files(table), columns, where="genre <> 'unclassified'", max_rows=MAX_KEYS
    )
    artists = {row[0] for row in {*added} ^ {*removed}}
    if not artists or not ARTIST_SUMMARY.exists(change.lake.data_dir):
        return frozenset()
    with open_tables(change.lake.data_dir, [ARTIST_SUMMARY]) as lake:
        rows = lake.execute(
            f"SELECT DISTINCT user_id FROM {ARTIST_SUMMARY.full_name} "
            f"WHERE artist_key IN {literal(tuple(sorted(artists)))}"
        ).fetchall()
    return frozenset(person for (person,) in rows)


def tracks_to_fill_again(change: Change) -> Part:
    """Return the tracks whose synthetic features a change of names or measurements concerns."""
    change.require_unchanged(CATALOGUE_TRACKS)
    change.require_unchanged(FEATURE_DONORS)
    keys = _keys(change, TRACK_NAMES, _NAME_COLUMNS)
    keys |= _measured_tracks(change, MY_TRACKS_FEATURES)
    if len(keys) > MAX_KEYS:
        raise UnknownChangeError(f"more than {MAX_KEYS} tracks changed")
    return Part("track_key", frozenset(keys))


def complete_days_of_anybody(change: Change) -> Part:
    """Return nothing where only unfinished days changed, for a table that is not about people."""
    for table in change.step.reads:
        if table is not LISTENING_WITH_FEATURES:
            change.require_unchanged(table)
    if people_with_changed_days(change, LISTENING_WITH_FEATURES):
        return change.step.whole
    return Part(change.step.whole.column, frozenset())


def people_unless_the_model_changes(change: Change) -> Part:
    """Return the people whose tracks changed; everybody where the mood model changes with them."""
    people = change.people(TRACKS)
    if people:
        compute_mood_model(change.lake)
        ((changed,),) = change.lake.engine.fetch(
            "SELECT count(*) FROM mood_model AS m "
            f"LEFT JOIN {MOOD_CLUSTER_PROFILES.full_name} AS s ON s.cluster_id = m.cluster_id "
            "AND s.sample_fingerprint = m.sample_fingerprint "
            "AND s.fitted_before IS NOT DISTINCT FROM m.fitted_before "
            "WHERE s.cluster_id IS NULL"
        )
        if changed:
            return change.step.whole
    return Part("user_id", people)


def _keys(change: Change, table: Table, columns: tuple[str, ...]) -> set[str]:
    """Return the first column's values of rows whose ``columns`` were added or removed.

    Raises UnknownChangeError.
    """
    added, removed = changed_rows(change.files(table), columns, max_rows=MAX_KEYS)
    return {row[0] for row in {*added} ^ {*removed}}


def _measured_tracks(change: Change, table: Table) -> set[str]:
    """Return the tracks that a provider measured differently, or for the first time."""
    columns = ("track_id", "track_name", "artist_name", "source", "fetched_at", *FEATURE_NAMES)
    added, removed = changed_rows(
        change.files(table), columns, where="status IS DISTINCT FROM 'not_known'", max_rows=MAX_KEYS
    )
    measured = {row[:3] for row in {*added} ^ {*removed}}
    if not measured:
        return set()
    keys = {key for _, title, artist in measured if (key := name_key(artist, title))}
    if TRACK_NAMES.exists(change.lake.data_dir):
        ids = literal(tuple(sorted({track_id for track_id, *_ in measured})))
        with open_tables(change.lake.data_dir, [TRACK_NAMES]) as lake:
            rows = lake.execute(
                "SELECT DISTINCT track_key FROM (SELECT track_key, unnest(track_ids) AS track_id "
                f"FROM {TRACK_NAMES.full_name}) WHERE track_id IN {ids}"
            ).fetchall()
        keys |= {key for (key,) in rows}
    return keys


def _listeners(lake: Lake, track_keys: Collection[str]) -> frozenset[str]:
    """Return the listeners of these tracks, as far as silver has their plays.

    Whoever played a track for the first time since has new records as well. Whoever says that one
    is the same as another may have it under another key, or with the features of another.
    """
    if not track_keys or not LISTENING_WITH_FEATURES.exists(lake.data_dir):
        return frozenset()
    if len(track_keys) > MAX_KEYS:
        raise UnknownChangeError(f"more than {MAX_KEYS} tracks changed")
    keys = literal(tuple(sorted(track_keys)))
    with open_tables(lake.data_dir, [LISTENING_WITH_FEATURES, CORRECTIONS]) as tables:
        rows = tables.execute(
            f"SELECT user_id FROM {LISTENING_WITH_FEATURES.full_name} WHERE track_key IN {keys} "
            f"UNION SELECT user_id FROM {CORRECTIONS.full_name} "
            f"WHERE kind = 'track' AND (item_key IN {keys} OR into_key IN {keys})"
        ).fetchall()
    return frozenset(person for (person,) in rows)
