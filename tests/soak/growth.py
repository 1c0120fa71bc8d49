"""What is measured of a scheduler and its lake, and the straight line through the measurements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from os import sysconf
from pathlib import Path

from lake.delta_tables import LOG_FOLDER as DELTA_LOG
from lake.reader import open_lake
from schemas import ALL_TABLES

FOLLOWS_LISTENING = frozenset({"rows of plays", "rows of ops", "lake MB"})
"""Measures that grow with the plays and with the record of the runs; all others must not."""

_TOLERATED = 0.10
"""Share of its mean by which a measure may rise over the second half of the runs."""

_TOLERATED_PEAK = 0.05
"""Share by which the peak of the last third may exceed that of the third before.

Files pile up until upkeep or a checkpoint of the log takes them away, so that a line through the
teeth of a saw may rise where nothing grows: the peaks must rise too.
"""

_NOISE = {
    "scheduler MB": 1.0,
    "scheduler open files": 1.0,
    "scheduler threads": 1.0,
    "log folder MB": 0.05,
    "temporary files": 1.0,
    "CPU s a run": 0.1,
}
"""Rises that tell nothing, whatever their share; in the units of the measure."""


@dataclass(frozen=True)
class Sample:
    """Measures by name, taken after the run with the number ``run``."""

    run: int
    values: dict[str, float]

    def line(self) -> str:
        """Return it as a line to read."""
        return f"{self.run:5}  " + "  ".join(f"{k} {v:,.2f}" for k, v in self.values.items())


@dataclass(frozen=True)
class Growth:
    """How a measure changed over the second half of the runs."""

    name: str
    first: float
    mean: float
    last: float
    per_100_runs: float
    is_too_much: bool


class Meter:
    """Measures a scheduler's process, the process that forks its runs, and their lake."""

    def __init__(self, scheduler: int, runs: int, data_dir: Path, temporary: Path) -> None:
        self._scheduler, self._runs = Path("/proc", str(scheduler)), Path("/proc", str(runs))
        self._data_dir, self._temporary = data_dir, temporary
        self._run, self._cpu_seconds = 0, 0.0

    def measure(self, run: int) -> Sample:
        """Return the measures after the run with this number."""
        values = self._of_process() | self._of_runs(run) | self._of_files() | self._of_rows()
        return Sample(run, {name: float(value) for name, value in values.items()})

    def _of_process(self) -> dict[str, float]:
        pages = int((self._scheduler / "statm").read_text().split()[1])
        return {
            "scheduler MB": pages * sysconf("SC_PAGE_SIZE") / 1e6,
            "scheduler open files": len(list((self._scheduler / "fd").iterdir())),
            "scheduler threads": len(list((self._scheduler / "task").iterdir())),
        }

    def _of_runs(self, run: int) -> dict[str, float]:
        """Return the CPU time a run since the last measurement, upkeep included."""
        stat = (self._runs / "stat").read_text().rpartition(")")[2].split()
        seconds = sum(map(int, stat[13:15])) / sysconf("SC_CLK_TCK")  # of children that ended
        spent, runs = seconds - self._cpu_seconds, run - self._run
        self._run, self._cpu_seconds = run, seconds
        return {"CPU s a run": spent / runs}

    def _of_files(self) -> dict[str, float]:
        tables = [each.path(self._data_dir) for each in ALL_TABLES if each.exists(self._data_dir)]
        data = [_count(each.rglob("*.parquet")) - _logged(each, "*.parquet") for each in tables]
        logs = [_logged(each, "*") for each in tables]
        everything = _count(self._data_dir.rglob("*"))
        return {
            "files a table": sum(data) / len(tables),
            "files of the largest table": max(data),
            "files a _delta_log": sum(logs) / len(tables),
            "files of the largest _delta_log": max(logs),
            "_delta_log MB": sum(_bytes(each / DELTA_LOG) for each in tables) / 1e6,
            "log folder MB": _bytes(self._data_dir / "logs") / 1e6,
            "files outside of tables": everything - sum(data) - sum(logs),
            "temporary files": _count(self._temporary.rglob("*")),
            "lake MB": _bytes(self._data_dir) / 1e6,
        }

    def _of_rows(self) -> dict[str, float]:
        tables = [each.full_name for each in ALL_TABLES if each.exists(self._data_dir)]
        with open_lake(self._data_dir) as lake:
            rows = {
                name: lake.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0]
                for name in tables
            }
        return {
            "rows of plays": rows.get("bronze.listening_history_bronze", 0),
            "rows of ops": sum(count for name, count in rows.items() if name.startswith("ops.")),
        }


def growth(samples: Sequence[Sample]) -> list[Growth]:
    """Return the growth of every measure: least squares over the second half of the runs.

    It is too much where both the line and the peaks rise.
    """
    late = [each for each in samples if each.run * 2 > samples[-1].run]
    runs = [each.run for each in late]
    found = []
    for name in samples[-1].values:
        values = [each.values[name] for each in late]
        slope, mean = _slope(runs, values), sum(values) / len(values)
        risen = slope * (runs[-1] - runs[0]) > max(_TOLERATED * mean, _NOISE.get(name, 0.0))
        middle, last = (_peak(samples, name, third) for third in (1, 2))
        higher = last > (1 + _TOLERATED_PEAK) * middle
        is_too_much = name not in FOLLOWS_LISTENING and risen and higher
        found.append(Growth(name, values[0], mean, values[-1], 100 * slope, is_too_much))
    return found


def print_growth(found: Sequence[Growth], runs: int, failed: int) -> None:
    """Print a table of what grows, and the verdict in the last line."""
    print(f"\n{runs} runs, {failed} failed; the second half of them:")
    print(f"{'':34}{'first':>10}{'mean':>10}{'last':>10}{'per 100 runs':>14}")
    for each in found:
        follows = each.name in FOLLOWS_LISTENING
        verdict = "follows the listening" if follows else "GROWS" if each.is_too_much else "ok"
        numbers = (f"{value:10,.2f}" for value in (each.first, each.mean, each.last))
        print(f"{each.name:34}{''.join(numbers)}{each.per_100_runs:+14,.3f}  {verdict}")
    grown = [each.name for each in found if each.is_too_much]
    print(f"grows: {', '.join(grown)}" if grown else "nothing grows that must not")


def _peak(samples: Sequence[Sample], name: str, third: int) -> float:
    """Return the highest value of a measure in a third of the runs; 0 where none was taken."""
    runs = samples[-1].run
    within = (each for each in samples if third * runs < 3 * each.run <= (third + 1) * runs)
    return max((each.values[name] for each in within), default=0.0)


def _slope(x: Sequence[float], y: Sequence[float]) -> float:
    """Return the slope of the least-squares line; 0 for a single point."""
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    spread = sum((each - mean_x) ** 2 for each in x)
    if spread == 0:
        return 0.0
    return sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / spread


def _logged(table: Path, pattern: str) -> int:
    return _count((table / DELTA_LOG).rglob(pattern))


def _count(paths: Iterable[Path]) -> int:
    return sum(each.is_file() for each in paths)


def _bytes(folder: Path) -> int:
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())
