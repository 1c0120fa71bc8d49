"""Which folder holds a lake."""

from pathlib import Path

from config.settings import DEMO_FOLDER
from schemas import ALL_TABLES


def find_lake(data_dir: Path) -> Path:
    """Return the folder whose tables to show: ``data_dir``, or the simulated account's below it."""
    demo = data_dir / DEMO_FOLDER
    for lake in (data_dir, demo):
        if any(table.exists(lake) for table in ALL_TABLES):
            return lake
    return data_dir
