"""What is done to a lake, ended, and done again: commands, and the lake that they begin with."""

import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

import main
import run_ingestion
from incremental.step import Step
from pipeline import STEPS
from schemas.gold_schemas import TEMPORAL_PATTERNS
from schemas.silver_schemas import LISTENING_COVERAGE, TRACK_NAMES, TRACKS
from tests.lakes import steps_to

ROOT = Path(__file__).resolve().parents[2]
LAKE = "lake"
PAGE = "lake/reports/me/index.html"
FEW = steps_to(LISTENING_COVERAGE, TRACKS, TEMPORAL_PATTERNS)
"""The way to silver and a few tables made of it."""
FEWEST = steps_to(TRACK_NAMES)
"""What ends a run at one table ends it at any: most are ended on the way to this one."""


@dataclass(frozen=True)
class Command:
    """A command of the project: ``{folder}`` and ``{inputs}`` stand for where a trial happens."""

    program: str
    arguments: tuple[str, ...]
    steps: Sequence[Step] | None = None
    writes_pages: bool = False
    lake: str = LAKE

    @property
    def has_all_steps(self) -> bool:
        """Whether it can be started as a person starts it, with the same result."""
        return self.steps is None or self.steps is STEPS

    def words(self, folder: Path, inputs: Path) -> list[str]:
        """Return its arguments."""
        given = (each.format(folder=folder, inputs=inputs) for each in self.arguments)
        return [*given, "--data-dir", str(folder / self.lake)]

    def act(self, folder: Path, inputs: Path) -> int:
        """Carry it out in this process and return its exit code."""
        if not self.writes_pages:
            # It takes as long as all tables together, and nothing of the lake.
            vars(run_ingestion)["write_pages"] = lambda *_: None
        app: typer.Typer = {"run_ingestion.py": run_ingestion.app, "main.py": main.app}[
            self.program
        ]
        code = app(self.words(folder, inputs), obj=self.steps, standalone_mode=False)
        return int(code or 0)

    def cold(self, folder: Path, inputs: Path) -> list[str]:
        """Return the command as a person types it."""
        return [sys.executable, str(ROOT / self.program), *self.words(folder, inputs)]


@dataclass(frozen=True)
class Scenario:
    """A ``command`` on a copy of the lake of ``begins``, and what finishes it after it was ended.

    ``lakes`` are compared at the end, by their names in the folder of a trial.
    ``begins`` names the scenario whose folder it begins with. ``is_replaced`` says that the lake is
    replaced as a whole. ``pages`` must be there at the end. ``weight`` is how often it is drawn.
    """

    name: str
    command: Command
    begins: str | None = None
    afterwards: tuple[Command, ...] = ()
    lakes: tuple[str, ...] = (LAKE,)
    is_replaced: bool = False
    pages: tuple[str, ...] = ()
    asks_api: bool = False
    weight: float = 1.0

    @property
    def finishing(self) -> tuple[Command, ...]:
        """The commands after the last kill."""
        return self.afterwards or (self.command,)


def _run(*arguments: str, steps: Sequence[Step] = FEW, pages: bool = False) -> Command:
    return Command("run_ingestion.py", arguments, steps, pages)


def _main(*arguments: str, lake: str = LAKE) -> Command:
    return Command("main.py", arguments, lake=lake)


_FIRST = (
    "--no-api",
    *("--exports", "{inputs}/first.zip"),
    *("--exports", "{inputs}/StreamingHistory_music_0.json"),
    *("--catalogue", "{inputs}/dataset.csv"),
)
_SECOND = (
    "--no-api",
    *("--exports", "{inputs}/second.zip"),
    *("--exports", "{inputs}/StreamingHistory_music_1.json"),
    *("--catalogue", "{inputs}/dataset.csv"),
)
_API = ("--exports", "{inputs}/first.zip")
_BACKUP, _RESTORED = "{folder}/backup", "restored"

SCENARIOS: tuple[Scenario, ...] = (
    Scenario("first import", _run(*_FIRST, steps=FEWEST), weight=4),
    Scenario("second import", _run(*_SECOND, steps=FEWEST), begins="first import", weight=4),
    Scenario("import in full", _run("--full", *_SECOND, steps=FEWEST), begins="second import"),
    Scenario("first run", _run(*_FIRST)),
    Scenario("second run", _run(*_SECOND), begins="first run"),
    Scenario("all tables", _run(*_FIRST, steps=STEPS), weight=0.3),
    Scenario("all tables again", _run(*_SECOND, steps=STEPS), begins="all tables", weight=0.3),
    Scenario("page", _run(*_FIRST, steps=STEPS, pages=True), pages=(PAGE,), weight=0.1),
    Scenario("upkeep", _main("maintain"), begins="second import", weight=2),
    Scenario(
        "backup",
        _main("backup", _BACKUP),
        begins="first import",
        afterwards=(_main("backup", _BACKUP), _main("restore", _BACKUP, lake=_RESTORED)),
        lakes=(LAKE, _RESTORED),
        weight=2,
    ),
    Scenario("run after backup", _run(*_SECOND, steps=FEWEST), begins="backup", weight=0),
    Scenario(
        "backup again",
        _main("backup", _BACKUP),
        begins="run after backup",
        afterwards=(_main("backup", _BACKUP), _main("restore", _BACKUP, "--yes", lake=_RESTORED)),
        lakes=(LAKE, _RESTORED),
        weight=2,
    ),
    Scenario(
        "restore",
        _main("restore", _BACKUP, "--yes"),
        begins="run after backup",
        afterwards=(_main("maintain"), _main("restore", _BACKUP, "--yes")),
        is_replaced=True,
        weight=2,
    ),
    Scenario(
        "rollback",
        _main("rollback", "--table", "silver.track_names", "--to", "2", "--yes"),
        begins="second import",
        afterwards=(_run(*_SECOND, steps=FEWEST),),
    ),
    Scenario("api", _run(*_API, steps=FEWEST), asks_api=True, weight=1),
    Scenario(
        "sync of plays",
        _run("--only", "recent-plays", steps=FEWEST),
        begins="first import",
        asks_api=True,
        weight=2,
    ),
)
BY_NAME: Mapping[str, Scenario] = {each.name: each for each in SCENARIOS}


def begin(scenario: Scenario, templates: Path, folder: Path) -> None:
    """Copy what a scenario begins with to ``folder``."""
    if scenario.begins is None:
        (folder / LAKE).mkdir(parents=True)
    else:
        shutil.copytree(templates / scenario.begins, folder)
