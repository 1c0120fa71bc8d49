"""The lists that there are: their columns, where their rows come from, how they are sorted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from report.page.listening import Listening, Period
from report.page.parts import Format
from web.choice import WrongChoiceError
from web.links import page_of
from web.questions import list_sources as sources
from web.questions.things import Kind

Order = Literal["asc", "desc"]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class ListColumn:
    """A column: its name in addresses and answers, its heading, and what page it leads to."""

    name: str
    title: str
    format: Format = "text"
    page: Callable[[Row], str | None] = lambda _: None


@dataclass(frozen=True)
class ListOf:
    """A list: its columns, where its rows come from, and how it is sorted at first.

    ``kind`` is what its rows are, where they are things that have tracks.
    """

    title: str
    columns: Sequence[ListColumn]
    source: Callable[[Listening, Period], sources.Source | None]
    sort: str
    order: Order = "desc"
    is_of_period: bool = True
    can_be_played: bool = True
    kind: Kind | None = None

    def names_in(self, row: Row) -> list[str]:
        """Return the columns of a row that are listed, its keys among them."""
        shown = [each.name for each in self.columns]
        return shown + [each for each in ("key", "artist_key", "session_id") if each in row]

    @property
    def has_tracks(self) -> bool:
        """Whether its rows are tracks, or things that have tracks, which can be a playlist."""
        names = {each.name for each in self.columns}
        has_tracks = self.kind is not None or {"track", "artist", "open"} <= names
        return self.can_be_played and has_tracks

    def column(self, name: str) -> ListColumn:
        """Return a column to sort by; raises WrongChoiceError where there is none."""
        can_sort = [each for each in self.columns if each.format != "link"]
        found = next((each for each in can_sort if each.name == name), None)
        if found is None:
            names = ", ".join(each.name for each in can_sort)
            raise WrongChoiceError(f"there is no column of that name: sort by {names}")
        return found


def _key(kind: str) -> Callable[[Row], str | None]:
    return lambda row: page_of(kind, row["key"], row["artist_key"])


def _day(column: str) -> Callable[[Row], str | None]:
    return lambda row: None if row[column] is None else page_of("day", str(row[column]))


_ARTIST = ListColumn("artist", "Artist", "name", lambda row: page_of("artist", row["artist_key"]))
_TRACK = ListColumn("track", "Track", "name", _key("track"))
_ALBUM = ListColumn("album", "Album", "name", _key("album"))
_PLAYS = ListColumn("plays", "Plays", "count")
_HEARD = ListColumn("minutes", "Heard", "minutes")
_DAYS = ListColumn("days", "Days", "count")
_TRACKS = ListColumn("tracks", "Tracks", "count")
_ARTISTS = ListColumn("artists", "Artists", "count")
_FIRST = ListColumn("first", "First", "date", _day("first"))
_LAST = ListColumn("last", "Last", "date", _day("last"))
_SKIPPED = ListColumn("skipped", "Skipped", "percent")
_OPEN = ListColumn("open", "Open", "link")
_AMOUNTS = (_PLAYS, _HEARD, _FIRST, _LAST, _SKIPPED)

LISTS: dict[str, ListOf] = {
    "tracks": ListOf(
        "Tracks",
        (_TRACK, _ARTIST, *_AMOUNTS, _OPEN),
        partial(sources.things, kind="track"),
        "plays",
    ),
    "artists": ListOf(
        "Artists",
        (ListColumn("artist", "Artist", "name", _key("artist")), _TRACKS, *_AMOUNTS),
        partial(sources.things, kind="artist"),
        "plays",
        kind="artist",
    ),
    "albums": ListOf(
        "Albums",
        (_ALBUM, _ARTIST, _TRACKS, *_AMOUNTS),
        partial(sources.things, kind="album"),
        "plays",
        kind="album",
    ),
    "genres": ListOf(
        "Genres",
        (ListColumn("genre", "Genre", "text", _key("genre")), _ARTISTS, _TRACKS, *_AMOUNTS),
        partial(sources.things, kind="genre"),
        "plays",
        kind="genre",
    ),
    "sessions": ListOf(
        "Sessions",
        (
            ListColumn("begun", "Begun", "text", lambda row: page_of("session", row["session_id"])),
            _PLAYS,
            _HEARD,
            _TRACKS,
            _ARTISTS,
            ListColumn("track", "Began with", "name", _key("track")),
            _ARTIST,
        ),
        sources.sessions,
        "begun",
    ),
    "days": ListOf(
        "Days",
        (
            ListColumn("day", "Day", "date", _day("day")),
            ListColumn("weekday", "Weekday"),
            _PLAYS,
            _HEARD,
            _TRACKS,
            _ARTISTS,
            ListColumn("sessions", "Sessions", "count"),
        ),
        sources.days,
        "day",
    ),
    "plays": ListOf(
        "Plays",
        (
            ListColumn("ended", "Ended", "text", _day("local_date")),
            _TRACK,
            _ARTIST,
            ListColumn(
                "album",
                "Album",
                "name",
                lambda row: page_of("album", row["album"], row["artist_key"]),
            ),
            _HEARD,
            ListColumn("skipped", "Skipped"),
            ListColumn("counted", "Counted"),
            _OPEN,
        ),
        sources.plays,
        "ended",
    ),
    "recommendations": ListOf(
        "Recommendations",
        (
            ListColumn("purpose", "To what end"),
            ListColumn("rank", "Rank", "count"),
            _TRACK,
            _ARTIST,
            ListColumn("why", "Why"),
            ListColumn("brightness", "Brightness", "number"),
            ListColumn("energy", "Energy", "number"),
            _OPEN,
        ),
        sources.recommendations,
        "purpose",
        "asc",
        is_of_period=False,
    ),
    "skipped": ListOf(
        "Skipped",
        (
            _TRACK,
            _ARTIST,
            _SKIPPED,
            ListColumn("skips", "Skips", "count"),
            ListColumn("plays", "of plays", "count"),
            ListColumn("surely", "At least", "percent"),
            _OPEN,
        ),
        sources.skipped,
        "surely",
    ),
    "rediscover": ListOf(
        "Rediscover",
        (
            _TRACK,
            _ARTIST,
            _PLAYS,
            _HEARD,
            _DAYS,
            _FIRST,
            _LAST,
            ListColumn("silent", "Days silent", "count"),
            _OPEN,
        ),
        sources.rediscover,
        "plays",
        is_of_period=False,
    ),
    "unavailable": ListOf(
        "Unavailable",
        (
            _TRACK,
            _ARTIST,
            _PLAYS,
            ListColumn("saved", "Saved"),
            ListColumn("since", "Since", "date"),
            ListColumn("why", "Why"),
            ListColumn("checked", "Checked", "date"),
            ListColumn("open", "Moved to", "link"),
        ),
        sources.unavailable,
        "plays",
        is_of_period=False,
        can_be_played=False,
    ),
}
"""The lists by their names in addresses."""
