"""The lists of tracks that pages show, as playlists: their tracks, and a rule that chooses them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Annotated, Any, Literal, cast

from fastapi import Depends, Query

from engines.models import literal
from lake.reader import has_table
from playlists.files import ListedTrack
from report.page.listening import Listening
from report.page.words import day as day_in_words
from report.page.words import plural
from schemas.gold_schemas import MOOD_CLUSTERS
from web.choice import WHOLE, Choice, WrongChoiceError, period_of
from web.lakes import Snapshot
from web.listed import LISTS, ListOf, Order, Row
from web.lists import Asked, page_of_list
from web.questions import list_sources
from web.questions.days import Play, plays_of_day, plays_of_session
from web.questions.things import Kind, find, number_in_heard
from web.texts import Words

Source = Literal[
    "tracks",
    "artists",
    "albums",
    "genres",
    "plays",
    "recommendations",
    "skipped",
    "rediscover",
    "artist",
    "album",
    "genre",
    "kind",
    "day",
    "session",
]
"""What a list of tracks is of: a list by its name, a thing, a kind of sound, a day, a session.

Of lists of artists, albums and genres it is the tracks of those that come first.
"""

MOST = 1_000
"""How many tracks of a list a playlist from it has at most."""

_MOST_NAMED = 100
"""How many artists or genres a rule names at most."""

_THINGS: tuple[Kind, ...] = ("artist", "album", "genre")
LISTS_OF: Mapping[str, Kind] = {name: each.kind for name, each in LISTS.items() if each.kind}
"""The lists whose rows are no tracks but things that have tracks, with the kind of these."""
_FIELDS = {
    "plays": "plays",
    "minutes": "minutes",
    "first": "firstPlayed",
    "last": "lastPlayed",
    "track": "title",
    "artist": "artist",
}
"""The fields of rules that the columns of lists of tracks are sorted by; others have none."""

_Text = Annotated[str, Query(max_length=1000, pattern=r"^[^\x00]*$")]


@dataclass(frozen=True)
class ListQuery:
    """Which tracks of a source: what it is known by, and how the list is sorted and filtered."""

    key: str = ""
    artist: str = ""
    name: str = ""
    id: str = ""
    day: date | None = None
    asked: Asked = field(default_factory=Asked)
    most: int = MOST

    def differences(self) -> dict[str, Any]:
        """Return what of it an address says, by the names that addresses have."""
        said = {
            "key": self.key,
            "artist": self.artist,
            "name": self.name,
            "id": self.id,
            "date": self.day,
            "sort": self.asked.sort,
            "order": self.asked.order,
            "q": self.asked.words,
            "most": None if self.most == MOST else self.most,
        }
        return {name: value for name, value in said.items() if value}


def read_list_query(
    key: _Text = "",
    artist: _Text = "",
    name: _Text = "",
    id: _Text = "",
    date: Annotated[date | None, Query()] = None,
    sort: Annotated[str | None, Query(max_length=32)] = None,
    order: Order | None = None,
    q: Words = "",
    most: Annotated[int, Query(ge=1, le=MOST)] = MOST,
) -> ListQuery:
    """Read which tracks are asked for from the query of an address."""
    return ListQuery(key, artist, name, id, date, Asked(sort, order, q), most)


AskedList = Annotated[ListQuery, Depends(read_list_query)]


@dataclass(frozen=True)
class TrackList:
    """A list of tracks, each once, and the rules that choose them, as files hold them.

    ``named`` names the tracks; ``following`` says what they have in common, so that its tracks
    follow the listening: None where no rule can say it. ``total`` is how many tracks have that in
    common.
    """

    title: str
    tracks: Sequence[ListedTrack]
    keys: Sequence[str]
    following: Mapping[str, Any] | None = None
    total: int = 0

    @property
    def named(self) -> Mapping[str, Any]:
        return {"all": [{"is": {"trackKey": [*self.keys]}}], "sort": "trackKey"}

    @property
    def with_id(self) -> list[ListedTrack]:
        """The tracks that Spotify has an id of: those that a playlist can hold."""
        return [each for each in self.tracks if each.track_id]


def track_list(
    snapshot: Snapshot, chosen: Choice, source: Source, list_query: ListQuery
) -> TrackList:
    """Return the tracks of a source, in the state that the address says.

    Raises WrongChoiceError where there is no such source, time or column.
    """
    assert snapshot.listening is not None
    if source in ("day", "session"):
        with snapshot.ask(snapshot.listening.periods[0]) as listening:
            return _of_plays(listening, source, list_query)
    period = period_of(chosen, snapshot.listening)
    with snapshot.ask(period) as listening:
        if source in LISTS_OF:
            asked = _by_measure(list_query.asked, chosen)
            first = page_of_list(listening, period, LISTS[source], asked, 0, list_query.most).rows
            title, listed, conditions = _of_things(LISTS_OF[source], first)
            title += f": {asked.words}" if asked.words else ""
            list_query = ListQuery()
        else:
            title, listed, conditions = _listed(listening, source, list_query)
        asked = list_query.asked
        if listed.sort == "plays":
            asked = _by_measure(asked, chosen)
        found = page_of_list(listening, period, listed, asked, 0, MOST)
    if listed.is_of_period and period.id != WHOLE:
        title, conditions = f"{title}, {period.label}", None
    if asked.words:
        title, conditions = f"{title}: {asked.words}", None
    by, order = asked.sorted_by(listed)
    following = None
    if conditions is not None and by in _FIELDS:
        following = {
            "all": [*conditions, {"gt": {"plays": 0}}],
            "sort": f"{'-' if order == 'desc' else ''}{_FIELDS[by]}",
            "limit": list_query.most,
        }
    once = {row["key"]: _track(row) for row in found.rows if row["key"]}
    keys = [*once][: list_query.most]
    return TrackList(title, [once[key] for key in keys], keys, following, found.total)


def _listed(
    listening: Listening, source: Source, list_query: ListQuery
) -> tuple[str, ListOf, list[Mapping[str, Any]] | None]:
    """Return a title, the list, and what its tracks have in common; None if no rule can say it."""
    if source in LISTS:
        listed = LISTS[source]
        return listed.title, listed, [] if source == "tracks" else None
    if source == "kind":
        return (
            list_query.name,
            _tracks_where(_is_of_kind(listening, list_query.name)),
            [{"is": {"cluster": list_query.name}}],
        )
    assert source in _THINGS
    kind = cast("Kind", source)
    key = list_query.key if kind == "artist" else list_query.name
    thing = find(listening, kind, key, list_query.artist)
    if thing is None:
        raise WrongChoiceError(f"there is no such {kind} among the plays")
    title = thing.name or kind.capitalize()
    # A track can be on several albums, of which a rule knows one.
    can_be_said = thing.name is not None and kind != "album"
    conditions: list[Mapping[str, Any]] | None = (
        [{"is": {kind: thing.name}}] if can_be_said else None
    )
    return title, _tracks_where(thing.is_it), conditions


def _by_measure(asked: Asked, chosen: Choice) -> Asked:
    """Sort by the measure that is chosen, as the tops are, unless something else is asked for."""
    if asked.sort is None and chosen.measure == "minutes":
        return replace(asked, sort="minutes")
    return asked


def _of_things(
    kind: Kind, rows: Sequence[Row]
) -> tuple[str, ListOf, list[Mapping[str, Any]] | None]:
    """Return what ``_listed`` does, of the tracks of some artists, albums or genres."""
    numbers = ", ".join(f"{row['thing']}::UBIGINT" for row in rows)
    names = [row[kind] for row in rows]
    # A track can be on several albums, of which a rule knows one.
    can_be_said = kind != "album" and all(names) and 0 < len(names) <= _MOST_NAMED
    return (
        f"Tracks of {plural(len(rows), kind)}",
        _tracks_where(f"{number_in_heard(kind)} IN ({numbers})" if rows else "false"),
        [{"any": [{"is": {kind: name}} for name in names]}] if can_be_said else None,
    )


def _tracks_where(condition: str) -> ListOf:
    return replace(
        LISTS["tracks"], source=partial(list_sources.things, kind="track", condition=condition)
    )


def _is_of_kind(listening: Listening, label: str) -> str:
    if has_table(listening.connection, MOOD_CLUSTERS.full_name):
        mine = f"user_id = {literal(listening.user_id)} AND label = {literal(label)}"
        tracks = f"SELECT hash(track_key) FROM {MOOD_CLUSTERS.full_name} WHERE {mine}"
        if listening.connection.execute(f"SELECT 1 FROM ({tracks}) LIMIT 1").fetchone():
            return f"track IN ({tracks})"
    raise WrongChoiceError(f"there is no kind of sound {label}")


def _of_plays(listening: Listening, source: Source, list_query: ListQuery) -> TrackList:
    """Return what was counted of a day or a session, in the order in which it was first heard."""
    if source == "day":
        if list_query.day is None:
            raise WrongChoiceError("name the day, as in date=2024-01-31")
        plays, day = plays_of_day(listening, list_query.day), list_query.day
    else:
        plays = plays_of_session(listening, list_query.id)
        if not plays:
            raise WrongChoiceError("there is no session of this id")
        day = plays[0].local_date
    once: dict[str, Play] = {}
    for play in plays:
        if play.is_counted:
            once.setdefault(play.track_key, play)
    tracks = [
        ListedTrack(each.track_id or "", each.track or "", each.artist or "", each.album or "")
        for each in once.values()
    ][: list_query.most]
    title = f"{day:%A}, {day_in_words(day)}"
    if source == "session":
        title += f", {plays[0].ended:%H:%M}"
    return TrackList(title, tracks, [*once][: list_query.most])


def _track(row: Row) -> ListedTrack:
    return ListedTrack(row["track_id"] or "", row["track"] or "", row["artist"] or "", "")
