"""What was tried so far, in a file that grows from one command to the next."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock


@dataclass(frozen=True)
class Met:
    """What became of one command: it met a fault at a point, with an outcome."""

    scenario: str
    point: str
    outcome: str

    @property
    def is_kill(self) -> bool:
        return self.outcome == "SIGKILL"


class Tally:
    """Counts by point and outcome in ``file``; several commands may add to it at a time."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> dict[str, Any]:
        """Return what was counted so far."""
        try:
            counted: dict[str, Any] = json.loads(self._file.read_bytes())
        except FileNotFoundError:
            counted = {}
        return {"kills": 0, "errors": 0, "looks": 0, "trials": 0, "differences": 0} | counted

    def add(self, met: list[Met], looks: int, differences: int) -> dict[str, Any]:
        """Add one trial, all or nothing, and return what was counted so far."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{self._file}.lock"):
            counted = self.read()
            counted["trials"] += 1
            counted["looks"] += looks
            counted["differences"] += differences
            counted["kills"] += sum(each.is_kill for each in met)
            counted["errors"] += sum(not each.is_kill for each in met)
            for name in ("point", "scenario"):
                counts = counted.setdefault(f"by_{name}", {})
                for each in met:
                    of_one = counts.setdefault(getattr(each, name), {})
                    of_one[each.outcome] = of_one.get(each.outcome, 0) + 1
            new = self._file.with_name(f"{self._file.name}.new")
            new.write_text(json.dumps(counted, indent=1, sort_keys=True), encoding="utf-8")
            new.replace(self._file)
        return counted


def in_lines(counted: dict[str, Any], name: str) -> list[str]:
    """Return the counts by ``point`` or ``scenario`` as lines of a table."""
    rows: dict[str, dict[str, int]] = counted.get(f"by_{name}", {})
    outcomes = sorted(set().union(*rows.values())) if rows else []
    total: Counter[str] = Counter()
    lines = [f"{name:20}" + "".join(f"{each:>10}" for each in outcomes)]
    for each, counts in sorted(rows.items()):
        total.update(counts)
        lines.append(f"{each:20}" + "".join(f"{counts.get(one, 0):>10,}" for one in outcomes))
    return [*lines, f"{'all':20}" + "".join(f"{total[one]:>10,}" for one in outcomes)]
