"""Reads the Kaggle "Spotify Tracks Dataset" (``dataset.csv``) as it is, every value as text."""

import csv
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

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
    """The catalogue cannot be taken; the message is one line with the file and the cure."""


def fingerprint(path: Path) -> str:
    """Tell this state of the file from any other: its size and time of change.

    Raises CatalogueError where the file cannot be reached.
    """
    try:
        state = path.stat()
    except OSError as error:
        raise CatalogueError(f"{path}: cannot be read ({error.strerror})") from None
    return f"{state.st_size}-{state.st_mtime_ns}"


def check_header(path: Path) -> None:
    """Make sure that the file has every column of the data set.

    Raises CatalogueError naming the missing columns, or why the file cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            header = next(csv.reader(stream), [])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CatalogueError(f"{path}: cannot be read ({error}): download it again") from None
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise CatalogueError(
            f"{path}: line 1 lacks the column(s) {', '.join(missing)}: "
            "give the dataset.csv of the Kaggle 'Spotify Tracks Dataset'"
        )


def read_catalogue(spark: SparkSession, path: Path) -> DataFrame:
    """Give the rows of the CSV, one string column for each of ``COLUMNS``.

    The first column of the file, a bare index, is left out. Raises CatalogueError.
    """
    check_header(path)
    # Quotes are doubled inside quoted fields, which Spark calls escaping by a quote.
    rows = spark.read.csv(str(path), header=True, quote='"', escape='"', encoding="utf-8")
    return rows.select(*COLUMNS)
