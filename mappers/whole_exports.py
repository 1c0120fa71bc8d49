"""Files of privacy exports as a whole → rows of ``staging.export_records``, column by column.

The same rows that ``export_mapper`` makes record by record, several times as fast, of files in
which every record is as Spotify writes it. A test holds that both agree.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from engines.models import literal
from engines.scratch_database import session
from mappers.values import CLOCK_TOLERANCE, FIRST_YEAR
from schemas.play_sources import ACCOUNT, EXTENDED, PlaySource, source_of_files
from schemas.staging_schemas import EXPORT_RECORDS

if TYPE_CHECKING:
    import pyarrow as pa

_EXTENDED_FIELDS: Mapping[str, type] = {
    "ts": str,
    "ms_played": int,
    "spotify_track_uri": str,
    "master_metadata_track_name": str,
    "master_metadata_album_artist_name": str,
    "master_metadata_album_album_name": str,
    "spotify_episode_uri": str,
    "episode_name": str,
    "episode_show_name": str,
    "audiobook_chapter_uri": str,
    "audiobook_chapter_title": str,
    "audiobook_title": str,
    "platform": str,
    "conn_country": str,
    "reason_start": str,
    "reason_end": str,
    "shuffle": bool,
    "skipped": bool,
    "offline": bool,
    "incognito_mode": bool,
}
_ACCOUNT_FIELDS: Mapping[str, type] = {
    "endTime": str,
    "msPlayed": int,
    "trackName": str,
    "episodeName": str,
    "audiobookName": str,
    "chapterName": str,
    "artistName": str,
    "podcastName": str,
    "authorName": str,
}
_RENAMED = {
    "msPlayed": "ms_played",
    "audiobookName": "album_name",
    "master_metadata_album_album_name": "album_name",
}
"""Columns by the field whose values they take as they are, where the names differ."""


def _filled(text: str) -> str:
    return f"CASE WHEN trim({text}, ' ') <> '' THEN {text} END"


_TIME = r"([01]\d|2[0-3]):[0-5]\d"
# The first column of each is null where a record is for ``export_rows``.
_OF_EXTENDED = rf"""
    SELECT
        CASE WHEN ms_played >= 0
            AND regexp_full_match(ts, '\d{{4}}-\d\d-\d\dT{_TIME}:[0-5]\dZ')
            THEN TRY_CAST(ts AS TIMESTAMP) END AS ended_at,
        ms_played,
        CASE
            WHEN coalesce(spotify_track_uri, master_metadata_track_name) IS NOT NULL
                THEN if($kind = 'extended_video', 'video', 'track')
            WHEN coalesce(spotify_episode_uri, episode_name) IS NOT NULL THEN 'episode'
            WHEN coalesce(audiobook_chapter_uri, audiobook_title) IS NOT NULL THEN 'audiobook'
            ELSE 'unknown'
        END AS media_type,
        coalesce(spotify_track_uri, spotify_episode_uri, audiobook_chapter_uri) AS media_uri,
        nullif(regexp_extract(spotify_track_uri, '^spotify:track:([0-9A-Za-z_]+)$', 1), '')
            AS track_id,
        {_filled("master_metadata_album_artist_name")} AS album_artist_name,
        coalesce(album_artist_name, {_filled("episode_show_name")}) AS artist_name,
        coalesce(
            master_metadata_track_name, episode_name, audiobook_chapter_title, audiobook_title
        ) AS name,
        {_filled("name")} AS track_name,
        (skipped IS NOT NULL)::INTEGER + (offline IS NOT NULL)::INTEGER
            + (incognito_mode IS NOT NULL)::INTEGER AS flags_known,
        '{EXTENDED.name}' AS source,
        position
    FROM field
"""
_OF_ACCOUNT = rf"""
    SELECT
        CASE WHEN msPlayed >= 0 AND regexp_full_match(endTime, '\d{{4}}-\d\d-\d\d {_TIME}')
            THEN TRY_CAST(endTime AS TIMESTAMP) END AS ended_at,
        msPlayed AS ms_played,
        CASE
            WHEN trackName IS NOT NULL THEN 'track'
            WHEN episodeName IS NOT NULL THEN 'episode'
            WHEN coalesce(chapterName, audiobookName) IS NOT NULL THEN 'audiobook'
            ELSE 'unknown'
        END AS media_type,
        NULL::VARCHAR AS media_uri,
        NULL::VARCHAR AS track_id,
        {_filled("artistName")} AS album_artist_name,
        coalesce(
            album_artist_name, {_filled("podcastName")}, {_filled("authorName")}
        ) AS artist_name,
        coalesce(trackName, episodeName) AS name,
        coalesce({_filled("name")}, {_filled("chapterName")}, {_filled("audiobookName")})
            AS track_name,
        0 AS flags_known,
        '{ACCOUNT.name}' AS source,
        position
    FROM field
"""
_OF_SOURCE: Mapping[PlaySource, tuple[Mapping[str, type], str]] = {
    EXTENDED: (_EXTENDED_FIELDS, _OF_EXTENDED),
    ACCOUNT: (_ACCOUNT_FIELDS, _OF_ACCOUNT),
}
_COMPUTED = """
    SELECT
        CASE WHEN year(ended_at) >= $first_year AND ended_at <= $latest
            THEN timezone('UTC', ended_at) END AS played_at,
        CAST(ended_at AS DATE) AS date,
        strftime(ended_at, '%Y-%m') AS played_month,
        source, media_type, media_uri, track_id, track_name, artist_name, album_artist_name,
        flags_known,
        md5(concat(
            source, '|', epoch_ms(ended_at), '|',
            coalesce(media_uri, concat_ws('|', media_type, artist_name, track_name)), '|', ms_played
        )) AS identity,
        md5(concat(identity, ':', row_number() OVER (PARTITION BY identity ORDER BY position)))
            AS record_id
    FROM ({of_kind}) ORDER BY position
"""


def whole_export_rows(
    records: Sequence[Any], user_id: str, source_file: str, kind: str, now: datetime
) -> "pa.Table | None":
    """Return the rows of ``staging.export_records`` for all records of one file.

    ``records`` are those of the file, without personal fields; ``now`` (UTC) decides what lies in
    the future. None where a record is to be rejected or has a value of an unusual type: such a file
    is for ``export_rows``.
    """
    # Arrow takes a while to import, and most commands read no file.
    import pyarrow as pa

    from engines.arrow import arrow_schema

    names, of_kind = _OF_SOURCE[source_of_files(kind)]
    fields = _columns(records, names)
    if fields is None:
        return None
    query = _COMPUTED.replace("{of_kind}", of_kind)
    query = query.replace("$kind", literal(kind)).replace("$first_year", literal(FIRST_YEAR))
    latest = (now + CLOCK_TOLERANCE).replace(tzinfo=None)
    with session() as connection:
        connection.register("field", fields)
        computed = connection.execute(query, {"latest": latest}).to_arrow_table()
    if computed["played_at"].null_count:
        return None
    given = {
        "user_id": pa.repeat(user_id, len(records)),
        "source_file": pa.repeat(source_file, len(records)),
    }
    fields = fields.rename_columns([_RENAMED.get(each, each) for each in fields.column_names])
    schema = arrow_schema(EXPORT_RECORDS.columns)
    columns = []
    for each in schema:
        if each.name in computed.column_names:
            columns.append(computed[each.name].cast(each.type))
        elif each.name in fields.column_names:
            columns.append(fields[each.name])
        else:
            columns.append(given.get(each.name, pa.nulls(len(records), each.type)))
    return pa.table(columns, schema)


def _columns(records: Sequence[Any], fields: Mapping[str, type]) -> "pa.Table | None":
    """Return the fields of all records as columns; None where a record or a value is odd."""
    import pyarrow as pa

    if {*map(type, records)} != {dict}:
        return None
    types = {str: pa.string(), int: pa.int64(), bool: pa.bool_()}
    structure = pa.struct([(name, types[each]) for name, each in fields.items()])
    try:
        # A value of another type is refused, with one exception: 73.0 would be taken as 73.
        values = pa.array(records, structure)
        # Decoded at once: what orjson returns holds more memory than its text needs.
        texts = pa.array([orjson.dumps(each).decode() for each in records], pa.string())
    # Nested deeply, or a whole number of more than 64 bits.
    except (pa.ArrowException, TypeError, OverflowError):
        return None
    (milliseconds,) = (name for name, each in fields.items() if each is int)
    if any(type(each.get(milliseconds)) is float for each in records):
        return None
    return (
        pa.Table.from_struct_array(values)
        .append_column("record", texts)
        .append_column("position", pa.array(range(1, len(records) + 1), pa.int64()))
    )
