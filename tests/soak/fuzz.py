"""Feeds hostile input to every reader for a time, and counts.

``python -m tests.soak.fuzz --seconds 600 [--seed 7] [--target archive]`` prints the executions by
target and ends with 1 where one failed. An execution depends on its seed alone; a failure names
it, and ``--seed S --once --target T`` repeats it.
"""

import argparse
import json
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random
from types import FrameType

from tests.soak.fuzz_targets import TARGETS

LONGEST_SECONDS = 60
"""An execution that takes more processor time counts as a hang."""

MEMORY_BYTES = 3 * 1024**3
"""What an execution may take at most; beyond it allocations fail."""


class HangError(Exception):
    """An execution took too long."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--target", action="append", choices=TARGETS, help="only this; repeatable")
    parser.add_argument("--once", action="store_true", help="one execution of each target")
    parser.add_argument("--sums", type=Path, help="JSON file whose counts are added to")
    given = parser.parse_args()
    targets = given.target or list(TARGETS)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    signal.signal(signal.SIGPROF, _hang)
    done: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    spent: Counter[str] = Counter()
    slowest: dict[str, float] = {}
    until = time.monotonic() + given.seconds
    seed = given.seed
    while (given.once and seed == given.seed) or (not given.once and time.monotonic() < until):
        # The target that had the least time is next: slow ones do not starve the others.
        for target in targets if given.once else [min(targets, key=lambda each: spent[each])]:
            begun = time.monotonic()
            failure = execute(target, seed)
            seconds = time.monotonic() - begun
            done[target] += 1
            spent[target] += seconds  # type: ignore[assignment]
            slowest[target] = max(seconds, slowest.get(target, 0))
            if failure is not None:
                failed[target] += 1
                if failed[target] <= 5:
                    print(f"FAILED {target} --seed {seed}\n{failure}", flush=True)
        seed += 1
    _report(done, failed, slowest)
    if given.sums:
        _add_up(given.sums, done, failed)
    return 1 if failed else 0


def execute(target: str, seed: int) -> str | None:
    """Do one execution and return what went wrong."""
    signal.setitimer(signal.ITIMER_PROF, LONGEST_SECONDS)
    try:
        TARGETS[target](Random(f"{target}-{seed}"))
    except Exception:
        return traceback.format_exc(limit=-6)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return None


def _hang(_: int, frame: FrameType | None) -> None:
    raise HangError(f"longer than {LONGEST_SECONDS} s")


def _report(done: Counter[str], failed: Counter[str], slowest: dict[str, float]) -> None:
    print(f"{'target':14}{'executions':>12}{'failed':>8}{'slowest s':>11}")
    for target in done:
        print(f"{target:14}{done[target]:12,}{failed[target]:8,}{slowest[target]:11.2f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'all':14}{done.total():12,}{failed.total():8,}   peak memory {peak:,.0f} MB")


def _add_up(file: Path, done: Counter[str], failed: Counter[str]) -> None:
    before = json.loads(file.read_text()) if file.exists() else {"done": {}, "failed": {}}
    sums = {
        "done": Counter(before["done"]) + done,
        "failed": Counter(before["failed"]) + failed,
    }
    file.write_text(json.dumps(sums, indent=1))
    print(
        f"in all {sum(sums['done'].values()):,} executions, {sum(sums['failed'].values()):,} failed"
    )


if __name__ == "__main__":
    sys.exit(main())
