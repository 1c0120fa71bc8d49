"""Create the class-data archive from which Spark starts in half the time.

Java writes it at the end of a small run. It is made last, when all jars are in place, and only
where there is none that fits.
"""

import sys
from pathlib import Path

# Started by its path, a script sees its own folder only.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import json
import tempfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
from pyspark import SparkContext
from pyspark.sql import SparkSession

from cli.console import exit_code_from
from config.settings import Settings
from demo.catalogue import distinct_tracks, make_catalogue, write_catalogue
from engines.spark_archive import is_fresh, keep
from engines.spark_engine import SparkEngine
from engines.spark_session import start_session
from incremental.lake import Lake
from incremental.results import SilentObserver
from loaders.privacy_export import find_exports
from pipeline import run_pipeline

FIRST_HOUR = datetime(2024, 1, 1, tzinfo=UTC)
MASTER = "local[2]"
NOW = FIRST_HOUR + timedelta(days=365)


def main() -> int:
    if is_fresh():
        return 0
    print("setup: teaching Java to start faster (some minutes, once)", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "classes.jsa"
        options = [f"-XX:ArchiveClassesAtExit={made}", "-Xlog:disable"]
        session = start_session(MASTER, java_options=options)
        _do_everything(Path(folder))
        _stop_and_wait(session)
        keep(made)
    return 0


def _do_everything(folder: Path) -> None:
    catalogue = make_catalogue(n_artists=20, n_tracks=100)
    write_catalogue(catalogue, folder / "dataset.csv")
    tracks = distinct_tracks(catalogue)
    settings = Settings(_env_file=None, data_dir=folder / "lake")
    # It takes the session that stands.
    engine = SparkEngine(settings.data_dir, master=MASTER)
    records = [_record(tracks.iloc[hour % len(tracks)], hour) for hour in range(0, 1_000, 9)]
    export = folder / "endsong_0.json"
    export.write_text(json.dumps(records), encoding="utf-8")
    with Lake(settings, NOW, engine) as lake:
        found = find_exports([export], settings.user_id)
        outcome = run_pipeline(lake, found, folder / "dataset.csv", SilentObserver())
        if outcome.has_failed:
            raise RuntimeError(next(each.error for each in outcome.results if each.error))


def _record(track: "pd.Series[Any]", hour: int) -> dict[str, Any]:
    return {
        "ts": f"{FIRST_HOUR + timedelta(hours=hour):%Y-%m-%dT%H:%M:%SZ}",
        "ms_played": int(track["duration_ms"]),
        "master_metadata_track_name": track["track_name"],
        "master_metadata_album_artist_name": track["album_artist_name"],
        "spotify_track_uri": f"spotify:track:{track['track_id']}",
    }


def _stop_and_wait(session: SparkSession) -> None:
    """Java writes the archive while it ends, which takes some seconds after the session's stop."""
    gateway: Any = SparkContext._gateway
    session.stop()
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait()


if __name__ == "__main__":
    sys.exit(exit_code_from(main))
