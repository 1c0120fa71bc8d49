"""The data files of a table as its log describes them: size, rows, checksum; and what is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from deltalake import DeltaTable

from lake.checksums import checksum
from lake.commit_log import recorded_checksums
from lake.delta_tables import LOG_FOLDER, folder_for_delta


@dataclass(frozen=True)
class LoggedFile:
    """A data file as the log describes it: ``path`` is below the table; None is not recorded."""

    path: str
    size: int
    rows: int | None
    checksum: str | None


def table_at(path: Path, version: int | None = None) -> DeltaTable:
    """Return the Delta table at ``path`` as it was at ``version``, now by default."""
    return DeltaTable(str(folder_for_delta(path)), version=version)


def logged_files(path: Path, version: int | None = None) -> list[LoggedFile]:
    """Return the data files of the table at ``path`` as it was at ``version``, now by default."""
    actions = table_at(path, version).get_add_actions(flatten=True)
    checksums = recorded_checksums(path)
    counts = "num_records" if "num_records" in actions.schema.names else None
    names, sizes = (list(actions.column(each).to_pylist()) for each in ("path", "size_bytes"))
    rows = [None for _ in names] if counts is None else list(actions.column(counts).to_pylist())
    return [
        LoggedFile(unquote(name), int(size), count, checksums.get(unquote(name)))
        for name, size, count in sorted(zip(names, sizes, rows, strict=True))
    ]


def log_files(path: Path) -> list[Path]:
    """Return the files of a table's log: commits, checkpoints, and which checkpoint is the last."""
    folder = path / LOG_FOLDER
    found = (each for each in folder.iterdir() if each.is_file())
    return sorted(each for each in found if each.name[:20].isdigit() or each.name == _LAST)


_LAST = "_last_checkpoint"


def faults_of(path: Path, files: list[LoggedFile]) -> Iterator[str]:
    """Yield what is wrong with the data files of the table at ``path``, a line a file."""
    for each in files:
        fault = _fault(path / each.path, each)
        if fault is not None:
            yield f"{each.path} {fault}"


def _fault(file: Path, logged: LoggedFile) -> str | None:
    if not file.is_file():
        return "is missing"
    size = file.stat().st_size
    if size != logged.size:
        return f"has {size:,} bytes instead of {logged.size:,}"
    if logged.checksum is not None and checksum(file) != logged.checksum:
        return "is damaged: its checksum differs from the log's"
    return _fault_of_rows(file, logged.rows)


def _fault_of_rows(file: Path, expected: int | None) -> str | None:
    from pyarrow import ArrowException
    from pyarrow.parquet import read_metadata

    try:
        with file.open("rb") as opened:
            rows = read_metadata(opened).num_rows
    except (ArrowException, OSError) as error:
        return f"cannot be read: {str(error).splitlines()[0]}"
    if expected is not None and rows != expected:
        return f"has {rows:,} rows instead of {expected:,}"
    return None
