"""Rows of the Kaggle CSV → rows of ``staging.catalogue_rows``: typed, some rejected."""

from engines.models import literal
from loaders.kaggle_catalogue import COLUMNS
from schemas.common_columns import UNIT_INTERVAL_FEATURES
from schemas.staging_schemas import CATALOGUE_ROWS

_NOT_IN_THE_FILE = ("user_id", "record", "reject_reason")


def catalogue_rows(rows: str, user_id: str) -> str:
    """Return the query for the columns of ``staging.catalogue_rows``.

    ``rows`` is a query for the text columns of ``loaders.kaggle_catalogue.COLUMNS``. Values are
    kept unchanged, tempo 0 and missing names included; what they mean is decided where they are
    used. Whole numbers and flags may be written as 73.0; a value of another type is null. Only a
    rejected row has a record: its values as JSON.
    """
    typed = ", ".join(
        f"{_typed(each.name, each.data_type)} AS {each.name}"
        for each in CATALOGUE_ROWS.columns
        if each.name not in _NOT_IN_THE_FILE
    )
    texts = ", ".join(f"{name} := {name}" for name in COLUMNS)
    # A merge into an empty object drops nulls.
    record = "json_merge_patch('{}', to_json(texts))::VARCHAR"
    return (
        f"SELECT * EXCLUDE (texts), {literal(user_id)} AS user_id, "
        f"{_reject_reason()} AS reject_reason, "
        f"CASE WHEN reject_reason IS NOT NULL THEN {record} END AS record "
        f"FROM (SELECT {typed}, struct_pack({texts}) AS texts FROM ({rows}))"
    )


def _typed(name: str, data_type: str) -> str:
    number = f"TRY_CAST({name} AS DOUBLE)"
    match data_type:
        case "BOOLEAN":
            return f"coalesce(TRY_CAST({name} AS BOOLEAN), TRY_CAST({number} AS BOOLEAN))"
        case "DOUBLE":
            return f"CASE WHEN isfinite({number}) THEN {number} END"
        case "INTEGER" | "BIGINT":
            return f"CASE WHEN {number} = floor({number}) THEN TRY_CAST({name} AS {data_type}) END"
    return f"TRY_CAST({name} AS {data_type})"


def _reject_reason() -> str:
    outside = " OR ".join(
        f"coalesce({name} NOT BETWEEN 0 AND 1, false)" for name in UNIT_INTERVAL_FEATURES
    )
    return (
        "CASE WHEN track_id IS NULL THEN 'it has no track_id' "
        "WHEN track_genre IS NULL THEN 'it has no track_genre' "
        "WHEN valence IS NULL OR energy IS NULL THEN 'its features are not numeric' "
        f"WHEN {outside} THEN 'a feature lies outside 0 to 1' END"
    )
