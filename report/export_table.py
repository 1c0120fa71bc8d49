"""Export one table of the lake as a file for other programs, optionally pseudonymised.

A pseudonym is HMAC-SHA-256 of the user id under a key of this lake: one person is the same in every
table, and nobody can find out who, or try names, without the key. Other ids that identify the
person are replaced in the same way, and columns that show who or where somebody is are left out.
That is not anonymity: whoever knows some of the plays can find the person by them.
"""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from config.settings import SettingsError
from engines.models import literal
from lake.reader import open_lake
from schemas import ALL_TABLES
from schemas.table import PERSON_GROUP, Column, Table
from schemas.types import holds_text, is_nested

FileFormat = Literal["csv", "parquet"]
_OPTIONS: dict[FileFormat, str] = {
    "csv": "FORMAT csv, HEADER, USE_TMP_FILE false",
    "parquet": "FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false",
}
KEY_FILE = ".pseudonym_key"
"""In ``DATA_DIR``: without it nobody can link pseudonyms to people; delete it to cut the link."""

MEMORY_LIMIT = "1GB"
"""What DuckDB may hold in memory; more is put aside on disk, next to the file that is written."""

_KEY_BYTES = 32
_HASH_BLOCK = 64

PSEUDONYMISED = frozenset(
    # The user, ids that hold the user, and hashes of records, by which plays could be found again.
    {"user_id", "session_id", "play_id", "record_id", "rejected_id", "gap_id", "entry_id"}
    # An id by which Spotify shows whose playlist it is.
    | {"playlist_id"}
)
LEFT_OUT = frozenset(
    # Where the person is, and on what.
    {"conn_country", "platform"}
    # Who they are and whom they know, at Spotify and on their own disk.
    | {"owner_id", "added_by", "playlist_name", "description", "source_file", "uri", "context_uri"}
    | {"archive", "series", "missing_files"}
    # Whole answers and records, texts of errors: anything may stand in them.
    | {"item", "record", "error", "example", "ops.rejected_records.reason"}
    # Derived from the user id, or from the versions of playlists and files.
    | {PERSON_GROUP, "snapshot_id", "items_snapshot_id", "fingerprint", "made_from"}
)
# Texts about music, about listening or about the origin of a number. A text column in none of the
# three sets is left out, so that a new one cannot identify anybody before it was considered.
KEPT = frozenset(
    # Music.
    {"track_id", "track_key", "track_name", "track_ids", "name_key", "name_keys", "isrc", "upc"}
    | {"work_key", "work_keys"}
    | {"artist_id", "artist_name", "artist_key", "artist_keys", "artists", "album_artist_name"}
    | {"album_id", "album_name", "album_type", "release_date", "item_id", "item_name"}
    | {"genre", "genres", "genre_key", "track_genre", "genre_source", "donor_group"}
    | {"donor_track_id"}
    # Listening.
    | {"source", "sources", "media_type", "context_type", "reason_start", "reason_end"}
    | {"skip_source"}
    | {"played_month", "part_of_day", "season", "kind", "term"}
    # Features and answers.
    | {"feature_source", "feature_provider", "feature_match", "feature_donor_level"}
    | {"method", "donor_level", "generator_version", "feature_names", "label", "fitted_before"}
    | {"dimension", "bucket", "status", "reason", "model_status", "model_reason"}
    | {"top_artist", "top_track", "top_track_artist", "top_genre", "month", "mainstream_tendency"}
    | {"mainstream_reason"}
    | {"indicator", "unit", "period_kind", "period", "feature", "driver", "level", "goes_with"}
    | {"population_source", "statement", "measure", "model", "best_simple_model", "task"}
    | {"purpose", "explanation"}
    # About the lake itself.
    | {"run_id", "step", "versions_read", "closed_by", "engine", "engine_version"}
    | {"engine_settings", "table_name", "check_name", "sample_fingerprint"}
)


@dataclass(frozen=True)
class Exported:
    """What was written: the table, its rows, and the columns that were left out."""

    table: Table
    rows: int
    left_out: tuple[str, ...]


def export_table(
    data_dir: Path,
    table_name: str,
    file_format: FileFormat,
    out_path: Path,
    *,
    pseudonymise: bool,
) -> Exported:
    """Write a table of the lake in ``data_dir`` to ``out_path``, whole or not at all.

    ``table_name`` is a name such as ``gold.mood_clusters`` or ``mood_clusters``. Instants are UTC;
    in CSV arrays and maps are JSON. Pseudonymised rows are in the order of the table's key, so that
    their position reveals nothing. Memory stays bounded however long the table is.

    Raises SettingsError where there is no such table or ``out_path`` cannot be written.
    """
    table = find_table(table_name)
    if not table.exists(data_dir):
        raise SettingsError(f"{table.full_name} is not in {data_dir} yet: start a run (make run)")
    shown = [each for each in table.columns if not pseudonymise or _may_be_seen(table, each)]
    values = ", ".join(
        f"{_value(each, file_format, pseudonymise)} AS {each.name}" for each in shown
    )
    query = f"SELECT {values} FROM {table.full_name}"
    if pseudonymise:
        names = {each.name for each in shown}
        order = ", ".join(name for name in table.key if name in names) or "ALL"
        query = f"SELECT * FROM ({query}) ORDER BY {order}"
    with scratch_beside(out_path) as scratch, open_lake(data_dir, [table]) as lake:
        lake.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
        lake.execute(f"SET temp_directory = {literal(str(scratch / 'spilled'))}")
        if pseudonymise:
            _define_pseudonyms(lake, pseudonym_key(data_dir))
        written = scratch / "written"
        copied = lake.execute(
            f"COPY ({query}) TO {literal(str(written))} ({_OPTIONS[file_format]})"
        )
        ((rows,),) = copied.fetchall()
        written.replace(out_path)
    return Exported(table, rows, tuple(each.name for each in table.columns if each not in shown))


def find_table(name: str) -> Table:
    """Return the table of a name, with or without layer; SettingsError names those there are."""
    for table in ALL_TABLES:
        if name in (table.full_name, table.name):
            return table
    known = ", ".join(each.full_name for each in ALL_TABLES)
    raise SettingsError(f"there is no table {name}; the tables are {known}")


def pseudonym_key(data_dir: Path) -> bytes:
    """Return the key of the lake's pseudonyms, made at random when it is first asked for.

    Raises SettingsError where the file is damaged or cannot be written.
    """
    path = data_dir / KEY_FILE
    try:
        # Only the owner may read it, from the first moment; of two at once one makes it.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    except OSError as error:
        raise SettingsError(f"{path} cannot be written ({error.strerror})") from None
    else:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(_KEY_BYTES))
    try:
        key = bytes.fromhex(path.read_text())
    except (OSError, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise SettingsError(f"{path} is damaged: delete it, and people get new pseudonyms")
    return key


def _may_be_seen(table: Table, column: Column) -> bool:
    if {column.name, f"{table.full_name}.{column.name}"} & LEFT_OUT:
        return False
    return not holds_text(column.data_type) or column.name in KEPT | PSEUDONYMISED


def _value(column: Column, file_format: FileFormat, pseudonymise: bool) -> str:
    if pseudonymise and column.name in PSEUDONYMISED:
        return f"pseudonym({column.name})"
    if file_format == "csv" and is_nested(column.data_type):
        return f"to_json({column.name})"
    return column.name


def _define_pseudonyms(lake: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Define pseudonym(text): HMAC-SHA-256 (RFC 2104), of which 128 bits are shown."""
    block = key.ljust(_HASH_BLOCK, b"\0")
    inner, outer = (
        f"unhex('{bytes(each ^ padding for each in block).hex()}')" for padding in (0x36, 0x5C)
    )
    hashed = f"sha256({outer} || unhex(sha256({inner} || encode(text))))"
    lake.execute(f"CREATE TEMP MACRO pseudonym(text) AS left({hashed}, 32)")


@contextmanager
def scratch_beside(out_path: Path) -> Iterator[Path]:
    """Lend a folder next to ``out_path``: from there a file takes its place in one step."""
    if out_path.is_dir():
        raise SettingsError(f"{out_path} is a folder: name the file to write")
    try:
        with tempfile.TemporaryDirectory(prefix=f".{out_path.name}-", dir=out_path.parent) as name:
            yield Path(name)
    except OSError as error:
        raise SettingsError(f"{out_path} cannot be written ({error.strerror})") from None
    except duckdb.IOException as error:
        raise SettingsError(f"{out_path} cannot be written: {error}") from None
