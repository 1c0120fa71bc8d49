"""The quick part of ``tests.soak.crashes``: a kill at every point, a full disk, SIGTERM."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.soak.faults import Fault, compiled
from tests.soak.scenarios import ROOT
from tests.soak.tally import Met, Tally, in_lines

TRIED = (
    *("--each", "--scenario", "first import"),
    *("--fault", "commit:2:ENOSPC"),
    *("--fault", "committed:2:SIGTERM"),
)


@pytest.mark.heavy
@pytest.mark.timeout(600)
def test_nothing_is_lost_by_a_kill_at_any_point(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.soak.crashes", "--tally", str(tmp_path / "tally.json")]

    done = subprocess.run(
        [*command, *TRIED], cwd=ROOT, check=False, capture_output=True, text=True, timeout=580
    )

    assert done.returncode == 0, done.stdout + done.stderr
    counted = json.loads((tmp_path / "tally.json").read_bytes())
    assert counted["differences"] == 0
    assert counted["kills"] >= (20 if compiled() else 5), done.stdout
    assert counted["errors"] == 2
    assert counted["looks"] > 0


def test_a_fault_is_read_as_it_is_written() -> None:
    assert Fault.parse("commit:3") == Fault("commit", 3, "SIGKILL")
    assert Fault.parse("log-half:1:ENOSPC+").error == 28
    assert str(Fault.parse("zip:2:SIGTERM")) == "zip:2:SIGTERM"
    with pytest.raises(ValueError, match="names no point"):
        Fault.parse("lunch:1")


def test_counts_add_up_from_one_command_to_the_next(tmp_path: Path) -> None:
    met = [Met("run", "commit", "SIGKILL"), Met("run", "zip", "EIO")]

    Tally(tmp_path / "new/tally.json").add(met, looks=7, differences=0)
    counted = Tally(tmp_path / "new/tally.json").add(met[:1], looks=1, differences=1)

    assert {name: counted[name] for name in ("kills", "errors", "looks", "trials")} == {
        "kills": 2,
        "errors": 1,
        "looks": 8,
        "trials": 2,
    }
    assert in_lines(counted, "point")[1].split() == ["commit", "0", "2"]
