"""Verification finds every kind of fault that was planted, and none in a sound lake."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lake.verification import Verification
from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.ops_schemas import IMPORTED_FILES
from schemas.silver_schemas import TRACKS
from tests import delta_rs
from tests.report.small_lakes import at, put, track
from tests.writers.small_backups import commit, record, small_lake
from tests.writers.test_backup import damage, findings_of
from writers.upkeep import maintain

HISTORY = LISTENING_HISTORY.full_name


def imported(kept: int, **others: object) -> dict[str, object]:
    return {
        "user_id": "me",
        "source_file": "endsong_0.json",
        "fingerprint": "f",
        "kind": "extended",
        "records_read": kept,
        "records_kept": kept,
        "records_known": 0,
        "records_rejected": 0,
        "run_id": "run",
        "imported_at": at(1),
        **others,
    }


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    made = small_lake(tmp_path / "lake")
    commit(made, IMPORTED_FILES, [imported(2)])
    return made


def a_file(lake: Path, table: str = "bronze") -> Path:
    return next((lake / table).rglob("*.parquet"))


def test_a_sound_lake_has_no_findings(lake: Path) -> None:
    verification = Verification(lake)

    titles = [(title, list(found)) for title, found in verification.stages()]

    assert [each for each in titles if each[1]] == []
    assert titles[0][0] == f"files of {HISTORY}"
    assert (verification.files, verification.rows) == (3, 5)


def repeat_a_record(lake: Path) -> None:
    put(lake, LISTENING_HISTORY, [record(2, run_id="another")])


def lose_a_record(lake: Path) -> None:
    commit(lake, LISTENING_HISTORY, [record(1)], "overwrite")


def miscount(lake: Path) -> None:
    commit(lake, IMPORTED_FILES, [imported(0, records_read=7, run_id="other")])


@pytest.mark.parametrize(
    ("fault", "finding"),
    [
        (lambda lake: a_file(lake).unlink(), "is missing"),
        (lambda lake: damage(a_file(lake)), "is damaged: its checksum differs"),
        (lambda lake: a_file(lake).write_bytes(b"PAR1"), "has 4 bytes instead of"),
        (repeat_a_record, f"{HISTORY} fails its check key_unique in 1 places, first user_id me"),
        (lose_a_record, "endsong_0.json (run run): 2 records of it were kept, bronze has 1"),
        (miscount, "endsong_0.json (run other): its numbers of records do not add up"),
    ],
)
def test_a_fault_is_found(lake: Path, fault: Callable[[Path], object], finding: str) -> None:
    fault(lake)

    found = findings_of(Verification(lake))

    assert len(found) == 1, found
    assert finding in found[0]


def test_a_row_that_breaks_a_rule_is_found(tmp_path: Path) -> None:
    row = {**record(1), "source": "hearsay", "run_id": None}
    put(tmp_path, LISTENING_HISTORY, [row])

    found = findings_of(Verification(tmp_path))

    assert any("breaks its rule" in each and "source in (" in each for each in found), found
    assert any("breaks its rule run_id_present" in each for each in found), found


def test_the_log_has_the_checksums_of_joined_files_and_of_those_of_older_releases(
    tmp_path: Path,
) -> None:
    put(tmp_path, TRACKS, [track("One")])
    put(tmp_path, TRACKS, [track("Two")])
    list(maintain(tmp_path))
    assert findings_of(Verification(tmp_path)) == []
    joined = max(TRACKS.path(tmp_path).rglob("*.parquet"), key=lambda each: each.stat().st_mtime_ns)

    damage(joined)

    (found,) = findings_of(Verification(tmp_path))
    assert "is damaged: its checksum differs" in found
    assert delta_rs.newest_commit_info(TRACKS.path(tmp_path))["sha256"].keys() == {
        f"person_group=0/{joined.name}"
    }
