"""What a person corrects: plays to hide, tracks and artists that are the same as others."""

from enum import StrEnum
from pathlib import Path

from lake.decisions import Correction, corrections_of, name_of, play_named
from lake.reader import open_lake
from schemas.decision_schemas import CORRECTIONS
from schemas.silver_schemas import LISTENING_WITH_FEATURES
from schemas.summary_schemas import ARTIST_SUMMARY
from schemas.unified_schemas import UNIFIED_TRACKS
from web.choice import Choice, WrongChoiceError
from web.state import Web, person_asked
from writers.corrections import hide_play, merge, undo_correction


class MergedKind(StrEnum):
    """What can be the same as another."""

    TRACK = "track"
    ARTIST = "artist"


class CorrectedKind(StrEnum):
    """What can be corrected: a play is hidden, a track or artist merged into another."""

    PLAY = "play"
    TRACK = "track"
    ARTIST = "artist"


def corrections(folder: Path, user_id: str) -> list[Correction]:
    """Return what a person corrected, the newest first; as it stands now."""
    with open_lake(folder, [CORRECTIONS]) as lake:
        return corrections_of(lake, user_id)


def hide(web: Web, chosen: Choice, play_id: str) -> bool:
    """Hide a play; return whether it was not hidden yet.

    Raises WrongChoiceError where the lake has no such play.
    """
    folder, user_id = web.lakes.folder, person_asked(web, chosen)
    with open_lake(folder, [LISTENING_WITH_FEATURES]) as lake:
        found = play_named(lake, user_id, play_id)
    if found is None:
        raise WrongChoiceError("there is no play of this id")
    name, played_at = found
    return hide_play(folder, user_id, play_id, name, played_at, web.now())


def say_same(web: Web, chosen: Choice, kind: MergedKind, key: str, into_key: str) -> bool:
    """Merge a track or artist into another; return whether that was news.

    Raises WrongChoiceError where the lake has no such thing, MergeRefusedError where the two are
    the same already.
    """
    folder, user_id = web.lakes.folder, person_asked(web, chosen)
    with open_lake(folder, [UNIFIED_TRACKS, ARTIST_SUMMARY]) as lake:
        names = [name_of(lake, user_id, kind, each) for each in (key, into_key)]
    if None in names:
        raise WrongChoiceError(f"there is no such {kind} in the lake")
    name, into_name = names
    return merge(folder, user_id, kind, key, into_key, web.now(), name=name, into_name=into_name)


def undo(web: Web, chosen: Choice, kind: CorrectedKind, item_key: str) -> bool:
    """Undo a correction; return whether there was one."""
    user_id = person_asked(web, chosen)
    return undo_correction(web.lakes.folder, user_id, kind, item_key, web.now())
