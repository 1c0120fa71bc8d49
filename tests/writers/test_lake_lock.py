"""One writer at a time."""

from pathlib import Path

import pytest

from writers.lake_lock import LakeBusyError, LakeUnwritableError, lake_lock


def test_the_lake_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    with (
        lake_lock(tmp_path),
        pytest.raises(LakeBusyError, match="another run"),
        lake_lock(tmp_path),
    ):
        pass
    with lake_lock(tmp_path):
        pass


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(LakeUnwritableError, match="DATA_DIR"), lake_lock(tmp_path / "file"):
        pass
