"""One engine for all tests of a process, and the real data where it is at hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engines.duckdb_engine import DuckDBEngine
from engines.engine import Engine

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    started = DuckDBEngine(tmp_path_factory.mktemp("engine"), memory_limit="1GB", threads=2)
    yield started
    started.close()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real exports, recorded answers and a catalogue sample, where they are at hand."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"needs the real data in {SHARED_DATA}")
    return SHARED_DATA
