"""One engine for all tests of a process, and the real data where it is at hand.

Folders of tests lie below one whose name has a space, ``ü``, ``[``, ``#`` and ``%``: so have those
of people, and whatever reads or writes a path must bear them.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

import tests.properties  # noqa: F401  (registers the profile of `make test-fast`)
from config.settings import Settings
from engines.duckdb_engine import DuckDBEngine
from engines.engine import Engine

ODD_FOLDER = Path("My Müsic [1]") / "lake #1%"
SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_configure() -> None:
    folder = Path(tempfile.gettempdir()) / f"soundlake-tests-{os.getuid()}" / ODD_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # The longest first: begun last, they would keep one process busy while the other has no work.
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    started = DuckDBEngine(tmp_path_factory.mktemp("engine"), memory_limit="1GB", threads=2)
    yield started
    started.close()


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting in the environment, and no ``.env``: the test stands in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for name in (*Settings.model_fields, "spark_driver_memory"):
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(f"SPOTIFY_{name.upper()}", raising=False)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that would have been slept between tries, in place of sleeping."""
    seconds: list[float] = []
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=seconds.append))
    return seconds


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real exports, recorded answers and a catalogue sample, where they are at hand."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"needs the real data in {SHARED_DATA}")
    return SHARED_DATA
