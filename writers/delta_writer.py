"""The only code that writes a table: its new rows, and the metadata of the commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lake.commit_log import newest_commit, newest_version
from lake.provenance import Provenance
from schemas.table import Table
from writers.table_files import WriteMode, commit_files, counted_rows, create_table


@dataclass(frozen=True)
class Written:
    """What a commit did: the version after it and the rows in the files that it added."""

    version: int
    rows: int


def publish(
    table: Table,
    path: Path,
    staged: Path,
    files: Sequence[Path],
    provenance: Provenance,
    *,
    mode: WriteMode,
    partitions: Sequence[str] | None = None,
) -> Written:
    """Commit ``files``, which an engine wrote below ``staged``, to the table at ``path``.

    That is one commit; a new table has further ones for its rules, but readers see all or none.
    ``overwrite`` replaces all rows, or those of ``partitions``. Appending nothing to an existing
    table makes no commit. Readers see the old version or the complete new one, whatever happens.
    Raises BrokenRuleError before anything is committed.
    """
    version = newest_version(path)
    if version is not None and mode == "append" and not files:
        return Written(version, 0)
    counted = counted_rows(table, files)
    if version is None:
        create_table(table, path, staged, counted, provenance.to_json())
    else:
        commit_files(table, path, staged, counted, provenance.to_json(), mode, partitions)
    commit = newest_commit(path)
    return Written(commit.version, commit.rows_written)
