"""What a run logs is kept, bounded and without secrets."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

import run_ingestion
from cli.run_log import RunLog, collected, log_step
from config.settings import Settings
from incremental.results import StepResult
from schemas.ops_schemas import LOGS
from tests.export_samples import extended, write_json
from tests.lakes import FEW_STEPS, one, query
from writers.run_logs import append_logs, remove_old_logs

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
log = logging.getLogger("a.service")


def kept(run_log: RunLog) -> list[tuple[int, str, str, str]]:
    return [
        (each["line_number"], each["level"], each["logger"], each["message"])
        for each in run_log.rows()
    ]


def test_lines_of_a_run_are_kept_in_order_with_the_results_of_its_steps() -> None:
    with collected(Settings(_env_file=None), "run") as run_log:
        log.warning("%s is slow", "it")
        log.debug("of no interest")
        log_step(StepResult("silver.tracks", "written", NOON, 1.26, rows_out=1234))
        log_step(StepResult("gold.x", "nothing_new", NOON, 0.1))
        log_step(StepResult("gold.y", "failed", NOON, 0.5, error="no space"))
    log.warning("after the run")

    assert kept(run_log) == [
        (1, "WARNING", "a.service", "it is slow"),
        (2, "INFO", "steps", "silver.tracks: 1,234 rows written in 1.3 s"),
        (3, "ERROR", "steps", "gold.y failed after 0.5 s: no space"),
    ]
    assert {each["run_id"] for each in run_log.rows()} == {"run"}


def test_of_too_many_lines_the_last_says_how_many_are_left_out() -> None:
    run_log = RunLog(Settings(_env_file=None), "run", max_lines=2)
    for number in range(1_203):
        run_log.handle(logging.makeLogRecord({"msg": f"line {number}", "levelname": "INFO"}))

    assert [message for *_, message in kept(run_log)] == [
        "line 0",
        "line 1",
        "1,201 more lines are left out: a run keeps 2",
    ]


@pytest.mark.parametrize(
    ("logged", "expected"),
    [
        ("GET with Authorization: Bearer BQD-abc.def failed", "GET with Authorization: *** failed"),
        ("{'Authorization': 'Basic YWJjOmRlZg=='}", "{'Authorization': '***'}"),
        ("sent bearer BQDabcdefghijklmnop!", "sent bearer ***!"),
        ('{"refresh_token": "AQAabc", "scope": "x"}', '{"refresh_token": "***", "scope": "x"}'),
        (
            "/callback?code=AQB-12&state=ok refused",
            "/callback?code=***&state=ok refused",
        ),
        ("the client sent client_secret=s3cret&x=1", "the client sent client_secret=***&x=1"),
        ("of the setting: my-own-secret", "of the setting: ***"),
        ("exit code=1, basic features, 3 tokens", "exit code=1, basic features, 3 tokens"),
    ],
)
def test_no_secret_is_kept(logged: str, expected: str) -> None:
    settings = Settings(_env_file=None, client_id="id", client_secret="my-own-secret")
    with collected(settings, "run") as run_log:
        log.error("%s", logged)

    assert kept(run_log) == [(1, "ERROR", "a.service", expected)]


def test_a_run_keeps_its_log_and_one_without_news_leaves_none(
    tmp_path: Path, clean_environment: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    lake = tmp_path / "lake"
    write_json(lake / "exports" / "endsong_0.json", [extended(), extended(ms_played="x")])
    arguments = ["--data-dir", str(lake), "--no-api"]

    for _ in range(2):
        done = CliRunner().invoke(run_ingestion.app, arguments, obj=FEW_STEPS)
        assert done.exit_code == 0, done.output

    ((run_id, lines, first, last),) = query(
        lake,
        "SELECT run_id, count(*), min(line_number), max(line_number) FROM ops.logs GROUP BY ALL",
    )
    assert one(lake, "SELECT DISTINCT run_id FROM ops.pipeline_runs") == run_id
    assert (first, last) == (1, lines)
    messages = [row[0] for row in query(lake, "SELECT message FROM ops.logs ORDER BY line_number")]
    assert messages[0] == f"run {run_id} on {lake}"
    assert any(each.startswith("silver.tracks: 1 rows written in ") for each in messages)
    assert "Web API not asked" in messages
    assert not (lake / ".scratch" / f"{run_id}-logs").exists()


def test_lines_older_than_ninety_days_are_removed(tmp_path: Path) -> None:
    def line(run_id: str, days_ago: float) -> dict[str, object]:
        return {
            "run_id": run_id,
            "line_number": 1,
            "logged_at": NOON - timedelta(days=days_ago),
            "level": "INFO",
            "logger": "steps",
            "message": "done",
        }

    assert remove_old_logs(tmp_path, NOON) == 0
    append_logs(tmp_path, "none", [])
    assert not LOGS.exists(tmp_path)
    append_logs(tmp_path, "old", [line("old", 90.1)])
    append_logs(tmp_path, "new", [line("new", 89.9)])

    assert remove_old_logs(tmp_path, NOON) == 1
    assert query(tmp_path, "SELECT run_id FROM ops.logs") == [("new",)]
    assert remove_old_logs(tmp_path, NOON) == 0
