"""Every table of the lake, declared once."""

from collections.abc import Mapping

from schemas import (
    availability_schemas,
    bronze_schemas,
    decision_schemas,
    genre_schemas,
    gold_schemas,
    indicator_schemas,
    library_schemas,
    mood_schemas,
    ops_schemas,
    playlist_schemas,
    recommendation_schemas,
    silver_schemas,
    summary_schemas,
    unified_schemas,
)
from schemas.table import Table

ALL_TABLES: tuple[Table, ...] = (
    *bronze_schemas.TABLES,
    *library_schemas.TABLES,
    *availability_schemas.TABLES,
    *silver_schemas.TABLES,
    *genre_schemas.TABLES,
    *unified_schemas.TABLES,
    *summary_schemas.TABLES,
    *gold_schemas.TABLES,
    *indicator_schemas.TABLES,
    *mood_schemas.TABLES,
    *recommendation_schemas.TABLES,
    *ops_schemas.TABLES,
    *decision_schemas.TABLES,
    *playlist_schemas.TABLES,
)

BY_NAME: Mapping[str, Table] = {each.full_name: each for each in ALL_TABLES}
"""Every table by its full name, such as ``gold.mood_clusters``."""
