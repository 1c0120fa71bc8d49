"""What contributors lean on: their workflows, hooks and version say what is so."""

import re
import shlex
import shutil
import subprocess
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.version import VERSION

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS: dict[str, dict[Any, Any]] = {
    path.stem: yaml.safe_load(path.read_text("utf-8"))
    for path in sorted((ROOT / ".github/workflows").glob("*.yml"))
}
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
ON = True  # what YAML 1.1 takes the key `on` for


def scripts_of(workflow: str) -> list[str]:
    """Return what the steps of a workflow run, once for every value of their matrix."""
    scripts = []
    for job in WORKFLOWS[workflow]["jobs"].values():
        matrix = job.get("strategy", {}).get("matrix", {})
        for values in product(*matrix.values()):
            for step in job["steps"]:
                script = step.get("run", "")
                for name, value in zip(matrix, values, strict=True):
                    script = script.replace(f"${{{{ matrix.{name} }}}}", str(value))
                scripts.append(script)
    return scripts


def made_by(workflow: str) -> set[str]:
    """Return the targets of `make` that a workflow calls."""
    lines = [line for script in scripts_of(workflow) for line in script.splitlines()]
    return {line.split()[1] for line in lines if line.split()[:1] == ["make"]}


def test_the_workflows_are_those_that_are_known() -> None:
    assert set(WORKFLOWS) == {"ci", "nightly", "release"}


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_every_target_that_a_workflow_calls_exists(workflow: str) -> None:
    if shutil.which("make") is None:
        pytest.skip("needs make")
    called = made_by(workflow)

    assert called
    for target in called:
        done = subprocess.run(
            ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def test_make_has_every_target_and_lists_them() -> None:
    if shutil.which("make") is None:
        pytest.skip("needs make")
    listed = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    targets = {line.split()[1] for line in listed.splitlines()}
    tests = {"test", "test-fast", "test-slow", "test-spark", "test-engines", "soak"}
    assert targets == tests | {"help", "setup", "setup-spark", "run", "shell"} | {
        "lint",
        "audit",
        "lock",
        "clean",
    }


def test_every_kind_of_test_is_run_by_a_workflow() -> None:
    jobs = WORKFLOWS["ci"]["jobs"]

    assert jobs["checks"]["strategy"]["matrix"]["target"] == ["lint", "test"]
    nightly = {"test-slow", "test-spark", "test-engines", "soak"}
    assert set(jobs["every-night"]["strategy"]["matrix"]["target"]) == nightly
    assert {"push", "pull_request", "schedule"} <= WORKFLOWS["ci"][ON].keys()


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_what_others_wrote_is_taken_by_its_commit(workflow: str) -> None:
    """A tag can be moved to something else, a commit cannot."""
    jobs = WORKFLOWS[workflow]["jobs"].values()
    used = [step["uses"] for job in jobs for step in job["steps"] if "uses" in step]

    assert used
    assert [each for each in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", each)] == []


def test_the_checks_of_a_change_see_no_secret_and_may_write_nothing() -> None:
    assert WORKFLOWS["ci"]["permissions"] == {"contents": "read"}
    assert "secrets." not in str(WORKFLOWS["ci"])
    assert all("permissions" not in job for job in WORKFLOWS["ci"]["jobs"].values())


def test_a_tag_builds_both_images() -> None:
    assert WORKFLOWS["release"][ON] == {"push": {"tags": ["v*"]}}
    built = [
        shlex.split(line)
        for script in scripts_of("release")
        for line in script.splitlines()
        if line.startswith("docker build")
    ]
    assert [words[words.index("--target") + 1] for words in built] == ["full", "light"]


@pytest.mark.parametrize(("tag", "code"), [(f"v{VERSION}", 0), ("v0.0.0", 1)])
def test_a_tag_that_is_not_the_version_is_refused(tag: str, code: int, tmp_path: Path) -> None:
    (check,) = [each for each in scripts_of("release") if 'GITHUB_REF_NAME" !=' in each]
    (tmp_path / "python").symlink_to(ROOT / ".venv/bin/python")

    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", check],
        cwd=ROOT,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "GITHUB_REF_NAME": tag},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == code, done.stderr
    assert (f"the tag is {tag}" in done.stdout) == bool(code)


@pytest.mark.parametrize("hook", [hook for repo in HOOKS for hook in repo["hooks"]])
def test_hooks_before_a_commit_run_what_is_installed(hook: dict[str, Any]) -> None:
    assert all(repo["repo"] == "local" for repo in HOOKS)
    done = subprocess.run(
        [*shlex.split(hook["entry"]), "config/version.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout


def test_the_newest_release_of_the_changelog_is_the_version() -> None:
    headings = re.findall(
        r"^## \[([^]]+)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )
    assert next(each for each in headings if each != "Unreleased") == VERSION
