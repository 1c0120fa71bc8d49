"""The only code that writes a table: what is to be written, and what its commit remembers."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import Lock

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from schemas.table import PERSON_GROUP, Table
from writers.commit_log import Commit, newest_change, newest_commit, newest_version
from writers.slices import Slices, is_in, partitions_of, person_group
from writers.table_files import WriteMode, commit_files, write_files
from writers.table_reader import read_table


@dataclass(frozen=True)
class Provenance:
    """What a commit remembers of how it came about, as JSON in its ``userMetadata``.

    ``reads`` are the versions of the input tables, ``settings`` those that shape the result, and
    ``transform_version`` is raised whenever the transform itself changes its result. ``touched``
    says which months of which people the commit made anew; None where it was the whole table.
    """

    run_id: str
    step: str
    reads: Mapping[str, int]
    settings: Mapping[str, str]
    transform_version: int
    touched: Mapping[str, Sequence[str]] | None = None

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str | None) -> "Provenance | None":
        """Read what ``to_json`` wrote; None for anything else."""
        try:
            return cls(**json.loads(text or "null"))
        except (TypeError, json.JSONDecodeError):
            return None

    def same_result_as(self, other: "Provenance") -> bool:
        """Say whether both commits hold the same rows, whichever run wrote them."""
        return self.reads == other.reads and self.same_recipe_as(other)

    def same_recipe_as(self, other: "Provenance") -> bool:
        """Say whether both would make the same rows from the same inputs."""
        return (self.settings, self.transform_version) == (other.settings, other.transform_version)


@dataclass(frozen=True)
class Written:
    """What one commit did: the version after it and the rows it added."""

    version: int
    rows: int


@dataclass(frozen=True)
class TableState:
    """A table as it lies on disk: its version and how its last rows came about."""

    version: int
    data_version: int
    provenance: Provenance | None


def table_state(table: Table, data_dir: Path) -> TableState | None:
    """Read, without Spark and in milliseconds, at which version a table stands; None if absent.

    ``data_version`` is the last version that changed rows: compaction and other upkeep make new
    versions that no reader needs to hear of. Where the log no longer reaches back to it, it is the
    table's version, made from nobody knows what.
    """
    path = table.path(data_dir)
    version = newest_version(path)
    if version is None:
        return None
    change = newest_change(path)
    if change is None:
        return TableState(version, version, None)
    return TableState(version, change.version, provenance_of(change))


def provenance_of(commit: Commit) -> Provenance | None:
    """Give what the writer left in a commit; None where it was not this writer's."""
    return Provenance.from_json(commit.user_metadata)


class DeltaWriter:
    """Writes tables of one lake within one run; steps may share it between threads."""

    def __init__(self, spark: SparkSession, data_dir: Path) -> None:
        self._spark = spark
        self._data_dir = data_dir
        self._one_at_a_time: defaultdict[Table, Lock] = defaultdict(Lock)

    def append_new(
        self,
        table: Table,
        rows: DataFrame,
        provenance: Provenance,
        *,
        among: Column | None = None,
    ) -> Written:
        """Append the rows whose key the table does not hold yet, in one commit.

        ``rows`` must be distinct in the key. ``among`` says, over the table's columns, where rows
        of the same key could be, such as in the months that ``rows`` are of. Nothing is committed
        where nothing is new.
        """
        with self._one_at_a_time[table]:
            if table.exists(self._data_dir):
                known = self._read(table)
                known = known if among is None else known.where(among)
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

    def replace_slices(
        self, table: Table, rows: DataFrame, slices: Slices, provenance: Provenance
    ) -> Written:
        """Make ``rows`` all that the table holds of ``slices``, in one commit.

        Whole partitions are written, with the other people's rows as they are: so Delta drops the
        old files by the log alone and looks into none of them.
        """
        with self._one_at_a_time[table]:
            partitions = partitions_of(table, slices)
            others = (
                self._read(table)
                .where(F.col(str(table.partition_by)).isin(partitions))
                .where(~is_in(table, slices))
            )
            return self._write(
                table,
                _as_declared(rows, table).unionByName(others),
                replace(provenance, touched={person: sorted(slices[person]) for person in slices}),
                "overwrite",
                partitions,
            )

    def _read(self, table: Table) -> DataFrame:
        return read_table(self._spark, table, self._data_dir)

    def _write(
        self,
        table: Table,
        rows: DataFrame,
        provenance: Provenance,
        mode: WriteMode,
        partitions: Sequence[str] | Sequence[int] | None = None,
    ) -> Written:
        path = table.path(self._data_dir)
        return write_table(table, path, rows, provenance, mode=mode, partitions=partitions)


def write_table(
    table: Table,
    path: Path,
    rows: DataFrame,
    provenance: Provenance,
    *,
    mode: WriteMode,
    partitions: Sequence[str] | Sequence[int] | None = None,
) -> Written:
    """Write ``rows`` as ``table`` declares it to ``path``, in one commit.

    ``partitions`` limits an overwrite to these values of the partition column. Readers see either
    the table as it was or the whole of the new version, whatever happens.
    """
    before = newest_version(path)
    declared = _in_few_files(_as_declared(rows, table), table)
    if before is None:
        _make(table, path, declared, provenance)
    else:
        files = write_files(table, path, declared)
        commit_files(table, path, files, provenance.to_json(), mode, partitions)
    commit = newest_commit(path)
    # An append of no rows makes no commit, and the last one is an earlier run's.
    return Written(commit.version, 0 if commit.version == before else commit.rows_written)


def _make(table: Table, path: Path, rows: DataFrame, provenance: Provenance) -> None:
    """Make the table with its first rows, by Delta's own writer: it can give it its rules."""
    rules = {f"delta.constraints.{name}": rule for name, rule in table.rules.items()}
    writer = rows.write.format("delta").options(**rules, userMetadata=provenance.to_json())
    if table.partition_by is not None:
        writer = writer.partitionBy(table.partition_by)
    writer.save(str(path))


def _as_declared(rows: DataFrame, table: Table) -> DataFrame:
    """Order, cast and comment the columns as declared; a column too few is an error of Spark's.

    The partition of a table about people follows from the person: no transform has to give it.
    """
    if table.partition_by == PERSON_GROUP:
        rows = rows.withColumn(PERSON_GROUP, person_group(F.col("user_id")))
    return rows.select(
        *(
            F.col(each.name).cast(each.dataType).alias(each.name, metadata=each.metadata)
            for each in table.columns
        )
    )


def _in_few_files(rows: DataFrame, table: Table) -> DataFrame:
    """One file a partition, or one for a table without: small files are what makes Delta slow.

    Within a file a person's rows stand together, so that a reader of one person skips the rest.
    """
    if table.partition_by is None:
        return rows.repartition(1)
    order = [
        each for each in (table.partition_by, "user_id", "played_at") if each in table.column_names
    ]
    return rows.repartition(table.partition_by).sortWithinPartitions(*order)
