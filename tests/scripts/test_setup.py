"""The set-up script installs what is missing, once, and survives being cut off."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def bare_checkout(tmp_path: Path) -> Path:
    """Return a checkout with a set-up script, no packages and a pip that says what it did."""
    checkout = tmp_path / "checkout"
    (checkout / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts/setup.sh", checkout / "scripts")
    for each in ("install_delta_jars.py", "make_class_archive.py"):
        (checkout / "scripts" / each).write_text("")
    for each in ("", "-light", "-dev", "-uv"):
        (checkout / f"requirements{each}.txt").write_text("# nothing\n")
    return checkout


def set_up(
    checkout: Path, part: str = "run", **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "scripts/setup.sh", part],
        cwd=checkout,
        env={
            **os.environ,
            "PYTHON": sys.executable,
            "REAL_PYTHON": sys.executable,
            "UV": "works",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_set_up_that_was_cut_off_starts_again_and_a_done_one_is_kept(tmp_path: Path) -> None:
    checkout = bare_checkout(tmp_path)
    first = set_up(checkout)
    assert first.returncode == 0, first.stderr
    assert "making .venv" in first.stderr

    again = set_up(checkout)
    assert (again.returncode, again.stderr) == (0, "")

    half_made = checkout / ".venv/half-made"
    half_made.touch()
    (checkout / ".venv/.installing").touch()
    repaired = set_up(checkout)
    assert repaired.returncode == 0, repaired.stderr
    assert "making .venv" in repaired.stderr
    assert not half_made.exists()


def test_without_java_a_run_is_set_up_and_spark_stops_at_once_with_one_line(
    tmp_path: Path,
) -> None:
    checkout, no_java = bare_checkout(tmp_path), str(tmp_path / "no-java")
    stopped = set_up(checkout, "spark", JAVA_HOME=no_java)
    assert stopped.returncode == 1
    assert stopped.stderr.count("\n") == 1
    assert "Java 17" in stopped.stderr
    assert not (checkout / ".venv").exists()

    pretend_installer(checkout)
    assert set_up(checkout, "run", JAVA_HOME=no_java).returncode == 0


PRETENDED = """#!/bin/sh
case "$1 $2" in
  "-m uv")
    [ "$UV" = missing ] && exit 1
    [ "$3" = --version ] && exit
    echo "uv $*" >>installed
    [ "$UV" = works ]
    ;;
  "-m pip") [ "$3" = --version ] || echo "pip $*" >>installed ;;
  *) exec "$REAL_PYTHON" "$@" ;;
esac
"""


def pretend_installer(checkout: Path) -> None:
    """Return a checkout a .venv whose uv and pip only note what they are asked to install."""
    python = checkout / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(PRETENDED)
    python.chmod(0o755)


@pytest.mark.parametrize(
    ("environment", "env_file", "is_set_up"),
    [
        ({}, "", False),
        ({"ENGINE": "spark"}, "", True),
        ({}, "ENGINE=spark\n", True),
        ({}, "export engine = 'spark'\n", True),
        ({"ENGINE": "duckdb"}, "ENGINE=spark\n", False),
        ({}, "#ENGINE=spark\n", False),
        ({}, "SPARK_MASTER=spark://there:7077\n", True),
        ({"SPARK_MASTER": "local[2]"}, "", False),
        ({"ENGINE": "spork"}, "", False),  # which the run says in one line
    ],
)
def test_spark_is_set_up_where_the_settings_ask_for_it(
    tmp_path: Path, environment: dict[str, str], env_file: str, is_set_up: bool
) -> None:
    checkout = bare_checkout(tmp_path)
    pretend_installer(checkout)
    (checkout / ".env").write_text(env_file)
    java = checkout / "java/bin/java"
    java.parent.mkdir(parents=True)
    java.write_text("""#!/bin/sh\necho 'openjdk version "17.0.1"'\n""")
    java.chmod(0o755)
    environment = {"ENGINE": "", "SPARK_MASTER": "", "PYTHONPATH": str(ROOT)} | environment

    done = set_up(checkout, "auto", JAVA_HOME=str(checkout / "java"), **environment)

    assert done.returncode == 0, done.stderr
    assert (checkout / ".venv/.stamp-requirements.txt").exists() == is_set_up


@pytest.mark.parametrize(
    ("uv", "installers", "said"),
    [
        ("works", ["uv"], ""),
        ("missing", ["pip", "pip"], "uv cannot be installed here: going on with pip"),
        ("broken", ["uv", "pip"], "going on with pip"),
    ],
)
def test_uv_installs_and_where_it_cannot_pip_does_each_by_hashes(
    tmp_path: Path, uv: str, installers: list[str], said: str
) -> None:
    checkout = bare_checkout(tmp_path)
    pretend_installer(checkout)

    done = set_up(checkout, "run", UV=uv)

    assert done.returncode == 0, done.stderr
    assert said in done.stderr
    lines = (checkout / "installed").read_text().splitlines()
    assert [line.split()[0] for line in lines] == installers
    assert all("--require-hashes" in line for line in lines)
    assert lines[-1].endswith("-r requirements-light.txt")


def test_the_first_list_installed_is_not_installed_again_with_the_next(tmp_path: Path) -> None:
    checkout = bare_checkout(tmp_path)
    pretend_installer(checkout)
    for part in ("dev", "run", "dev"):
        assert set_up(checkout, part).returncode == 0

    assert len((checkout / "installed").read_text().splitlines()) == 1


def test_without_a_recent_python_set_up_stops_with_one_line(tmp_path: Path) -> None:
    checkout = bare_checkout(tmp_path)
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("bash", "dirname", "id", "sed", "head", "cmp", "java", "rm"):
        found = shutil.which(tool)
        assert found is not None
        (tools / tool).symlink_to(found)
    old = tools / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 && exit\nexit 1\n')
    old.chmod(0o755)
    stopped = set_up(checkout, PATH=str(tools), PYTHON="")
    assert stopped.returncode == 1
    assert stopped.stderr == "setup: Python 3.11 or newer is needed (found: Python 3.9.2)\n"
