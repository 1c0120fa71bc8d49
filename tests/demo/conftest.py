import pandas as pd
import pytest

from demo.account import demo_catalogue, demo_listener
from demo.listener import Listener, simulate


@pytest.fixture(scope="session")
def catalogue() -> pd.DataFrame:
    return demo_catalogue()


@pytest.fixture(scope="session")
def listener() -> Listener:
    return demo_listener()


@pytest.fixture(scope="session")
def plays(listener: Listener, catalogue: pd.DataFrame) -> pd.DataFrame:
    return simulate(listener, catalogue)
