"""What a simulated person really played comes out of their exports, play by play."""

from datetime import date
from pathlib import Path

from config.settings import Settings
from demo.catalogue import make_catalogue
from demo.export_files import write_export
from demo.listener import Listener, simulate
from engines.engine import Engine
from incremental.lake import Lake
from ingestion.exports import import_exports
from loaders.privacy_export import find_exports
from pipeline import STEPS
from schemas.silver_schemas import LISTENING_WITH_FEATURES, TRACK_NAMES
from tests.lakes import NOW, query


def test_the_plays_of_silver_are_the_plays_that_were_made(engine: Engine, tmp_path: Path) -> None:
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

    with Lake(Settings(_env_file=None, data_dir=tmp_path / "lake"), NOW, engine) as lake:
        import_exports(lake, find_exports(exports, "me"), rebuild=False)
        for step in STEPS:
            if step.table in (TRACK_NAMES, LISTENING_WITH_FEATURES):
                step.run(lake, rebuild=False)

    plays = query(
        tmp_path / "lake",
        "SELECT epoch(played_at)::BIGINT, track_name, sources "
        f"FROM {LISTENING_WITH_FEATURES.full_name}",
    )
    found = sorted((at, title) for at, title, _ in plays)
    assert len(expected) > 5_000
    assert sum(len(sources) == 2 for *_, sources in plays) > 3_000
    assert found == expected
