"""Which of the lakes below a data folder is shown."""

from pathlib import Path

from schemas import ALL_TABLES
from schemas.lakes import find_lake

ROOT = Path(__file__).resolve().parents[2]


def test_the_shell_shows_the_simulated_account_while_there_is_nothing_else(tmp_path: Path) -> None:
    assert find_lake(tmp_path) == tmp_path
    for lake in (tmp_path / "demo", tmp_path):
        log = ALL_TABLES[0].path(lake) / "_delta_log"
        log.mkdir(parents=True)
        (log / f"{0:020}.json").touch()
        assert find_lake(tmp_path) == lake
