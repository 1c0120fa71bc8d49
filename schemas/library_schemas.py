"""Bronze: a person's library at Spotify, present and past items.

A row is one stay in the library. It remains when its item is removed, so that the library of any
day can be reconstructed: it consists of the rows with ``first_seen <= day`` and no ``removed_at``
before it.
"""

from typing import Literal, get_args

from schemas.common_columns import USER_ID
from schemas.table import KEPT, LEFT_OUT, PSEUDONYM, Column, Table, column
from schemas.types import BIGINT, BOOLEAN, INTEGER, STRING, TIMESTAMP

TopKind = Literal["tracks", "artists"]
TopTerm = Literal["short_term", "medium_term", "long_term"]
TOP_KINDS: tuple[TopKind, ...] = get_args(TopKind)
TOP_TERMS: tuple[TopTerm, ...] = get_args(TopTerm)

HISTORY: tuple[Column, ...] = (
    column("first_seen", TIMESTAMP, "when it was first seen, UTC", nullable=False),
    column(
        "last_seen",
        TIMESTAMP,
        "when it was last known to be there, UTC, among the times at which the table was written: "
        "it is written when something changed",
        nullable=False,
    ),
    column(
        "removed_at",
        TIMESTAMP,
        "when it was found to be gone, UTC; null while it is there, also after it came back",
    ),
)


def _item(less: str) -> Column:
    return column(
        "item", STRING, f"the item of the API, as JSON, without {less}", in_export=LEFT_OUT
    )


_TRACK_ITEM = _item("images and markets")
_ARTIST = (
    column("artist_id", STRING, "Spotify id of the first artist", in_export=KEPT),
    column("artist_name", STRING, "name of the first artist", in_export=KEPT),
)
_DURATION = column("duration_ms", BIGINT, "length in ms")
_ISRC = column("isrc", STRING, "international standard recording code", in_export=KEPT)

SAVED_TRACKS = Table(
    layer="bronze",
    name="saved_tracks_bronze",
    description="The tracks that a person saved; one that was saved twice has a row for each time.",
    columns=(
        USER_ID,
        column("track_id", STRING, "Spotify id of the track", nullable=False, in_export=KEPT),
        column("added_at", TIMESTAMP, "when it was saved, UTC", nullable=False),
        column("track_name", STRING, "title of the track", in_export=KEPT),
        *_ARTIST,
        column("album_id", STRING, "Spotify id of the album", in_export=KEPT),
        column("album_name", STRING, "title of the album", in_export=KEPT),
        _DURATION,
        _ISRC,
        _TRACK_ITEM,
        *HISTORY,
    ),
    key=("user_id", "track_id", "added_at"),
)

SAVED_ALBUMS = Table(
    layer="bronze",
    name="saved_albums_bronze",
    description="The albums that a person saved; one that was saved twice has a row for each time.",
    columns=(
        USER_ID,
        column("album_id", STRING, "Spotify id of the album", nullable=False, in_export=KEPT),
        column("added_at", TIMESTAMP, "when it was saved, UTC", nullable=False),
        column("album_name", STRING, "title of the album", in_export=KEPT),
        *_ARTIST,
        column("album_type", STRING, "album, single or compilation", in_export=KEPT),
        column(
            "release_date",
            STRING,
            "YYYY, YYYY-MM or YYYY-MM-DD, as far as it is known",
            in_export=KEPT,
        ),
        column("total_tracks", INTEGER, "number of its tracks"),
        column("upc", STRING, "universal product code", in_export=KEPT),
        _item("images, markets and its tracks, which are in album_tracks_bronze"),
        *HISTORY,
    ),
    key=("user_id", "album_id", "added_at"),
)

ALBUM_TRACKS = Table(
    layer="bronze",
    name="album_tracks_bronze",
    description="The tracks of the saved albums; they go and come back with their album.",
    columns=(
        USER_ID,
        column("album_id", STRING, "Spotify id of the album", nullable=False, in_export=KEPT),
        column("track_id", STRING, "Spotify id of the track", nullable=False, in_export=KEPT),
        column("disc_number", INTEGER, "disc it is on, from 1"),
        column("track_number", INTEGER, "place on the disc, from 1"),
        column("track_name", STRING, "title of the track", in_export=KEPT),
        *_ARTIST,
        _DURATION,
        _TRACK_ITEM,
        *HISTORY,
    ),
    key=("user_id", "album_id", "track_id"),
)

PLAYLISTS = Table(
    layer="bronze",
    name="playlists_bronze",
    description="The playlists in a person's library: their own and those that they follow.",
    columns=(
        USER_ID,
        column(
            "playlist_id", STRING, "Spotify id of the playlist", nullable=False, in_export=PSEUDONYM
        ),
        column("playlist_name", STRING, "name of the playlist", in_export=LEFT_OUT),
        column("description", STRING, "its owner's description", in_export=LEFT_OUT),
        column("owner_id", STRING, "Spotify id of its owner", in_export=LEFT_OUT),
        column("is_own", BOOLEAN, "whether the person owns it"),
        column("is_public", BOOLEAN, "whether it is public"),
        column("is_collaborative", BOOLEAN, "whether others may change it"),
        column("total_items", INTEGER, "number of its items"),
        column(
            "snapshot_id",
            STRING,
            "its version: another one whenever it was changed",
            in_export=LEFT_OUT,
        ),
        column(
            "items_snapshot_id",
            STRING,
            "the version whose items are in playlist_items_bronze; null where none are, as for "
            "other people's playlists",
            in_export=LEFT_OUT,
        ),
        _item("images"),
        *HISTORY,
    ),
    key=("user_id", "playlist_id"),
)

PLAYLIST_ITEMS = Table(
    layer="bronze",
    name="playlist_items_bronze",
    description="The items of a person's own playlists; they go and come back with the playlist.",
    columns=(
        USER_ID,
        column(
            "playlist_id", STRING, "Spotify id of the playlist", nullable=False, in_export=PSEUDONYM
        ),
        column(
            "entry_id",
            STRING,
            "hash of uri, added_at and the entry's number among such as are alike in both",
            nullable=False,
            in_export=PSEUDONYM,
        ),
        column("position", INTEGER, "place on the playlist, from 1"),
        column("added_at", TIMESTAMP, "when it was added, UTC; null on very old playlists"),
        column("added_by", STRING, "Spotify id of who added it", in_export=LEFT_OUT),
        column("media_type", STRING, "track or episode", in_export=KEPT),
        column("is_local", BOOLEAN, "whether it is a file of the person's own"),
        column(
            "uri", STRING, "Spotify URI; that of a local file holds its names", in_export=LEFT_OUT
        ),
        column(
            "track_id",
            STRING,
            "Spotify id of track or episode; null for a local file",
            in_export=KEPT,
        ),
        column("track_name", STRING, "title of the track or episode", in_export=KEPT),
        column("artist_id", STRING, "Spotify id of the first artist", in_export=KEPT),
        column(
            "artist_name", STRING, "name of the first artist; show of an episode", in_export=KEPT
        ),
        column("album_name", STRING, "title of the album", in_export=KEPT),
        _DURATION,
        _ISRC,
        _TRACK_ITEM,
        *HISTORY,
    ),
    key=("user_id", "playlist_id", "entry_id"),
)

TOP_ITEMS = Table(
    layer="bronze",
    name="top_items_bronze",
    description="Tracks and artists that Spotify counts as a person's most played, 50 per term.",
    columns=(
        USER_ID,
        column("kind", STRING, f"one of {', '.join(TOP_KINDS)}", nullable=False, in_export=KEPT),
        column(
            "term",
            STRING,
            "short_term (about four weeks), medium_term (six months) or long_term (a year)",
            nullable=False,
            in_export=KEPT,
        ),
        column(
            "item_id", STRING, "Spotify id of the track or artist", nullable=False, in_export=KEPT
        ),
        column("rank", INTEGER, "place in the list, from 1: the last known"),
        column("item_name", STRING, "title of the track or name of the artist", in_export=KEPT),
        column("artist_id", STRING, "Spotify id of a track's first artist", in_export=KEPT),
        column("artist_name", STRING, "name of a track's first artist", in_export=KEPT),
        _TRACK_ITEM,
        *HISTORY,
    ),
    key=("user_id", "kind", "term", "item_id"),
    checks={
        "kind_known": f"kind in ({', '.join(repr(each) for each in TOP_KINDS)})",
        "term_known": f"term in ({', '.join(repr(each) for each in TOP_TERMS)})",
    },
)

TABLES = (SAVED_TRACKS, SAVED_ALBUMS, ALBUM_TRACKS, PLAYLISTS, PLAYLIST_ITEMS, TOP_ITEMS)
