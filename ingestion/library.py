"""The Web API → bronze: a person's library, with what was in it before.

Every table is compared with what Spotify returns now and rewritten, as a whole, only where
something was added, removed or changed. What is not requested again, such as the tracks of a
known album, counts as present for as long as its album or playlist is. A list that could not be
read to its end is skipped until the next run, so nothing counts as removed because a request
failed. What the pages say on whether a track can be played is kept as well.
"""

import logging
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import chain, islice, product
from operator import itemgetter
from typing import Literal, TypeVar, get_args

from clients.errors import ApiError, RateLimitedError, SignInError, rate_limited_until
from incremental.lake import Lake
from incremental.results import StepResult, StepTimer
from ingestion.api_session import ApiSession
from ingestion.api_state import ApiState, is_over, save_state
from ingestion.availability_checks import PageChecks
from ingestion.library_history import Merged, Row, merge, present
from ingestion.relinked_tracks import KnownItems
from mappers.library_mapper import (
    album_track_rows,
    playlist_rows,
    saved_album_rows,
    top_item_rows,
    tracks_of_saved_albums,
)
from mappers.values import Json
from schemas.library_schemas import (
    ALBUM_TRACKS,
    PLAYLIST_ITEMS,
    PLAYLISTS,
    SAVED_ALBUMS,
    SAVED_TRACKS,
    TOP_ITEMS,
    TOP_KINDS,
    TOP_TERMS,
    TopKind,
    TopTerm,
)
from schemas.table import Table

Part = TypeVar("Part", bound=Hashable)

LibraryPart = Literal["saved_tracks", "saved_albums", "album_tracks", "top_items", "playlists"]
ALL_PARTS: frozenset[LibraryPart] = frozenset(get_args(LibraryPart))
"""The lists of a library; the tracks of albums come with the list of albums."""

LIBRARY = "library (api)"
"""Name of the step; it writes several tables."""

MAX_ALBUMS = 100
"""Albums whose tracks are requested in one run; most come with the album itself."""

MAX_TOP_ITEMS = 50
"""Items of each list of top tracks and artists: a whole list has thousands."""

# Once a day, even if today's run is some minutes earlier than yesterday's.
_READ_AGAIN_AFTER = timedelta(hours=23)

log = logging.getLogger(__name__)


def import_library(
    lake: Lake, session: ApiSession, *, full: bool, parts: Collection[LibraryPart] = ALL_PARTS
) -> StepResult:
    """Bring the library's tables up to date, at most once a day unless ``full``.

    ``full`` reads every list again; otherwise only new saved tracks and changed playlists are
    requested. Only some ``parts`` are read at any time, and count for no day's reading. Raises
    SignInError or ApiError where Spotify cannot be asked; a rate limit is no error, but remembered.
    What was read until then is kept.
    """
    timer = StepTimer(LIBRARY)
    state, update = session.state, _LibraryUpdate(lake, session, full=full)
    is_whole = {*parts} == {*ALL_PARTS}
    if not is_whole and state.blocked_until is not None and lake.now < state.blocked_until:
        session.notes.append(_read_later(state.blocked_until))
    if _is_due(lake, state, full=full or not is_whole):
        try:
            update.run(parts)
            if is_whole:
                state.library_read_at = lake.now
        except SignInError as error:
            session.sign_in_ended = str(error)
            raise
        except RateLimitedError as error:
            state.blocked_until = error.until
            session.notes.append(_read_later(error.until))
        finally:
            session.notes += update.notes
        save_state(lake.data_dir, session.user_id, state, lake.now)
    return timer.result(
        "written" if update.merged or update.checks.kept else "nothing_new",
        rows_out=sum(each.added + each.removed for each in update.merged.values()),
    )


@dataclass
class _LibraryUpdate:
    """One update of the whole library; ``merged`` are the tables that it wrote."""

    lake: Lake
    session: ApiSession
    full: bool
    merged: dict[Table, Merged] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.checks = PageChecks(self.lake, self.session.user_id, LIBRARY)

    def run(self, parts: Collection[LibraryPart]) -> None:
        if "saved_tracks" in parts:
            self._saved_tracks()
        if "saved_albums" in parts:
            self._saved_albums(with_tracks="album_tracks" in parts)
        if "top_items" in parts:
            self._top_items()
        if "playlists" in parts:
            self._playlists()

    @property
    def notes(self) -> list[str]:
        """Return a line on what changed; none where nothing did."""
        changes = [_change(table, merged) for table, merged in self.merged.items()]
        return [f"Library: {'; '.join(changes)}"] if changes else []

    def _saved_tracks(self) -> None:
        held = self._held(SAVED_TRACKS)
        known = KnownItems(SAVED_TRACKS, held)
        there = None if self.full else self._with_new_tracks(present(held), known)
        if there is None:
            items = self.session.spotify.saved_tracks()
            there = [row for item in items for row in self._saved_track(item, known)]
        self.checks.keep()
        self._keep(SAVED_TRACKS, held, there)

    def _with_new_tracks(self, there: Sequence[Row], known: KnownItems) -> list[Row] | None:
        """Request saved tracks until known ones appear; None where the total does not match."""
        if not there:
            return None
        key = itemgetter(*SAVED_TRACKS.key)
        known_keys = {key(row) for row in there}
        total = self.session.spotify.saved_tracks_total()
        items = enumerate(self.session.spotify.saved_tracks(), start=1)
        new: list[Row] = []
        for count, item in items:
            rows = self._saved_track(item, known)
            if any(key(row) in known_keys for row in rows):
                # The rest of the page came anyway, and says which of its tracks can be played.
                for _, each in islice(items, -count % self.session.spotify.page_size):
                    self._saved_track(each, known)
                break
            new += rows
        return [*new, *there] if len(new) + len(there) == total else None

    def _saved_track(self, item: Json, known: KnownItems) -> list[Row]:
        """Return the row of a saved track, if it is one, and note whether it can be played."""
        rows = known.saved_track_rows(item, self.session.user_id)
        for row in rows:
            self.checks.note(row["track_id"], item)
        return rows

    def _saved_albums(self, *, with_tracks: bool) -> None:
        spotify, user_id = self.session.spotify, self.session.user_id
        items = list(spotify.saved_albums())
        self._keep(SAVED_ALBUMS, self._held(SAVED_ALBUMS), saved_album_rows(items, user_id))
        if not with_tracks:
            return
        by_album = tracks_of_saved_albums(items)
        held = self._held(ALBUM_TRACKS)
        known = {row["album_id"] for row in present(held)}
        unread = {album_id: by_album[album_id] for album_id in by_album if album_id not in known}
        to_ask = [album_id for album_id, tracks in unread.items() if tracks is None]
        left = {*to_ask[MAX_ALBUMS:]}

        def read(album_id: str) -> list[Row]:
            tracks = unread[album_id]
            tracks = list(spotify.album_tracks(album_id)) if tracks is None else tracks
            return album_track_rows(tracks, album_id, user_id)

        wanted = [album_id for album_id in unread if album_id not in left]
        _, refusal = self._update_parts(ALBUM_TRACKS, held, ("album_id",), by_album, wanted, read)
        if refusal is not None:
            raise refusal

    def _top_items(self) -> None:
        def read(part: tuple[TopKind, TopTerm]) -> list[Row]:
            items = islice(self.session.spotify.top(*part), MAX_TOP_ITEMS)
            return top_item_rows(items, *part, self.session.user_id)

        held = self._held(TOP_ITEMS)
        lists = [*product(TOP_KINDS, TOP_TERMS)]
        _, refusal = self._update_parts(TOP_ITEMS, held, ("kind", "term"), lists, lists, read)
        if refusal is not None:
            raise refusal

    def _playlists(self) -> None:
        spotify, user_id = self.session.spotify, self.session.user_id
        held = self._held(PLAYLISTS)
        rows = playlist_rows(spotify.playlists(), user_id, str(spotify.me().get("id")))
        versions = {row["playlist_id"]: row["items_snapshot_id"] for row in present(held)}
        own = {row["playlist_id"]: row["snapshot_id"] for row in rows if row["is_own"]}
        held_items = self._held(PLAYLIST_ITEMS)
        known = KnownItems(PLAYLIST_ITEMS, held_items)

        def read(playlist_id: str) -> list[Row]:
            entries = list(spotify.playlist_items(playlist_id))
            items = known.playlist_item_rows(entries, playlist_id, user_id)
            for row in items:
                if row["media_type"] == "track":
                    self.checks.note(row["track_id"], entries[row["position"] - 1])
            return items

        changed = [
            playlist_id
            for playlist_id, version in own.items()
            if self.full or version is None or versions.get(playlist_id) != version
        ]
        # The items first: if a run is killed in between, the next one reads them again.
        done, refusal = self._update_parts(
            PLAYLIST_ITEMS, held_items, ("playlist_id",), own, changed, read
        )
        versions |= {playlist_id: own[playlist_id] for playlist_id in done}
        there = [{**row, "items_snapshot_id": versions.get(row["playlist_id"])} for row in rows]
        self._keep(PLAYLISTS, held, there)
        if refusal is not None:
            raise refusal

    def _update_parts(
        self,
        table: Table,
        held: Sequence[Row],
        columns: Sequence[str],
        parts: Collection[Part],
        wanted: Iterable[Part],
        read: Callable[[Part], list[Row]],
    ) -> tuple[Collection[Part], ApiError | None]:
        """Read the ``wanted`` ones of all ``parts``, and keep the others unchanged.

        ``columns`` say which part a row belongs to. Returns the parts that were read, and the error
        that ended the reading, if any.
        """
        found: dict[Part, list[Row]] = {}
        refusal = None
        for part in wanted:
            try:
                found[part] = read(part)
            except ApiError as error:
                if error.status != HTTPStatus.NOT_FOUND:
                    refusal = error
                    break
                log.warning("%s: %s is unchanged: %s", table.full_name, part, error)
        self.checks.keep()
        part_of = itemgetter(*columns)
        others = (
            row for row in present(held) if part_of(row) in parts and part_of(row) not in found
        )
        self._keep(table, held, [*others, *chain.from_iterable(found.values())])
        return found.keys(), refusal

    def _held(self, table: Table) -> list[Row]:
        """Return every row of this person, including removed items."""
        return [row for row in self.lake.rows(table) if row["user_id"] == self.session.user_id]

    def _keep(self, table: Table, held: Iterable[Row], there: Iterable[Row]) -> None:
        merged = merge(table, held, there, self.lake.now)
        if not merged.is_news:
            return
        others = [row for row in self.lake.rows(table) if row["user_id"] != self.session.user_id]
        self.lake.replace_rows(table, [*merged.rows, *others], LIBRARY)
        self.merged[table] = merged


def _is_due(lake: Lake, state: ApiState, *, full: bool) -> bool:
    if not is_over(state.blocked_until, lake.now):
        return False
    last = state.library_read_at
    return full or last is None or lake.now - last >= _READ_AGAIN_AFTER


def _read_later(blocked_until: datetime) -> str:
    return f"Library: {rate_limited_until('Spotify', blocked_until)}; the rest is read later"


def _change(table: Table, merged: Merged) -> str:
    counts = {"added": merged.added, "removed": merged.removed, "changed": merged.changed}
    said = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return f"{table.name.removesuffix('_bronze').replace('_', ' ')}: {said}"
