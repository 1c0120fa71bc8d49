"""A backup is a lake that opens by itself; whatever interrupts the next one, it stays valid."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.settings import SettingsError
from lake.backups import Backup, BackupError, CopiedFile, read_backup
from lake.commit_log import newest_version
from lake.verification import Verification
from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.silver_schemas import TRACKS
from tests.report.small_lakes import track
from tests.writers.small_backups import commit, content, data_files, grow, record, small_lake
from writers import backup, copies
from writers.backup import BackedUp, back_up
from writers.lake_lock import LakeBusyError, lake_lock

NOW = datetime(2026, 2, 1, tzinfo=UTC)
STATE = (".api_state.json", ".absent")


class PowerCutError(BaseException):
    """Dies like a killed process: no code of ours gets to tidy up."""


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    made = small_lake(tmp_path / "lake")
    (made / ".api_state.json").write_text("{}")
    (made / ".spotify_tokens.json").write_text("secret")
    (made / "exports").mkdir()
    (made / "exports" / "my_data.zip").write_text("zip")
    return made


def backed_up(lake: Path) -> BackedUp:
    return back_up(lake, lake.parent / "backup", STATE, NOW)


def test_a_backup_is_a_lake_that_opens_by_itself(lake: Path) -> None:
    done = backed_up(lake)

    assert content(done.backup.lake) == content(lake)
    assert {name: each.rows for name, each in done.backup.tables.items()} == {
        "bronze/listening_history_bronze": 2,
        "silver/tracks": 2,
    }
    assert newest_version(TRACKS.path(done.backup.lake)) == newest_version(TRACKS.path(lake))
    assert sorted(each.name for each in done.backup.lake.iterdir()) == [
        ".api_state.json",
        "bronze",
        "silver",
    ]
    assert read_backup(lake.parent / "backup") == done.backup
    assert (done.already_there, done.copied) == (0, len(done.backup.files))


def test_the_sign_in_is_copied_where_it_is_asked_for_and_stays_private(lake: Path) -> None:
    (lake / ".spotify_tokens.json").chmod(0o600)

    done = back_up(lake, lake.parent / "backup", (".spotify_tokens.json",), NOW)

    assert (done.backup.lake / ".spotify_tokens.json").read_text() == "secret"
    assert (done.backup.lake / ".spotify_tokens.json").stat().st_mode & 0o777 == 0o600


def test_the_second_backup_copies_what_is_new(lake: Path) -> None:
    first = backed_up(lake)
    unchanged = backed_up(lake)
    assert (unchanged.copied, unchanged.already_there) == (0, first.copied)

    commit(lake, LISTENING_HISTORY, [record(3)])
    second = backed_up(lake)

    # A data file and the commit that adds it.
    assert (second.copied, second.already_there) == (2, first.copied)
    assert content(second.backup.lake) == content(lake)
    assert not first.backup.lake.exists()


def test_files_of_earlier_versions_are_left_out(lake: Path) -> None:
    grow(lake, 3)
    done = backed_up(lake)

    assert len(data_files(lake)) == len(data_files(done.backup.lake)) + 1
    assert content(done.backup.lake) == content(lake)


def test_where_the_disk_knows_no_hard_links_files_are_copied_again(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError("no hard links")

    first = backed_up(lake)
    monkeypatch.setattr("writers.backup.os.link", refused)
    second = backed_up(lake)

    assert (second.copied, second.already_there) == (first.copied, 0)
    assert content(second.backup.lake) == content(lake)


def test_a_copy_that_was_damaged_since_is_made_again(lake: Path) -> None:
    first = backed_up(lake)
    damaged = data_files(first.backup.lake)[0]
    damage(damaged)

    second = backed_up(lake)

    assert second.copied == 1
    assert list(second.backup.faults()) == []


def damage(file: Path) -> None:
    """Change a byte in the middle of a file, whose size stays."""
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 0xFF
    file.write_bytes(content)


@pytest.mark.parametrize("died_at", range(8))
def test_a_backup_that_dies_at_any_copy_leaves_the_former_one_valid(
    lake: Path, monkeypatch: pytest.MonkeyPatch, died_at: int
) -> None:
    first = backed_up(lake)
    before = content(lake)
    grow(lake, 3)
    grow(lake, 4)
    left = [died_at]

    def dying(source: Path, target: Path) -> CopiedFile:
        copied = copies.copy_file(source, target)
        if left[0] == 0:
            target.write_bytes(target.read_bytes()[: copied.size // 2])
            raise PowerCutError
        left[0] -= 1
        return copied

    with monkeypatch.context() as patched:
        patched.setattr(backup, "copy_file", dying)
        if died_at < 7:  # 4 commits, 3 data files of the present versions
            with pytest.raises(PowerCutError):
                backed_up(lake)
        else:
            assert backed_up(lake).copied == 7
            return

    assert read_backup(lake.parent / "backup") == first.backup
    assert list(first.backup.faults()) == []
    assert content(first.backup.lake) == before
    second = backed_up(lake)
    assert content(second.backup.lake) == content(lake)
    assert sorted(each.name for each in (lake.parent / "backup").iterdir()) == [
        "backup.json",
        second.backup.lake_name,
    ]


@pytest.mark.parametrize("place", ["before the manifest", "after the manifest"])
def test_a_backup_that_dies_at_the_switch_is_the_former_or_the_new_one(
    lake: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    backed_up(lake)
    before = content(lake)
    grow(lake, 3)

    def dying(self: Any) -> None:
        if place == "after the manifest":
            written(self)
        raise PowerCutError

    written = Backup.write
    with monkeypatch.context() as patched:
        patched.setattr(Backup, "write", dying)
        with pytest.raises(PowerCutError):
            backed_up(lake)

    standing = read_backup(lake.parent / "backup")
    assert list(standing.faults()) == []
    expected = content(lake) if place == "after the manifest" else before
    assert content(standing.lake) == expected
    assert len(backed_up(lake).backup.files) > 0


def test_a_full_disk_leaves_the_former_backup_and_no_half_one(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = backed_up(lake)
    grow(lake, 3)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "copy_file", full)
    with pytest.raises(OSError, match="No space"):
        backed_up(lake)

    names = {each.name for each in (lake.parent / "backup").iterdir()}
    assert names == {"backup.json", first.backup.lake_name}


def test_a_lake_with_a_missing_file_is_not_backed_up(lake: Path) -> None:
    first = backed_up(lake)
    commit(lake, LISTENING_HISTORY, [record(3)])
    data_files(lake)[0].unlink()

    with pytest.raises(BackupError, match=r"is missing, so the lake is not whole"):
        backed_up(lake)

    assert read_backup(lake.parent / "backup") == first.backup


def test_a_lake_with_a_damaged_file_is_not_backed_up(lake: Path) -> None:
    damage(data_files(lake)[0])

    with pytest.raises(BackupError, match=r"is not sound \(.*checksum"):
        backed_up(lake)


@pytest.mark.parametrize("name", ["lake/backup", "."])
def test_a_folder_in_the_lake_or_around_it_is_refused(lake: Path, name: str) -> None:
    with pytest.raises(SettingsError, match="lie in one another"):
        back_up(lake, lake.parent / name, STATE, NOW)


def test_a_folder_that_holds_something_else_is_refused(lake: Path) -> None:
    (lake.parent / "backup").mkdir()
    (lake.parent / "backup" / "thesis.odt").write_text("years of work")

    with pytest.raises(SettingsError, match="holds something else"):
        backed_up(lake)


def test_the_backup_of_another_lake_is_never_replaced(lake: Path) -> None:
    first = backed_up(lake)
    shutil.rmtree(LISTENING_HISTORY.path(lake))
    commit(lake, LISTENING_HISTORY, [record(1)])

    with pytest.raises(SettingsError, match="the backup there is of another lake"):
        backed_up(lake)

    assert list(first.backup.faults()) == []


def test_no_lake_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no lake in"):
        back_up(tmp_path / "lake", tmp_path / "backup", STATE, NOW)


def test_a_backup_waits_for_no_run_and_no_run_commits_during_one(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lake_lock(lake), pytest.raises(LakeBusyError):
        backed_up(lake)

    def copy_file(source: Path, target: Path) -> CopiedFile:
        with pytest.raises(LakeBusyError), lake_lock(lake):
            pass
        return copies.copy_file(source, target)

    monkeypatch.setattr(backup, "copy_file", copy_file)
    assert backed_up(lake).copied > 0


def test_every_record_of_a_backup_is_looked_for(lake: Path) -> None:
    done = backed_up(lake)
    commit(lake, LISTENING_HISTORY, [record(2), record(3)], "overwrite")
    commit(lake, TRACKS, [track("Two")], "overwrite")

    findings = findings_of(Verification(lake, done.backup))

    assert [each for each in findings if "backup" in each] == [
        "bronze.listening_history_bronze lacks 1 records of the backup of "
        "2026-02-01T00:00:00+00:00, first ('me', 'record 1')"
    ]


def findings_of(verification: Verification) -> list[str]:
    return [finding for _, found in verification.stages() for finding in found]
