"""The Kaggle catalogue → bronze: the rows that the lake does not hold yet."""

from pathlib import Path

from engines import models
from engines.engine import TableRows
from engines.parquet import scan, write_parquet
from engines.scratch_database import session
from incremental.lake import Lake
from incremental.results import StepResult, StepTimer
from ingestion.imported_files import (
    RecordCounts,
    SourceFile,
    import_result,
    imported_files,
    record_import,
)
from loaders.kaggle_catalogue import catalogue_query, fingerprint, read_errors_named
from mappers.kaggle_mapper import catalogue_rows
from schemas.bronze_schemas import KAGGLE_TRACKS
from schemas.ops_schemas import REJECTED_RECORDS
from schemas.staging_schemas import CATALOGUE_ROWS

CATALOGUE_KIND = "catalogue"


def import_catalogue(lake: Lake, path: Path, *, rebuild: bool) -> StepResult:
    """Append the rows of the catalogue that the lake does not hold yet.

    Raises CatalogueError where the file is not such a catalogue or cannot be read.
    """
    timer = StepTimer(KAGGLE_TRACKS.full_name)
    source = SourceFile(lake.settings.user_id, str(path), CATALOGUE_KIND, fingerprint(path))
    if not rebuild and source in imported_files(lake.data_dir, KAGGLE_TRACKS):
        return timer.result("nothing_new", rows_out=0)
    staged, counts = _stage_catalogue(path, source, lake.scratch / CATALOGUE_ROWS.name)
    lake.engine.bind(TableRows(CATALOGUE_ROWS, staged, frozenset(CATALOGUE_ROWS.column_names)))
    parameters = {
        "run_id": lake.run_id,
        "now": lake.now.isoformat(),
        "source_file": source.name,
    }
    if counts.has_rejections:
        lake.bind(REJECTED_RECORDS)
        models.compute(lake.engine, "rejected_catalogue_rows", parameters)
        lake.append(REJECTED_RECORDS, "rejected_catalogue_rows", REJECTED_RECORDS.full_name)
    lake.bind(KAGGLE_TRACKS)
    models.compute(lake.engine, "new_catalogue_rows", parameters)
    written = lake.append(KAGGLE_TRACKS, "new_catalogue_rows", KAGGLE_TRACKS.full_name)
    lake.engine.forget(["rejected_catalogue_rows", "new_catalogue_rows", CATALOGUE_ROWS.full_name])
    record_import(lake, KAGGLE_TRACKS, [source], counts)
    return import_result(timer, counts, written)


def _stage_catalogue(
    path: Path, source: SourceFile, folder: Path
) -> tuple[tuple[Path, ...], RecordCounts]:
    """Write the rows of the catalogue as a Parquet file and count them."""
    query = catalogue_rows(catalogue_query(path), source.user_id)
    names = ", ".join(CATALOGUE_ROWS.column_names)
    with session() as connection:
        with read_errors_named(path):
            files = write_parquet(
                connection, f"SELECT {names} FROM ({query})", CATALOGUE_ROWS, folder
            )
        ((read, rejected),) = connection.execute(
            "SELECT count(*), count(reject_reason) "
            f"FROM ({scan(CATALOGUE_ROWS, files, CATALOGUE_ROWS.column_names)})"
        ).fetchall()
    counts = RecordCounts({source.name: read}, {source.name: rejected}, has_rejections=rejected > 0)
    return tuple(files), counts
