"""The Spark session: one place that starts it and knows how it is tuned."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from pyspark.sql import SparkSession

from config.class_archive import archive_options, class_path, is_fresh

MINIMUM_JAVA = 17
_JAVA_CURE = "install Java 17 or newer (Debian/Ubuntu: apt-get install openjdk-17-jre-headless)"


class JavaError(RuntimeError):
    """Java is missing or too old; the message is one line with the cure."""


class DeltaJarsError(RuntimeError):
    """Delta's jars are not in place; the message is one line with the cure."""


def java_version() -> int:
    """Give the major version of the Java that Spark will start.

    Raises JavaError where there is none, or where it is older than ``MINIMUM_JAVA``.
    """
    home = os.environ.get("JAVA_HOME")
    java = shutil.which(str(Path(home) / "bin" / "java") if home else "java")
    if java is None:
        where = f"JAVA_HOME={home} has no bin/java" if home else "no java on the PATH"
        raise JavaError(f"Java is missing ({where}): {_JAVA_CURE}")
    printed = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(?:1\.)?(\d+)', printed.stderr + printed.stdout)
    if found is None:
        raise JavaError(f"{java} does not say its version: {_JAVA_CURE}")
    major = int(found.group(1))
    if major < MINIMUM_JAVA:
        raise JavaError(f"Java {major} at {java} is too old: {_JAVA_CURE}")
    return major


def delta_jars_folder() -> Path:
    """Give the folder of Spark's own jars, where Delta's are put by ``make setup``."""
    import pyspark

    return Path(pyspark.__file__).parent / "jars"


def _require_delta_jars() -> None:
    if not any(delta_jars_folder().glob("*delta-spark_*.jar")):
        raise DeltaJarsError("Delta's jars are not beside Spark's: run `make setup`")


PROJECT = Path(__file__).resolve().parent.parent

_LOGGING = f"-Dlog4j2.configurationFile=file:{PROJECT / 'config' / 'log4j2.properties'}"
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
BIG_WORK_HEAP = "3g"

SESSION_TUNING: dict[str, str] = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # A person's table is a few megabytes: more partitions than this only make small files.
    "spark.sql.shuffle.partitions": "8",
    # Collecting sets and modes by hash gives up after 128 keys, and giving up costs four times as
    # much as sorting from the start.
    "spark.sql.execution.useObjectHashAggregateExec": "false",
    "spark.databricks.delta.snapshotPartitions": "2",
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


def driver_options(*more: str) -> str:
    """Give the options of the driver's Java: quiet logs, the class archive, and ``more``."""
    return " ".join((_LOGGING, *archive_options(), *more))


def start_session(
    master: str,
    app_name: str = "soundlake",
    *,
    work_bytes: int = 0,
    java_options: Sequence[str] = (),
) -> SparkSession:
    """Start (or get) the session on ``master``, Delta on, Java's own log off.

    ``work_bytes`` is about how much there is to read: small work is given to the quick compiler,
    big work to the full one with more memory. ``java_options`` are added to the driver's.

    Raises JavaError or DeltaJarsError with one line before any JVM is started.
    """
    if not is_fresh():  # an archive that fits says that this Java has started Spark before
        java_version()
    _require_delta_jars()
    # Workers and driver must run the same Python, whatever the PATH says.
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    builder = SparkSession.builder.appName(app_name).master(master)
    for name, value in SESSION_TUNING.items():
        builder = builder.config(name, value)
    is_big = work_bytes >= BIG_WORK_BYTES
    options = driver_options(*_QUIET_COLLECTOR, *(() if is_big else _QUICK_COMPILER), *java_options)
    builder = builder.config("spark.driver.extraJavaOptions", options)
    builder = builder.config("spark.driver.extraClassPath", class_path())
    if is_big and "SPARK_DRIVER_MEMORY" not in os.environ:
        builder = builder.config("spark.driver.memory", BIG_WORK_HEAP)
    builder = builder.config("spark.executorEnv.PYTHONPATH", str(PROJECT))
    if master.startswith("local"):
        builder = builder.config("spark.driver.host", "127.0.0.1").config(
            "spark.driver.bindAddress", "127.0.0.1"
        )
    return builder.getOrCreate()
