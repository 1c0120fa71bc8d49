"""Runs that the page starts: one at a time, each asked for as a person would on a command line."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from config.settings import Settings
from web.runs import KINDS, Kind, Run, Runs, RunUnderWayError

SLEEPY = "import time\nprint('begun', flush=True)\ntime.sleep(60)\n"


@pytest.fixture
def runs(tmp_path: Path, commands: Path) -> Iterator[Runs]:
    started = Runs(Settings(_env_file=None, data_dir=tmp_path), commands)
    yield started
    started.stop()


def wait_for(run: Run) -> Run:
    until = time.monotonic() + 30
    while run.status == "running" and time.monotonic() < until:
        time.sleep(0.01)
    return run


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_is_asked_for_by_its_kind(runs: Runs, kind: Kind) -> None:
    run = wait_for(runs.start(kind))
    asked = {"everything": "", "files": " --no-api"}.get(kind, f" --only {kind}")
    assert (run.status, run.exit_code) == ("done", 0)
    assert run.lines_after(0) == ([f"run{asked}", "<b>done</b>"], 2)
    assert run.lines_after(1) == (["<b>done</b>"], 2)


def test_there_are_never_two(runs: Runs, commands: Path) -> None:
    (commands / "run_ingestion.py").write_text(SLEEPY)
    first = runs.start("everything")
    with pytest.raises(RunUnderWayError):
        runs.start("files")
    runs.stop()
    assert wait_for(first).status == "failed"
    assert runs.latest is first


def test_a_run_that_fails_says_so(runs: Runs, commands: Path) -> None:
    (commands / "run_ingestion.py").write_text("import sys\nsys.exit('the disk is full')")
    run = wait_for(runs.start("files"))
    assert (run.status, run.exit_code) == ("failed", 1)
    assert run.lines_after(0)[0] == ["the disk is full"]


def test_the_oldest_lines_of_a_long_run_make_room(runs: Runs, commands: Path) -> None:
    (commands / "run_ingestion.py").write_text("for n in range(1500): print(n)")
    run = wait_for(runs.start("files"))
    lines, seen = run.lines_after(0)
    assert (lines[0], lines[-1], seen) == ("500", "1499", 1500)
    assert run.lines_after(1499) == (["1499"], 1500)


def test_a_sync_leads_to_the_page_of_its_run(client: TestClient) -> None:
    answer = client.post("/settings/sync", data={"kind": "files"})
    assert answer.status_code == 303
    with client.stream("GET", f"{answer.headers['location']}/events") as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        answered = "".join(events.iter_text()).replace("\r\n", "\n")
    assert answered.count("event: line\n") == 2
    assert "data: run --no-api\n" in answered
    assert answered.rstrip().endswith("event: end\ndata: done")
    page = client.get(answer.headers["location"]).text
    assert "&lt;b&gt;done&lt;/b&gt;" in page


def test_a_second_sync_is_refused_while_the_first_is_under_way(
    client: TestClient, commands: Path
) -> None:
    (commands / "run_ingestion.py").write_text(SLEEPY)
    begun = client.post("/api/v1/syncs", json={"kind": "everything"}).json()
    assert client.get(f"/api/v1/syncs/{begun['run_id']}").json()["status"] == "running"
    answer = client.post("/api/v1/syncs", json={"kind": "files"})
    assert answer.status_code == 409
    assert "under way" in answer.json()["detail"]
    assert client.post("/settings/sync", data={"kind": "files"}).status_code == 409


@pytest.mark.parametrize("kind", ["", "rm -rf", "--full", "everything; ls"])
def test_other_kinds_are_refused(client: TestClient, kind: str) -> None:
    assert client.post("/settings/sync", data={"kind": kind}).status_code == 422
    assert client.post("/api/v1/syncs", json={"kind": kind}).status_code == 422
    assert client.get("/api/v1/syncs/unknown").status_code == 404
