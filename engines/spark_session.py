"""The Spark session: one place that starts it and knows how it is tuned."""

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engines.spark_archive import archive_options, class_path
from engines.spark_java import java_version, require_delta_jars

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PROJECT = Path(__file__).resolve().parent.parent

_LOGGING = f"-Dlog4j2.configurationFile={(PROJECT / 'config' / 'log4j2.properties').as_uri()}"
_QUICK_COMPILER = (
    # A run lives for seconds: the quick compiler alone does more in them than both together.
    "-XX:TieredStopAtLevel=1",
    # The quick compiler's default of 48 MB fills up in the middle of a run, and then all is slow.
    "-XX:ReservedCodeCacheSize=256m",
)
_QUIET_COLLECTOR = (
    # Two cores have none to spare for a collector that works beside the run.
    "-XX:+UseParallelGC",
    # Spark's classes fill this much in any case; below it every step calls the collector.
    "-XX:MetaspaceSize=256m",
)
# From here on what the full compiler wins is more than what it costs.
BIG_WORK_BYTES = 500_000_000
_HEAP, _BIG_WORK_HEAP = "1g", "3g"
_MEGABYTES = {"k": 1 / 1024, "m": 1, "g": 1024, "t": 1024**2}

CLUSTER_SHUFFLE_PARTITIONS = "200"
SESSION_TUNING: dict[str, str] = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.session.timeZone": "UTC",
    # What cannot be computed is an error, never a null.
    "spark.sql.ansi.enabled": "true",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # On one machine: more partitions than this only make small files.
    "spark.sql.shuffle.partitions": "8",
    # Collecting sets and modes by hash gives up after 128 keys, and giving up costs four times as
    # much as sorting from the start.
    "spark.sql.execution.useObjectHashAggregateExec": "false",
    # A table has few files; every further part generates code again for a handful of rows.
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.sql.sources.parallelPartitionDiscovery.parallelism": "8",
    # Files of a table are looked at here, one by one, not by a job.
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "100000",
    # One run makes several hundred pieces of code; the default keeps a hundred.
    "spark.sql.codegen.cache.maxEntries": "2000",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.parquet.compression.codec": "zstd",
    # The older INT96 carries no least and greatest value, by which readers skip files.
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
}


def driver_settings(*java_options: str) -> dict[str, str]:
    """Return what the driver's Java is started with: quiet logs, the class archive, and more.

    They take effect only where they are known before Java starts. Raises JavaError where there is
    no Java that Spark could run on.
    """
    archive = archive_options()
    if not archive:  # one that fits says that this Java has started Spark before
        java_version()
    return {
        "spark.driver.extraJavaOptions": " ".join((_LOGGING, *archive, *java_options)),
        "spark.driver.extraClassPath": class_path(),
    }


def session_tuning(master: str) -> dict[str, str]:
    """Return how a session on ``master`` is tuned."""
    if master.startswith("local"):
        return dict(SESSION_TUNING)
    # Workers of any number share what is shuffled; Spark joins small parts by itself.
    return SESSION_TUNING | {"spark.sql.shuffle.partitions": CLUSTER_SHUFFLE_PARTITIONS}


def driver_memory(memory_limit: str | None, work_bytes: int) -> str:
    """Return the driver's heap as Spark writes it, from a limit such as ``2GB``.

    Where there is no limit, it follows from the work.
    """
    if memory_limit is None:
        return _BIG_WORK_HEAP if work_bytes >= BIG_WORK_BYTES else _HEAP
    number, unit = re.findall(r"([\d.]+)\s*([kmgt])", memory_limit.lower())[0]
    # Java takes whole numbers only.
    return f"{number}{unit}" if "." not in number else f"{int(float(number) * _MEGABYTES[unit])}m"


def start_session(
    master: str,
    app_name: str = "soundlake",
    *,
    memory_limit: str | None = None,
    work_bytes: int = 0,
    java_options: Sequence[str] = (),
) -> "SparkSession":
    """Start (or get) the session on ``master``, Delta on, Java's own log off.

    ``work_bytes`` is about how much there is to read: small work is given to the quick compiler,
    big work to the full one with more memory, unless ``memory_limit`` says how much.
    ``java_options`` are added to the driver's.

    Raises JavaError or DeltaJarsError with one line before any JVM is started.
    """
    from pyspark.sql import SparkSession

    is_big = work_bytes >= BIG_WORK_BYTES
    compiler = () if is_big else _QUICK_COMPILER
    tuning = session_tuning(master) | driver_settings(*_QUIET_COLLECTOR, *compiler, *java_options)
    require_delta_jars()
    tuning["spark.driver.memory"] = driver_memory(memory_limit, work_bytes)
    tuning["spark.executorEnv.PYTHONPATH"] = str(PROJECT)
    if master.startswith("local"):
        tuning |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    # Workers and driver must run the same Python, whatever the PATH says.
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    builder = SparkSession.builder.appName(app_name).master(master)
    return builder.config(map={**tuning}).getOrCreate()
