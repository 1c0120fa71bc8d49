"""The order of the steps follows from what they declare to read."""

from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from engines.spark_session import CLUSTER_SHUFFLE_PARTITIONS, SESSION_TUNING, session_tuning
from incremental.lake import Lake
from incremental.results import StepTimer
from incremental.step import Step
from ingestion.library import LIBRARY
from pipeline import STEPS, Work, dependencies, step_as_work
from schemas.genre_schemas import ARTIST_GENRES
from schemas.library_schemas import TABLES as LIBRARY_TABLES
from schemas.silver_schemas import TRACKS
from tests.lakes import NOW


@pytest.mark.parametrize("step", STEPS, ids=lambda each: each.table.name)
def test_a_step_that_reads_the_library_waits_for_it(tmp_path: Path, step: Step) -> None:
    lake = Lake(Settings(_env_file=None, data_dir=tmp_path), NOW)
    library = Work(LIBRARY, lambda: StepTimer(LIBRARY).result("nothing_new"), writes=LIBRARY_TABLES)
    of_step = step_as_work(lake, step, rebuild=False)

    waits = LIBRARY in dependencies([library, of_step])[of_step.name]

    assert waits == any(each in LIBRARY_TABLES for each in step.depends_on)
    assert waits or step.table is not ARTIST_GENRES


def test_a_cluster_shuffles_into_as_many_parts_as_it_likes() -> None:
    name = "spark.sql.shuffle.partitions"

    assert session_tuning("local[*]")[name] == SESSION_TUNING[name] == "8"
    assert session_tuning("spark://master:7077")[name] == CLUSTER_SHUFFLE_PARTITIONS == "200"


def test_what_reads_a_table_waits_for_all_that_write_it() -> None:
    def work(name: str, **declared: Any) -> Work:
        return Work(name, lambda: StepTimer(name).result("nothing_new"), **declared)

    pieces = [
        work("reader", reads=(TRACKS,), depends_on=("nobody", "late")),
        work("one", writes=(TRACKS,)),
        work("itself", reads=(TRACKS,), writes=(TRACKS,)),
        work("late"),
    ]

    assert dependencies(pieces) == {
        "reader": {"one", "itself", "late"},
        "one": set(),
        "itself": {"one"},
        "late": set(),
    }
