"""What a person corrects on the page: plays to hide, tracks and artists that are the same.

Each function takes the lake's lock: it raises LakeBusyError while a run holds it, and
LakeUnwritableError.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from schemas.decision_schemas import CORRECTIONS, MERGED_KINDS
from writers.decided_rows import Row, change_rows, put_row, same_values


class MergeRefusedError(ValueError):
    """Two tracks or artists cannot be merged, since they are the same already."""


def hide_play(
    data_dir: Path,
    user_id: str,
    play_id: str,
    name: str | None,
    played_at: datetime | None,
    now: datetime,
) -> bool:
    """Hide a play from every statistic; return whether it was not hidden yet.

    ``play_id`` is that of ``silver.listening_with_features``. The play stays hidden when a better
    record represents it later. ``name`` is shown. Raises ValueError without an id.
    """
    if not play_id:
        raise ValueError("cannot hide a play without its id")
    row = {
        "user_id": user_id,
        "kind": "play",
        "item_key": play_id,
        "chosen_key": None,
        "into_key": None,
        "name": name,
        "into_name": None,
        "played_at": played_at,
        "corrected_at": now,
    }
    return put_row(data_dir, CORRECTIONS, row, now)


def merge(
    data_dir: Path,
    user_id: str,
    kind: str,
    item_key: str,
    chosen_key: str,
    now: datetime,
    *,
    name: str | None = None,
    into_name: str | None = None,
) -> bool:
    """Say that a track or artist is the same as another, whose key it has from the next run on.

    ``item_key`` and ``chosen_key`` are two track_keys or two artist_keys; the names are shown. An
    earlier choice for ``item_key`` is replaced. Returns whether it was news. Raises ValueError for
    an unknown kind, and MergeRefusedError for a thing and itself, and where ``chosen_key`` is
    corrected to ``item_key`` already.
    """
    if kind not in MERGED_KINDS or not item_key or not chosen_key:
        raise ValueError(f"cannot merge {kind} {item_key!r} into {chosen_key!r}")
    if item_key == chosen_key:
        raise MergeRefusedError(f"{name or item_key} cannot be merged into itself")
    row = {
        "user_id": user_id,
        "kind": kind,
        "item_key": item_key,
        "chosen_key": chosen_key,
        "into_key": chosen_key,
        "name": name,
        "into_name": into_name,
        "played_at": None,
        "corrected_at": now,
    }

    def merged(rows: list[Row]) -> list[Row]:
        if any(same_values((*CORRECTIONS.key, "chosen_key"), row, each) for each in rows):
            return rows
        others = [each for each in rows if not same_values(CORRECTIONS.key, row, each)]
        if _counted_key(chosen_key, _choices(others, user_id, kind)) == item_key:
            raise MergeRefusedError(
                f"{into_name or chosen_key} is already merged into {name or item_key}: "
                "undo that first"
            )
        return _resolved([*others, row], user_id, kind)

    return change_rows(data_dir, CORRECTIONS, user_id, now, merged)


def undo_correction(data_dir: Path, user_id: str, kind: str, item_key: str, now: datetime) -> bool:
    """Undo one correction, others stay; return whether there was one."""
    row = {"user_id": user_id, "kind": kind, "item_key": item_key}

    def rest(rows: list[Row]) -> list[Row]:
        left = [each for each in rows if not same_values(CORRECTIONS.key, row, each)]
        return _resolved(left, user_id, kind)

    return change_rows(data_dir, CORRECTIONS, user_id, now, rest)


def _resolved(rows: list[Row], user_id: str, kind: str) -> list[Row]:
    """Return all rows, where those of a person and kind have the key that counts now.

    So chains are followed here, and models need no recursion.
    """
    choices = _choices(rows, user_id, kind)
    return [
        {**each, "into_key": _counted_key(each["chosen_key"], choices)}
        if each["user_id"] == user_id and each["kind"] == kind and each["chosen_key"] is not None
        else each
        for each in rows
    ]


def _choices(rows: list[Row], user_id: str, kind: str) -> dict[str, str]:
    """Return what a person chose for each thing of a kind."""
    return {
        each["item_key"]: each["chosen_key"]
        for each in rows
        if each["user_id"] == user_id and each["kind"] == kind and each["chosen_key"] is not None
    }


def _counted_key(key: str, choices: Mapping[str, str]) -> str:
    """Return the end of the chain of choices that begins with a key; no chain leads back."""
    while key in choices:
        key = choices[key]
    return key
