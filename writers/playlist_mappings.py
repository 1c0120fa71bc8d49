"""Keeps what rules' playlists hold, and what each sync did; the lake's lock must be held."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from config.run_id import new_run_id
from engines.parquet import scan
from engines.scratch_database import session
from lake.playlist_mappings import PlaylistMapping
from lake.provenance import Provenance
from lake.table_rows import table_rows
from schemas.playlist_schemas import PLAYLIST_MAPPINGS, PLAYLIST_SYNCS
from schemas.table import Table
from writers.staged_rows import commit_rows
from writers.table_files import WriteMode


def keep_mapping(data_dir: Path, mapping: PlaylistMapping, now: datetime) -> None:
    """Keep a mapping in place of the one of its rule, if there is any."""
    row = mapping._asdict()
    others = [
        each
        for each in _rows(PLAYLIST_MAPPINGS, data_dir)
        if any(each[name] != row[name] for name in PLAYLIST_MAPPINGS.key)
    ]
    _commit(data_dir, PLAYLIST_MAPPINGS, [*others, row], now, "overwrite")


def keep_sync(data_dir: Path, row: Mapping[str, Any], now: datetime) -> None:
    """Keep a row of ``ops.playlist_syncs``."""
    _commit(data_dir, PLAYLIST_SYNCS, [row], now, "append")


def _commit(
    data_dir: Path,
    table: Table,
    rows: Iterable[Mapping[str, Any]],
    now: datetime,
    mode: WriteMode,
) -> None:
    provenance = Provenance(new_run_id(now), table.full_name, {}, {}, 1)
    commit_rows(table, data_dir, rows, provenance, mode=mode)


def _rows(table: Table, data_dir: Path) -> list[dict[str, Any]]:
    rows = table_rows(table, data_dir)
    with session() as connection:
        found = connection.execute(scan(table, rows.files, rows.columns)).to_arrow_table()
    return list(found.to_pylist())
