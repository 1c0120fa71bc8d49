"""The tracks that rules choose from, with the columns that ``playlists.fields`` names.

``silver.unified_tracks`` has most of them; what can change without a person's plays or library (an
artist's genre, a mood cluster, whether Spotify plays it) is joined where it is asked.
"""

from collections.abc import Collection
from pathlib import Path

import duckdb

from config.settings import SettingsError
from engines.models import literal
from lake.reader import has_table, open_lake
from playlists import resolved
from playlists.fields import FIELDS, Field
from schemas.availability_schemas import TRACK_AVAILABILITY
from schemas.genre_schemas import ARTIST_GENRES
from schemas.gold_schemas import MOOD_CLUSTERS
from schemas.table import Table
from schemas.unified_schemas import UNIFIED_TRACKS

TABLES: tuple[Table, ...] = (
    UNIFIED_TRACKS,
    ARTIST_GENRES,
    MOOD_CLUSTERS,
    TRACK_AVAILABILITY,
    *resolved.TABLES,
)
"""The tables that a connection needs for rules to be asked of it."""


def open_library(data_dir: Path) -> duckdb.DuckDBPyConnection:
    """Return a connection to the lake in which rules can be asked.

    Raises SettingsError where no run has made the table of all tracks yet.
    """
    if not UNIFIED_TRACKS.exists(data_dir):
        raise SettingsError(
            f"{UNIFIED_TRACKS.full_name} is not in {data_dir} yet: start a run (make run)"
        )
    return open_lake(data_dir, TABLES)


def people_with_tracks(lake: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the people who have a library or plays, in the order of their names."""
    found = lake.execute(
        f"SELECT DISTINCT user_id FROM {UNIFIED_TRACKS.full_name} ORDER BY 1"
    ).fetchall()
    return [user_id for (user_id,) in found]


def library(
    lake: duckdb.DuckDBPyConnection, user_id: str, timezone: str, fields: Collection[Field]
) -> str:
    """Return the query for a person's tracks, with the columns of ``fields`` and those of names.

    Dates are local ones in ``timezone``.
    """
    genre, genres = "u.genre", ""
    if FIELDS["genre"] in fields and has_table(lake, ARTIST_GENRES.full_name):
        genre = "coalesce(u.genre, nullif(g.genre, 'unclassified'))"
        genres = f"LEFT JOIN {ARTIST_GENRES.full_name} AS g ON g.artist_key = u.artist_key"
    cluster, clusters = "CAST(NULL AS VARCHAR)", ""
    if FIELDS["cluster"] in fields and has_table(lake, MOOD_CLUSTERS.full_name):
        cluster = "c.label"
        clusters = (
            f"LEFT JOIN {MOOD_CLUSTERS.full_name} AS c "
            "ON c.user_id = u.user_id AND c.track_key = u.track_key"
        )
    available, checks = "CAST(NULL AS BOOLEAN)", ""
    if FIELDS["available"] in fields and has_table(lake, TRACK_AVAILABILITY.full_name):
        available = "a.is_available"
        checks = (
            f"LEFT JOIN {TRACK_AVAILABILITY.full_name} AS a "
            "ON a.user_id = u.user_id AND a.track_id = u.track_id"
        )

    def local(instant: str) -> str:
        return f"CAST(timezone({literal(timezone)}, u.{instant}) AS DATE)"

    return f"""
        SELECT u.* EXCLUDE (genre),
            {genre} AS genre,
            {cluster} AS cluster,
            u.heard_ms / 60000.0::DOUBLE AS minutes,
            u.skipped_plays / nullif(u.skip_known_plays, 0) AS skip_rate,
            {local("first_played_at")} AS first_played,
            {local("last_played_at")} AS last_played,
            u.saved_at IS NOT NULL AS saved,
            {local("saved_at")} AS date_saved,
            u.saved_albums > 0 AS in_album,
            u.duration_ms / 1000.0::DOUBLE AS seconds,
            {available} AS available
        FROM {UNIFIED_TRACKS.full_name} AS u
        {genres}
        {clusters}
        {checks}
        WHERE u.user_id = {literal(user_id)}
    """
