"""Choose the engine by the settings."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from config.settings import Settings, SettingsError

if TYPE_CHECKING:
    from engines.engine import Engine


def engine_name(settings: Settings) -> str:
    """Return ``duckdb`` or ``spark``; ``auto`` is Spark where SPARK_MASTER names a cluster."""
    if settings.engine != "auto":
        return settings.engine
    return "duckdb" if settings.spark_master.startswith("local") else "spark"


def start_engine(settings: Settings, *, work_bytes: int = 0) -> "Engine":
    """Return the engine that the settings name, started.

    ``work_bytes`` is about how much a run has to read. Raises SettingsError where Spark is asked
    for and not installed.
    """
    if engine_name(settings) == "duckdb":
        from config.memory import memory_limit
        from engines.duckdb_engine import DuckDBEngine

        return DuckDBEngine(settings.data_dir, memory_limit=memory_limit(settings.memory_limit))
    if find_spec("pyspark") is None:
        raise SettingsError(
            "ENGINE=spark needs Apache Spark, which is not installed: run `make setup-spark` (in "
            "Docker use the full image), or set ENGINE=duckdb"
        )
    from engines.spark_engine import SparkEngine

    return SparkEngine(
        settings.data_dir,
        master=settings.spark_master,
        memory_limit=settings.memory_limit or None,
        work_bytes=work_bytes,
    )
