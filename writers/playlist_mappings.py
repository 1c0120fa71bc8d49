"""Keeps what rules' playlists hold, and what each sync did; the lake's lock must be held."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from config.run_id import new_run_id
from lake.playlist_mappings import PlaylistMapping
from lake.stored_rows import stored_rows
from schemas.playlist_schemas import PLAYLIST_MAPPINGS, PLAYLIST_SYNCS
from writers.staged_rows import commit_rows


def keep_mapping(data_dir: Path, mapping: PlaylistMapping, now: datetime) -> None:
    """Keep a mapping in place of the one of its rule, if there is any."""
    row = mapping._asdict()
    others = [
        each
        for each in stored_rows(PLAYLIST_MAPPINGS, data_dir)
        if any(each[name] != row[name] for name in PLAYLIST_MAPPINGS.key)
    ]
    commit_rows(PLAYLIST_MAPPINGS, data_dir, [*others, row], new_run_id(now), "overwrite")


def keep_sync(data_dir: Path, row: Mapping[str, Any], now: datetime) -> None:
    """Keep a row of ``ops.playlist_syncs``."""
    commit_rows(PLAYLIST_SYNCS, data_dir, [row], new_run_id(now), "append")
