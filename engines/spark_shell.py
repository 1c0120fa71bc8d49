"""Start-up of the PySpark shell: every table of the lake at hand under its name.

PySpark's shell runs this file (``PYTHONSTARTUP``) once its session stands; Delta is on by the
``spark-defaults.conf`` that ``write_defaults`` made.
"""

import atexit
import shutil
import sys
import tempfile
from pathlib import Path

from pyspark.sql import SparkSession

from config.settings import SettingsError, load_settings
from engines.spark_session import SESSION_TUNING, driver_settings
from schemas import ALL_TABLES
from schemas.lakes import find_lake


def write_defaults(folder: str | Path) -> None:
    """Write the session's tuning where Spark itself reads it, as ``spark-defaults.conf``."""
    lines = [f"{name} {value}\n" for name, value in (SESSION_TUNING | driver_settings()).items()]
    Path(folder).mkdir(parents=True, exist_ok=True)
    (Path(folder) / "spark-defaults.conf").write_text("".join(lines), encoding="utf-8")


def register_tables(spark: SparkSession, lake: Path) -> list[str]:
    """Register every table in ``lake`` by its full name; return those names.

    Call it again for tables that a later run has added.
    """
    # A database wants a folder of its own: a scratch one, so that the lake's holds only the lake.
    scratch = Path(tempfile.mkdtemp(prefix="soundlake-shell-"))
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    for layer in sorted({table.layer for table in ALL_TABLES}):
        spark.sql(f"CREATE DATABASE IF NOT EXISTS {layer} LOCATION '{scratch / layer}'")
    names = []
    for table in ALL_TABLES:
        if table.exists(lake):
            path = str(table.path(lake).resolve()).replace("'", "\\'")
            spark.sql(f"CREATE TABLE IF NOT EXISTS {table.full_name} USING DELTA LOCATION '{path}'")
            names.append(table.full_name)
    return names


def greet(spark: SparkSession) -> None:
    """Register the tables of the lake that the settings name, and say what is there."""
    try:
        lake = find_lake(load_settings().data_dir)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return
    names = register_tables(spark, lake)
    print(f"Lake {lake}: {', '.join(names) if names else 'no tables yet, start a run first'}")


if "spark" in globals():  # run by PySpark's shell, not imported and not a plain Python prompt
    greet(globals()["spark"])
