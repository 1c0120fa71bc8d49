"""What a simulated person really played comes out of their exports, play by play."""

from datetime import UTC, date
from pathlib import Path

from pyspark.sql import SparkSession

from config.settings import Settings
from demo.catalogue import make_catalogue
from demo.export_files import write_export
from demo.listener import Listener, simulate
from file_imports import import_exports
from loaders.privacy_export import find_exports
from schemas.bronze_schemas import LISTENING_HISTORY
from silver.plays import distinct_plays
from tests.lakes import NOW
from tests.silver.test_plays import keyed
from writers.steps import Lake


def test_the_plays_of_silver_are_the_plays_that_were_made(
    spark: SparkSession, tmp_path: Path
) -> None:
    """Both exports together: the extended one, and the account data that repeats a year of it."""
    listener = Listener(user_id="me", seed=3, start=date(2024, 2, 1), end=date(2025, 5, 1))
    truth = simulate(listener, make_catalogue(n_artists=60, n_tracks=600))
    music = truth[truth["media_type"].isin(["track", "video"])]
    expected = sorted(
        (int(at.timestamp()), title)
        for at, title in zip(music["played_at"], music["track_name"], strict=True)
    )
    (tmp_path / "exports").mkdir()
    exports = write_export(truth, tmp_path / "exports")

    with Lake(Settings(_env_file=None, data_dir=tmp_path / "lake"), NOW, spark) as lake:
        import_exports(lake, find_exports(exports, "me"), rebuild=False)
        plays = distinct_plays(keyed(lake.read(LISTENING_HISTORY))).collect()

    found = sorted(
        (int(row["played_at"].replace(tzinfo=UTC).timestamp()), row["track_name"]) for row in plays
    )
    assert len(expected) > 5_000
    assert sum(len(row["sources"]) == 2 for row in plays) > 3_000
    assert found == expected
