"""What stays of a lake that is purged, and what an interrupted purge leaves: old or new."""

import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.settings import SettingsError
from lake.people import people_of
from lake.verification import Verification
from schemas.availability_schemas import AVAILABILITY_CHECKS
from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.library_schemas import PLAYLIST_ITEMS, SAVED_TRACKS
from schemas.ops_schemas import CHECKS, IMPORTED_FILES, PIPELINE_RUNS, PLAY_GAPS, REJECTED_RECORDS
from tests.lakes import query, rows_of
from tests.left_bytes import places_of
from tests.report.small_lakes import at
from tests.writers.small_backups import commit, record
from writers import purge as purging
from writers import replacement
from writers.lake_lock import lake_lock
from writers.purge import Purge, checks_that_go, purge

NOW = datetime(2026, 2, 1, tzinfo=UTC)
GONE = "zofia-1974"


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    lake = tmp_path / "lake"
    mine = [record(day) for day in (1, 2, 12)]
    theirs = [
        record(day, user_id=GONE, track_name=f"Vwyntrella {day}", source_file="theirs.json")
        for day in (1, 10, 20)
    ]
    commit(lake, LISTENING_HISTORY, mine + theirs)
    (lake / "reports" / GONE).mkdir(parents=True)
    (lake / "reports" / GONE / "index.html").write_text("Vwyntrella")
    (lake / ".api_state.json").write_text(f'{{"{GONE}": {{}}}}')
    return lake


def do(lake: Path, purged: Purge, compute: Callable[[Path], None] = lambda staged: None) -> None:
    with lake_lock(lake):
        deleted = [lake / "reports" / GONE]
        purge(lake, purged, {".api_state.json": None}, deleted, compute, NOW)


def findings(lake: Path) -> list[str]:
    return [each for _, found in Verification(lake).stages() for each in found]


def test_interrupted_anywhere_the_lake_is_the_old_one_or_the_next_finishes_it(lake: Path) -> None:
    """The power fails before every sixth change of the file system, and before each of the last."""
    copy = lake.with_name("copy")
    shutil.copytree(lake, copy)
    outcomes = []
    with lake_lock(lake), pytest.MonkeyPatch.context() as patch:
        changes = _fail_at(patch, sys.maxsize)
        purge(lake, Purge(GONE), {".api_state.json": None}, [], lambda _: None, NOW)
    moments = len(changes)
    for moment in (*range(0, moments - 24, 6), *range(moments - 24, moments + 2)):
        shutil.rmtree(lake)
        shutil.copytree(copy, lake)
        try:
            with lake_lock(lake), pytest.MonkeyPatch.context() as patch:
                _fail_at(patch, moment)
                deleted = [lake / "reports" / GONE]
                purge(lake, Purge(GONE), {".api_state.json": None}, deleted, lambda _: None, NOW)
        except PowerCutError:
            with lake_lock(lake):
                people = people_of(lake)
            assert people in (["me"], ["me", GONE]), moment
            outcomes.append(people)
            if people == ["me"]:
                assert findings(lake) == [], moment
                assert places_of(lake, (GONE, "Vwyntrella")) == [], moment
                continue
            assert (lake / "reports" / GONE).exists()
    assert outcomes.count(["me"]) > 5
    assert outcomes.count(["me", GONE]) > 5
    assert places_of(lake, (GONE, "Vwyntrella")) == []


class PowerCutError(BaseException):
    """Ends everything at once: nothing handles it, and nothing is tidied up."""


def _fail_at(patch: pytest.MonkeyPatch, moment: int) -> list[str]:
    """Have the power fail at the change of the file system of that number; return those made."""
    made: list[str] = []

    def failing(change: Callable[..., Any]) -> Callable[..., Any]:
        def changed(*arguments: Any, **options: Any) -> Any:
            if len(made) >= moment:
                raise PowerCutError
            made.append(change.__name__)
            return change(*arguments, **options)

        return changed

    for name in ("rename", "replace", "unlink", "rmdir", "mkdir", "write_bytes", "write_text"):
        patch.setattr(Path, name, failing(getattr(Path, name)))
    for module in (purging, replacement):
        patch.setattr(module, "rmtree", failing(shutil.rmtree))
    return made


def test_a_failure_leaves_the_lake_as_it_was(lake: Path) -> None:
    def fail(staged: Path) -> None:
        raise ValueError("cannot be computed")

    before = rows_of(lake, LISTENING_HISTORY.full_name)
    with pytest.raises(ValueError, match="cannot be computed"):
        do(lake, Purge(GONE), fail)

    assert rows_of(lake, LISTENING_HISTORY.full_name) == before
    assert (lake / "reports" / GONE).exists()
    assert not (lake / ".scratch").exists()


def test_what_runs_say_of_themselves_names_nobody(lake: Path) -> None:
    step = {"run_id": "r", "status": "failed", "started_at": NOW, "seconds": 1.0}
    failed = {**step, "step": "a", "error": f"{GONE} fails", "made_from": f'{{"{GONE}": 1}}'}
    commit(lake, PIPELINE_RUNS, [failed, {**step, "step": "b", "status": "written"}])
    check = {"run_id": "r", "table_name": "t", "check_name": "c", "status": "failed", "version": 1}
    commit(lake, CHECKS, [check | {"example": f"({GONE})", "seconds": 1.0, "checked_at": NOW}])

    do(lake, Purge(GONE))

    assert query(
        lake, f"SELECT step, error, made_from FROM {PIPELINE_RUNS.full_name} ORDER BY 1"
    ) == [("a", "removed by a purge", None), ("b", None, None)]
    assert query(lake, f"SELECT check_name, example FROM {CHECKS.full_name}") == [("c", None)]
    assert places_of(lake, (GONE,)) == []


def test_checks_go_with_the_plays_that_alone_name_their_tracks(lake: Path) -> None:
    """Of the whole person all of them; before an instant, not those of tracks they still have."""
    commit(
        lake,
        LISTENING_HISTORY,
        [
            record(day, user_id=GONE, track_name=name, track_id=name, source_file="theirs.json")
            for day, name in ((2, "early"), (3, "again"), (21, "again"), (4, "saved"), (5, "mixed"))
        ],
    )
    kept = {"user_id": GONE, "added_at": NOW, "first_seen": NOW, "last_seen": NOW}
    commit(lake, SAVED_TRACKS, [kept | {"track_id": "saved"}])
    on_playlist = {"playlist_id": "p", "entry_id": "e", "track_id": "mixed"}
    commit(lake, PLAYLIST_ITEMS, [kept | on_playlist])
    check = {"market": "account", "first_checked_at": NOW, "last_checked_at": NOW}
    checks = [
        check | {"user_id": each, "track_id": name}
        for each in ("me", GONE)
        for name in ("early", "again", "saved", "mixed")
    ]
    commit(lake, AVAILABILITY_CHECKS, checks)
    before = Purge(GONE, datetime(2026, 3, 11, tzinfo=UTC))
    left = f"SELECT track_id FROM {AVAILABILITY_CHECKS.full_name} WHERE user_id = '{{}}' ORDER BY 1"

    assert checks_that_go(lake, before) == 1
    do(lake, before)
    assert query(lake, left.format(GONE)) == [("again",), ("mixed",), ("saved",)]
    do(lake, Purge(GONE))
    assert query(lake, left.format(GONE)) == []
    assert len(query(lake, left.format("me"))) == 4


def test_before_an_instant_counts_and_spans_say_what_is_left(lake: Path) -> None:
    """Of three records of the 1st, 10th and 20th at noon those before the 11th go."""
    imported = {
        "fingerprint": "f",
        "kind": "extended",
        "run_id": "run",
        "records_read": 5,
        "records_kept": 3,
        "records_known": 1,
        "records_rejected": 1,
        "first_played_at": at(1),
        "last_played_at": at(20),
        "imported_at": NOW,
    }
    mine = {**imported, "user_id": "me", "source_file": "endsong_0.json"}
    theirs = {**imported, "user_id": GONE, "source_file": "theirs.json"}
    commit(lake, IMPORTED_FILES, [mine, theirs])
    rejected = {"reason": "r", "run_id": "run", "rejected_at": NOW}
    both = [{**rejected, "rejected_id": each, "user_id": each} for each in ("me", GONE)]
    commit(lake, REJECTED_RECORDS, both)
    gap = {"source": "api", "kind": "outage", "run_id": "r", "detected_at": NOW}
    gaps = [(1, 5), (5, 15), (15, 16)]
    commit(
        lake,
        PLAY_GAPS,
        [
            {**gap, "user_id": each, "gap_id": str(first), "lost_from": at(first)}
            | {"lost_until": at(last)}
            for each in ("me", GONE)
            for first, last in gaps
        ],
    )

    do(lake, Purge(GONE, datetime(2026, 3, 11, tzinfo=UTC)))

    then = datetime(2026, 3, 11, tzinfo=UTC)
    counts = "records_kept, records_known, records_rejected, first_played_at, last_played_at"
    files = f"SELECT user_id, {counts} FROM {IMPORTED_FILES.full_name} ORDER BY 1"
    assert query(lake, files) == [
        ("me", 3, 1, 1, at(1), at(20)),
        (GONE, 1, 3, 1, then, at(20)),
    ]
    assert query(lake, f"SELECT user_id FROM {REJECTED_RECORDS.full_name}") == [("me",)]
    found = f"SELECT lost_from, lost_until FROM {PLAY_GAPS.full_name} WHERE user_id = '{{}}'"
    assert query(lake, found.format(GONE) + " ORDER BY 1") == [(then, at(15)), (at(15), at(16))]
    assert len(query(lake, found.format("me"))) == 3
    assert query(
        lake, f"SELECT user_id, count(*) FROM {LISTENING_HISTORY.full_name} GROUP BY 1 ORDER BY 1"
    ) == [("me", 3), (GONE, 1)]


def test_a_table_of_another_release_is_not_passed_over(lake: Path) -> None:
    shutil.copytree(LISTENING_HISTORY.path(lake), lake / "bronze" / "something_else")

    with pytest.raises(SettingsError, match="is a table of another release"):
        do(lake, Purge(GONE))


def test_what_cannot_be_deleted_blocks_nobody_and_is_said(lake: Path) -> None:
    def refused(path: Path, ignore_errors: bool = False) -> None:
        if not ignore_errors:
            raise PermissionError("no")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replacement, "rmtree", refused)
        do(lake, Purge(GONE))
        with lake_lock(lake):
            assert replacement.not_deleted(lake) != []
    with lake_lock(lake):
        assert replacement.not_deleted(lake) == []
    assert places_of(lake, (GONE,)) == []
