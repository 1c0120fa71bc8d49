"""Two at once: the second is told within a second who holds the lake; readers read on."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import main
import run_ingestion
from cli.exit_codes import ExitCode
from config.settings import Settings
from lake.reader import open_lake
from scripts import (
    generate_synthetic_audio_features,
    populate_missing_features,
)
from tests.export_samples import extended, write_json
from tests.soak import faults
from tests.soak.scenarios import FEW, ROOT
from web.runs import Runs
from writers.lake_lock import holder_of

pytestmark = pytest.mark.heavy

HOLDERS = {
    "run_ingestion.py": (["run_ingestion.py", "--no-api"], "commit:1"),
    "main.py maintain": (["main.py", "maintain"], "compacted:1"),
    "main.py backup": (["main.py", "backup", "{folder}/backup"], "file-synced:1"),
}
"""Commands that hold the lake, and where each is stopped while it does."""


@dataclass
class Held:
    """A lake, and the stopped process that holds it."""

    lake: Path
    holder: str
    process: "subprocess.Popen[bytes]"


@pytest.fixture(scope="module")
def small_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lake with one run in it, and one more export that no run has read."""
    folder = tmp_path_factory.mktemp("two")
    write_json(folder / "lake/exports/endsong_0.json", [extended()])
    assert run(folder / "lake")[0] == 0
    write_json(folder / "lake/exports/endsong_1.json", [extended(ts="2024-03-02T12:00:00Z")])
    return folder / "lake"


@pytest.fixture(scope="module", params=[*HOLDERS, "a container"])
def held(
    request: pytest.FixtureRequest, small_lake: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Held]:
    folder = tmp_path_factory.mktemp("held")
    shutil.copytree(small_lake, folder / "lake")
    words, fault = HOLDERS.get(request.param, HOLDERS["run_ingestion.py"])
    command = [sys.executable, *(each.format(folder=folder) for each in words)]
    if request.param == "a container":
        # What keeps a container's processes apart from the host's, on one folder of both.
        apart = ["unshare", "--fork", "--pid", "--mount-proc"]
        if shutil.which("unshare") is None or subprocess.run([*apart, "true"]).returncode:
            pytest.skip("needs the right to make a namespace, which root has")
        # The first process of a namespace cannot be stopped: a shell is that one.
        command = [*apart, "sh", "-c", '"$@"; exit $?', "sh", *command]
    with stopped(command, folder, fault) as process:
        yield Held(folder / "lake", request.param, process)


class stopped:  # noqa: N801  (a context manager, used like a function)
    """Start a command, and wait until it holds the lake and stopped where the fault says."""

    def __init__(self, command: list[str], folder: Path, fault: str) -> None:
        environment = {
            "DATA_DIR": str(folder / "lake"),
            "PYTHONPATH": str(Path(faults.__file__).with_name("child")),
            faults.FAULT_VARIABLE: f"{fault}:SIGSTOP",
        }
        self._lake = folder / "lake"
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def __enter__(self) -> "subprocess.Popen[bytes]":
        until = time.monotonic() + 120
        while holder_of(self._lake) is None:
            assert self._process.poll() is None and time.monotonic() < until
            time.sleep(0.02)
        return self._process

    def __exit__(self, *_: object) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def run(lake: Path, *flags: str, steps: object = FEW) -> tuple[int, str]:
    return invoke(run_ingestion.app, ["--data-dir", str(lake), "--no-api", *flags], steps)


def invoke(app: typer.Typer, words: list[str], steps: object = None) -> tuple[int, str]:
    result = CliRunner().invoke(app, words, obj=steps)
    return result.exit_code, " ".join(result.output.split())


def script(function: Callable[..., None]) -> typer.Typer:
    app = typer.Typer()
    app.command()(function)
    return app


WRITERS: dict[str, tuple[typer.Typer, list[str]]] = {
    "run_ingestion.py": (run_ingestion.app, ["--no-api"]),
    "one of Spotify": (run_ingestion.app, ["--only", "recent-plays"]),
    "main.py run-once": (main.app, ["run-once", "--no-api"]),
    "main.py maintain": (main.app, ["maintain"]),
    "main.py backup": (main.app, ["backup", "{folder}/another"]),
    "main.py verify": (main.app, ["verify"]),
    "main.py rollback": (main.app, ["rollback", "--table", "silver.tracks", "--to", "0"]),
    "populate_missing_features.py": (script(populate_missing_features.main), []),
    "generate_synthetic_audio_features.py": (script(generate_synthetic_audio_features.main), []),
}


@pytest.mark.parametrize("second", WRITERS)
def test_the_second_is_refused_within_a_second(
    held: Held, second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIENT_ID", "id")
    monkeypatch.setenv("CLIENT_SECRET", "secret")
    app, words = WRITERS[second]
    words = [each.format(folder=held.lake.parent) for each in words]
    began = time.process_time(), time.monotonic()

    code, said = invoke(app, [*words, "--data-dir", str(held.lake)])

    assert code == ExitCode.LAKE_BUSY, said
    assert f"another run holds the lake in {held.lake} since 2" in said
    if held.holder.startswith("main.py"):
        assert f"UTC ({held.holder}): wait for its end" in said
    # Other processes of this machine may take the time in between.
    assert time.process_time() - began[0] < 1
    assert time.monotonic() - began[1] < 10


@pytest.mark.parametrize("held", ["main.py maintain"], indirect=True)
def test_a_run_of_the_page_is_refused_with_the_name_of_who_holds_the_lake(held: Held) -> None:
    runs = Runs(Settings(_env_file=None, data_dir=held.lake), ROOT)
    started = runs.start("files")
    until = time.monotonic() + 60
    while started.exit_code is None and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.2)

    assert started.exit_code == ExitCode.LAKE_BUSY
    assert any("another run holds the lake" in each for each in started.lines)


@pytest.mark.parametrize("reader", [["stats"], ["doctor"], ["sql", "SELECT 1 FROM silver.tracks"]])
def test_readers_are_not_blocked(held: Held, reader: list[str]) -> None:
    code, said = invoke(main.app, [*reader, "--data-dir", str(held.lake)])

    assert code in (0, 1), said  # doctor finds the missing features
    assert "holds the lake" not in said
    with open_lake(held.lake) as lake:
        ((records,),) = lake.execute(
            "SELECT count(*) FROM bronze.listening_history_bronze"
        ).fetchall()
    assert records == 1


def test_what_a_killed_process_leaves_blocks_nobody(small_lake: Path, tmp_path: Path) -> None:
    shutil.copytree(small_lake, tmp_path / "lake")
    words, fault = HOLDERS["run_ingestion.py"]
    with stopped([sys.executable, *words], tmp_path, fault):
        assert run(tmp_path / "lake")[0] == ExitCode.LAKE_BUSY
    began = time.process_time()

    code, said = run(tmp_path / "lake")

    assert code == 0, said
    assert time.process_time() - began < 10
    with open_lake(tmp_path / "lake") as lake:
        ((records,),) = lake.execute(
            "SELECT count(*) FROM bronze.listening_history_bronze"
        ).fetchall()
    assert records == 2
