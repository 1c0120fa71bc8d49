"""The lake's pages: files, what was rejected and why, gaps, runs, logs, and what to do."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from schemas.ops_schemas import CHECKS, PIPELINE_RUNS, PLAY_GAPS, REJECTED_RECORDS
from schemas.table import Table
from tests.report.small_lakes import put, step
from tests.web.conftest import ADDRESS, NOW, PLAYS, Made
from writers.lake_lock import lake_lock

LISTS = ("files", "rejected", "gaps", "runs", "logs")


def items(client: TestClient, path: str, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def reject(lake: Path, count: int, reason: str) -> None:
    put(
        lake,
        REJECTED_RECORDS,
        [
            {
                "rejected_id": f"{reason} {number}",
                "user_id": "me",
                "source_file": "endsong.json",
                "position": number,
                "reason": reason,
                "record": '{"track": "<script>"}',
                "run_id": "run",
                "rejected_at": NOW + timedelta(seconds=number),
            }
            for number in range(count)
        ],
    )


def test_every_file_says_what_became_of_its_records(client: TestClient) -> None:
    files = {each["source_file"].rpartition("/")[2]: each for each in items(client, "files")}
    good = files["Streaming_History_Audio_2025_0.json"]
    assert (good["records_read"], good["records_kept"], good["records_rejected"]) == (
        PLAYS,
        PLAYS,
        0,
    )
    bad = files["Streaming_History_Audio_2025_1.json"]
    assert (bad["records_read"], bad["records_kept"], bad["records_rejected"]) == (1, 0, 1)

    page = client.get("/data/files").text
    assert "Streaming_History_Audio_2025_0.json" in page
    assert f'<a href="/data/runs/{good["run_id"]}">' in page


def test_what_was_rejected_is_shown_with_its_reason(client: TestClient) -> None:
    (rejected,) = items(client, "rejected")
    assert rejected["position"] == 1
    assert "&lt;i&gt;never&lt;/i&gt;" in client.get("/data/rejected").text
    assert items(client, "rejected", q="NEVER") == [rejected]
    assert items(client, "rejected", q="100% nothing_") == []
    assert items(client, "rejected", file=rejected["source_file"]) == [rejected]
    assert items(client, "rejected", file="other.json") == []


def test_a_long_list_has_pages(client: TestClient, lake: Path) -> None:
    reject(lake, 120, "no time")
    first = client.get("/api/v1/rejected", params={"q": "no time", "per_page": 50}).json()
    assert (first["total"], first["page"], first["per_page"]) == (120, 1, 50)
    seen = [
        each["position"]
        for page in (1, 2, 3, 4)
        for each in items(client, "rejected", q="no time", per_page=50, page=page)
    ]
    assert seen == [*range(119, -1, -1)]  # the newest first

    text = client.get("/data/rejected", params={"q": "no time", "page": 2}).text
    assert "page 2 of 3" in text
    assert 'rel="next" href="/data/rejected?page=3&amp;per_page=50&amp;q=no+time"' in text
    assert "page 1 of 3" in client.get("/data/rejected?q=no+time").text


@pytest.mark.parametrize(
    "path", [f"/{kind}/{name}" for kind in ("data", "api/v1") for name in LISTS]
)
@pytest.mark.parametrize("query", ["page=0", "page=x", "per_page=0", "per_page=501", "page=1e9"])
def test_no_page_is_beyond_all_pages(client: TestClient, path: str, query: str) -> None:
    assert client.get(f"{path}?{query}").status_code == 422


@pytest.mark.parametrize("name", LISTS)
def test_the_page_after_the_last_is_empty(client: TestClient, name: str) -> None:
    assert items(client, name, page=1_000_000, per_page=500) == []
    assert client.get(f"/data/{name}?page=1000000").status_code == 200


def test_a_run_has_its_steps_and_checks(client: TestClient) -> None:
    (run,) = items(client, "runs")
    assert run["engine"] == "duckdb"
    assert run["failed_step"] is None
    assert run["written"] > 10
    assert run["checks_ok"] > 0
    assert run["checks_failed"] == 0

    details = client.get(f"/api/v1/runs/{run['run_id']}").json()
    assert details["steps"][0]["step"] == "bronze.listening_history_bronze"
    assert details["steps"][0]["rows_out"] == PLAYS
    assert len(details["checks"]) == run["checks_ok"]
    page = client.get(f"/data/runs/{run['run_id']}").text
    assert "silver.listening_with_features" in page
    assert client.get("/api/v1/runs/unknown").status_code == 404
    assert client.get("/data/runs/unknown").status_code == 404


def test_a_failure_and_a_failed_check_are_named(client: TestClient, lake: Path) -> None:
    begun = datetime(2100, 1, 1, 6, tzinfo=UTC)
    done = step("silver.tracks", begun, run_id="bad")
    failed = step("gold.x", begun + timedelta(seconds=10), "failed", "bad", error="no <space>")
    put(lake, PIPELINE_RUNS, [done, failed])
    check: dict[str, Any] = {
        "run_id": "bad",
        "table_name": "silver.tracks",
        "check_name": "key_unique",
    }
    check |= {"status": "failed", "failures": 3, "version": 1, "seconds": 0.1, "checked_at": begun}
    put(lake, CHECKS, [check])

    newest = items(client, "runs")[0]
    assert (newest["run_id"], newest["seconds"], newest["written"]) == ("bad", 20.0, 1)
    assert (newest["failed_step"], newest["error"]) == ("gold.x", "no <space>")
    assert (newest["checks_ok"], newest["checks_failed"]) == (0, 1)
    page = client.get("/data/runs/bad").text
    assert "gold.x failed: no &lt;space&gt;" in page
    assert "key_unique" in page
    assert any("gold.x failed" in each for each in client.get("/api/v1/health").json()["advice"])


def test_gaps_say_since_when_and_why(client: TestClient, lake: Path) -> None:
    gap = {
        "user_id": "me",
        "source": "api",
        "lost_until": NOW,
        "detected_at": NOW,
        "run_id": "run",
        "kind": "window_full",
        "gap_id": "open",
        "lost_from": NOW - timedelta(hours=5),
    }
    closed = gap | {"gap_id": "closed", "closed_at": NOW, "lost_until": NOW + timedelta(hours=9)}
    put(lake, PLAY_GAPS, [closed, gap])

    assert [each["closed_at"] is None for each in items(client, "gaps")] == [True, False]
    page = client.get("/data/gaps").text
    assert "2026-01-01 07:00" in page
    assert "more plays than the API shows" in page
    assert client.get("/api/v1/health").json()["open_gaps"] == 1


def logs_table() -> Table | None:
    from schemas import ALL_TABLES

    return next((each for each in ALL_TABLES if each.full_name == "ops.logs"), None)


def test_logs_are_filtered(client: TestClient, lake: Path) -> None:
    table = logs_table()
    if table is None or not table.exists(lake):
        assert "kept from the next run on" in client.get("/data/logs").text
    if table is None:
        pytest.skip("this lake keeps no logs")
    levels = ("INFO", "WARNING", "INFO")
    put(
        lake,
        table,
        [
            {
                "run_id": "99991231T000000-logged",
                "line_number": number,
                "logged_at": NOW,
                "level": level,
                "logger": "soundlake",
                "message": f"<b>line</b> {number}",
            }
            for number, level in enumerate(levels, start=1)
        ],
    )
    run = {"run_id": "99991231T000000-logged"}
    assert [each["line_number"] for each in items(client, "logs", **run)] == [1, 2, 3]
    assert [each["line_number"] for each in items(client, "logs", level="WARNING", **run)] == [2]
    assert [each["line_number"] for each in items(client, "logs", q="LINE</b> 3", **run)] == [3]
    assert client.get("/api/v1/logs?level=LOUD").status_code == 422
    assert "&lt;b&gt;line&lt;/b&gt; 3" in client.get("/data/logs", params=run).text


def test_health_is_what_doctor_says(client: TestClient, lake: Path) -> None:
    health = client.get("/api/v1/health").json()
    sizes = {each["name"]: each["rows"] for each in health["tables"]}
    assert sizes["silver.listening_with_features"] == PLAYS
    assert {"sign-in", "gaps", "interval"} <= {each["subject"] for each in health["findings"]}
    page = client.get("/data").text
    assert "silver.listening_with_features" in page
    assert "Kaggle dataset.csv" in page  # what to do where there is no catalogue


def test_a_run_of_somebody_else_is_told_of(client: TestClient, lake: Path) -> None:
    assert "is under way" not in client.get("/data").text
    with lake_lock(lake, "20260101T120000-other"):
        for path in ("/data", "/data/runs", "/settings"):
            page = client.get(path).text
            assert "is under way since" in page
            assert "20260101T120000-other" in page
    assert "is under way" not in client.get("/data").text


def test_a_lake_without_plays_has_these_pages_too(make: Made, tmp_path: Path) -> None:
    with TestClient(make(data_dir=tmp_path / "empty"), base_url=ADDRESS) as client:
        for name in LISTS:
            assert items(client, name) == []
            assert client.get(f"/data/{name}").status_code == 200
        assert client.get("/data").status_code == 200
        assert client.get("/api/v1/health").json()["tables"] == []


def test_the_api_has_a_page_to_try_it(client: TestClient) -> None:
    page = client.get("/api").text
    assert 'data-document="/openapi.json"' in page
    for file in ("explorer/swagger-ui-bundle.js", "explorer/swagger-ui.css", "explorer.js"):
        assert f"/static/{file}" in page
        assert client.get(f"/static/{file}").status_code == 200
