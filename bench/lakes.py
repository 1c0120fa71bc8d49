"""Lakes to measure on: made once by the import itself, and used again."""

import json
from dataclasses import asdict
from pathlib import Path

from bench.measure import Cost, ingestion, measure
from tests.simulated.plays import Listening, write_data_folder

PLAYS_OF_ONE = 10_000
_RECEIPT = "simulated.json"


def listening_of(plays: int) -> Listening:
    """Return who listens where ``plays`` are wanted in all: 10,000 plays a person."""
    return Listening.of(max(1, plays // PLAYS_OF_ONE), plays)


def lake_of(listening: Listening, folder: Path) -> tuple[Path, Cost]:
    """Return a lake below ``folder`` with this listening imported, and what that cost.

    Where an earlier call made it, that one is returned; later benchmarks may have added plays.
    """
    lake = folder / f"lake_{listening.people}x{listening.plays_of_one}"
    receipt = lake / _RECEIPT
    if not receipt.exists():
        write_data_folder(listening, lake)
        cost = measure(ingestion(lake), lake)
        receipt.write_text(json.dumps(asdict(cost)), encoding="utf-8")
    return lake, Cost(**json.loads(receipt.read_text(encoding="utf-8")))
