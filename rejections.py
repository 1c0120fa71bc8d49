"""What could not be taken, kept in ``ops.rejected_records``: each once, whoever brought it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from deltalake import DeltaTable
from pyspark.sql import DataFrame

from schemas.ops_schemas import REJECTED_RECORDS
from writers.local_rows import local_frame
from writers.steps import Lake


def new_rejections(data_dir: Path, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what earlier runs already kept, so that a bad file costs no session each run."""
    rows = list(rows)
    if not rows or not REJECTED_RECORDS.exists(data_dir):
        return rows
    table = DeltaTable(str(REJECTED_RECORDS.path(data_dir)))
    known = set(table.to_pyarrow_table(columns=["rejected_id"])["rejected_id"].to_pylist())
    return [each for each in rows if each["rejected_id"] not in known]


def rejections_frame(lake: Lake, rows: Iterable[dict[str, Any]]) -> DataFrame:
    """Give rows of ``ops.rejected_records``, less when and by which run, as a frame of this run."""
    of_run = {"run_id": lake.run_id, "rejected_at": lake.now}
    return local_frame(lake.spark, ({**row, **of_run} for row in rows), REJECTED_RECORDS.schema)


def keep_rejections(lake: Lake, rows: DataFrame) -> None:
    """Append those of ``rows`` that are not kept yet."""
    provenance = lake.provenance(REJECTED_RECORDS.full_name)
    lake.writer.append_new(REJECTED_RECORDS, rows, provenance)
