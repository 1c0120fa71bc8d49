"""Bronze of small made-up lakes, the same for the same seed, full of what real exports are full of.

People: ``anna`` plays most, over some months, with every source; ``ben`` on some days of ten years;
``cara`` played once; ``dora`` on one day; ``emil`` has podcasts and records without a name only, no
play. Plays are reported by one to four sources, seconds apart, the API now and then by their start.
Songs have several ids, ids several names, names several spellings. Every nullable column has nulls.
Account data name an episode as a track; some tracks are reported as heard twice at once.
"""

import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from config.settings import Settings
from incremental.lake import Lake
from schemas.availability_schemas import AVAILABILITY_CHECKS
from schemas.bronze_schemas import (
    KAGGLE_TRACKS,
    LISTENING_HISTORY,
    MY_TRACKS_FEATURES,
    SOURCES,
)
from schemas.common_columns import FEATURE_NAMES, UNIT_INTERVAL_FEATURES
from schemas.library_schemas import PLAYLIST_ITEMS, PLAYLISTS, SAVED_TRACKS, TOP_ITEMS
from schemas.table import Table
from writers.row_ids import hash_of

Row = dict[str, Any]

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ANNA, BEN, CARA, DORA, EMIL = PEOPLE = ("anna", "ben", "cara", "dora", "emil")
_SHARE_OF_PLAYS = {ANNA: 0.6, BEN: 0.3, CARA: 0, DORA: 0.1, EMIL: 0}
_FIRST_DAY = {
    ANNA: datetime(2025, 7, 20, tzinfo=UTC),
    BEN: datetime(2015, 11, 3, tzinfo=UTC),
    CARA: datetime(2025, 12, 24, tzinfo=UTC),
    DORA: datetime(2025, 10, 26, tzinfo=UTC),
    EMIL: datetime(2025, 6, 1, tzinfo=UTC),
}
_DAYS = {ANNA: 150, BEN: 3_700, CARA: 1, DORA: 1, EMIL: 30}

ARTISTS: tuple[tuple[str, ...], ...] = (
    ("Björk", "Bjo\u0308rk", "BJÖRK"),
    ("ABBA", "abba", "ＡＢＢＡ"),
    ("İstanbul Trio", "i\u0307stanbul trio"),
    ("ΣΊΣΥΦΟΣ", "Σίσυφος", "σίσυφος"),
    ("فيروز",),
    ("🎸 Garage 🎸", "🎸 garage 🎸"),
    ("Guns N’ Roses", "Guns N' Roses"),
    ("DJ\u00a0Nobody", "DJ Nobody", " dj  nobody "),
    ("Straße", "STRASSE"),
    ("Somebody",),
    ("The | Pipe",),
    ("Orchestra",),
)
"""Artists, each as written by the sources. Some spellings are those of one artist to nobody."""

_TITLES: tuple[tuple[str, ...], ...] = (
    ("Café", "Cafe\u0301", "CAFÉ"),
    ("Song",),
    ("“Live” – 2011", '"Live" - 2011'),
    ("اللیل",),
    ("ＦＵＬＬ", "ｆｕｌｌ"),
    ("🌙",),
    ("Don't Stop", "Don’t Stop"),
)
GENRES = ("rock", "hip-hop", "dream-pop", "ambient")
_SECONDS = (5, 29, 30, 31, 95, 180, 181, 240)


@dataclass(frozen=True)
class Song:
    """One recording: its spellings, its Spotify ids, and its length."""

    number: int
    artists: Sequence[str]
    titles: Sequence[str]
    ids: Sequence[str]
    duration_ms: int
    genre: str


class Shared(NamedTuple):
    """Columns of a record that say how it was played."""

    platform: str | None
    conn_country: str | None
    shuffle: bool | None
    reason_end: str | None


@dataclass
class GeneratedLake:
    """Rows of bronze by table, in no order."""

    songs: Sequence[Song]
    rows: dict[Table, list[Row]] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write all rows into the lake in ``folder``."""
        append(folder, self.rows)


def append(folder: Path, rows: Mapping[Table, Iterable[Row]]) -> None:
    """Append rows to tables of the lake in ``folder``, one commit a table, without an engine."""
    with Lake(Settings(_env_file=None, data_dir=folder), NOW) as lake:
        for table, of_table in rows.items():
            lake.append_rows(table, of_table, "generated")


def generate(seed: int, plays: int = 300) -> GeneratedLake:
    """Return the bronze of a lake with about as many plays; the same for the same arguments."""
    draw = random.Random(f"{seed}|{plays}")
    songs = _songs(draw, max(24, plays // 6))
    lake = GeneratedLake(songs)
    lake.rows[LISTENING_HISTORY] = [*_history(draw, songs, plays)]
    lake.rows[MY_TRACKS_FEATURES] = [*_measurements(draw, songs)]
    lake.rows[KAGGLE_TRACKS] = [*catalogue(draw, songs)]
    lake.rows[TOP_ITEMS] = [*_top_items(draw)]
    lake.rows |= _library(draw, songs)
    lake.rows[AVAILABILITY_CHECKS] = [*_checks(draw, songs)]
    return lake


def _songs(draw: random.Random, count: int) -> list[Song]:
    songs = []
    for number in range(count):
        artists = ARTISTS[number % len(ARTISTS)]
        titles = _TITLES[number % len(_TITLES)]
        if number >= len(_TITLES):  # only the first are of titles that stand in many songs
            titles = tuple(f"{each} {number // len(_TITLES)}" for each in titles)
        ids = [hash_of(f"{draw.random()}")[:22] for _ in range(draw.choice((1, 1, 2, 3)))]
        genre = GENRES[number % len(ARTISTS) % len(GENRES)]
        songs.append(Song(number, artists, titles, ids, draw.randint(60_000, 300_000), genre))
    return songs


def _history(draw: random.Random, songs: Sequence[Song], plays: int) -> Iterator[Row]:
    for person, share in _SHARE_OF_PLAYS.items():
        # Libraries overlap in part.
        library = [each for each in songs if draw.random() < 0.6] or [*songs]
        count = 1 if person == CARA else round(plays * share)
        for _ in range(count):
            yield from play(draw, person, _instant(draw, person), draw.choice(library), songs)
        # Some listening in a row, so that there are sessions, repeats and tracks played twice.
        at = _instant(draw, person)
        for number in range(min(count - 1, 12)):
            yield from play(draw, person, at, library[number // 2 % len(library)], songs)
            at += timedelta(seconds=draw.choice((40, 60, 200, 400)))
        if person != CARA:
            yield from _others(draw, person)


def _instant(draw: random.Random, person: str) -> datetime:
    """Return an instant of a person's years, now and then at the edge of a month."""
    day = draw.randrange(_DAYS[person])
    # Few months of many years: each is a file of its own.
    at = _FIRST_DAY[person] + timedelta(days=day if person != BEN else day // 370 * 370 + day % 9)
    if _DAYS[person] > 1 and draw.random() < 0.1:
        return at.replace(day=1) + timedelta(seconds=draw.randint(-90, 90))
    return at + timedelta(seconds=draw.randrange(86_400))


def play(
    draw: random.Random, person: str, ended: datetime, song: Song, songs: Sequence[Song] = ()
) -> Iterator[Row]:
    """Yield the records that sources have of one play, all months alike."""
    reporting = draw.sample(("extended", "account", "api", "demo"), draw.choice((1, 1, 1, 2, 3, 4)))
    ms_played = min(draw.choice(_SECONDS) * 1000, song.duration_ms)
    shared = Shared(
        draw.choice(("ios", "web", None)),
        draw.choice(("DE", "TR", None)),
        draw.choice((True, False, None)),
        draw.choice(("trackdone", "fwdbtn", "endplay", "unknown", None)),
    )
    for source in reporting:
        row = _record(draw, person, source, ended, song, ms_played, shared)
        if songs and draw.random() < 0.03:  # an id that went by another name
            row["track_id"] = draw.choice(draw.choice(songs).ids)
        yield _with_nulls(draw, row)


def _record(
    draw: random.Random,
    person: str,
    source: str,
    ended: datetime,
    song: Song,
    ms_played: int,
    shared: Shared,
) -> Row:
    artist = draw.choice(song.artists)
    row: Row = {
        "media_type": "video" if draw.random() < 0.05 else "track",
        "track_name": draw.choice(song.titles),
        "artist_name": artist,
        "album_artist_name": artist,
    }
    if source == "account":
        ended = ended.replace(second=0, microsecond=0)
        row["ms_played"] = ms_played
    elif source == "api":
        ended += timedelta(milliseconds=draw.randint(-5_000, 5_000))
        row |= {
            "told_at": ended,
            "track_id": draw.choice(song.ids),
            "artist_id": f"artist{song.number % len(ARTISTS)}",
            "artist_name": artist if draw.random() < 0.9 else f"{artist} feat. Somebody",
            "album_name": f"Album {song.number % 5}",
            "duration_ms": song.duration_ms,
            "context_type": draw.choice(("album", "playlist")),
            "context_uri": "spotify:album:x",
            "item": "{}",
        }
        if draw.random() < 0.3:  # known for the start of the play
            row["told_at"] = ended - timedelta(milliseconds=ms_played + draw.choice((0, 2_000)))
            ended = row["told_at"] + timedelta(milliseconds=song.duration_ms)
    else:
        row |= {
            "track_id": draw.choice(song.ids),
            "album_name": draw.choice((f"Album {song.number % 5}", f"ALBUM {song.number % 5}")),
            "ms_played": ms_played,
            **shared._asdict(),
            "reason_start": "trackdone",
            "skipped": draw.choice((True, False, None)),
            "offline": False,
            "incognito_mode": False,
        }
    return _landed(draw, person, source, ended, row)


def _landed(draw: random.Random, person: str, source: str, ended: datetime, row: Row) -> Row:
    return row | {
        "user_id": person,
        "record_id": hash_of(f"{source}|{draw.random()}"),
        "source": source,
        "played_at": ended,
        "date": ended.date(),
        "played_month": f"{ended:%Y-%m}",
        "source_file": None if source == "api" else f"{source}.json",
        "run_id": "generated",
        "ingested_at": NOW,
    }


_NULLABLE = tuple(each.name for each in LISTENING_HISTORY.columns if each.nullable)


def _with_nulls(draw: random.Random, row: Row) -> Row:
    if draw.random() < 0.15:
        row |= dict.fromkeys(draw.sample(_NULLABLE, draw.choice((1, 2, 4))))
    return row


def _others(draw: random.Random, person: str) -> Iterator[Row]:
    """Yield records that are no music, and such as name none, with an id or without."""
    for kind in ("episode", "audiobook", "unknown"):
        row: Row = {"media_type": kind, "track_name": f"A {kind}", "artist_name": "A show"}
        yield _landed(
            draw, person, "extended", _instant(draw, person), row | {"ms_played": 900_000}
        )
    nothing: Row = {
        "media_type": "track",
        "ms_played": 61_000,
        "track_name": draw.choice((None, " ")),
    }
    yield _landed(draw, person, "extended", _instant(draw, person), nothing)
    if person == EMIL:
        return
    untitled = nothing | {"track_id": "n" * 22}
    yield _landed(draw, person, "extended", _instant(draw, person), untitled)
    blank = nothing | {"track_name": "Unknown Track", "artist_name": "Unknown Artist"}
    yield _landed(draw, person, draw.choice(SOURCES), _instant(draw, person), blank)
    # An episode of the show, reported as if it were a track.
    as_track = {"media_type": "track", "artist_name": "A SHOW", "album_artist_name": "A SHOW"}
    other: Row = as_track | {"track_name": "Another episode", "ms_played": 700_000}
    yield _landed(draw, person, "account", _instant(draw, person), other)
    yield from _impossible(draw, person)


def _impossible(draw: random.Random, person: str) -> Iterator[Row]:
    """Yield a long play twice within seconds, and a short one under two platforms."""
    for title, lengths, apart in (("Long", (5_940_000, 5_900_000), 78), ("Short", (900, 900), 0)):
        at = _instant(draw, person)
        names = {"track_name": title, "artist_name": "Somebody", "album_artist_name": "Somebody"}
        for number, ms_played in enumerate(lengths):
            row: Row = names | {
                "media_type": "track",
                "track_id": f"{title} {person}",
                "ms_played": ms_played,
                "platform": ("ios", "web")[number],
            }
            yield _landed(draw, person, "extended", at + timedelta(seconds=number * apart), row)


def features(draw: random.Random) -> Row:
    """Return twelve features, most of them known."""
    row: Row = {name: round(draw.random(), 3) for name in UNIT_INTERVAL_FEATURES}
    row |= {
        "key": draw.choice((-1, 0, 4, 11, None)),
        "loudness": round(-30 * draw.random(), 2),
        "mode": draw.choice((0, 1)),
        "tempo": draw.choice((0.0, None, 93.5, 120.001)),
        "time_signature": draw.choice((None, 0, 4, 4, 4)),
    }
    if draw.random() < 0.1:
        row[draw.choice(FEATURE_NAMES)] = None
    return row


def measurement(
    draw: random.Random, song: Song, fetched_at: datetime, source: str = "reccobeats"
) -> Row:
    """Return what a provider answered, by an id of the song or an id that nobody played."""
    is_known = draw.random() < 0.8
    return {
        **(features(draw) if is_known else dict.fromkeys(FEATURE_NAMES)),
        "track_id": draw.choice((*song.ids, f"never played {song.number}")),
        "track_name": draw.choice((*song.titles, None)),
        "artist_name": draw.choice(song.artists),
        "duration_ms": song.duration_ms,
        "isrc": draw.choice((None, "DE1234567890")),
        "source": source,
        "status": "ok" if is_known else "not_known",
        "fetched_at": fetched_at,
    }


def _measurements(draw: random.Random, songs: Sequence[Song]) -> Iterator[Row]:
    for song in songs:
        for number in range(draw.choice((0, 0, 1, 1, 2))):
            at = NOW - timedelta(days=30, minutes=number)
            yield measurement(draw, song, at, draw.choice(("reccobeats", "spotify")))


def catalogue(draw: random.Random, songs: Sequence[Song], extra: int = 3) -> Iterator[Row]:
    """Yield rows of a catalogue: part of the songs, by id or name, and songs nobody heard."""
    known = [each for each in songs if draw.random() < 0.5]
    for song in known:
        track_id = draw.choice((*song.ids, f"released again {song.number}"))
        yield from _listed(draw, song, track_id, draw.choice(song.titles))
    for number, artists in enumerate(ARTISTS):
        for each in range(draw.randint(0, extra)):
            song = Song(number, artists, ("Unheard",), ("",), 200_000, GENRES[number % 4])
            track_id = f"unheard {number} {each} {draw.randrange(10**6)}"
            yield from _listed(draw, song, track_id, f"Unheard {each}")


def _listed(draw: random.Random, song: Song, track_id: str, title: str | None) -> Iterator[Row]:
    sound = features(draw)
    popularity = draw.choice((None, 0, 12, 40, 74, 75, 90))
    with_another = draw.choice(("", "", ";Somebody", ";"))
    for genre in {song.genre, draw.choice(GENRES)} if draw.random() < 0.3 else {song.genre}:
        yield {
            **sound,
            "track_id": track_id,
            "artists": f"{draw.choice(song.artists)}{with_another}",
            "album_name": draw.choice(("Album", None)),
            "track_name": title,
            "popularity": popularity,
            "duration_ms": song.duration_ms,
            "explicit": draw.choice((True, False, None)),
            "track_genre": genre,
            "source_file": "dataset.csv",
            "run_id": "generated",
            "ingested_at": NOW,
        }


def top_artist(person: str, term: str, name: str, stated: Sequence[str], seen: datetime) -> Row:
    """Return one of a person's top artists, with the genres that Spotify states."""
    return {
        "user_id": person,
        "kind": "artists",
        "term": term,
        "item_id": f"id of {name}",
        "rank": 1,
        "item_name": name,
        "item": json.dumps({"name": name, "genres": [*stated]}),
        "first_seen": seen,
        "last_seen": seen,
    }


def _top_items(draw: random.Random) -> Iterator[Row]:
    seen = NOW - timedelta(days=2)
    for person, number in ((ANNA, 0), (ANNA, 3), (BEN, 0), (BEN, 6), (CARA, 9)):
        name = draw.choice(ARTISTS[number])
        stated = draw.choice((["dream pop"], ["Hip Hop", "rock"], [], [" "]))
        at = seen + timedelta(minutes=draw.randrange(9))
        yield top_artist(person, draw.choice(("short_term", "long_term")), name, stated, at)
    yield top_artist(ANNA, "medium_term", "Never Played", ["ambient"], seen)
    yield top_artist(ANNA, "medium_term", "\u3000", ["ambient"], seen)
    track = top_artist(BEN, "short_term", "Song", [], seen)
    yield track | {"kind": "tracks", "artist_id": "artist0", "artist_name": "Björk", "item": None}


def _library(draw: random.Random, songs: Sequence[Song]) -> dict[Table, list[Row]]:
    seen: Row = {"first_seen": NOW, "last_seen": NOW, "removed_at": None}
    saved: list[Row] = []
    entries: list[Row] = []
    for song in draw.sample(list(songs), 5):
        row: Row = {
            "user_id": draw.choice((ANNA, BEN)),
            "track_id": song.ids[0],
            "track_name": song.titles[0],
            "artist_name": song.artists[0],
            "duration_ms": song.duration_ms,
            **seen,
        }
        saved.append(row | {"added_at": NOW - timedelta(days=song.number)})
        entry = {"playlist_id": "p", "entry_id": f"e{song.number}", "media_type": "track"}
        entries.append(row | entry | {"user_id": ANNA, "position": len(entries) + 1})
    playlist: Row = {"user_id": ANNA, "playlist_id": "p", "playlist_name": "🌙", "is_own": True}
    return {
        SAVED_TRACKS: saved,
        PLAYLISTS: [playlist | {"total_items": len(entries)} | seen],
        PLAYLIST_ITEMS: entries,
    }


def availability_check(draw: random.Random, person: str, song: Song, at: datetime) -> Row:
    """Return what a check of a song said at an instant."""
    playable = draw.choice((True, True, False, None))
    return {
        "user_id": person,
        "track_id": draw.choice(song.ids),
        "market": draw.choice(("account", "account", "DE")),
        "is_playable": playable,
        "reason": draw.choice(("market", "not_found", None)) if playable is False else None,
        "other_track_id": draw.choice((None, None, song.ids[-1])),
        "isrc": draw.choice((None, f"QZDEM{song.number // 2:07}")),
        "found_track_id": draw.choice((None, None, "found")),
        "searched_at": None,
        "first_checked_at": at,
        "last_checked_at": at,
    }


def _checks(draw: random.Random, songs: Sequence[Song]) -> Iterator[Row]:
    for number, song in enumerate(draw.choices(songs, k=30)):
        at = NOW - timedelta(days=40 - number)
        yield availability_check(draw, draw.choice((ANNA, BEN, CARA)), song, at)
