"""Ends runs at every point, finishes them by one plain run, and compares the lake row for row.

``python -m tests.soak.crashes --kills 2000 --tally data/soak/crashes.json`` goes on until the tally
has so many kills. A difference is printed with the command that repeats it; the exit code is 1.
"""

import argparse
import os
import random
import shlex
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.soak import children, faults
from tests.soak.faults import Fault
from tests.soak.scenarios import BY_NAME, ROOT, SCENARIOS, Scenario
from tests.soak.tally import Tally, in_lines
from tests.soak.trials import Soak, soaking

_COLD_SHARE = 0.02


def main() -> int:
    """Carry out the command; return its exit code."""
    given = _arguments()
    _preload()
    children.import_all()
    chosen = [BY_NAME[each] for each in given.scenario] or [*SCENARIOS]
    tally = Tally(given.tally or Path(tempfile.mkdtemp(prefix="soundlake-tally-")) / "crashes.json")
    draw = random.Random(given.seed)
    is_sound = True
    with soaking(draw) as soak:
        if given.fault or given.each:
            for scenario in chosen:
                rows = [_parsed(each) for each in given.fault]
                if given.each:
                    rows.append([Fault(each, 1) for each in soak.reference(scenario).calls])
                for row in rows:
                    is_sound &= _try(soak, tally, scenario, row, is_cold=given.cold)
        else:
            is_sound = _go_on(soak, tally, chosen, draw, given.kills, given.seconds)
    counted = tally.read()
    for name in ("scenario", "point"):
        print("\n".join(in_lines(counted, name)), end="\n\n")
    print(
        f"{counted['kills']:,} kills and {counted['errors']:,} errors in {counted['trials']:,} "
        f"trials; a reader looked {counted['looks']:,} times; "
        f"{counted['differences']:,} differences"
    )
    return 0 if is_sound else 1


def _go_on(
    soak: Soak,
    tally: Tally,
    chosen: Sequence[Scenario],
    draw: random.Random,
    kills: int,
    seconds: float | None,
) -> bool:
    """Try drawn faults until the tally has so many kills, or the time is over."""
    until = time.monotonic() + (seconds or float("inf"))
    is_sound, weights = True, [each.weight for each in chosen]
    while (counted := tally.read())["kills"] < kills and time.monotonic() < until:
        (scenario,) = draw.choices(chosen, weights)
        is_cold = scenario.command.has_all_steps and draw.random() < _COLD_SHARE
        is_sound &= _try(soak, tally, scenario, soak.draw_faults(scenario), is_cold=is_cold)
        if counted["trials"] % 50 == 0:
            print(f"{counted['kills']:,} kills, {counted['differences']:,} differences", flush=True)
    return is_sound


def _try(
    soak: Soak,
    tally: Tally,
    scenario: Scenario,
    met: Sequence[Fault | float],
    *,
    is_cold: bool = False,
) -> bool:
    """Carry out one trial and count it; return whether nothing was wrong."""
    trial = soak.try_once(scenario, met, is_cold=is_cold)
    tally.add(trial.met, trial.looks, len(trial.wrong) > 0)
    if trial.wrong:
        flags = ["--scenario", scenario.name, "--fault", ",".join(map(str, met))]
        flags += ["--cold"] if is_cold else []
        print(f"WRONG: python -m tests.soak.crashes {shlex.join(flags)}")
        print("\n".join(f"  {each}" for each in trial.wrong), flush=True)
    return not trial.wrong


def _parsed(row: str) -> list[Fault | float]:
    return [Fault.parse(each) if ":" in each else float(each) for each in row.split(",")]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.crashes", description=__doc__)
    parser.add_argument("--kills", type=int, default=2000, help="until the tally has so many")
    parser.add_argument("--seconds", type=float, help="for so long at most")
    parser.add_argument("--tally", type=Path, help="file that counts add up in")
    parser.add_argument("--seed", type=int, help="draw the same faults again")
    parser.add_argument("--scenario", action="append", default=[], choices=[*BY_NAME])
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        help="one trial: point:number[:outcome], or a time as a share; several with commas",
    )
    parser.add_argument("--each", action="store_true", help="one trial: kills at every point")
    parser.add_argument("--cold", action="store_true", help="a fresh Python for --fault")
    return parser.parse_args()


def _preload() -> None:
    """Start this command again with the library of calls to the system, where there is one."""
    # Threads of OpenBLAS would be lost in a fork.
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    library = faults.compiled()
    if library is not None and not faults.is_preloaded():
        os.environ["LD_PRELOAD"] = str(library)
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-m", "tests.soak.crashes", *sys.argv[1:]])
    if library is None:
        print("no C compiler: faults are met where Python calls alone, not in DuckDB or delta-rs")


if __name__ == "__main__":
    sys.exit(main())
