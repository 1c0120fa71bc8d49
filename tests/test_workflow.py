"""The nightly run on GitHub: off by default, few rights, the lake kept, the tokens not.

Its scripts are run as GitHub would run them, on repositories and artifacts in folders.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from clients.auth.spotify_auth import TOKEN_FILE
from report.ask import HISTORY_FILE
from report.export_table import KEY_FILE

FILE = Path(__file__).resolve().parents[1] / ".github/workflows/nightly.yml"
TEXT = FILE.read_text("utf-8")
WORKFLOW: dict[Any, Any] = yaml.safe_load(TEXT)
JOBS: dict[str, Any] = WORKFLOW["jobs"]
STEPS: list[dict[str, Any]] = [step for job in JOBS.values() for step in job["steps"]]
SCRIPTS = {step["name"]: step["run"] for step in STEPS if "run" in step}

# GitHub's own program, as far as it is used: artifacts are files in a folder.
GH = """#!/bin/sh
case "$1 $2" in
  "auth setup-git") ;;
  "api repos/me/soundlake/actions/artifacts"*) ls "$ARTIFACTS" | tail -n 1 ;;
  "run download") cp "$ARTIFACTS/$3" "$9/lake.tar" ;;
  *) echo "unknown: $*" >&2; exit 1 ;;
esac
"""


class Cloud:
    """A repository with its artifacts, and machines on which steps are run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.remote = folder / "me/soundlake"
        self.artifacts = folder / "artifacts"
        self.artifacts.mkdir()
        (folder / "bin").mkdir()
        gh = folder / "bin/gh"
        gh.write_text(GH)
        gh.chmod(0o755)
        subprocess.run(["git", "init", "--quiet", "--bare", self.remote], check=True)

    def machine(self, name: str) -> Path:
        """Return the folder in which the steps of one job are run."""
        machine = self.folder / name
        (machine / "temp").mkdir(parents=True)
        return machine

    def run(
        self, script: str, machine: Path, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", SCRIPTS[script]],
            cwd=machine,
            env={
                "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
                "HOME": str(machine),
                "ARTIFACTS": str(self.artifacts),
                "GITHUB_SERVER_URL": f"file://{self.folder}",
                "GITHUB_REPOSITORY": "me/soundlake",
                "GITHUB_RUN_ID": "7",
                "RUNNER_TEMP": str(machine / "temp"),
                "LAKE_BRANCH": "",
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def upload(self, machine: Path, run_id: str) -> None:
        shutil.copy(machine / "temp/lake.tar", self.artifacts / run_id)

    def push_file(self, branch: str, name: str) -> None:
        """Have somebody put a file on a branch."""
        work = self.folder / "work"
        git = ["git", "-C", str(work), "-c", "user.name=me", "-c", "user.email=me@localhost"]
        subprocess.run(["git", "init", "--quiet", work], check=True)
        (work / name).write_text("mine")
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "--quiet", "--message", "mine"], check=True)
        subprocess.run(
            [*git, "push", "--quiet", self.remote, f"HEAD:refs/heads/{branch}"], check=True
        )

    def files_on(self, branch: str) -> list[str]:
        listed = subprocess.run(
            ["git", "-C", self.remote, "ls-tree", "-r", "--name-only", branch],
            capture_output=True,
            text=True,
            check=True,
        )
        return listed.stdout.splitlines()


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    if shutil.which("git") is None:
        pytest.skip("needs git")
    return Cloud(tmp_path)


def lay_lake(machine: Path) -> None:
    table = machine / "data/bronze/plays/_delta_log"
    table.mkdir(parents=True)
    (table / "0.json").write_text("{}")
    (machine / "data/.api_state.json").write_text("{}")
    (machine / "data" / TOKEN_FILE).write_text("secret")
    (machine / "data" / f"{TOKEN_FILE}x1y2").write_text("secret, half written")
    (machine / "data/demo").mkdir()
    for folder in ("data", "data/demo"):
        for name in (KEY_FILE, HISTORY_FILE):
            (machine / folder / name).write_text("nobody else's business")


KEPT = ["data/.api_state.json", "data/bronze/plays/_delta_log/0.json"]


def files_of(machine: Path) -> list[str]:
    found = (machine / "data").rglob("*")
    return sorted(str(each.relative_to(machine)) for each in found if each.is_file())


def test_it_is_off_until_a_variable_switches_it_on() -> None:
    assert JOBS["run"]["if"] == "vars.SOUNDLAKE_NIGHTLY == 'true'"
    for name in JOBS.keys() - {"run"}:
        assert JOBS[name]["needs"] == "run"
        assert "needs.run.outputs.packed == 'success'" in JOBS[name]["if"]


def test_it_runs_nightly_and_by_hand_and_never_for_anybody_elses_change() -> None:
    on = WORKFLOW[True]  # what YAML 1.1 takes the key `on` for

    assert set(on) == {"schedule", "workflow_dispatch"}
    minute, hour, *every_day = on["schedule"][0]["cron"].split()
    assert (minute.isdigit(), hour.isdigit(), every_day) == (True, True, ["*", "*", "*"])


def test_never_two_at_once_and_none_is_cut_off() -> None:
    assert WORKFLOW["concurrency"] == {"group": "nightly", "cancel-in-progress": False}


def test_only_the_job_that_runs_nothing_of_the_project_may_write() -> None:
    assert WORKFLOW["permissions"] == {}
    assert {name: job["permissions"] for name, job in JOBS.items()} == {
        "run": {"contents": "read", "actions": "read"},
        "keep-on-branch": {"contents": "write", "actions": "read"},
    }
    assert not [step for step in JOBS["keep-on-branch"]["steps"] if "uses" in step]
    checkout = JOBS["run"]["steps"][0]
    assert checkout["with"]["persist-credentials"] is False


def test_only_the_run_sees_secrets_and_no_script_is_made_from_what_others_wrote() -> None:
    assert [step["name"] for step in STEPS if "secrets." in str(step)] == ["Run"]
    assert not [name for name, script in SCRIPTS.items() if "${{" in script]


def test_it_warns_that_a_public_repository_is_public() -> None:
    assert "# USE A PRIVATE REPOSITORY." in TEXT


def test_without_a_secret_there_is_no_run(cloud: Cloud) -> None:
    given = {"CLIENT_ID": "id", "CLIENT_SECRET": "secret", "SPOTIFY_REFRESH_TOKEN": ""}

    stopped = cloud.run("Run", cloud.machine("first"), **given)

    assert stopped.returncode == 2
    assert "the secret SPOTIFY_REFRESH_TOKEN is not set" in stopped.stdout


@pytest.mark.parametrize("branch", ["", "lake"])
def test_the_first_run_begins_a_new_lake(cloud: Cloud, branch: str) -> None:
    machine = cloud.machine("first")

    begun = cloud.run("Take up the lake", machine, LAKE_BRANCH=branch)

    assert begun.returncode == 0, begun.stderr
    assert "a new lake begins" in begun.stdout
    assert not (machine / "data").exists()


@pytest.mark.parametrize("branch", ["", "not-there-yet"])
def test_the_last_artifact_is_taken_up_without_the_tokens(cloud: Cloud, branch: str) -> None:
    first, second = cloud.machine("first"), cloud.machine("second")
    lay_lake(first)

    packed = cloud.run("Pack the lake without the tokens", first)
    cloud.upload(first, "7")
    taken = cloud.run("Take up the lake", second, LAKE_BRANCH=branch)

    assert (packed.returncode, taken.returncode) == (0, 0), packed.stderr + taken.stderr
    assert files_of(second) == KEPT


def test_the_newest_artifact_that_is_left_and_of_this_repository_is_the_last_one() -> None:
    if shutil.which("jq") is None:
        pytest.skip("needs jq")

    def artifact(run_id: int, day: int, *, expired: bool = False, head: int = 1) -> dict[str, Any]:
        run = {"id": run_id, "repository_id": 1, "head_repository_id": head}
        created_at = f"2026-11-{day:02}T02:20:00Z"
        return {"id": 0, "expired": expired, "created_at": created_at, "workflow_run": run}

    found = [artifact(11, 1), artifact(13, 3), artifact(12, 2)]
    others = [artifact(14, 4, expired=True), artifact(15, 5, head=2)]
    asked = SCRIPTS["Take up the lake"].split("--jq '")[1].split("'")[0]
    for listed, last in ((found + others, "13\n"), (others, ""), ([], "")):
        answer = subprocess.run(
            ["jq", "--raw-output", asked],
            input=json.dumps({"artifacts": listed}),
            capture_output=True,
            text=True,
            check=True,
        )
        assert answer.stdout == last


def test_the_branch_is_replaced_by_each_run_and_taken_up_by_the_next(cloud: Cloud) -> None:
    for number in ("1", "2"):
        run, keep = cloud.machine(f"run {number}"), cloud.machine(f"keep {number}")
        taken = cloud.run("Take up the lake", run, LAKE_BRANCH="my/lake")
        assert taken.returncode == 0, taken.stderr
        if number == "1":
            lay_lake(run)
        (run / "data" / f"of run {number}").touch()
        cloud.run("Pack the lake without the tokens", run)
        cloud.upload(run, "7")
        kept = cloud.run("Put the lake on the branch", keep, LAKE_BRANCH="my/lake")
        assert kept.returncode == 0, kept.stderr

    assert cloud.files_on("my/lake") == [*KEPT, "data/of run 1", "data/of run 2"]
    commits = ["git", "-C", str(cloud.remote), "rev-list", "--count", "my/lake"]
    assert subprocess.run(commits, capture_output=True, text=True, check=True).stdout == "1\n"


def test_a_branch_that_holds_anything_else_is_left_alone(cloud: Cloud) -> None:
    cloud.push_file("main", "README.md")

    refused = cloud.run("Take up the lake", cloud.machine("first"), LAKE_BRANCH="main")

    assert refused.returncode == 1
    assert "holds more than a lake" in refused.stdout
