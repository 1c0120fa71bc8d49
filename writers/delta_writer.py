"""The only code that writes a table, and the lock that makes it the only writer."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Literal

from deltalake import DeltaTable
from filelock import FileLock, Timeout
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from schemas.table import Table, is_table

LOCK_FILE = ".lake.lock"


class LakeBusyError(RuntimeError):
    """Another run holds the lake; the message is one line."""


class LakeUnwritableError(RuntimeError):
    """The data folder cannot be written; the message is one line with the cure."""


@dataclass(frozen=True)
class Provenance:
    """What a commit remembers of how it came about, as JSON in its ``userMetadata``.

    ``reads`` are the versions of the input tables, ``settings`` those that shape the result, and
    ``transform_version`` is raised whenever the transform itself changes its result.
    """

    run_id: str
    step: str
    reads: Mapping[str, int]
    settings: Mapping[str, str]
    transform_version: int

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    def same_result_as(self, other: "Provenance") -> bool:
        """Say whether both commits hold the same rows, whichever run wrote them."""
        return (self.reads, self.settings, self.transform_version) == (
            other.reads,
            other.settings,
            other.transform_version,
        )


@dataclass(frozen=True)
class Written:
    """What one commit did: the version after it and the rows it added."""

    version: int
    rows: int


@contextmanager
def lake_lock(data_dir: Path) -> Iterator[None]:
    """Hold the lake alone; the system releases it even if this process is killed.

    Raises LakeBusyError where another run holds it, LakeUnwritableError where ``data_dir`` cannot
    be made or written.
    """
    lock = FileLock(data_dir / LOCK_FILE)
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise LakeBusyError(f"another run holds the lake in {data_dir}: wait for its end") from None
    except OSError as error:
        raise LakeUnwritableError(
            f"DATA_DIR {data_dir} cannot be written ({error.strerror}): mend its permissions or "
            "set DATA_DIR to a folder of yours"
        ) from None
    try:
        yield
    finally:
        lock.release()


@dataclass(frozen=True)
class TableState:
    """A table as it lies on disk: its version and how its last rows came about."""

    version: int
    data_version: int
    provenance: Provenance | None


def table_state(table: Table, data_dir: Path) -> TableState | None:
    """Read, without Spark and in milliseconds, at which version a table stands; None if absent.

    ``data_version`` is the last version that changed rows: compaction and other upkeep make new
    versions that no reader needs to hear of.
    """
    if not table.exists(data_dir):
        return None
    history = DeltaTable(str(table.path(data_dir))).history()
    last = next((each for each in history if each["operation"] == "WRITE"), history[-1])
    return TableState(history[0]["version"], last["version"], _provenance(last))


def _provenance(commit: Mapping[str, Any]) -> Provenance | None:
    try:
        return Provenance(**json.loads(commit.get("userMetadata") or "null"))
    except (TypeError, json.JSONDecodeError):
        return None


class DeltaWriter:
    """Writes tables of one lake within one run; steps may share it between threads."""

    def __init__(self, spark: SparkSession, data_dir: Path) -> None:
        self._spark = spark
        self._data_dir = data_dir
        self._one_at_a_time: defaultdict[Table, Lock] = defaultdict(Lock)

    def append_new(self, table: Table, rows: DataFrame, provenance: Provenance) -> Written:
        """Append the rows whose key the table does not hold yet, in one commit.

        ``rows`` must be distinct in the key. Nothing is committed where nothing is new.
        """
        with self._one_at_a_time[table]:
            if table.exists(self._data_dir):
                known = self._spark.read.format("delta").load(str(table.path(self._data_dir)))
                rows = rows.join(known.select(*table.key), on=list(table.key), how="left_anti")
            return self._write(table, rows, provenance, "append")

    def append(self, table: Table, rows: DataFrame, provenance: Provenance) -> Written:
        """Append rows whose key is new by what it is made of, such as this run's id."""
        with self._one_at_a_time[table]:
            return self._write(table, rows, provenance, "append")

    def replace(self, table: Table, rows: DataFrame, provenance: Provenance) -> Written:
        """Make ``rows`` the whole content of the table, in one commit."""
        with self._one_at_a_time[table]:
            return self._write(table, rows, provenance, "overwrite")

    def _write(
        self,
        table: Table,
        rows: DataFrame,
        provenance: Provenance,
        mode: Literal["append", "overwrite"],
    ) -> Written:
        return write_table(table, table.path(self._data_dir), rows, provenance, mode=mode)


def write_table(
    table: Table,
    path: Path,
    rows: DataFrame,
    provenance: Provenance,
    *,
    mode: Literal["append", "overwrite"],
) -> Written:
    """Write ``rows`` as ``table`` declares it to ``path``, in one commit.

    Readers see either the table as it was or the whole of the new version, whatever happens.
    """
    before = DeltaTable(str(path)).version() if is_table(path) else None
    writer = (
        _in_few_files(_as_declared(rows, table), table)
        .write.format("delta")
        .mode(mode)
        .option("userMetadata", provenance.to_json())
        .options(**_properties(table))
    )
    if mode == "overwrite":
        writer = writer.option("overwriteSchema", "true")
    if table.partition_by is not None:
        writer = writer.partitionBy(table.partition_by)
    writer.save(str(path))
    commit = DeltaTable(str(path)).history(1)[0]
    version: int = commit["version"]
    # An append of no rows makes no commit, and the last one is an earlier run's.
    rows_added = 0 if version == before else int(commit["operationMetrics"]["numOutputRows"])
    return Written(version, rows_added)


def _as_declared(rows: DataFrame, table: Table) -> DataFrame:
    """Order, cast and comment the columns as declared; a column too few is an error of Spark's."""
    return rows.select(
        *(
            F.col(each.name).cast(each.dataType).alias(each.name, metadata=each.metadata)
            for each in table.columns
        )
    )


def _in_few_files(rows: DataFrame, table: Table) -> DataFrame:
    """One file a partition, or a few for a table without: small files are what makes Delta slow."""
    if table.partition_by is not None:
        return rows.repartition(table.partition_by)
    return rows.repartition(1)


def _properties(table: Table) -> dict[str, str]:
    """Give the constraints as table properties: they take effect when the table is made."""
    present = {f"{name}_present": f"{name} is not null" for name in table.key}
    return {
        f"delta.constraints.{name}": condition
        for name, condition in {**present, **table.checks}.items()
    }
