"""The least that a run of Spark can cost: a session, and one small append a table.

    python -m bench.bare_appends FOLDER --tables 9

Tables that are not in FOLDER yet are made by the first append.
"""

from pathlib import Path
from typing import Annotated

import typer

from config.settings import load_settings
from engines.spark_session import start_session

ROWS = 50


def main(
    folder: Annotated[Path, typer.Argument(help="where the tables lie")],
    tables: Annotated[int, typer.Option(help="how many tables get an append")],
) -> None:
    """Append a few rows to each of several Delta tables in FOLDER."""
    spark = start_session(load_settings().spark_master)
    for number in range(tables):
        rows = spark.range(ROWS).selectExpr("id", "cast(id AS string) AS name", "id / 7 AS value")
        one_file = rows.coalesce(1)
        one_file.write.format("delta").mode("append").save(str(folder / f"table_{number}"))
    spark.stop()


if __name__ == "__main__":
    typer.run(main)
