"""Build the silver listening table from tables at given paths, into a path of one's own."""

import sys
from pathlib import Path

# Started by its path, a script sees its own folder only.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from typing import Annotated

import typer
from pyspark.sql import DataFrame

from command_line import Watcher, console, exit_codes, log_to_stderr
from config.clock import utc_now
from config.settings import SettingsError, load_settings
from features.catalogue import catalogue_tracks
from features.track_key import track_names, with_name_key
from pipeline import build_listening
from schemas.bronze_schemas import (
    KAGGLE_TRACKS,
    LISTENING_HISTORY,
    MY_TRACKS_FEATURES,
    SYNTHETIC_FEATURES,
)
from schemas.silver_schemas import CATALOGUE_TRACKS, LISTENING_WITH_FEATURES, TRACK_NAMES
from schemas.table import Table, is_table
from writers.delta_writer import Provenance, write_table
from writers.lake_lock import lake_lock
from writers.local_rows import local_frame
from writers.steps import Lake


def main(
    history_path: Annotated[Path, typer.Option(help="bronze listening history, a Delta table")],
    out_path: Annotated[Path, typer.Option(help="where the silver table is written")],
    real_features_path: Annotated[Path | None, typer.Option(help="measured features")] = None,
    synthetic_features_path: Annotated[Path | None, typer.Option(help="synthetic features")] = None,
    kaggle_features_path: Annotated[Path | None, typer.Option(help="the catalogue")] = None,
) -> None:
    """Build silver.listening_with_features by hand; a table left out counts as empty.

    TIMEZONE, ALLOW_SYNTHETIC and FEATURE_PREFERENCE count as in a run.
    """
    paths = {
        LISTENING_HISTORY: history_path,
        MY_TRACKS_FEATURES: real_features_path,
        SYNTHETIC_FEATURES: synthetic_features_path,
        KAGGLE_TRACKS: kaggle_features_path,
    }
    with exit_codes():
        settings = load_settings()
        log_to_stderr(settings)
        for path in paths.values():
            if path is not None and not is_table(path):
                raise SettingsError(f"{path} is no Delta table: give the folder of one")
        with (
            lake_lock(settings.data_dir),
            Lake(settings, utc_now()) as lake,
            Watcher() as watcher,
            watcher.working(f"building {out_path}"),
        ):
            inputs = {table: _table_at(lake, table, path) for table, path in paths.items()}
            inputs[CATALOGUE_TRACKS] = catalogue_tracks(inputs[KAGGLE_TRACKS])
            inputs[TRACK_NAMES] = track_names(with_name_key(inputs[LISTENING_HISTORY]))
            provenance = Provenance(lake.run_id, LISTENING_WITH_FEATURES.full_name, {}, {}, 0)
            silver = build_listening(inputs, settings)
            written = write_table(
                LISTENING_WITH_FEATURES, out_path, silver, provenance, mode="overwrite"
            )
        console.print(f"{written.rows:,} rows in {out_path}", highlight=False)


def _table_at(lake: Lake, table: Table, path: Path | None) -> DataFrame:
    if path is None:
        return local_frame(lake.spark, [], table.schema)
    return lake.spark.read.format("delta").load(str(path))


if __name__ == "__main__":
    typer.run(main)
