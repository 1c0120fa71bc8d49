"""A lake of a newer version is told by its logs, before anything is written."""

import json
from pathlib import Path
from typing import Any

import pytest

from config.version import VERSION
from engines.engine import Engine
from lake import releases
from lake.commit_log import commits_newest_first
from lake.releases import NewerLakeError, is_newer, require_known_release
from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.ops_schemas import REJECTED_RECORDS
from tests.export_samples import extended, write_json
from tests.lakes import land

TRACKS = LISTENING_HISTORY


@pytest.fixture
def lake(engine: Engine, tmp_path: Path) -> Path:
    land(engine, tmp_path / "lake", [write_json(tmp_path / "endsong_0.json", [extended()])])
    return tmp_path / "lake"


def commit(lake: Path, *actions: dict[str, Any], number: int = 1) -> None:
    """Add a commit by another program to the plays."""
    log = TRACKS.path(lake) / "_delta_log"
    version = max(int(each.stem) for each in log.glob("*.json")) + number
    lines = [json.dumps(each) for each in actions]
    (log / f"{version:020}.json").write_text("\n".join(lines), encoding="utf-8")


def info(**metadata: Any) -> dict[str, Any]:
    return {"commitInfo": {"userMetadata": json.dumps(metadata)}}


def with_column(name: str, *, nullable: bool) -> dict[str, Any]:
    field = {"name": name, "type": "string", "nullable": nullable, "metadata": {}}
    return {"metaData": {"schemaString": json.dumps({"type": "struct", "fields": [field]})}}


def test_a_lake_of_this_release_is_known(lake: Path) -> None:
    require_known_release(lake)
    commit(lake, info(soundlake_version=VERSION))
    require_known_release(lake)
    commit(lake, info(soundlake_version="0.1.0"))
    require_known_release(lake)


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (info(soundlake_version="99.1.0"), "was written by Soundlake 99.1.0"),
        (info(soundlake_version="99.1.0", run_id="1", new="form"), "Soundlake 99.1.0"),
        (info(soundlake_version="next"), "Soundlake next"),
        (
            {"protocol": {"minReaderVersion": 4, "minWriterVersion": 8}},
            r"reader version 4 and writer version 8, not 1 and 3",
        ),
        (
            {
                "protocol": {
                    "minReaderVersion": 3,
                    "minWriterVersion": 7,
                    "readerFeatures": ["deletionVectors"],
                    "writerFeatures": ["deletionVectors", "invariants"],
                }
            },
            r"version 7 \(deletionVectors\), not 1 and 3",
        ),
        ({"protocol": {"minReaderVersion": 1, "minWriterVersion": 5}}, "writer version 5"),
        (with_column("mood_of_the_day", nullable=False), "column mood_of_the_day"),
    ],
)
def test_what_a_newer_version_wrote_is_named(lake: Path, action: dict[str, Any], said: str) -> None:
    commit(lake, action)

    with pytest.raises(NewerLakeError, match=said) as refused:
        require_known_release(lake)

    assert f"this is Soundlake {VERSION}" in str(refused.value)
    assert "bronze.listening_history_bronze" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_upkeep_commits_later_hides_nothing(lake: Path) -> None:
    commit(lake, info(soundlake_version="99.1.0"))
    commit(lake, {"commitInfo": {"operation": "OPTIMIZE"}})

    with pytest.raises(NewerLakeError, match=r"99\.1\.0"):
        require_known_release(lake)


@pytest.mark.parametrize(
    "action",
    [
        with_column("told_elsewhere", nullable=True),
        {
            "protocol": {
                "minReaderVersion": 1,
                "minWriterVersion": 7,
                "writerFeatures": ["appendOnly", "checkConstraints", "invariants"],
            }
        },
        {"commitInfo": {"userMetadata": "another program's words"}},
        {"commitInfo": {"userMetadata": "[1, 2]"}},
    ],
)
def test_what_takes_nothing_to_write_is_no_matter(lake: Path, action: dict[str, Any]) -> None:
    commit(lake, action)

    require_known_release(lake)


def test_a_table_that_this_release_does_not_have_counts_by_its_version(lake: Path) -> None:
    log = lake / "gold" / "horoscopes" / "_delta_log"
    log.mkdir(parents=True)
    first = log / f"{0:020}.json"
    first.write_text(json.dumps(with_column("sign", nullable=False)), encoding="utf-8")
    require_known_release(lake)

    first.write_text(json.dumps(info(soundlake_version="99.1.0")), encoding="utf-8")
    with pytest.raises(NewerLakeError, match=r"gold\.horoscopes was written by"):
        require_known_release(lake)


def test_a_log_without_its_beginning_is_read_from_the_checkpoint(
    engine: Engine, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deltalake import DeltaTable

    path = REJECTED_RECORDS.path(lake)
    DeltaTable(path).create_checkpoint()
    for each in commits_newest_first(path):
        (path / "_delta_log" / f"{each.version:020}.json").unlink()
        break
    (path / "_delta_log" / f"{each.version + 1:020}.json").write_text(
        json.dumps({"commitInfo": {"operation": "OPTIMIZE"}}), encoding="utf-8"
    )
    require_known_release(lake)
    monkeypatch.setattr(releases, "WRITER_VERSION", 1)

    with pytest.raises(NewerLakeError, match=r"not 1 and 1"):
        require_known_release(lake)


def test_versions_are_ordered_by_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "VERSION", "0.9.0")
    later = ["0.9.1", "0.10.0", "1.0.0", "0.9.0.1", "v2", "", "1.0.0-rc1"]
    earlier = ["0.9.0", "0.9", "0.8.12", "0.9.0-rc1", "0.9.0rc2", "0"]

    assert [is_newer(each) for each in later] == [True] * len(later)
    assert [is_newer(each) for each in earlier] == [False] * len(earlier)
