"""Silver and ``gold.temporal_patterns`` by hand-tuned SQL: what the models are judged by.

    python -m tests.reference.duckdb_reference LAKE OUT [--timezone UTC] [--threads 2]

Reads the bronze Delta tables of LAKE and writes ``listening_with_features``, ``tracks`` and
``temporal_patterns`` as Parquet (zstd) to OUT. The SQL beside this was written from what the
tables promise, not from the code that makes them, so it is a second opinion on their rows too. It
knows the default settings: every source of features wanted, real before synthetic before catalogue.
"""

from pathlib import Path
from time import monotonic
from typing import Annotated

import duckdb
import typer

from engines.parquet import read_parquet
from lake.table_rows import table_rows
from schemas.bronze_schemas import (
    KAGGLE_TRACKS,
    LISTENING_HISTORY,
    MY_TRACKS_FEATURES,
    SYNTHETIC_FEATURES,
)
from schemas.table import Table

SQL = Path(__file__).resolve().parent / "sql"
RESULTS = ("listening_with_features", "tracks", "temporal_patterns")
_INPUTS = {
    "history": LISTENING_HISTORY,
    "real_features": MY_TRACKS_FEATURES,
    "synthetic_features": SYNTHETIC_FEATURES,
    "catalogue": KAGGLE_TRACKS,
}
_PARQUET = "(FORMAT parquet, COMPRESSION zstd)"


def connect(lake: Path, timezone: str, threads: int) -> duckdb.DuckDBPyConnection:
    """Return a connection in which the bronze tables of ``lake`` are views of short names."""
    connection = duckdb.connect()
    connection.execute(f"SET threads = {threads}; SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"SET VARIABLE timezone = '{timezone}'")
    for name, table in _INPUTS.items():
        connection.execute(f"CREATE VIEW {name} AS {_source(table, lake)}")
    return connection


def compute(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """Make a view of every result's name; return the seconds of each file of SQL."""
    seconds = {}
    for path in sorted(SQL.glob("*.sql")):
        began = monotonic()
        connection.execute(path.read_text(encoding="utf-8"))
        seconds[path.stem] = round(monotonic() - began, 2)
    return seconds


def write(connection: duckdb.DuckDBPyConnection, out: Path) -> dict[str, float]:
    """Write every result as Parquet to ``out``; return the seconds of each."""
    seconds = {}
    for name in RESULTS:
        began = monotonic()
        connection.execute(f"COPY (FROM {name}) TO '{out / name}.parquet' {_PARQUET}")
        seconds[f"write {name}"] = round(monotonic() - began, 2)
    return seconds


def _source(table: Table, lake: Path) -> str:
    if not table.exists(lake):
        nulls = ", ".join(f"NULL::{each.data_type} AS {each.name}" for each in table.columns)
        return f"SELECT {nulls} WHERE false"
    rows = table_rows(table, lake)
    return f"FROM {read_parquet(rows.files, table)}"


def main(
    lake: Annotated[Path, typer.Argument(help="data folder of the lake")],
    out: Annotated[Path, typer.Argument(help="where the results go")],
    timezone: Annotated[str, typer.Option(help="IANA name of the listeners' time zone")] = "UTC",
    threads: Annotated[int, typer.Option(help="processor cores to use")] = 2,
) -> None:
    """Compute silver and temporal_patterns of LAKE."""
    out.mkdir(parents=True, exist_ok=True)
    connection = connect(lake, timezone, threads)
    for stage, seconds in (compute(connection) | write(connection, out)).items():
        typer.echo(f"{stage}\t{seconds}")


if __name__ == "__main__":
    typer.run(main)
