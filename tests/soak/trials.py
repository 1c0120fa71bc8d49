"""One trial: a command that meets faults, a plain one that finishes it, and what is wrong then."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.soak import children, faults
from tests.soak.faults import Fault
from tests.soak.inputs import write_inputs
from tests.soak.lake_digest import row_counts_of_versions
from tests.soak.observer import STOP, observe
from tests.soak.scenarios import BY_NAME, LAKE, ROOT, Command, Scenario, begin
from tests.soak.spotify import served_library
from tests.soak.tally import Met

RANDOM_TIME = "random-time"
ERRORS = ("ENOSPC", "EIO", "EACCES", "ENOSPC+", "EIO+", "EACCES+", "SIGTERM")
_ERROR_SHARE, _TIME_SHARE, _PROVED_SHARE = 0.2, 0.15, 0.3
_CLOCK_SHARE, _CLOCKS = 0.05, (-86_400, -3600, 3600, 31_536_000)  # seconds
_IN_A_ROW = (1, 2, 5, 10)
_ENVIRONMENT = {"ENRICH": "none", "MEMORY_LIMIT": "1GB", "COLUMNS": "200"}


@dataclass
class Reference:
    """How a scenario goes without a fault: at which points it comes by, and what it leaves."""

    calls: Mapping[str, int]
    seconds: float
    ends: Mapping[str, list[Any]]
    counts: Mapping[str, set[int]]


@dataclass
class Trial:
    """One trial: what was met, what the reader saw, what is wrong."""

    met: list[Met] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    looks: int = 0


class Soak:
    """Tries scenarios in ``folder``; ``api`` are the settings of the stand-in for Spotify."""

    def __init__(self, folder: Path, api: Mapping[str, str], draw: random.Random) -> None:
        self._folder = folder
        self._inputs = folder / "inputs"
        self._templates = folder / "templates"
        self._api = api
        self._draw = draw
        self._references: dict[str, Reference] = {}
        self._trials = 0

    def reference(self, scenario: Scenario) -> Reference:
        """Return how a scenario goes without a fault; the folder it leaves is kept."""
        if scenario.name not in self._references:
            if scenario.begins is not None:
                self.reference(BY_NAME[scenario.begins])
            self._references[scenario.name] = self._unhurt(scenario)
        return self._references[scenario.name]

    def _unhurt(self, scenario: Scenario) -> Reference:
        folder = self._templates / scenario.name
        begin(scenario, self._templates, folder)
        before = self._in_child(folder, lambda: _write_counts(folder / LAKE, folder / "counts"))
        assert before == 0, _said(folder)
        counts = _read_counts(folder / "counts")
        log = folder / "calls"
        began = time.monotonic()
        code = self._hit(scenario, folder, log=log)
        seconds = time.monotonic() - began
        assert code == 0, f"{scenario.name} fails without a fault: {_said(folder)}"
        for each in scenario.afterwards:
            assert self._plain(each, scenario, folder) == 0, _said(folder)
        assert self._in_child(folder, lambda: _write_counts(folder / LAKE, folder / "counts")) == 0
        for name, found in _read_counts(folder / "counts").items():
            counts[name] = counts.get(name, set()) | found
        (folder / STOP).touch()
        code = self._in_child(folder, lambda: self._observe(scenario, folder, counts))
        seen = json.loads((folder / "seen").read_bytes())
        assert code == 0 and not seen["problems"], (seen, _said(folder))
        for name in (STOP, "seen", "counts", "output"):
            (folder / name).unlink()
        calls = faults.calls_logged(log)
        log.unlink()
        for digest, unsound in seen["ends"].values():
            assert digest and not unsound, f"{scenario.name} leaves {unsound} without a fault"
        return Reference(calls, seconds, _by_name(seen, folder), counts)

    def try_once(
        self,
        scenario: Scenario,
        chosen: Sequence[Fault | float],
        *,
        is_cold: bool = False,
    ) -> Trial:
        """Carry out a scenario that meets the faults one after the other, then finish it.

        A number is a random time, as a share of the time that the scenario takes.
        """
        reference = self.reference(scenario)
        self._trials += 1
        folder = self._folder / f"trial-{os.getpid()}-{self._trials}"
        begin(scenario, self._templates, folder)
        trial, proves = Trial(), self._draw.random() < _PROVED_SHARE
        reader = children.start(
            lambda: self._observe(scenario, folder, reference.counts, proves=proves),
            folder / "output of the reader",
            folder,
        )
        try:
            for each in chosen:
                if not self._meet(scenario, each, folder, trial, is_cold=is_cold):
                    break  # what it finishes nothing can end any more
            for command in scenario.finishing:
                code = self._plain(command, scenario, folder)
                if code != 0:
                    trial.wrong.append(f"{command.program} ended with {code}: {_said(folder)}")
        finally:
            (folder / STOP).touch()
            if children.wait(reader) != 0:
                trial.wrong.append(f"the reader failed: {_said(folder, 'output of the reader')}")
        if (folder / "seen").exists():
            self._judge(scenario, folder, trial)
        if not trial.wrong:
            shutil.rmtree(folder)
        else:
            trial.wrong.append(f"kept in {folder}")
        return trial

    def draw_faults(self, scenario: Scenario) -> list[Fault | float]:
        """Draw what a scenario meets: kills in a row, or one error."""
        calls = self.reference(scenario).calls
        if self._draw.random() < _ERROR_SHARE:
            return [self._drawn(calls, self._draw.choice(ERRORS), 1)]
        if faults.is_preloaded() and self._draw.random() < _CLOCK_SHARE:
            return [Fault(faults.CLOCK, self._draw.choice(_CLOCKS), "shifted")]
        number = self._draw.choice(_IN_A_ROW)
        return [
            self._draw.random() / number
            if self._draw.random() < _TIME_SHARE
            else self._drawn(calls, "SIGKILL", number)
            for _ in range(number)
        ]

    def _drawn(self, calls: Mapping[str, int], outcome: str, row: int) -> Fault:
        """Draw a point, and a call that one run of a ``row`` comes to: done is not done again."""
        is_error = not outcome.startswith("SIG")
        usable = [each for each in calls if not (is_error and _is_of_kills_alone(each))]
        point = self._draw.choice(usable)
        return Fault(point, self._draw.randint(1, max(1, calls[point] // row)), outcome)

    def _meet(
        self,
        scenario: Scenario,
        fault: Fault | float,
        folder: Path,
        trial: Trial,
        *,
        is_cold: bool,
    ) -> bool:
        """Start the command, to meet a fault; return whether it did."""
        before = len(trial.met)
        (folder / "output").unlink(missing_ok=True)
        if isinstance(fault, float):
            seconds = fault * self.reference(scenario).seconds
            code = self._hit(scenario, folder, after=seconds)
            name = RANDOM_TIME
        else:
            act = self._hit_cold if is_cold else self._hit
            code = act(scenario, folder, fault)
            name = fault.point
        if code == children.HUNG:
            trial.wrong.append(f"{scenario.name} hung")
        if code == -signal.SIGKILL:
            trial.met.append(Met(scenario.name, name, "SIGKILL"))
        elif isinstance(fault, Fault) and fault.outcome != "SIGKILL":
            trial.met.append(Met(scenario.name, name, fault.outcome))
            trial.wrong += _wrong_words(code, fault, folder)
        elif code != 0:
            trial.wrong.append(f"{fault} was not met, and exit code {code}: {_said(folder)}")
        return len(trial.met) > before

    def _hit(
        self,
        scenario: Scenario,
        folder: Path,
        fault: Fault | None = None,
        *,
        log: Path | None = None,
        after: float | None = None,
    ) -> int:
        def work() -> int:
            if log is not None:
                faults.log_calls(folder, log)
            if fault is not None:
                faults.arm(fault, folder)
            return scenario.command.act(folder, self._inputs)

        process = children.start(work, folder / "output", folder, self._environment(scenario))
        if after is not None:
            return children.kill_after(process, after)
        return children.wait(process)

    def _hit_cold(self, scenario: Scenario, folder: Path, fault: Fault) -> int:
        """Start the command as a person does, with the fault in its environment."""
        environment = self._environment(scenario) | {
            "PYTHONPATH": str(Path(__file__).with_name("child")),
            faults.FAULT_VARIABLE: str(fault),
            faults.FOLDER_VARIABLE: str(folder),
        }
        if library := faults.compiled():
            environment["LD_PRELOAD"] = str(library)
        with (folder / "output").open("ab") as output:
            done = subprocess.run(
                scenario.command.cold(folder, self._inputs),
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env={**os.environ, **environment},
            )
        return done.returncode

    def _plain(self, command: Command, scenario: Scenario, folder: Path) -> int:
        (folder / "output").unlink(missing_ok=True)
        return self._in_child(
            folder, lambda: command.act(folder, self._inputs), self._environment(scenario)
        )

    def _in_child(
        self, folder: Path, work: Callable[[], int], environment: Mapping[str, str] | None = None
    ) -> int:
        return children.wait(children.start(work, folder / "output", folder, environment))

    def _environment(self, scenario: Scenario) -> dict[str, str]:
        return {**_ENVIRONMENT, **(self._api if scenario.asks_api else {})}

    def _observe(
        self,
        scenario: Scenario,
        folder: Path,
        counts: Mapping[str, set[int]],
        *,
        proves: bool = True,
    ) -> int:
        return observe(
            folder / LAKE,
            counts,
            folder / "seen",
            is_replaced=scenario.is_replaced,
            compared=[folder / each for each in scenario.lakes],
            proves=proves,
        )

    def _judge(self, scenario: Scenario, folder: Path, trial: Trial) -> None:
        seen = json.loads((folder / "seen").read_bytes())
        trial.looks = seen["looks"]
        trial.wrong += [f"the reader saw: {each}" for each in seen["problems"]]
        expected = self.reference(scenario).ends
        for name, (digest, unsound) in _by_name(seen, folder).items():
            trial.wrong += [f"{name}: {each}" for each in unsound]
            if digest != expected[name][0]:
                trial.wrong += _differing(self._templates / scenario.name / name, folder / name)
        missing = (each for each in scenario.pages if not (folder / each).exists())
        trial.wrong += [f"{each} was not written" for each in missing]


def _is_of_kills_alone(point: str) -> bool:
    """Return whether an error there is none of writing: bad input stops no run, by design."""
    return point.endswith("half") or point in faults.READING_POINTS


def _by_name(seen: Mapping[str, Any], folder: Path) -> dict[str, list[Any]]:
    return {Path(each).name: end for each, end in seen["ends"].items()}


def _write_counts(lake: Path, target: Path) -> int:
    counts = {name: sorted(each) for name, each in row_counts_of_versions(lake).items()}
    target.write_text(json.dumps(counts), encoding="utf-8")
    return 0


def _read_counts(file: Path) -> dict[str, set[int]]:
    return {name: set(each) for name, each in json.loads(file.read_bytes()).items()}


def _differing(one: Path, other: Path) -> list[str]:
    script = (
        "import sys; from pathlib import Path; from tests.soak.lake_digest import differences\n"
        "for each in differences(*map(Path, sys.argv[1:])): print(each)"
    )
    command = [sys.executable, "-c", script, str(one), str(other)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    return done.stdout.splitlines() or [f"{other} differs from {one} {done.stderr[-300:]}"]


def _wrong_words(code: int, fault: Fault, folder: Path) -> list[str]:
    """Return what is wrong with how a command that met an error ended."""
    said = (folder / "output").read_text("utf-8", errors="replace")
    if fault.outcome == "SIGTERM":
        return [] if code in (0, -signal.SIGTERM, 143) else [f"{fault}: exit code {code}: {said}"]
    wrong = []
    if "Traceback" in said:
        wrong.append(f"{fault}: a traceback on the screen: {said[-600:]}")
    if code not in (0, 1, 2):
        wrong.append(f"{fault}: exit code {code}: {said[-600:]}")
    names_it = any(each in said for each in (str(folder), "DATA_DIR", "disk"))
    if code and not names_it:
        wrong.append(f"{fault}: nothing says where: {said[-600:]}")
    return wrong


def _said(folder: Path, file: str = "output") -> str:
    path = folder / file
    return path.read_text("utf-8", errors="replace")[-1500:] if path.exists() else ""


@contextmanager
def soaking(draw: random.Random) -> Iterator[Soak]:
    """Yield what tries scenarios, in a folder that is gone afterwards unless a trial was kept."""
    folder = Path(tempfile.mkdtemp(prefix="soundlake-soak-")).resolve()
    write_inputs(folder / "inputs")
    with served_library(folder) as api:
        yield Soak(folder, api, draw)
    shutil.rmtree(folder / "templates", ignore_errors=True)
    if not any(folder.glob("trial-*")):
        shutil.rmtree(folder)
