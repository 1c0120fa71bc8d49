"""A restored lake is the one that was backed up; interrupted, it is the old one or the new one."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.settings import SettingsError
from lake import replacement as readers
from lake.backups import BackupError
from lake.reader import open_lake
from lake.replacement import HalfReplacedError
from tests.writers.small_backups import content, data_files, grow, small_lake
from tests.writers.test_backup import PowerCutError, damage
from writers import restore as restoring
from writers.backup import back_up
from writers.copies import copy_file
from writers.lake_lock import lake_lock
from writers.restore import Restored, restore

NOW = datetime(2026, 2, 1, tzinfo=UTC)
STATE = (".api_state.json", ".maintained")


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """Return a lake that grew after it was backed up."""
    made = small_lake(tmp_path / "lake")
    (made / ".api_state.json").write_text("then")
    back_up(made, tmp_path / "backup", STATE, NOW)
    grow(made, 3)
    (made / ".api_state.json").write_text("now")
    (made / ".maintained").touch()
    (made / "exports").mkdir()
    return made


def restored(lake: Path, *, replaces: bool = True) -> Restored:
    return restore(lake, lake.parent / "backup", STATE, NOW, replaces=replaces)


def test_a_backup_is_restored_to_an_empty_folder(lake: Path) -> None:
    done = restored(lake.parent / "fresh", replaces=False)

    assert content(lake.parent / "fresh") == content(done.backup.lake)
    assert done.aside is None
    assert (lake.parent / "fresh" / ".api_state.json").read_text() == "then"


def test_a_lake_that_is_there_is_replaced_when_asked_and_kept(lake: Path) -> None:
    before = content(lake)
    with pytest.raises(SettingsError, match=r"there is a lake in .*: with --yes it is moved"):
        restored(lake, replaces=False)
    assert content(lake) == before

    done = restored(lake)

    assert content(lake) == content(done.backup.lake)
    assert done.aside is not None
    assert content(done.aside) == before
    assert {
        each.name for each in lake.iterdir() if not each.name.startswith((".lake", ".scratch"))
    } == {
        "bronze",
        "silver",
        "exports",
        ".api_state.json",
        done.aside.name,
    }
    assert (lake / ".api_state.json").read_text() == "then"
    grow(lake, 4)
    assert content(lake) != content(done.backup.lake)


def test_a_damaged_backup_changes_nothing(lake: Path) -> None:
    before = content(lake)
    backup = next((lake.parent / "backup").glob("lake-*"))
    damage(data_files(backup)[0])

    with pytest.raises(BackupError, match="the backup is damaged"):
        restored(lake)

    assert content(lake) == before
    assert not [*lake.glob(".re*")]


@pytest.mark.parametrize("died_at", range(4))
def test_a_restore_that_dies_at_a_copy_leaves_the_lake(
    lake: Path, monkeypatch: pytest.MonkeyPatch, died_at: int
) -> None:
    before = content(lake)
    left = [died_at]

    def dying(source: Path, target: Path) -> object:
        if left[0] == 0:
            raise PowerCutError
        left[0] -= 1
        return copy_file(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(restoring, "copy_file", dying)
        with pytest.raises(PowerCutError):
            restored(lake)
    assert content(lake) == before

    done = restored(lake)

    assert content(lake) == content(done.backup.lake)
    assert not [*lake.glob(".restoring-*")]


# Each name of the lake is moved aside, and each of the backup moved in.
@pytest.mark.parametrize("died_at", range(7))
def test_a_restore_that_dies_at_the_switch_is_finished_by_the_next_who_locks(
    lake: Path, monkeypatch: pytest.MonkeyPatch, died_at: int
) -> None:
    before = content(lake)
    rename, left = Path.rename, [died_at]

    def dying(self: Path, target: Path) -> Path:
        if left[0] == 0:
            raise PowerCutError
        left[0] -= 1
        return rename(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", dying)
        with pytest.raises(PowerCutError):
            restored(lake)

    monkeypatch.setattr(readers, "_PATIENCE", 0)
    with pytest.raises(HalfReplacedError, match=r"was interrupted: the next run"):
        open_lake(lake)
    with lake_lock(lake):
        pass
    (backup,) = (lake.parent / "backup").glob("lake-*")
    assert content(lake) == content(backup)
    (aside,) = lake.glob(".replaced-*")
    assert content(aside) == before
    assert (aside / ".maintained").exists()


def test_no_backup_is_a_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no backup in"):
        restore(tmp_path / "lake", tmp_path / "backup", STATE, NOW)


def test_a_backup_of_a_newer_release_is_refused(lake: Path) -> None:
    manifest = lake.parent / "backup" / "backup.json"
    manifest.write_text(manifest.read_text().replace('"format": 1', '"format": 2'))

    with pytest.raises(BackupError, match=r"was made by Soundlake .*: update Soundlake"):
        restored(lake)
