"""Read the Kaggle "Spotify Tracks Dataset" (``dataset.csv``) unchanged, every value as text."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from engines.parquet import path_literal
from schemas.common_columns import FEATURE_NAMES

COLUMNS: tuple[str, ...] = (
    "track_id",
    "artists",
    "album_name",
    "track_name",
    "popularity",
    "duration_ms",
    "explicit",
    *FEATURE_NAMES,
    "track_genre",
)


class CatalogueError(ValueError):
    """The catalogue cannot be imported; the message is one line with the file and the fix."""


def fingerprint(path: Path) -> str:
    """Return what identifies this state of the file: its size and time of change.

    Raises CatalogueError where the file cannot be reached.
    """
    try:
        state = path.stat()
    except OSError as error:
        raise CatalogueError(f"{path}: cannot be read ({error.strerror})") from None
    return f"{state.st_size}-{state.st_mtime_ns}"


def check_header(path: Path) -> None:
    """Check that the file has every column of the data set.

    Raises CatalogueError naming the missing columns, or why the file cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            header = next(csv.reader(stream), [])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _damaged(path, error) from None
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise CatalogueError(
            f"{path}: line 1 lacks the column(s) {', '.join(missing)}: "
            "give the dataset.csv of the Kaggle 'Spotify Tracks Dataset'"
        )


@contextmanager
def read_errors_named(path: Path) -> Iterator[None]:
    """Raise CatalogueError where DuckDB finds in the block that the file is not valid CSV."""
    try:
        yield
    except duckdb.InvalidInputException as error:
        raise _damaged(path, error) from None


def catalogue_query(path: Path) -> str:
    """Return the query for the rows of the CSV, one text column for each of ``COLUMNS``.

    Values are trimmed, and empty ones null. The first column of the file, a bare index, is left
    out. Raises CatalogueError where the header lacks a column.
    """
    check_header(path)
    columns = ", ".join(f"nullif(trim({name}), '') AS {name}" for name in COLUMNS)
    # Quotes are doubled inside quoted fields; a row may have too few or too many fields.
    options = (
        "header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"', "
        "strict_mode = false, null_padding = true, parallel = false"
    )
    return f"SELECT {columns} FROM read_csv({path_literal(path)}, {options})"


def _damaged(path: Path, error: Exception) -> CatalogueError:
    detail = str(error).splitlines()[0].removeprefix("Invalid Input Error: ").rstrip(".:")
    return CatalogueError(f"{path}: cannot be read ({detail}): download it again")
