"""A run that dies anywhere is finished by the next: nothing lost, nothing twice."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import run_ingestion
from config.settings import Settings
from engines.engine import Engine
from incremental import lake as lake_of_run
from incremental.lake import Lake
from tests.export_samples import account, extended, write_json
from tests.lakes import FEW_STEPS, NOW, land, query, rows_of, run, statuses
from writers import delta_writer

RECORDS = [
    *(extended(ts=f"2024-03-0{day}T12:0{day}:09Z", track=f"Song {day % 3}") for day in range(1, 8)),
    *(account(end_time=f"2024-03-0{day} 12:0{day}", track=f"Song {day % 3}") for day in (2, 3, 5)),
]
# What the lake holds, less which run and file it came by.
COMPARED = ("silver.listening_with_features", "silver.tracks", "gold.temporal_patterns")


class PowerCutError(BaseException):
    """Dies like a killed process: no code of ours gets to tidy up."""


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("exports")
    return [
        write_json(folder / "endsong_0.json", [each for each in RECORDS if "ts" in each]),
        write_json(folder / "StreamingHistory0.json", [e for e in RECORDS if "ts" not in e]),
    ]


@pytest.fixture(scope="module")
def whole(
    engine: Engine, exports: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[tuple[Any, ...]]]:
    data_dir = tmp_path_factory.mktemp("whole")
    statuses(run(engine, data_dir, exports, allow_synthetic=False))
    return {name: rows_of(data_dir, name) for name in COMPARED}


@pytest.mark.parametrize(
    ("commits_before_the_cut", "cut"),
    [
        (number, cut)
        for number in (0, 1, 2, 4, 7)
        for cut in ("before the commit", "after the commit")
    ],
)
def test_a_cut_run_is_finished_by_the_next(
    engine: Engine,
    exports: list[Path],
    whole: dict[str, list[tuple[Any, ...]]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    commits_before_the_cut: int,
    cut: str,
) -> None:
    publish = delta_writer.publish
    left = [commits_before_the_cut]

    def dying(*arguments: Any, **named: Any) -> Any:
        if left[0] == 0 and cut == "before the commit":
            raise PowerCutError
        written = publish(*arguments, **named)
        if left[0] == 0:
            raise PowerCutError
        left[0] -= 1
        return written

    with monkeypatch.context() as patched:
        patched.setattr(lake_of_run, "publish", dying)
        with pytest.raises(PowerCutError):
            run(engine, tmp_path, exports, allow_synthetic=False)

    statuses(run(engine, tmp_path, exports, allow_synthetic=False))

    assert {name: rows_of(tmp_path, name) for name in COMPARED} == whole


def test_months_imported_one_by_one_in_any_order_give_the_same_lake(
    engine: Engine, whole: dict[str, list[tuple[Any, ...]]], tmp_path: Path
) -> None:
    parts = [RECORDS[7:], RECORDS[3:8], RECORDS[:4]]
    for number, records in enumerate(parts):
        files = [
            write_json(tmp_path / f"e{number}.json", [e for e in records if "ts" in e]),
            write_json(tmp_path / f"a{number}.json", [e for e in records if "ts" not in e]),
        ]
        if number < len(parts) - 1:
            land(engine, tmp_path / "lake", files)
        else:
            statuses(run(engine, tmp_path / "lake", files, allow_synthetic=False))

    assert {name: rows_of(tmp_path / "lake", name) for name in COMPARED} == whole


@pytest.mark.usefixtures("clean_environment")
def test_what_a_killed_run_left_to_its_end_is_done_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports, lake = tmp_path / "exports", tmp_path / "lake"
    for number, month in ((0, 1), (2, 3)):  # the file in between is missing
        name = f"Streaming_History_Audio_2024_{number}.json"
        days = (f"2024-0{month}-{day:02}T12:00:00Z" for day in range(1, 20))
        write_json(exports / name, [extended(ts=each) for each in days])
    words = ["--data-dir", str(lake), "--exports", str(exports), "--no-api"]
    written: list[object] = []
    monkeypatch.setattr("run_ingestion.write_pages", lambda *given: written.append(given[0]))

    def die(*_: object, **__: object) -> None:
        raise PowerCutError

    def invoke() -> str:
        result = CliRunner().invoke(run_ingestion.app, words, obj=FEW_STEPS)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output

    with monkeypatch.context() as patched:
        patched.setattr("pipeline.note_gaps", die)
        with pytest.raises(PowerCutError):
            invoke()
    with monkeypatch.context() as patched:
        patched.setattr("pipeline.prove_changes", die)
        with pytest.raises(PowerCutError):
            invoke()
    assert written == []

    invoke()
    assert len(written) == 1
    assert query(lake, "SELECT kind FROM ops.play_gaps") == [("missing_file",)]
    proved = {name for (name,) in query(lake, "SELECT DISTINCT table_name FROM ops.checks")}
    assert proved >= {"silver.listening_with_features", "silver.tracks"}
    assert "nothing new" in invoke()
    assert len(written) == 1


def test_a_table_that_was_never_finished_is_gone_after_the_next_run(tmp_path: Path) -> None:
    begun = tmp_path / "ops/.unfinished-logs/_delta_log"
    begun.mkdir(parents=True)

    with Lake(Settings(_env_file=None, data_dir=tmp_path), NOW):
        pass

    assert [*(tmp_path / "ops").iterdir()] == []
