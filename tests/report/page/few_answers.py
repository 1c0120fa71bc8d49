"""A lake of a handful of rows, opened as the page opens it, for what reads the gold tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from report.page.listening import Listening, open_listening
from report.page.parts import ANY, Block, Section, View
from schemas.silver_schemas import LISTENING_WITH_FEATURES, TRACKS
from schemas.table import Table
from tests.report.small_lakes import play, put, track

ME = {"user_id": "me", "person_group": 0, "status": "ok"}
SOUND = {"valence": 0.6, "energy": 0.4, "feature_source": "kaggle"}


def heard(when: str, song: str = "Song", **others: Any) -> dict[str, Any]:
    """Return a play of silver that ended at ``when``, with features of the catalogue."""
    at = datetime.fromisoformat(when).replace(tzinfo=UTC)
    shown = {"track_name": song, "artist_name": "Band", "hour_of_day": at.hour, **SOUND}
    return play(at, song, **{**shown, "day_of_week": at.isoweekday(), **others})


@contextmanager
def opened(
    data_dir: Path,
    plays: list[dict[str, Any]],
    answers: dict[Table, list[dict[str, Any]]] | None = None,
    *,
    redact: bool = False,
) -> Iterator[Listening]:
    """Open a lake of ``plays``, their tracks and ``answers``."""
    put(data_dir, LISTENING_WITH_FEATURES, plays)
    songs: dict[str, int] = {}
    for each in plays:
        if each.get("is_excluded"):
            continue
        songs[each["track_key"]] = songs.get(each["track_key"], 0) + 1
    put(data_dir, TRACKS, [track(song, plays=count) for song, count in songs.items()])
    for table, rows in (answers or {}).items():
        put(data_dir, table, rows)
    with open_listening(data_dir, "me", redact=redact) as listening:
        assert listening is not None
        yield listening


def block_of(section: Section, block_id: str) -> Block:
    return next(each for each in section.blocks if each.id == block_id)


def view_of(section: Section, block_id: str, period: str = ANY, measure: str = ANY) -> View:
    return block_of(section, block_id).views[period, measure]


def day(text: str) -> date:
    return date.fromisoformat(text)
