"""What of a table must be made anew since it was made: found before Spark computes anything.

The Delta logs name the files that came and went; DuckDB reads just these. What is found may be too
much, never too little: after every update the table is, row for row, what ``--full`` would make.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, cast

import duckdb
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

from features.name_key import name_key
from features.track_key import ids_of, track_names, with_name_key
from gold.feature_shares import GROUNDED_SOURCES
from gold.mood_cluster_profiles import profiles_of_model
from report.lake_reader import open_lake
from schemas.bronze_schemas import (
    LISTENING_HISTORY,
    MY_TRACKS_FEATURES,
    SYNTHETIC_FEATURES,
)
from schemas.common_columns import CONTINUOUS_FEATURES, FEATURE_NAMES
from schemas.genre_schemas import ARTIST_GENRES
from schemas.gold_schemas import MOOD_CLUSTER_PROFILES
from schemas.silver_schemas import (
    CATALOGUE_TRACKS,
    FEATURE_DONORS,
    LISTENING_WITH_FEATURES,
    TRACK_NAMES,
    TRACKS,
)
from schemas.summary_schemas import ARTIST_SUMMARY
from schemas.table import PERSON_GROUP, Table
from silver.artist_genres import UNCLASSIFIED
from touched_months import (
    IS_MUSIC,
    MOST_SLICES,
    MOST_TRACKS,
    later_first_plays,
    months_of,
    outside,
    slices_of,
    tracks_in,
    with_linked_months,
)
from writers.local_rows import local_frame
from writers.row_changes import FileChanges, UnknownChangeError, changed_rows, file_changes
from writers.slices import Slices, is_in, merged
from writers.steps import (
    Addition,
    Change,
    Replacement,
    Update,
    Verdict,
    replace_people,
    update_people,
)

_TOLD = ("name_key", "track_id", "track_name", "artist_name")
_KEY_OR_ID = (
    "name_key IN (SELECT unnest(?)) OR name_key IN (SELECT name_key FROM ("
    f"SELECT name_key, unnest(track_ids) AS track_id FROM {TRACK_NAMES.full_name}"
    ") WHERE track_id IN (SELECT unnest(?)))"
)
_TABLES_OF_PLAYS = (LISTENING_HISTORY, TRACK_NAMES, LISTENING_WITH_FEATURES)
_IS_MEASURED = "status IS DISTINCT FROM 'not_known'"
_MET = ("user_id", "track_key", "played_at")


def _or_whole(find: Callable[[Update], Change]) -> Callable[[Update], Change]:
    @wraps(find)
    def found(update: Update) -> Change:
        try:
            return find(update)
        except UnknownChangeError:
            return Verdict.WHOLE

    return found


@_or_whole
def update_track_names(update: Update) -> Change:
    """Take in the names that new records tell, and look again at those that share ids with them."""
    told = _names_told(update)
    spark = update.lake.spark
    with open_lake(update.lake.data_dir, [TRACK_NAMES]) as lake:
        known = _names_where(lake, "name_key IN (SELECT unnest(?))", _all_of("name_key", told))
        by_key = {row["name_key"]: row for row in known}
        news = [row for row in told if _tells_more(row, by_key.get(row["name_key"]))]
        if not news:
            return Verdict.UNCHANGED
        keys, ids = _all_of("name_key", news), _all_of("track_id", news)
        related = _names_where(lake, _KEY_OR_ID, keys, ids)
        # Which recording a name stands for is said by its ids and all names that share these.
        keys = sorted({*keys, *_all_of("name_key", related)})
        ids = sorted({*ids, *(each for row in related for each in row["track_ids"])})
        around = local_frame(spark, _names_where(lake, _KEY_OR_ID, keys, ids), TRACK_NAMES.schema)
    records = ids_of(around).select(*_TOLD).unionByName(_of_text(spark, _TOLD, news))
    concerned = _as_frame(spark, "name_key", keys)
    names = track_names(records).join(concerned, on="name_key", how="left_semi")
    if not related:
        return Addition(names)
    others = update.lake.read(TRACK_NAMES).join(concerned, on="name_key", how="left_anti")
    return Replacement(names.unionByName(others))


@_or_whole
def update_synthetic(update: Update) -> Change:
    """Make features for new tracks, and anew for those whose names, ids or measurements changed."""
    _require_unchanged(update, CATALOGUE_TRACKS)
    _require_unchanged(update, FEATURE_DONORS)
    brand_new, named_anew = _tracks_named(update)
    touched = brand_new | named_anew | _tracks_measured(update)
    if not touched:
        return Verdict.UNCHANGED
    with open_lake(update.lake.data_dir, [TRACK_NAMES]) as lake:
        inputs = update.inputs({TRACK_NAMES: _names_of(update, lake, touched)})
    rows = update.step.build(inputs, update.lake.settings)
    if touched == brand_new:
        return Addition(rows)
    keys = _as_frame(update.lake.spark, "track_key", touched)
    others = update.lake.read(SYNTHETIC_FEATURES).join(keys, on="track_key", how="left_anti")
    return Replacement(rows.unionByName(others))


@_or_whole
def update_listening(update: Update) -> Change:
    """Make those months of people anew in which plays came, or a track's name or features changed.

    Months that listening went on across are made anew together: islands of one play and sessions
    then lie within them. So are later months whose first play of a track is one no more.
    """
    _require_unchanged(update, CATALOGUE_TRACKS)
    brand_new, named_anew = _tracks_named(update)
    touched = named_anew | _tracks_measured(update) | _tracks_made_up(update)
    told = _all_of("name_key", _names_told(update))
    with open_lake(update.lake.data_dir, _TABLES_OF_PLAYS) as lake:
        slices = merged(_months_told(update), months_of(lake, touched - brand_new))
        slices = with_linked_months(lake, slices)
        if not slices:
            return Verdict.UNCHANGED
        tracks = touched | tracks_in(lake, slices, told)
        slices = with_linked_months(lake, merged(slices, later_first_plays(lake, slices, tracks)))
        tracks |= tracks_in(lake, slices, told)
        part = {
            LISTENING_HISTORY: _in_slices(update.lake.read(LISTENING_HISTORY), slices),
            TRACK_NAMES: _names_of(update, lake, tracks),
            LISTENING_WITH_FEATURES: _met_outside(update, lake, slices, tracks),
        }
    return Replacement(update.step.build(update.inputs(part), update.lake.settings), slices)


@_or_whole
def update_profiles(update: Update) -> Change:
    """Count anew for the people whose tracks changed, unless the model has to be fitted anew."""
    people = update.touched(TRACKS)
    with open_lake(update.lake.data_dir, [MOOD_CLUSTER_PROFILES, LISTENING_WITH_FEATURES]) as lake:
        before = _one(lake, f"SELECT max(fitted_before) FROM {MOOD_CLUSTER_PROFILES.full_name}")
        newest = _one(lake, f"SELECT max(played_month) FROM {LISTENING_WITH_FEATURES.full_name}")
    if people is None or before is None or before != newest:
        raise UnknownChangeError("the model is to be fitted anew")
    fitted = (
        f"feature_source IN {GROUNDED_SOURCES} AND epoch_ms(first_played_at) < {_start(before)}"
    )
    columns = ("track_key", *CONTINUOUS_FEATURES)
    if any(_changed(update, TRACKS, columns, where=fitted)):
        raise UnknownChangeError("the tracks that the model was fitted on changed")
    inputs = update.inputs()
    tracks = inputs[TRACKS].where(is_in(TRACKS, people))
    return Replacement(profiles_of_model(tracks, inputs[MOOD_CLUSTER_PROFILES]), people)


def update_complete_days(update: Update) -> Change:
    """Make the rows of those people anew of whose complete days something changed.

    For tables that take plays from ``complete_days`` of ``silver.listening_with_features``: those
    of a day that is not over yet change nothing in them.
    """
    is_by_person = update.step.table.partition_by == PERSON_GROUP
    others = (table for table in update.step.reads if table is not LISTENING_WITH_FEATURES)
    try:
        for table in others:
            _require_unchanged(update, table)
        people = _with_changed_days(update)
    except UnknownChangeError:
        return update_people(update) if is_by_person else Verdict.WHOLE
    if not people:
        return Verdict.UNCHANGED
    return replace_people(update, people) if is_by_person else Verdict.WHOLE


@_or_whole
def update_with_genres(update: Update) -> Change:
    """Make the rows of those people anew whose inputs changed or an artist of whom changed genre.

    For tables that read ``silver.artist_genres`` and, to tell who played an artist, are made after
    ``silver.artist_summary``.
    """
    touched = update.touched(*(each for each in update.step.reads if each is not ARTIST_GENRES))
    if touched is None:
        return Verdict.WHOLE
    people = merged(touched, _with_changed_genres(update))
    return replace_people(update, people) if people else Verdict.UNCHANGED


def _with_changed_genres(update: Update) -> Slices:
    """Give the people who played an artist that came to a genre, left one, or has another."""
    columns = ("artist_key", "genre")
    came, went = _changed(update, ARTIST_GENRES, columns, where=f"genre <> '{UNCLASSIFIED}'")
    with open_lake(update.lake.data_dir, [ARTIST_SUMMARY]) as lake:
        # Whoever played the artist since the summary was made is among those whose plays changed.
        people = lake.execute(
            f"SELECT DISTINCT user_id FROM {ARTIST_SUMMARY.full_name} "
            "WHERE artist_key IN (SELECT unnest(?))",
            [sorted({key for key, _ in came | went})],
        ).fetchall()
    return {person: frozenset() for (person,) in people}


def _with_changed_days(update: Update) -> Slices:
    """Give the people with changes before their last day, or of whom another day is the last."""
    columns = LISTENING_WITH_FEATURES.column_names
    user, day = columns.index("user_id"), columns.index("local_date")
    changes = file_changes(update.commits(LISTENING_WITH_FEATURES))
    came, went = changed_rows(changes, columns, most=MOST_TRACKS)
    new = Counter((row[user], row[day]) for row in came)
    changed = {*new, *((row[user], row[day]) for row in went)}
    with open_lake(update.lake.data_dir, [LISTENING_WITH_FEATURES]) as lake:
        last_days = lake.execute(
            "WITH days AS (SELECT user_id, local_date, count(*) AS plays "
            f"FROM {LISTENING_WITH_FEATURES.full_name} "
            "WHERE user_id IN (SELECT unnest(?)) GROUP BY ALL) "
            "SELECT user_id, max(local_date), arg_max(plays, local_date) FROM days "
            "GROUP BY user_id HAVING count(*) > 1",
            [sorted({person for person, _ in changed})],
        ).fetchall()
    # What is known of the last day was its last day before too, unless all its plays are new.
    still_open = {
        (person, last_day) for person, last_day, plays in last_days if new[person, last_day] < plays
    }
    return {person: frozenset() for person, _ in changed - still_open}


def _changed(
    update: Update, table: Table, columns: tuple[str, ...], where: str = "true"
) -> tuple[set[tuple[Any, ...]], set[tuple[Any, ...]]]:
    """Give the rows of an input that came and went since the step's table was made."""
    changes = file_changes(update.commits(table))
    came, went = changed_rows(changes, columns, where=where, most=MOST_TRACKS)
    return set(came), set(went)


def _require_unchanged(update: Update, table: Table) -> None:
    if update.commits(table) != []:
        raise UnknownChangeError(f"{table.full_name} changed")


def _tracks_named(update: Update) -> tuple[set[str], set[str]]:
    """Give the tracks that are new to the lake, and those known whose names or ids changed."""
    columns = ("track_key", "name_key", "track_ids::varchar", "track_name", "artist_name")
    came, went = _changed(update, TRACK_NAMES, columns)
    names_that_came = Counter(row[0] for row in came)
    touched = names_that_came.keys() | {row[0] for row in went}
    with open_lake(update.lake.data_dir, [TRACK_NAMES]) as lake:
        counted = lake.execute(
            f"SELECT track_key, count(*) FROM {TRACK_NAMES.full_name} "
            "WHERE track_key IN (SELECT unnest(?)) GROUP BY track_key",
            [sorted(touched)],
        ).fetchall()
    # All that is known of a new track came just now.
    brand_new = {key for key, names in counted if names_that_came[key] == names}
    brand_new -= {row[0] for row in went}
    return brand_new, touched - brand_new


def _tracks_made_up(update: Update) -> set[str]:
    """Give the tracks whose synthetic features came, went or changed."""
    came, went = _changed(update, SYNTHETIC_FEATURES, ("track_key", "method", *FEATURE_NAMES))
    return {row[0] for row in came | went}


def _tracks_measured(update: Update) -> set[str]:
    """Give the tracks for which a provider measured something else, or for the first time."""
    columns = ("track_id", "track_name", "artist_name", "source", "fetched_at", *FEATURE_NAMES)
    came, went = _changed(update, MY_TRACKS_FEATURES, columns, where=_IS_MEASURED)
    measured = [dict(zip(columns[:3], row, strict=False)) for row in came | went]
    if not measured:
        return set()
    by_name = _of_text(update.lake.spark, _TOLD, measured).select(
        name_key(F.col("artist_name"), F.col("track_name")).alias("track_key")
    )
    with open_lake(update.lake.data_dir, [TRACK_NAMES]) as lake:
        by_id = _names_where(lake, _KEY_OR_ID, [], _all_of("track_id", measured))
    keys = {row["track_key"] for row in by_id} | {row["track_key"] for row in by_name.collect()}
    return keys - {None}


def _names_told(update: Update) -> list[dict[str, Any]]:
    """Give the names and ids in new records of music, with their ``name_key``."""
    changes = _told(update)
    columns = ("media_type", "album_artist_name", "artist_name", "track_name", "track_id")
    told, _ = changed_rows(
        changes, (f"DISTINCT {columns[0]}", *columns[1:]), where=IS_MUSIC, most=MOST_TRACKS
    )
    rows = (dict(zip(columns, row, strict=True)) for row in told)
    named = with_name_key(_of_text(update.lake.spark, columns, rows))
    return [row.asDict() for row in named.select(*_TOLD).collect()]


def _tells_more(told: Mapping[str, Any], known: Mapping[str, Any] | None) -> bool:
    """Say whether a record's id is new to its name, or it has the least spelling so far."""
    if known is None:
        return True
    has_new_id = told["track_id"] is not None and told["track_id"] not in known["track_ids"]
    return has_new_id or any(
        told[name] is not None and (known[name] is None or told[name] < known[name])
        for name in ("track_name", "artist_name")
    )


def _told(update: Update) -> FileChanges:
    changes = file_changes(update.commits(LISTENING_HISTORY))
    if changes.went:
        raise UnknownChangeError("records went")
    return changes


def _months_told(update: Update) -> Slices:
    """Give the months of people in which new records of music lie."""
    columns = ("DISTINCT user_id", "played_month")
    told, _ = changed_rows(_told(update), columns, where=IS_MUSIC, most=MOST_SLICES)
    return slices_of(told)


def _met_outside(
    update: Update, lake: duckdb.DuckDBPyConnection, slices: Slices, track_keys: Collection[str]
) -> DataFrame:
    """Give when the people of ``slices`` first met these tracks in other months."""
    met = lake.execute(
        "SELECT user_id, track_key, epoch_us(min(played_at)) "
        f"FROM {LISTENING_WITH_FEATURES.full_name} "
        f"WHERE {outside(slices)} AND track_key IN (SELECT unnest(?)) GROUP BY ALL",
        [sorted(track_keys)],
    )
    fields = [each for each in LISTENING_WITH_FEATURES.columns if each.name in _MET]
    rows = (dict(zip(_MET, row, strict=True)) for row in met.fetchall())
    return local_frame(update.lake.spark, rows, StructType(fields))


def _names_of(
    update: Update, lake: duckdb.DuckDBPyConnection, track_keys: Collection[str]
) -> DataFrame:
    """Give the rows of ``silver.track_names`` of these tracks.

    Raises UnknownChangeError where the tracks are too many.
    """
    if len(track_keys) > MOST_TRACKS:
        raise UnknownChangeError(f"more than {MOST_TRACKS} tracks are concerned")
    names = _names_where(lake, "track_key IN (SELECT unnest(?))", sorted(track_keys))
    return local_frame(update.lake.spark, names, TRACK_NAMES.schema)


def _names_where(
    lake: duckdb.DuckDBPyConnection, condition: str, *values: list[str]
) -> list[dict[str, Any]]:
    found = lake.execute(f"FROM {TRACK_NAMES.full_name} WHERE {condition}", list(values))
    return cast("list[dict[str, Any]]", found.to_arrow_table().to_pylist())


def _in_slices(records: DataFrame, slices: Slices) -> DataFrame:
    months = sorted(frozenset().union(*slices.values()))
    # Said apart, so that only the files of these months are opened.
    in_time = records.where(F.col("played_month").isin(months))
    return in_time.where(is_in(LISTENING_HISTORY, slices))


def _as_frame(spark: SparkSession, name: str, values: Iterable[str]) -> DataFrame:
    return F.broadcast(_of_text(spark, (name,), ({name: each} for each in sorted(values))))


def _of_text(
    spark: SparkSession, names: Iterable[str], rows: Iterable[Mapping[str, Any]]
) -> DataFrame:
    """Give ``rows`` as a frame of these columns, all of text."""
    return local_frame(spark, rows, StructType([StructField(name, StringType()) for name in names]))


def _start(month: str) -> int:
    """Give the first instant of a month in ms since 1970."""
    return int(datetime.fromisoformat(f"{month}-01T00:00:00+00:00").timestamp() * 1000)


def _all_of(name: str, rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Give the values of one column, each once, without null."""
    return sorted({row[name] for row in rows} - {None})


def _one(lake: duckdb.DuckDBPyConnection, query: str) -> Any:
    ((value,),) = lake.execute(query).fetchall()
    return value
