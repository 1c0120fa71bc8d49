"""What a person excludes and answers on the page.

Each function but the one that runs call takes the lake's lock: it raises LakeBusyError while a run
holds it, and LakeUnwritableError.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from lake.stored_rows import stored_rows
from schemas.decision_schemas import (
    ANSWERS,
    EXCLUDED_KINDS,
    EXCLUSION_SOURCES,
    EXCLUSIONS,
    VERDICTS,
)
from writers.decided_rows import commit_decisions, put_row, remove_row


def exclude(
    data_dir: Path,
    user_id: str,
    kind: str,
    item_key: str,
    name: str | None,
    now: datetime,
    *,
    source: str = "page",
) -> bool:
    """Exclude an artist, track, album or show from a person's statistics.

    ``item_key`` is the artist_key, the track_key, or what ``lake.decisions.album_key`` or
    ``show_key`` returns; ``name`` is shown. Returns whether it was not excluded yet. Raises
    ValueError for an unknown kind or source.
    """
    if kind not in EXCLUDED_KINDS or source not in EXCLUSION_SOURCES or not item_key:
        raise ValueError(f"cannot exclude {kind} {item_key!r} by {source}")
    row = {
        "user_id": user_id,
        "kind": kind,
        "item_key": item_key,
        "name": name,
        "source": source,
        "excluded_at": now,
    }
    return put_row(data_dir, EXCLUSIONS, row, now)


def include_again(data_dir: Path, user_id: str, kind: str, item_key: str, now: datetime) -> bool:
    """Count again what a person excluded; return whether it was excluded."""
    row = {"user_id": user_id, "kind": kind, "item_key": item_key}
    return remove_row(data_dir, EXCLUSIONS, row, now)


def exclude_by_playlist(
    data_dir: Path, user_id: str, tracks: Mapping[str, str | None], now: datetime
) -> tuple[int, int]:
    """Have the tracks on the playlist of excluded tracks be those that it excludes.

    ``tracks`` are the names by track_key. What was excluded on the page stays so, and is no concern
    of the playlist. The lake's lock must be held. Returns how many were excluded, and how many
    count again.
    """
    rows = stored_rows(EXCLUSIONS, data_dir)
    of_person = [each for each in rows if each["user_id"] == user_id]
    by_playlist = {each["item_key"] for each in of_person if each["source"] == "playlist"}
    on_page = {
        each["item_key"]
        for each in of_person
        if each["kind"] == "track" and each["source"] != "playlist"
    }
    wanted = {key: name for key, name in tracks.items() if key not in on_page}
    added, gone = wanted.keys() - by_playlist, by_playlist - wanted.keys()
    if not added and not gone:
        return 0, 0
    kept = [
        each
        for each in rows
        if each["user_id"] != user_id
        or each["source"] != "playlist"
        or each["item_key"] not in gone
    ]
    new = [
        {
            "user_id": user_id,
            "kind": "track",
            "item_key": key,
            "name": wanted[key],
            "source": "playlist",
            "excluded_at": now,
        }
        for key in sorted(added)
    ]
    commit_decisions(data_dir, EXCLUSIONS, user_id, now, [*kept, *new])
    return len(added), len(gone)


def answer(
    data_dir: Path,
    user_id: str,
    track_key: str,
    verdict: str,
    now: datetime,
    *,
    purpose: str | None = None,
    track_name: str | None = None,
    artist_name: str | None = None,
) -> bool:
    """Keep what a person answered to a recommended track: yes or no, in place of an earlier answer.

    The key, the purpose (the list that it was in) and the names are those of
    ``gold.track_recommendations``. Returns whether that was not their answer yet. Raises ValueError
    for another answer.
    """
    if verdict not in ANSWERS or not track_key:
        raise ValueError(f"cannot keep the answer {verdict!r} to {track_key!r}")
    row = {
        "user_id": user_id,
        "track_key": track_key,
        "purpose": purpose,
        "verdict": verdict,
        "track_name": track_name,
        "artist_name": artist_name,
        "answered_at": now,
    }
    return put_row(data_dir, VERDICTS, row, now, same=("verdict",))


def withdraw_answer(data_dir: Path, user_id: str, track_key: str, now: datetime) -> bool:
    """Forget the answer to a recommended track; return whether there was one."""
    return remove_row(data_dir, VERDICTS, {"user_id": user_id, "track_key": track_key}, now)
