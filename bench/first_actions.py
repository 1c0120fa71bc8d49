"""The first things a session does, each with its seconds.

    python -m bench.first_actions FOLDER [--default] [--conf NAME=VALUE]

Writes ``FOLDER/seconds.json`` and leaves a Delta table beside it.
"""

import json
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer
from pyspark.sql import SparkSession

from config.settings import load_settings
from config.spark import SESSION_TUNING, start_session

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
    conf: Annotated[list[str] | None, typer.Option(help="NAME=VALUE on top; repeatable")] = None,
) -> None:
    """Start a session, count, write and append, and say how long each took."""
    seconds = {}
    began = monotonic()

    def lap(name: str) -> None:
        nonlocal began
        seconds[name] = round(monotonic() - began, 2)
        began = monotonic()

    spark = _session(default, dict(each.split("=", 1) for each in conf or []))
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


def _session(default: bool, conf: dict[str, str]) -> SparkSession:
    master = load_settings().spark_master
    if default:
        builder = SparkSession.builder.master(master)
        for name, value in {**_DELTA, **conf}.items():
            builder = builder.config(name, value)
        return builder.getOrCreate()
    SESSION_TUNING.update(conf)
    return start_session(master)


if __name__ == "__main__":
    typer.run(main)
