"""Apache Spark: Docker's services, the shell and clusters; every row as DuckDB computes it."""

import os
import shutil
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from engines.engine import SPILL_FOLDER, GroupFunction, TableRows
from engines.spark_calls import batch_call, called, group_call, side_by_side, teach_words
from engines.spark_session import SESSION_TUNING, driver_memory, start_session
from engines.translation import spark_sql, view_name
from schemas.table import PERSON_GROUP, Column, Table
from schemas.types import spark_type

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

_GLOB_CHARACTERS = {each: f"\\{each}" for each in "\\*?[]{}"}
_SETTINGS_RECORDED = ("spark.sql.session.timeZone", "spark.sql.ansi.enabled")


class SparkEngine:
    """A Spark session on ``master``, started when something is first asked of it.

    ``memory_limit`` (such as ``2GB``) is the driver's heap, which on this machine does all the
    work; where it is None, it follows from ``work_bytes``, about how much a run has to read.
    Results are kept as files below ``data_dir``, which workers elsewhere must see too.
    """

    name = "spark"
    version = version("pyspark")

    def __init__(
        self,
        data_dir: Path,
        *,
        master: str = "local[*]",
        memory_limit: str | None = None,
        work_bytes: int = 0,
    ) -> None:
        self._scratch = data_dir.resolve() / SPILL_FOLDER / f"spark-{os.getpid()}"
        self._master = master
        self._memory_limit = memory_limit
        self._work_bytes = work_bytes
        self._bound: dict[str, TableRows] = {}
        self._folders: dict[str, Path] = {}
        self._known: set[str] = set()
        self.settings: Mapping[str, str] = {
            "master": master,
            "spark.driver.memory": driver_memory(memory_limit, work_bytes),
            **{name: SESSION_TUNING[name] for name in _SETTINGS_RECORDED},
        }

    @cached_property
    def session(self) -> "SparkSession":
        """The session.

        Raises JavaError or DeltaJarsError, in one line, where it cannot be started.
        """
        spark = start_session(
            self._master, memory_limit=self._memory_limit, work_bytes=self._work_bytes
        )
        teach_words(spark)
        return spark

    def bind(self, rows: TableRows) -> None:
        """See ``Engine``."""
        name = rows.table.full_name
        if self._bound.get(name) == rows:
            return
        frame = self._read(rows)
        if rows.people is not None:
            frame = frame.where(frame["user_id"].isin(sorted(rows.people)))
        self._make_known(name, frame)
        self._bound[name] = rows

    def register(self, name: str, rows: "pa.Table") -> None:
        """See ``Engine``."""
        self._make_known(name, self.session.createDataFrame(rows))

    def run(self, name: str, sql: str) -> None:
        """See ``Engine``."""
        self._compute(name, self.session.sql(spark_sql(sql)))

    def map_groups(
        self,
        name: str,
        function: GroupFunction,
        inputs: Sequence[str],
        columns: Sequence[Column],
    ) -> None:
        """See ``Engine``."""
        frames = [self._relation(each) for each in inputs]
        people = frames[0].select("user_id").distinct()
        wanted = [frames[0], *(each.join(people, "user_id", "left_semi") for each in frames[1:])]
        rows = side_by_side(wanted).groupBy("user_id")
        call = group_call(function, [each.columns for each in frames], columns)
        self._compute(name, rows.applyInArrow(call, _declaration(columns)))

    def map_batches(
        self, name: str, function: GroupFunction, source: str, columns: Sequence[Column]
    ) -> None:
        """See ``Engine``."""
        call = batch_call(function, columns)
        self._compute(name, self._relation(source).mapInArrow(call, _declaration(columns)))

    def map_once(
        self,
        name: str,
        function: GroupFunction,
        inputs: Sequence[str],
        columns: Sequence[Column],
    ) -> None:
        """See ``Engine``."""
        frames = [self._relation(each).toArrow().to_pandas() for each in inputs]
        self.register(name, called(function, frames, columns))

    def write(self, name: str, table: Table, folder: Path) -> list[Path]:
        """See ``Engine``."""
        from pyspark.sql import functions as F

        frame = self._relation(name)
        if table.partition_by == PERSON_GROUP:
            frame = frame.withColumn(PERSON_GROUP, F.expr(spark_sql("person_group(user_id)")))
        frame = frame.select(
            *(frame[each.name].cast(spark_type(each.data_type)) for each in table.columns)
        )
        keys = (table.partition_by, "user_id", "played_at")
        order = [each for each in keys if each in table.column_names]
        if table.partition_by is not None:
            frame = frame.repartition(table.partition_by)
        elif frame.isEmpty():
            return []
        else:
            frame = frame.coalesce(1)
        if order:
            frame = frame.sortWithinPartitions(*order)
        writer = frame.write.mode("append").option("compression", "zstd")
        if table.partition_by is not None:
            writer = writer.partitionBy(table.partition_by)
        folder.mkdir(parents=True, exist_ok=True)
        writer.parquet(str(folder.resolve()))
        for each in folder.rglob(".*.crc"):
            each.unlink()
        return sorted(folder.rglob("*.parquet"))

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        """See ``Engine``."""
        columns = [each.to_pylist() for each in self.fetch_arrow(sql).columns]
        return list(zip(*columns, strict=True))

    def fetch_arrow(self, sql: str) -> "pa.Table":
        """See ``Engine``."""
        return self.session.sql(spark_sql(sql)).toArrow()

    def forget(self, names: Sequence[str]) -> None:
        """See ``Engine``."""
        for each in self._known.intersection(names):
            self._known.remove(each)
            self._bound.pop(each, None)
            self.session.catalog.dropTempView(view_name(each))
            self._remove(self._folders.pop(each, None))

    def can_keep(self, name: str) -> bool:
        """See ``Engine``. Whatever is computed lies in files."""
        return True

    def knows(self, name: str) -> bool:
        """See ``Engine``."""
        return name in self._known

    def close(self) -> None:
        """See ``Engine``."""
        if "session" in self.__dict__:
            self.session.stop()
            del self.session
            self._known.clear()
            self._bound.clear()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _relation(self, name: str) -> "DataFrame":
        return self.session.table(view_name(name))

    def _read(self, rows: TableRows) -> "DataFrame":
        columns = rows.table.columns
        if not rows.files:
            return self.session.createDataFrame([], _declaration(columns))
        reader = self.session.read.schema(_declaration(columns))
        if rows.table.partition_by is not None:
            # Values of the partition column stand in the names of folders below it.
            reader = reader.option("basePath", str(_root(rows.files[0])))
        read = reader.parquet(*(_as_pattern(each) for each in rows.files))
        return read.select(*rows.table.column_names)

    def _compute(self, name: str, frame: "DataFrame") -> None:
        """Compute rows once, into files, so that plans stay small and memory bounded."""
        folder = self._scratch / str(uuid4())
        frame.write.option("compression", "lz4_raw").parquet(str(folder))
        read = self.session.read.schema(frame.schema).parquet(_as_pattern(folder))
        self._make_known(name, read)
        self._folders[name] = folder

    def _make_known(self, name: str, frame: "DataFrame") -> None:
        frame.createOrReplaceTempView(view_name(name))
        self._known.add(name)
        self._bound.pop(name, None)
        self._remove(self._folders.pop(name, None))

    @staticmethod
    def _remove(folder: Path | None) -> None:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _as_pattern(path: Path) -> str:
    """Return a path as Spark reads from it, no character of which is taken for a pattern."""
    return "".join(_GLOB_CHARACTERS.get(each, each) for each in str(path.resolve()))


def _root(file: Path) -> Path:
    """Return the folder of a table, above those of its partitions."""
    return next(each for each in file.resolve().parents if "=" not in each.name)


def _declaration(columns: Sequence[Column]) -> str:
    return ", ".join(f"`{each.name}` {spark_type(each.data_type)}" for each in columns)
