"""Both engines, each started once for all tests that ask for it."""

from collections.abc import Iterator

import pytest

from engines.engine import Engine
from tests.models import duckdb_engine
from tests.models import spark_engine as shared_spark_engine


@pytest.fixture(scope="session")
def spark_engine() -> Iterator[Engine]:
    engine = shared_spark_engine()
    yield engine
    engine.close()


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def each_engine(request: pytest.FixtureRequest) -> Engine:
    """Return one engine after the other: what a test says of it holds for both."""
    if request.param == "duckdb":
        return duckdb_engine()
    engine: Engine = request.getfixturevalue("spark_engine")
    return engine
