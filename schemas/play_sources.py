"""The sources that plays come from, each declared once.

To add one: its ``PlaySource`` here, a function in ``mappers`` that turns its records into rows of
``bronze.listening_history_bronze``, and their tests. Models join ``play_sources``, a relation with
a row for each source; nothing else names one.
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import timedelta
from typing import Any


@dataclass(frozen=True)
class FileKind:
    """A kind of export file, known by the fields of its records.

    A record has all of the fields ``has_all`` and one of ``has_any``; ``in_name`` must stand in the
    name of the file.
    """

    name: str
    has_all: frozenset[str]
    has_any: frozenset[str] = frozenset()
    in_name: str = ""

    def fits(self, fields: Set[str], file_name: str) -> bool:
        """Return whether a record with these fields, in a file of this name, is of this kind."""
        return (
            self.has_all <= fields
            and (not self.has_any or bool(self.has_any & fields))
            and self.in_name in file_name.lower()
        )


@dataclass(frozen=True)
class PlaySource:
    """A source of plays, and what is to be known of the times that it gives.

    ``rank``: the play that several sources hold takes its values from the least rank first.
    ``time_is``: which end of a play its time is; where it may be either, the mapper finds out.
    ``resolution``: what its times are cut off to. ``window``: plays that it shows at most, older
    ones it has forgotten; 0: it forgets none. ``files``: the kinds of its export files; without
    any it is asked over the network (``ingestion.recent_plays``). ``longest_silence``: above it,
    two files whose numbers follow each other are of two exports. ``repeats_records``: it may hold
    a record once more under another platform. ``calls_episodes_tracks``: it may name a podcast as
    if it were a track.
    """

    name: str
    rank: int
    time_is: str = "end"
    resolution: timedelta = timedelta(0)
    window: int = 0
    files: tuple[FileKind, ...] = ()
    longest_silence: timedelta = timedelta(0)
    repeats_records: bool = False
    calls_episodes_tracks: bool = False

    @property
    def row(self) -> dict[str, Any]:
        """The source's row of the relation ``play_sources``.

        ``source`` is the kind of the files that hold its music too.
        """
        return {
            "source": self.name,
            "precedence": self.rank,
            "may_give_start": self.time_is == "end or start",
            "resolution_ms": self.resolution // timedelta(milliseconds=1),
            "has_files": bool(self.files),
            "longest_silence_ms": self.longest_silence // timedelta(milliseconds=1),
            "repeats_records": self.repeats_records,
            "calls_episodes_tracks": self.calls_episodes_tracks,
        }


_OF_EXTENDED = frozenset({"ts", "ms_played"})
_OF_ACCOUNT = frozenset({"endTime"})

EXTENDED = PlaySource(
    "extended",
    rank=1,
    files=(
        FileKind("extended_video", _OF_EXTENDED, in_name="video"),
        FileKind("extended", _OF_EXTENDED),
    ),
    longest_silence=timedelta(days=366),
    repeats_records=True,
)
API = PlaySource("api", rank=2, time_is="end or start", window=50)
DEMO = PlaySource("demo", rank=3)
ACCOUNT = PlaySource(
    "account",
    rank=4,
    resolution=timedelta(minutes=1),
    files=(
        FileKind("account", _OF_ACCOUNT | {"trackName"}),
        FileKind("account_audiobook", _OF_ACCOUNT, frozenset({"audiobookName", "chapterName"})),
        FileKind("account_podcast", _OF_ACCOUNT, frozenset({"podcastName", "episodeName"})),
    ),
    longest_silence=timedelta(days=31),
    calls_episodes_tracks=True,
)
PLAY_SOURCES = (API, EXTENDED, ACCOUNT, DEMO)


def file_kinds() -> Iterator[tuple[PlaySource, FileKind]]:
    """Yield every kind of file with its source, in the order in which they are tried."""
    for source in PLAY_SOURCES:
        for kind in source.files:
            yield source, kind


def source_of_files(kind: str) -> PlaySource:
    """Return the source whose files are of this kind.

    Raises KeyError where there is none.
    """
    return {each.name: source for source, each in file_kinds()}[kind]
