"""The order of the steps follows from what they declare to read."""

from pathlib import Path

import pytest

from config.settings import Settings
from engines.spark_session import CLUSTER_SHUFFLE_PARTITIONS, SESSION_TUNING, session_tuning
from incremental.lake import Lake
from ingestion.library import LIBRARY
from pipeline import STEPS, step_as_work
from schemas.genre_schemas import ARTIST_GENRES
from schemas.library_schemas import TABLES as LIBRARY_TABLES
from tests.lakes import NOW


@pytest.mark.parametrize("step", STEPS, ids=lambda each: each.table.name)
def test_a_step_that_reads_the_library_waits_for_it(tmp_path: Path, step: object) -> None:
    lake = Lake(Settings(_env_file=None, data_dir=tmp_path), NOW)
    (own,) = (each for each in STEPS if each is step)

    waits = LIBRARY in step_as_work(lake, own, rebuild=False).depends_on

    assert waits == any(each in LIBRARY_TABLES for each in own.depends_on)
    assert waits or own.table is not ARTIST_GENRES


def test_a_cluster_shuffles_into_as_many_parts_as_it_likes() -> None:
    name = "spark.sql.shuffle.partitions"

    assert session_tuning("local[*]")[name] == SESSION_TUNING[name] == "8"
    assert session_tuning("spark://master:7077")[name] == CLUSTER_SHUFFLE_PARTITIONS == "200"
