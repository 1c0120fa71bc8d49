"""Models that a step computes from less, or from more, than the part that it writes."""

from dataclasses import replace

from engines import models
from engines.models import NOTHING_INSTEAD, Instead, sql_model
from incremental.differences import Part
from incremental.lake import Lake
from incremental.row_changes import UnknownChangeError
from incremental.step import Change
from lake.table_rows import table_rows
from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.gold_schemas import MOOD_CLUSTER_PROFILES
from schemas.silver_schemas import TRACK_NAMES, TRACKS


def model_of_everybody(lake: Lake, part: Part, change: Change | None) -> Instead:
    """Fit the mood model on everybody's tracks, whoever's plays its clusters are computed for."""
    if not lake.engine.knows("mood_model"):
        compute_mood_model(lake)
    lake.bind(TRACKS, people=part.values)
    return {"mood_model": None}


def compute_mood_model(lake: Lake) -> None:
    lake.bind(TRACKS)
    lake.bind(MOOD_CLUSTER_PROFILES)
    models.compute(lake.engine, "mood_model", {})
    helpers = {each.name for each in models.in_order("mood_model")} - {"mood_model"}
    lake.engine.forget(sorted(helpers))


def names_of_new_records(lake: Lake, part: Part, change: Change | None) -> Instead:
    """Compute ``silver.track_names`` from its own rows and those of new records only.

    Where records were removed, or the change is not known, all records are read.
    """
    if change is None:
        return NOTHING_INSTEAD
    try:
        changes = change.files(LISTENING_HISTORY)
    except UnknownChangeError:
        return NOTHING_INSTEAD
    if changes.removed:
        return NOTHING_INSTEAD
    standing = table_rows(LISTENING_HISTORY, lake.data_dir)
    lake.engine.bind(replace(standing, files=tuple(sorted(changes.added))))
    lake.bind(TRACK_NAMES)
    named = "SELECT name_key, track_id, track_name, artist_name FROM {}"
    return {
        "new_named_records": sql_model("named_records").sql,
        "named_records": " UNION ".join(
            named.format(each) for each in ("new_named_records", "standing_named_records")
        ),
    }


def names_of_people(lake: Lake, part: Part, change: Change | None) -> Instead:
    """Limit ``silver.track_names`` to the tracks of the people in ``part``."""
    if part.values is not None:
        lake.engine.run("spelled", sql_model("spelled").sql)
        lake.engine.run(TRACK_NAMES.full_name, sql_model("names_of_records").sql)
    return NOTHING_INSTEAD


def names_of_tracks(lake: Lake, part: Part, change: Change | None) -> Instead:
    """Limit ``silver.track_names`` to the tracks in ``part``."""
    if part.values is not None:
        columns = ", ".join(TRACK_NAMES.column_names)
        query = f"SELECT {columns} FROM {TRACK_NAMES.full_name} WHERE {part.condition}"
        lake.engine.run(TRACK_NAMES.full_name, query)
    return NOTHING_INSTEAD
