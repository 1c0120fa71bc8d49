"""The first things a session does, each with its seconds.

    python -m bench.first_actions FOLDER [--default] [--no-archive] [--java OPTION]

Writes ``FOLDER/seconds.json`` and leaves a Delta table beside it.
"""

import json
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer
from pyspark.sql import SparkSession

from config.settings import load_settings
from engines import spark_archive
from engines.spark_session import SESSION_TUNING, start_session

ROWS = 50
_DELTA = {
    name: SESSION_TUNING[name]
    for name in ("spark.sql.extensions", "spark.sql.catalog.spark_catalog")
}


def main(
    folder: Annotated[Path, typer.Argument(help="where the table and the seconds go")],
    default: Annotated[
        bool, typer.Option("--default", help="Spark untuned, but for Delta")
    ] = False,
    archive: Annotated[bool, typer.Option(help="start from the archive of classes")] = True,
    java: Annotated[list[str] | None, typer.Option(help="one more option for Java")] = None,
) -> None:
    """Start a session, count, write and append, and say how long each took."""
    seconds = {}
    began = monotonic()

    def lap(name: str) -> None:
        nonlocal began
        seconds[name] = round(monotonic() - began, 2)
        began = monotonic()

    spark = _default_session() if default else _own_session(java or [], archive=archive)
    lap("session")
    spark.range(1_000).count()
    lap("first count")
    rows = spark.range(ROWS).selectExpr("id", "cast(id AS string) AS name").coalesce(1)
    table = str(folder / "table")
    rows.write.format("delta").save(table)
    lap("first Delta write")
    rows.write.format("delta").mode("append").save(table)
    lap("first Delta append")
    rows.write.format("delta").mode("append").save(table)
    lap("second Delta append")
    spark.stop()
    lap("stop")
    (folder / "seconds.json").write_text(json.dumps(seconds), encoding="utf-8")


def _default_session() -> SparkSession:
    builder = SparkSession.builder.master(load_settings().spark_master)
    for name, value in _DELTA.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _own_session(java_options: list[str], *, archive: bool) -> SparkSession:
    if not archive:
        spark_archive.archive = lambda: Path("there is none")  # type: ignore[assignment]
    return start_session(load_settings().spark_master, java_options=java_options)


if __name__ == "__main__":
    typer.run(main)
