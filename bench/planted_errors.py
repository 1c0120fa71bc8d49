"""Shows which errors in models the tests and the checks of a run notice.

    python -m bench.planted_errors [--only NUMBER ...]

Each error of ``bench.planted_error_list`` is planted into a copy of the project in a temporary
folder. There run (a) the unit tests of what it concerns, (b) all steps over a small generated lake,
with the checks that every run makes. Ends with exit code 1 where an error passes both. Before, the
project as it is must pass both.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from bench.planted_error_list import ERRORS, PlantedError
from engines.models import PROJECT
from tests.generated_lakes import generate

_LEFT_OUT = (".*", "__pycache__", "data", "node_modules")
_SECONDS = 3600


@dataclass(frozen=True)
class Verdict:
    """Who noticed: the unit tests, the run's checks (or a step that failed)."""

    by_tests: bool
    by_run: bool


def main(
    only: Annotated[list[int], typer.Option(help="number of an error, repeatable")] = [],  # noqa: B006
) -> None:
    """Plant the errors one by one and print who notices them."""
    chosen = {number: each for number, each in enumerate(ERRORS, 1) if not only or number in only}
    with tempfile.TemporaryDirectory(prefix="soundlake-planted-") as name:
        folder = Path(name)
        lake = folder / "lake"
        generate(7, plays=100).write(lake)
        tests = sorted({test for each in chosen.values() for test in each.tests})
        if _verdict(None, tests, lake, folder / "clean") != Verdict(False, False):
            print("the project does not pass as it is: nothing can be said of errors in it")
            raise typer.Exit(2)
        print(f"{'':4}{'error':52}{'file':46}{'tests':9}checks")
        verdicts = []
        for number, error in chosen.items():
            found = _verdict(error, error.tests, lake, folder / f"error-{number}")
            verdicts.append(found)
            shown = ["caught" if each else "-" for each in (found.by_tests, found.by_run)]
            print(f"{number:<4}{error.words:52}{error.file:46}{shown[0]:9}{shown[1]}", flush=True)
    by_tests, by_run, by_none = (
        sum(each.by_tests for each in verdicts),
        sum(each.by_run for each in verdicts),
        sum(not each.by_tests and not each.by_run for each in verdicts),
    )
    print(
        f"{len(verdicts)} errors: {by_tests} caught by unit tests, {by_run} by the run's checks, "
        f"{by_none} by neither"
    )
    raise typer.Exit(1 if by_none else 0)


def _verdict(error: PlantedError | None, tests: Sequence[str], lake: Path, folder: Path) -> Verdict:
    """Plant an error into a copy of the project and return who notices."""
    project = folder / "project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    if error is not None:
        _plant(error, project)
    shutil.copytree(lake, folder / "lake")
    pytest = ["pytest", "-x", "-q", "-p", "no:cacheprovider", *(f"tests/{each}" for each in tests)]
    layers = ("bronze", "silver", "gold")
    run = ["bench.rebuild_steps", str(folder / "lake"), *(f"--layer={each}" for each in layers)]
    found = Verdict(not _passes(pytest, project), not _passes(run, project))
    shutil.rmtree(folder)
    return found


def _plant(error: PlantedError, project: Path) -> None:
    """Change the file.

    Raises ValueError where it does not have the text exactly once: the list is out of date.
    """
    path = project / error.file
    text = path.read_text(encoding="utf-8")
    if text.count(error.text) != 1:
        raise ValueError(f"{error.file} has {text.count(error.text)} times: {error.text}")
    path.write_text(text.replace(error.text, error.replacement), encoding="utf-8")


def _passes(module: Sequence[str], project: Path) -> bool:
    settings = {"TIMEZONE": "Europe/Berlin", "PYTHONDONTWRITEBYTECODE": "1"}
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    result = subprocess.run(
        [sys.executable, "-m", *module],
        cwd=project,
        env=environment | settings,
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )
    return result.returncode == 0


if __name__ == "__main__":
    typer.run(main)
