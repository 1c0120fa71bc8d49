"""What of a table must be made anew since it was made: found before Spark computes anything.

The Delta logs name the files that came and went; DuckDB reads just these. What is found may be too
much, never too little: after every update the table is, row for row, what ``--full`` would make.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any

import duckdb
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from features.name_key import name_key
from features.track_key import ids_of, track_names, with_name_key, with_track_key
from gold.mood_cluster_profiles import FITTED_SOURCES, profiles_of_model
from report.lake_reader import open_lake
from schemas.bronze_schemas import (
    KAGGLE_TRACKS,
    LISTENING_HISTORY,
    MY_TRACKS_FEATURES,
    SYNTHETIC_FEATURES,
)
from schemas.common_columns import CONTINUOUS_FEATURES, FEATURE_NAMES
from schemas.gold_schemas import MOOD_CLUSTER_PROFILES
from schemas.silver_schemas import LISTENING_WITH_FEATURES, TRACK_NAMES, TRACKS
from schemas.table import Table
from silver.plays import distinct_plays
from writers.row_changes import UnknownChangeError, changed_rows, file_changes
from writers.slices import Slices, is_in, merged
from writers.steps import Addition, Change, Replacement, Update, Verdict

# Above these a whole rebuild costs less than finding one's way.
MOST_SLICES = 2_000
MOST_TRACKS = 20_000

# Sessions end after 30 silent minutes and sources differ by 90 seconds: months between which
# nothing was heard for longer than this have nothing to do with each other.
SILENCE_MILLISECONDS = 2 * 60 * 60 * 1000
Span = tuple[int, int]
_IS_MUSIC = "media_type IN ('track', 'video')"


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
    """Take in the names that new records tell."""
    lake = update.lake
    changes = file_changes(update.commits(LISTENING_HISTORY))
    if changes.went:
        raise UnknownChangeError("records went")
    in_files = [each for each in LISTENING_HISTORY.columns if each.name != "played_month"]
    new_files = lake.spark.read.schema(StructType(in_files)).parquet(*map(str, changes.came))
    told = with_name_key(new_files).select("name_key", "track_id", "track_name", "artist_name")
    known = lake.read(TRACK_NAMES)
    names = track_names(ids_of(known).drop("track_key").unionByName(told))
    changed = names.subtract(known).persist()
    is_known = known.select("name_key", F.lit(True).alias("is_known"))
    (found,) = (
        changed.join(is_known, on="name_key", how="left")
        .agg(F.count("*").alias("changed"), F.count("is_known").alias("known"))
        .collect()
    )
    if found["changed"] == 0:
        return Verdict.UNCHANGED
    return Addition(changed) if found["known"] == 0 else Replacement(names)


@_or_whole
def update_synthetic(update: Update) -> Change:
    """Make features for new tracks, and anew for those whose names, ids or measurements changed."""
    _require_unchanged(update, KAGGLE_TRACKS)
    brand_new, named_anew = _tracks_named(update)
    touched = brand_new | named_anew | _tracks_measured(update)
    if not touched:
        return Verdict.UNCHANGED
    inputs = dict(update.inputs)
    keys = _as_frame(update, touched)
    inputs[TRACK_NAMES] = inputs[TRACK_NAMES].join(keys, on="track_key", how="left_semi")
    rows = update.step.build(inputs, update.lake.settings)
    if touched == brand_new:
        return Addition(rows)
    others = update.lake.read(SYNTHETIC_FEATURES).join(keys, on="track_key", how="left_anti")
    return Replacement(rows.unionByName(others))


@_or_whole
def update_listening(update: Update) -> Change:
    """Make those months of people anew in which plays came, or a track's name or features changed.

    Months that listening went on across are made anew together: islands of one play and sessions
    then lie within them. So are later months whose first play of a track is one no more.
    """
    _require_unchanged(update, KAGGLE_TRACKS)
    brand_new, named_anew = _tracks_named(update)
    touched = named_anew | _tracks_measured(update) | _tracks_made_up(update)
    with open_lake(update.lake.data_dir) as lake:
        slices = merged(_months_told(update), _months_of(lake, touched - brand_new))
        slices = _with_linked_months(lake, slices)
        newest = _one(lake, f"SELECT max(played_month) FROM {LISTENING_WITH_FEATURES.full_name}")
        if newest and any(month < newest for months in slices.values() for month in months):
            former = _months_of_former_first_plays(update, slices)
            slices = _with_linked_months(lake, merged(slices, former))
    if not slices:
        return Verdict.UNCHANGED
    inputs = dict(update.inputs)
    names = inputs[TRACK_NAMES]
    inputs[LISTENING_HISTORY] = _in_slices(inputs[LISTENING_HISTORY], slices)
    keys = with_track_key(inputs[LISTENING_HISTORY], names).select("track_key").distinct()
    inputs[TRACK_NAMES] = names.join(F.broadcast(keys), on="track_key", how="left_semi")
    inputs[LISTENING_WITH_FEATURES] = _others(update, slices)
    return Replacement(update.step.build(inputs, update.lake.settings), slices)


@_or_whole
def update_profiles(update: Update) -> Change:
    """Count anew for the people whose tracks changed, unless the model has to be fitted anew."""
    people = update.touched(TRACKS)
    with open_lake(update.lake.data_dir) as lake:
        before = _one(lake, f"SELECT max(fitted_before) FROM {MOOD_CLUSTER_PROFILES.full_name}")
        newest = _one(lake, f"SELECT max(played_month) FROM {LISTENING_WITH_FEATURES.full_name}")
    if people is None or before is None or before != newest:
        raise UnknownChangeError("the model is to be fitted anew")
    fitted = f"feature_source IN {FITTED_SOURCES} AND epoch_ms(first_played_at) < {_start(before)}"
    columns = ("track_key", *CONTINUOUS_FEATURES)
    if any(_changed(update, TRACKS, columns, where=fitted)):
        raise UnknownChangeError("the tracks that the model was fitted on changed")
    inputs = update.inputs
    tracks = inputs[TRACKS].where(is_in(TRACKS, people))
    return Replacement(profiles_of_model(tracks, inputs[MOOD_CLUSTER_PROFILES]), people)


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
    with open_lake(update.lake.data_dir) as lake:
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
    came, went = _changed(update, MY_TRACKS_FEATURES, columns)
    asked_for = [row[:3] for row in came | went]
    if not asked_for:
        return set()
    spark = update.lake.spark
    measured = spark.createDataFrame(
        asked_for, "track_id string, track_name string, artist_name string"
    )
    by_name = measured.select(name_key(F.col("artist_name"), F.col("track_name")).alias("key"))
    ids = ids_of(update.lake.read(TRACK_NAMES))
    by_id = ids.join(F.broadcast(measured.select("track_id")), on="track_id", how="left_semi")
    keys = by_id.select(F.col("track_key").alias("key")).union(by_name).distinct()
    return {row["key"] for row in keys.where(F.col("key").isNotNull()).collect()}


def _months_told(update: Update) -> Slices:
    """Give the months of people in which new records of music lie."""
    changes = file_changes(update.commits(LISTENING_HISTORY))
    if changes.went:
        raise UnknownChangeError("records went")
    columns = ("DISTINCT user_id", "played_month")
    told, _ = changed_rows(changes, columns, where=_IS_MUSIC, most=MOST_SLICES)
    return _slices(told)


def _months_of(lake: duckdb.DuckDBPyConnection, track_keys: Collection[str]) -> Slices:
    """Give the months of people in which these tracks were played."""
    if not track_keys:
        return {}
    return _slices(
        lake.execute(
            f"SELECT DISTINCT user_id, played_month FROM {LISTENING_WITH_FEATURES.full_name} "
            f"WHERE track_key IN (SELECT unnest(?)) LIMIT {MOST_SLICES + 1}",
            [sorted(track_keys)],
        ).fetchall()
    )


def _with_linked_months(lake: duckdb.DuckDBPyConnection, slices: Slices) -> Slices:
    """Add the months before and after, as long as listening went on from one into the other."""
    found = slices
    while True:
        around = {
            person: months | {other for month in months for other in _neighbours(month)}
            for person, months in found.items()
        }
        spans = _spans(lake, around)
        linked = [
            (person, other)
            for person, months in found.items()
            for month in months
            for other in _neighbours(month)
            if other not in months and _is_linked(spans, person, *sorted((month, other)))
        ]
        if not linked:
            return found
        found = merged(found, _slices(linked))


def _spans(lake: duckdb.DuckDBPyConnection, slices: Slices) -> dict[tuple[str, str], Span]:
    """Give when each person's listening began and ended in each month, in ms since 1970."""
    rows = lake.execute(
        "SELECT user_id, played_month, min(epoch_ms(played_at) - coalesce(ms_played, 0)), "
        f"max(epoch_ms(played_at)) FROM {LISTENING_HISTORY.full_name} WHERE {_IS_MUSIC} "
        f"AND user_id IN ({_literals(slices)}) "
        f"AND played_month IN ({_literals(set().union(*slices.values()))}) GROUP BY ALL",
    ).fetchall()
    return {(person, month): (began, ended) for person, month, began, ended in rows}


def _is_linked(
    spans: Mapping[tuple[str, str], Span], person: str, month: str, next_month: str
) -> bool:
    before, after = spans.get((person, month)), spans.get((person, next_month))
    return before is not None and after is not None and after[0] - before[1] < SILENCE_MILLISECONDS


def _months_of_former_first_plays(update: Update, slices: Slices) -> Slices:
    """Give the months outside ``slices`` with a first play of a track that was met before it."""
    inputs = update.inputs
    records = _in_slices(inputs[LISTENING_HISTORY], slices)
    plays = distinct_plays(with_track_key(records, inputs[TRACK_NAMES]))
    met = plays.groupBy("user_id", "track_key").agg(F.min("played_at").alias("met_at"))
    former = (
        _others(update, slices)
        .where("first_play")
        .join(met, on=["user_id", "track_key"], how="inner")
        .where(F.col("met_at") < F.col("played_at"))
    )
    found = former.select("user_id", "played_month").distinct().limit(MOST_SLICES + 1).collect()
    return _slices([(row["user_id"], row["played_month"]) for row in found])


def _others(update: Update, slices: Slices) -> DataFrame:
    """Give what the people of ``slices`` played in other months, as the table has it."""
    listening = update.lake.read(LISTENING_WITH_FEATURES)
    theirs = F.col("user_id").isin(sorted(slices))
    return listening.where(theirs & ~is_in(LISTENING_WITH_FEATURES, slices))


def _in_slices(records: DataFrame, slices: Slices) -> DataFrame:
    months = sorted(frozenset().union(*slices.values()))
    # Said apart, so that Delta opens the files of these months only.
    in_time = records.where(F.col("played_month").isin(months))
    return in_time.where(is_in(LISTENING_HISTORY, slices))


def _as_frame(update: Update, track_keys: Collection[str]) -> DataFrame:
    keys = [(each,) for each in sorted(track_keys)]
    return F.broadcast(update.lake.spark.createDataFrame(keys, "track_key string"))


def _slices(found: Collection[tuple[Any, ...]]) -> Slices:
    if len(found) > MOST_SLICES:
        raise UnknownChangeError(f"more than {MOST_SLICES} months of people changed")
    months: defaultdict[str, set[str]] = defaultdict(set)
    for person, month in found:
        months[person].add(month)
    return {person: frozenset(months[person]) for person in months}


def _neighbours(month: str) -> tuple[str, str]:
    first = date.fromisoformat(f"{month}-01")
    return f"{first - timedelta(days=1):%Y-%m}", f"{first + timedelta(days=31):%Y-%m}"


def _start(month: str) -> int:
    """Give the first instant of a month in ms since 1970."""
    return int(datetime.fromisoformat(f"{month}-01T00:00:00+00:00").timestamp() * 1000)


def _one(lake: duckdb.DuckDBPyConnection, query: str) -> Any:
    ((value,),) = lake.execute(query).fetchall()
    return value


def _literals(values: Iterable[str]) -> str:
    """Give values as SQL literals: so written, and not as parameters, they prune partitions."""
    return ", ".join("'" + each.replace("'", "''") + "'" for each in sorted(values))
