"""Verify a whole lake: files, keys, rules, references, counts, and a backup's records.

What every run checks of the rows that it changed is checked here of all rows, and besides it what
no run looks at again: that every data file is there and is what was written.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from deltalake.exceptions import DeltaError

from engines import models
from engines.engine import TableRows
from engines.parquet import scan
from engines.scratch_database import session
from lake.backups import Backup
from lake.checks import prove, proved_against
from lake.logged_files import LoggedFile, faults_of, logged_files
from lake.table_rows import UnreadableTableError, table_rows
from schemas import ALL_TABLES
from schemas.bronze_schemas import KAGGLE_TRACKS, LISTENING_HISTORY
from schemas.lakes import table_folders
from schemas.ops_schemas import IMPORTED_FILES
from schemas.table import Table

_CATALOGUE = "catalogue"
_EXAMPLES = 10
"""How many files or records are named of one kind."""


@dataclass
class Verification:
    """The verification of the lake in ``data_dir``, ``against`` a backup where one is given."""

    data_dir: Path
    against: Backup | None = None
    files: int = 0
    rows: int = 0
    _unsound: set[Path] = field(default_factory=set)

    def stages(self) -> Iterator[tuple[str, Iterator[str]]]:
        """Yield each stage by its title, with its findings, a line each; to be read in order."""
        folders = table_folders(self.data_dir)
        for path in folders:
            yield f"files of {self._name(path)}", self._of_files(path)
        tables = [each for each in ALL_TABLES if each.path(self.data_dir) in folders]
        for table in tables:
            yield f"rows of {table.full_name}", self._of_rows(table)
        yield "records of imported files", self._of_imports()
        if self.against is not None:
            yield f"files of the backup in {self.against.folder}", self.against.faults()
            for table in tables:
                if _is_source(table):
                    yield f"{table.full_name} against the backup", self._of_backup(table)
            yield "tables of the backup", self._of_lost_tables(self.against)

    def _of_files(self, path: Path) -> Iterator[str]:
        try:
            files = logged_files(path)
        except (DeltaError, OSError) as error:
            self._unsound.add(path)
            yield f"{self._name(path)}: its log cannot be read: {str(error).splitlines()[0]}"
            return
        self.files += len(files)
        self.rows += sum(each.rows or 0 for each in files)
        for fault in faults_of(path, [self._with_checksum(path, each) for each in files]):
            self._unsound.add(path)
            yield f"{self._name(path)}: {fault}"

    def _with_checksum(self, path: Path, logged: LoggedFile) -> LoggedFile:
        """Return a file with the checksum that the backup has of it where the log has none."""
        name = (path / logged.path).relative_to(self.data_dir).as_posix()
        copied = None if self.against is None else self.against.files.get(name)
        if logged.checksum is not None or copied is None:
            return logged
        return LoggedFile(logged.path, logged.size, logged.rows, copied.sha256)

    def _of_rows(self, table: Table) -> Iterator[str]:
        if table.path(self.data_dir) in self._unsound:
            return
        others = {each.path(self.data_dir) for each in proved_against(table)}
        try:
            yield from _broken_rules(table, table_rows(table, self.data_dir))
            across = not others & self._unsound
            for proof in prove([table], self.data_dir, None, across=across):
                if not proof.holds:
                    yield (
                        f"{table.full_name} fails its check {proof.name} in {proof.failures:,} "
                        f"places, first {proof.example}"
                    )
        except (duckdb.Error, UnreadableTableError) as error:
            self._unsound.add(table.path(self.data_dir))
            yield f"{table.full_name} cannot be read: {str(error).splitlines()[0]}"

    def _of_imports(self) -> Iterator[str]:
        """Yield the files of which bronze holds other numbers of records than were kept."""
        tables = (IMPORTED_FILES, LISTENING_HISTORY, KAGGLE_TRACKS)
        if {each.path(self.data_dir) for each in tables} & self._unsound:
            return
        rows = {each: table_rows(each, self.data_dir) for each in tables}
        imported, history, catalogue = (
            scan(each, rows[each].files, rows[each].columns) for each in tables
        )
        query = f"""
            WITH kept AS (
                SELECT run_id, source_file, max(records_kept) AS kept,
                    bool_or(records_read <> records_kept + records_known + records_rejected)
                        AS do_not_add_up
                FROM ({imported}) GROUP BY ALL
            ), held AS (
                SELECT run_id, source_file, count(*) AS held FROM (
                    SELECT run_id, source_file FROM ({history})
                    UNION ALL
                    SELECT run_id, source_file FROM ({catalogue})
                ) GROUP BY ALL
            )
            SELECT run_id, source_file, kept, coalesce(held, 0) AS held, do_not_add_up
            FROM kept LEFT JOIN held USING (run_id, source_file)
            WHERE kept <> coalesce(held, 0) OR do_not_add_up ORDER BY ALL
        """
        with session() as connection:
            for run_id, file, kept, held, _ in connection.execute(query).fetchmany(_EXAMPLES):
                what = "its numbers of records do not add up"
                if kept != held:
                    what = f"{kept:,} records of it were kept, bronze has {held:,}"
                yield f"{IMPORTED_FILES.full_name}: {file} (run {run_id}): {what}"

    def _of_backup(self, table: Table) -> Iterator[str]:
        """Yield how many records of a backup a table of bronze no longer has."""
        assert self.against is not None
        if table.path(self.data_dir) in self._unsound or not table.exists(self.against.lake):
            return
        now, then = (
            scan(table, rows.files, rows.columns)
            for rows in (
                table_rows(table, self.data_dir),
                table_rows(table, self.against.lake),
            )
        )
        key = ", ".join(table.key)
        query = f"SELECT {key} FROM ({then}) ANTI JOIN ({now}) USING ({key})"
        try:
            with session() as connection:
                ((lost,),) = connection.execute(f"SELECT count(*) FROM ({query})").fetchall()
                if lost:
                    first = connection.execute(f"{query} ORDER BY ALL LIMIT 1").fetchone()
                    yield (
                        f"{table.full_name} lacks {lost:,} records of the backup of "
                        f"{self.against.made_at}, first {first}"
                    )
        except duckdb.Error as error:
            yield f"{table.full_name} of the backup cannot be read: {str(error).splitlines()[0]}"

    def _of_lost_tables(self, against: Backup) -> Iterator[str]:
        for name in against.tables:
            if name.startswith("bronze/") and not (self.data_dir / name / "_delta_log").is_dir():
                yield f"{name.replace('/', '.')} of the backup is missing"

    def _name(self, path: Path) -> str:
        return f"{path.parent.name}.{path.name}"


def _is_source(table: Table) -> bool:
    """Return whether a table holds what a source said: no run computes it, and no row goes."""
    return table.layer == "bronze" and table.name not in models.files()


def _broken_rules(table: Table, rows: TableRows) -> Iterator[str]:
    """Yield the CHECK rules that rows break, and the columns that must not be null and are.

    All columns are read, so that what cannot be decoded is found too.
    """
    required = {
        f"{each.name}_present": f"{each.name} IS NOT NULL"
        for each in table.columns
        if not each.nullable and each.name in rows.columns
    }
    rules = {**required, **table.rules}
    counts = ", ".join(f"count_if(NOT coalesce(({rule}), false))" for rule in rules.values())
    with session() as connection:
        (found,) = connection.execute(
            f"SELECT {counts}, max(hash(t)) FROM ({scan(table, rows.files, rows.columns)}) AS t"
        ).fetchall()
    for (name, rule), broken in zip(rules.items(), found, strict=False):
        if broken:
            yield f"{table.full_name} breaks its rule {name} ({rule}) in {broken:,} rows"
