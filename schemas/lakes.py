"""Which folder holds a lake, and which of its folders are tables."""

from pathlib import Path

from config.settings import DEMO_FOLDER
from schemas import ALL_TABLES
from schemas.table import is_table


def find_lake(data_dir: Path) -> Path:
    """Return the folder whose tables to show: ``data_dir``, or the simulated account's below it."""
    demo = data_dir / DEMO_FOLDER
    for lake in (data_dir, demo):
        if any(table.exists(lake) for table in ALL_TABLES):
            return lake
    return data_dir


def table_folders(data_dir: Path) -> list[Path]:
    """Return the folder of every table in the lake, those of other releases too, in order."""
    found = (
        path
        for layer in {each.layer for each in ALL_TABLES}
        for path in (data_dir / layer).glob("[!.]*")
    )
    return sorted(path for path in found if is_table(path))
