"""What a person decides: what counts in no statistic, answers to recommendations."""

from enum import StrEnum
from pathlib import Path

from lake.decisions import Exclusion, Verdict, album_key, exclusions_of, show_key, verdicts_of
from lake.reader import open_lake
from schemas.decision_schemas import EXCLUSIONS, VERDICTS
from web.runs import Runs, RunUnderWayError


class ExcludedKind(StrEnum):
    """What can be excluded."""

    ARTIST = "artist"
    TRACK = "track"
    ALBUM = "album"
    SHOW = "show"


class Answer(StrEnum):
    """What can be answered to a recommendation."""

    YES = "yes"
    NO = "no"


def exclusions(folder: Path, user_id: str) -> list[Exclusion]:
    """Return what a person excluded, the newest first; as it stands now, not as of the last run."""
    with open_lake(folder, [EXCLUSIONS]) as lake:
        return exclusions_of(lake, user_id)


def verdicts(folder: Path, user_id: str) -> list[Verdict]:
    """Return what a person answered, the newest first; as it stands now."""
    with open_lake(folder, [VERDICTS]) as lake:
        return verdicts_of(lake, user_id)


def key_of(kind: ExcludedKind, key: str, name: str) -> str:
    """Return the key by which something is excluded.

    ``key`` is the lake's key of a track or an artist; of an album that of its artist.
    """
    match kind:
        case ExcludedKind.ALBUM:
            return album_key(key or None, name)
        case ExcludedKind.SHOW:
            return show_key(name)
        case _:
            return key


def count_again(runs: Runs, is_news: bool) -> str | None:
    """Start the run by which a decision counts and return its id; None where none is needed."""
    if not is_news:
        return None
    try:
        return runs.start("files").run_id
    except RunUnderWayError:  # it began after the decision was made, or the next run does it
        return None
