"""Delta tables as delta-rs opens them, in whatever folder they lie.

delta-rs decodes a table's address twice: for it the folder ``a%20b`` is ``a b``. A table in such
a folder is opened in a stand-in: a folder with a plain name in which the log is a link to the
table's own. Data files are written and read by engines, so that the log is all that it needs.
"""

import re
import tempfile
from functools import cache
from itertools import count
from pathlib import Path
from urllib.parse import unquote

from deltalake import DeltaTable

LOG_FOLDER = "_delta_log"
_MISREAD = re.compile(r"%[0-9A-Fa-f]{2}")
_numbers = count()


def open_table(path: Path) -> DeltaTable:
    """Return the Delta table at ``path``."""
    return DeltaTable(str(folder_for_delta(path)))


def folder_for_delta(path: Path) -> Path:
    """Return the folder by which delta-rs finds the log of the table at ``path``."""
    real = path.resolve()
    return _stand_in(real) if is_misread(real) else real


def is_misread(path: Path) -> bool:
    """Return whether delta-rs looks for what lies at ``path`` elsewhere."""
    return _MISREAD.search(str(path.resolve())) is not None


def data_files(
    delta: DeltaTable, path: Path, filters: list[tuple[str, str, list[str]]] | None = None
) -> list[Path]:
    """Return the data files of the table at ``path``, opened as ``delta``, in order.

    ``filters`` limit them to partitions.
    """
    # Of the addresses the part below the table alone: what comes before may be the stand-in's.
    root = len(_decoded(delta.table_uri.removeprefix("file://")).rstrip("/")) + 1
    real = path.resolve()
    uris = delta.file_uris(file_pruning_predicate=filters)
    return sorted(real / _decoded(uri)[root:] for uri in uris)


@cache
def _stand_in(path: Path) -> Path:
    """Return a folder whose log is that of ``path``; it is there until the process ends."""
    folder = Path(_stand_ins().name) / str(next(_numbers))
    folder.mkdir()
    (folder / LOG_FOLDER).symlink_to(path / LOG_FOLDER, target_is_directory=True)
    return folder


@cache
def _stand_ins() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="soundlake-tables-")


def _decoded(address: str) -> str:
    return unquote(address)
