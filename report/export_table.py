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
from report.csv_text import plain_sql
from schemas import ALL_TABLES
from schemas.table import LEFT_OUT, PSEUDONYM, Column, Table
from schemas.types import STRING, is_nested

FileFormat = Literal["csv", "parquet"]
_OPTIONS: dict[FileFormat, str] = {
    "csv": "FORMAT csv, HEADER, USE_TMP_FILE false",
    "parquet": "FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false",
}
EXPORTED_FOLDER = "exported"
"""In ``DATA_DIR``: tables that were written to files, unless another place was named."""

KEY_FILE = ".pseudonym_key"
"""In ``DATA_DIR``: without it nobody can link pseudonyms to people; delete it to cut the link."""

MEMORY_LIMIT = "1GB"
"""What DuckDB may hold in memory; more is put aside on disk, next to the file that is written."""

_KEY_BYTES = 32
_HASH_BLOCK = 64


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
    in CSV arrays and maps are JSON, and a text that begins like a formula is marked as a text, by
    an apostrophe before it. Pseudonymised rows are in the order of the table's key, so that
    their position reveals nothing. Memory stays bounded however long the table is.

    Raises SettingsError where there is no such table or ``out_path`` cannot be written.
    """
    table = find_table(table_name)
    if not table.exists(data_dir):
        raise SettingsError(f"{table.full_name} is not in {data_dir} yet: start a run (make run)")
    shown = [each for each in table.columns if not pseudonymise or each.disclosure != LEFT_OUT]
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


def _value(column: Column, file_format: FileFormat, pseudonymise: bool) -> str:
    if pseudonymise and column.disclosure == PSEUDONYM:
        return f"pseudonym({column.name})"
    if file_format != "csv":
        return column.name
    if is_nested(column.data_type):
        return f"to_json({column.name})"
    return plain_sql(column.name, "varchar") if column.data_type == STRING else column.name


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
