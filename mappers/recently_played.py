"""Recent plays from the Web API → rows of ``bronze.listening_history_bronze``.

An item names a track and one instant. Recently that is the end of the play; for years it was the
start, and both have been reported since. A page of items shows by itself which it is: with ends,
the time since the previous item is this track's length; with starts, it is the length of the
*previous* track. So the end is known in both cases, and a play reported by its end in one answer
and by its start in the next is recognised as the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from mappers.api_items import as_text
from mappers.values import CLOCK_TOLERANCE, FIRST_YEAR, IN_THE_FUTURE, Json, instant, whole
from schemas.play_sources import API
from schemas.shared_numbers import LONGEST_PAUSE, SAME_PLAY
from writers.row_ids import hash_of

TOLERANCE = timedelta(seconds=2.5)
"""How far a gap may be off a track's length: players take a moment between tracks."""

_LONGEST_TRACK = 10**9
"""In ms: 11 days, more than any track or episode."""

_TEXTS = ("id", "name", "uri", "type")


@dataclass(frozen=True)
class _Play:
    """When a play was reported and heard.

    ``told_at`` is the instant that the API gave, ``played_at`` the end of the play as far as it can
    be known, ``ends_by`` an instant at which it was over for certain; all UTC.
    """

    told_at: datetime
    played_at: datetime
    ends_by: datetime

    @property
    def by_start(self) -> bool:
        return self.played_at != self.told_at


@dataclass(frozen=True)
class ReportedPlay(_Play):
    """One play as the API reported it."""

    item: Json

    @property
    def track(self) -> str:
        """The id of the track, or the URI of a local file that has none."""
        return str(self.item["track"].get("id") or self.item["track"].get("uri"))

    @property
    def title(self) -> str:
        return str(self.item["track"].get("name") or "").casefold()


@dataclass(frozen=True)
class KnownPlay(_Play):
    """A play that the lake holds from an earlier answer of the API."""

    track: str
    title: str


def known_plays(rows: Iterable[tuple[str, str, datetime, datetime]]) -> list[KnownPlay]:
    """Return the plays that the lake holds, by track, title, told_at and played_at, in order."""
    held = list(rows)
    followers = [told_at for _, _, told_at, _ in held[1:]]
    followers += [played_at + LONGEST_PAUSE for *_, played_at in held[-1:]]
    return [
        KnownPlay(told_at, played_at, max(played_at, ends_by), track, title.casefold())
        for (track, title, told_at, played_at), ends_by in zip(held, followers, strict=True)
    ]


def problem_of(item: Any, now: datetime) -> str | None:
    """Return as text why an item is not a play as of ``now`` (UTC); None where it is one."""
    if not isinstance(item, dict):
        return "it is not an object"
    return _problem_of_time(item.get("played_at"), now) or _problem_of_track(item)


def _problem_of_time(reported: Any, now: datetime) -> str | None:
    if reported is None:
        return "its time is missing"
    at = instant(reported)
    if at is None:
        return "its time cannot be read"
    if at > now + CLOCK_TOLERANCE:
        return IN_THE_FUTURE
    return "its time lies before Spotify existed" if at.year < FIRST_YEAR else None


def _problem_of_track(item: Json) -> str | None:
    track, context = item.get("track"), item.get("context")
    if not (isinstance(track, dict) and (track.get("id") or track.get("uri"))):
        return "it names no track"
    album, artists = track.get("album"), track.get("artists")
    if not (context is None or isinstance(context, dict)):
        return "its context is not an object"
    if not (album is None or isinstance(album, dict)):
        return "its album is not an object"
    if not (_are_objects(artists) and _are_objects((album or {}).get("artists"))):
        return "an artist is not an object"
    length = track.get("duration_ms")
    if length is not None and not 0 <= _length(track) <= _LONGEST_TRACK:
        return "its length is not numeric"
    named = [
        track,
        context or {},
        album or {},
        _first(artists),
        _first((album or {}).get("artists")),
    ]
    if any(not isinstance(each.get(name), str | None) for each in named for name in _TEXTS):
        return "a name or an id is not text"
    try:
        as_text(item).encode()
    except UnicodeEncodeError:
        return "it holds half a surrogate pair"
    except RecursionError:
        return "it is nested too deep"
    return None


def _are_objects(artists: Any) -> bool:
    return artists is None or (
        isinstance(artists, list) and all(isinstance(each, dict) for each in artists)
    )


def reported_plays(items: Iterable[Json], *, by_start_before: bool = False) -> list[ReportedPlay]:
    """Read the items of one answer, earliest first, with the end of each play.

    The items must be valid by ``problem_of``. ``by_start_before`` is the meaning of the previous
    answer; it decides where this one shows nothing.
    """
    reported = sorted(((_reported_at(item), item) for item in items), key=lambda pair: pair[0])
    by_start = _is_reported_by_start(reported, otherwise=by_start_before)
    plays = []
    for place, (at, item) in enumerate(reported):
        if not by_start:
            plays.append(ReportedPlay(at, at, at, item))
            continue
        full = at + _duration(item)
        next_start = reported[place + 1][0] if place + 1 < len(reported) else full + LONGEST_PAUSE
        # With less than a millisecond it would look like one reported by its end.
        end = max(min(full, next_start), at + timedelta(milliseconds=1))
        plays.append(ReportedPlay(at, end, max(end, next_start), item))
    return plays


def new_plays(page: Sequence[ReportedPlay], known: Sequence[KnownPlay]) -> list[ReportedPlay]:
    """Return the plays of an answer that the lake does not hold yet.

    ``known`` are the plays of earlier answers, at least from the time that the page spans. Each of
    them matches one item of the page at most, so that repeats of a track stay.
    """
    pairs = [(play, each) for play in page for each in known if _is_same(play, each)]
    # Of repeats, a start belongs to the first end after it.
    pairs.sort(key=lambda pair: abs(pair[0].told_at - pair[1].told_at))
    found: set[int] = set()
    taken: set[int] = set()
    for play, each in pairs:
        if id(play) not in found and id(each) not in taken:
            found.add(id(play))
            taken.add(id(each))
    return [play for play in page if id(play) not in found]


def history_row(play: ReportedPlay, user_id: str, run_id: str, now: datetime) -> Json:
    """Return the row of ``bronze.listening_history_bronze`` of one play."""
    track, context = play.item["track"], play.item.get("context") or {}
    album = track.get("album") or {}
    artist, album_artist = _first(track.get("artists")), _first(album.get("artists"))
    reported_ms = round(play.told_at.timestamp() * 1000)
    return {
        "user_id": user_id,
        "record_id": hash_of(f"{API.name}|{play.track}|{reported_ms}"),
        "source": API.name,
        "played_at": play.played_at,
        "told_at": play.told_at,
        "date": play.played_at.date(),
        "played_month": f"{play.played_at:%Y-%m}",
        "media_type": "episode" if track.get("type") == "episode" else "track",
        "track_id": track.get("id"),
        "track_name": track.get("name"),
        "artist_id": artist.get("id"),
        "artist_name": artist.get("name"),
        "album_artist_name": album_artist.get("name") or artist.get("name"),
        "album_name": album.get("name"),
        "duration_ms": None if track.get("duration_ms") is None else _length(track),
        "context_type": context.get("type"),
        "context_uri": context.get("uri"),
        "item": as_text(play.item),
        "run_id": run_id,
        "ingested_at": now,
    }


def _reported_at(item: Json) -> datetime:
    at = instant(item["played_at"])
    assert at is not None
    return at


def _duration(item: Json) -> timedelta:
    return timedelta(milliseconds=_length(item["track"]))


def _length(track: Json) -> int:
    """Return the length of a track in ms: 0 where it is missing, -1 where it is not numeric."""
    reported = track.get("duration_ms")
    length = 0 if reported is None else whole(reported)
    return -1 if length is None else length


def _is_reported_by_start(reported: Sequence[tuple[datetime, Json]], *, otherwise: bool) -> bool:
    """Decide by a vote of all neighbouring items whose tracks differ in length."""
    ends = starts = 0
    for (before_at, before), (at, item) in pairwise(reported):
        fits_end = abs(at - before_at - _duration(item)) <= TOLERANCE
        fits_start = abs(at - before_at - _duration(before)) <= TOLERANCE
        ends += fits_end and not fits_start
        starts += fits_start and not fits_end
    return otherwise if ends == starts else starts > ends


def _is_same(play: ReportedPlay, known: KnownPlay) -> bool:
    if play.track != known.track and play.title != known.title:
        return False
    if play.by_start == known.by_start:
        return play.told_at == known.told_at
    if play.by_start:
        return play.told_at < known.played_at <= play.ends_by + SAME_PLAY
    return known.told_at < play.played_at <= known.ends_by + SAME_PLAY


def _first(artists: Sequence[Json] | None) -> Json:
    return artists[0] if artists else {}
