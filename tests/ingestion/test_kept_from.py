"""What was purged before an instant is not taken from the API again either."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.settings import SettingsError
from ingestion.kept_from import KEPT_FROM_FILE, kept_from, kept_from_after
from ingestion.recent_plays import kept_items

MAY, JUNE = datetime(2024, 5, 1, tzinfo=UTC), datetime(2024, 6, 1, tzinfo=UTC)


def test_items_before_the_instant_are_left_out() -> None:
    items: list[Any] = [
        {"played_at": "2024-05-31T23:59:59.999Z"},
        {"played_at": "2024-06-01T00:00:00Z"},
        {"played_at": "unreadable"},
        "no object",
    ]

    assert kept_items(items, None) == items
    assert kept_items(items, JUNE) == items[1:]


def test_the_instant_of_each_person_is_remembered(tmp_path: Path) -> None:
    assert kept_from(tmp_path) == {}
    file = tmp_path / KEPT_FROM_FILE
    for user_id, before in (("anna", JUNE), ("ben", MAY), ("anna", MAY)):
        file.write_bytes(kept_from_after(tmp_path, user_id, before) or b"")

    # What was purged stays purged, whatever is purged later.
    assert kept_from(tmp_path) == {"anna": JUNE, "ben": MAY}


def test_nobody_who_is_purged_is_remembered(tmp_path: Path) -> None:
    file = tmp_path / KEPT_FROM_FILE
    file.write_text(json.dumps({"anna": JUNE.isoformat(), "ben": MAY.isoformat()}))

    left = kept_from_after(tmp_path, "anna", None)
    assert left is not None and b"anna" not in left
    file.write_bytes(left)
    assert kept_from_after(tmp_path, "ben", None) is None


def test_a_damaged_file_stops_what_would_bring_it_back(tmp_path: Path) -> None:
    (tmp_path / KEPT_FROM_FILE).write_text("{")

    with pytest.raises(SettingsError, match=r"\.kept_from\.json is damaged: write it again as"):
        kept_from(tmp_path)
