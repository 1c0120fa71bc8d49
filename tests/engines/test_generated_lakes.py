"""Whole generated lakes: every computed table has the same rows on both engines."""

from pathlib import Path

import pytest

from engines.engine import Engine
from tests.engines.both import DEFAULTS, compare_lake
from tests.generated_lakes import generate
from tests.models import duckdb_engine


@pytest.mark.spark
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("seed", "plays", "timezone"),
    [
        (1, 150, "Europe/Berlin"),
        pytest.param(2, 1, "UTC", marks=pytest.mark.slow),
        pytest.param(3, 600, "Australia/Lord_Howe", marks=pytest.mark.slow),
        pytest.param(4, 2_000, "Asia/Kathmandu", marks=pytest.mark.slow),
    ],
)
def test_every_table_of_a_generated_lake_is_the_same(
    spark_engine: Engine, tmp_path: Path, seed: int, plays: int, timezone: str
) -> None:
    generate(seed, plays).write(tmp_path)
    parameters = {**DEFAULTS, "timezone": timezone}

    assert compare_lake(tmp_path, duckdb_engine(), spark_engine, parameters=parameters) == []
