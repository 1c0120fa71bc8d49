"""Build the silver listening table from tables at given paths, into a path of one's own."""

import sys
from pathlib import Path

# Started by its path, a script sees its own folder only.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from typing import Annotated

import typer

from cli.console import Watcher, console, exit_codes, log_to_stderr
from config.clock import utc_now
from config.settings import SettingsError, load_settings
from incremental.lake import Lake
from lake.table_rows import rows_at
from pipeline import build_listening
from schemas.bronze_schemas import (
    KAGGLE_TRACKS,
    LISTENING_HISTORY,
    MY_TRACKS_FEATURES,
    SYNTHETIC_FEATURES,
)
from schemas.decision_schemas import CORRECTIONS, EXCLUSIONS
from schemas.silver_schemas import LISTENING_WITH_FEATURES
from schemas.table import is_table
from writers.delta_writer import publish
from writers.lake_lock import lake_lock


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
        EXCLUSIONS: None,  # what is built by hand leaves nothing out
        CORRECTIONS: None,
    }
    with exit_codes():
        settings = load_settings()
        log_to_stderr(settings)
        for path in paths.values():
            if path is not None and not is_table(path):
                raise SettingsError(f"{path} is no Delta table: name the folder of one")
        with (
            lake_lock(settings.data_dir),
            Lake(settings, utc_now()) as lake,
            Watcher() as watcher,
            watcher.working(f"building {out_path}"),
        ):
            for table, path in paths.items():
                # A folder that is not there is a table without rows.
                lake.engine.bind(rows_at(table, path or lake.scratch / table.name))
            build_listening(lake)
            staged = lake.scratch / LISTENING_WITH_FEATURES.name
            files = lake.engine.write(LISTENING_WITH_FEATURES.name, LISTENING_WITH_FEATURES, staged)
            provenance = lake.provenance(LISTENING_WITH_FEATURES.full_name)
            written = publish(
                LISTENING_WITH_FEATURES, out_path, staged, files, provenance, mode="overwrite"
            )
        console.print(f"{written.rows:,} rows in {out_path}", highlight=False)


if __name__ == "__main__":
    typer.run(main)
