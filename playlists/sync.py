"""Has a playlist at Spotify hold what a rule wants, with few calls and nothing twice.

A sync may be killed anywhere, an answer may be lost, and reads may lag behind writes. So what is to
be written is kept before it is written, a write without an answer is followed by reading, and at
the end the playlist is read back at the version that the last write named.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import reduce
from http import HTTPStatus

from clients.errors import ApiError, DoubtfulWriteError, SignInError
from clients.spotify_playlists import SpotifyPlaylists
from lake.playlist_mappings import PlaylistMapping
from playlists.edits import Edits, find_edits, merged, target
from playlists.outcome import Status, SyncOutcome, Wanted
from playlists.patient_reader import READINGS, EndedError, PatientReader, Reading
from playlists.plan import Add, Call, Move, Remove, Replace, applied, plan

_ROUNDS = 4
"""How often a playlist is written until it reads as it should."""

Keep = Callable[[PlaylistMapping], None]


def description_of(slug: str) -> str:
    """Return the description by which the playlist of a rule is found again."""
    return f"Kept up to date by Soundlake, rule {slug}"


class PlaylistSync:
    """One sync of one rule's playlist; ``keep`` stores its mapping before and after writes.

    ``may_be_gone`` says that the lake last saw the playlist missing from the person's library.
    """

    def __init__(
        self,
        spotify: SpotifyPlaylists,
        wanted: Wanted,
        mapping: PlaylistMapping,
        keep: Keep,
        now: datetime,
        *,
        may_be_gone: bool = False,
    ) -> None:
        self._spotify = spotify
        self._reader = PatientReader(spotify)
        self._wanted = wanted
        self._uris = [*dict.fromkeys(wanted.uris)]
        self._mapping = mapping
        self._keep = keep
        self._now = now
        self._may_be_gone = may_be_gone
        self._was_made_now = False
        self._edits = Edits()
        self._before = (spotify.reads, spotify.writes)

    def run(self, *, dry_run: bool = False) -> SyncOutcome:
        """Bring the playlist up to date; with ``dry_run`` only tell what would be done.

        Raises ApiError and SignInError; what was done until then is finished by the next sync.
        """
        if self._mapping.status == "creating":
            if dry_run:
                return self._outcome("planned", after=target(self._uris, (), Edits()))
            self._create()
        try:
            return self._bring_up_to_date(dry_run=dry_run)
        except EndedError:
            if not dry_run:
                reason = "deleted at Spotify"
                self._change(status="ended", end_reason=reason, last_synced_at=self._now)
            return self._outcome("ended")

    def _create(self) -> None:
        """Make the playlist, unless an earlier sync made it without getting to know."""
        was_begun = self._mapping.last_synced_at is not None
        description = description_of(self._wanted.slug)
        found = self._reader.own_described(description, READINGS if was_begun else 1)
        made = None
        if found is None:
            self._change(last_synced_at=self._now)
            try:
                made = self._spotify.create(self._wanted.name, description)
            except DoubtfulWriteError:
                found = self._reader.own_described(description, READINGS)
                if found is None:
                    made = self._spotify.create(self._wanted.name, description)
        self._was_made_now = made is not None
        state = made or found
        assert state is not None
        self._change(
            status="active",
            playlist_id=state.playlist_id,
            # What was made earlier is read as if it were unknown.
            snapshot_id=None if made is None else made.snapshot_id,
            item_uris=[],
        )

    def _bring_up_to_date(self, *, dry_run: bool) -> SyncOutcome:
        mapping = self._mapping
        version = self._reader.version(self._playlist_id)
        if self._may_be_gone:
            self._reader.require_followed(self._playlist_id)
        is_same = version == mapping.snapshot_id and mapping.pending_uris is None
        if is_same and self._uris == mapping.wanted_uris:
            return self._outcome("unchanged", after=mapping.item_uris or ())
        if is_same:
            now = mapping.item_uris or []
        else:
            now = self._reader.uris(self._playlist_id)
            self._edits = find_edits(mapping.item_uris, now, mapping.pending_uris)
        kept = self._kept(self._edits, now, is_whole=mapping.pending_uris is None)
        aim = target(self._uris, now, kept)
        calls = plan(now, aim)
        if dry_run:
            return self._outcome("planned", now, reduce(applied, calls, now), version)
        if not calls:
            self._keep_as_read(Reading(version, now, True), kept, aim)
            return self._outcome("edited" if self._edits else "unchanged", now, now, version)
        if not self._was_made_now:
            self._reader.require_followed(self._playlist_id)
        reading = self._write(now, kept, aim)
        return self._outcome("written", now, reading.uris, version)

    def _kept(self, found: Edits, now: Sequence[str], *, is_whole: bool) -> Edits:
        """Return the edits that are to be kept: none unless the mapping says so."""
        mapping = self._mapping
        if not mapping.keep_edits:
            return Edits()
        earlier = Edits(
            tuple(mapping.added_uris or ()),
            tuple(mapping.removed_uris or ()),
            bool(mapping.is_reordered),
        )
        return merged(earlier, found, now, is_whole=is_whole)

    def _write(self, now: list[str], kept: Edits, aim: list[str]) -> Reading:
        """Write until the playlist reads as it should, and return the last reading."""
        for _ in range(_ROUNDS):
            begin, known = now, [*now, *aim]
            # Another killed sync may have begun to write what stands there.
            pending = [*dict.fromkeys((*aim, *(self._mapping.pending_uris or ())))]
            self._change(pending_uris=pending, **_columns_of(kept))
            version, expected = self._carried_out(plan(now, aim), now)
            reading = self._reader.written(self._playlist_id, version, expected)
            now = reading.uris
            meanwhile = find_edits(expected, now, None if reading.is_settled else known)
            self._edits = self._edits.with_those_of(meanwhile)
            kept = self._kept(self._edits, now, is_whole=reading.is_settled)
            aim = target(self._uris, now, kept)
            if not plan(now, aim) or (reading.is_settled and now == begin):
                break
        self._keep_as_read(reading, kept, aim)
        return reading

    def _carried_out(self, calls: Sequence[Call], now: list[str]) -> tuple[str | None, list[str]]:
        """Send the calls; return the version that the last named, and what it should hold.

        After a call whose answer was lost no other is sent, and the version is None.
        """
        version = None
        for call in calls:
            now = applied(now, call)
            try:
                version = self._sent(call)
            except DoubtfulWriteError:
                return None, now
        return version, now

    def _sent(self, call: Call) -> str:
        spotify, playlist_id = self._spotify, self._playlist_id
        try:
            match call:
                case Remove(uris):
                    return spotify.remove(playlist_id, uris)
                case Move(start, length, before):
                    return spotify.move(playlist_id, start, length, before)
                case Add(uris, position):
                    return spotify.add(playlist_id, uris, position)
                case Replace(uris):
                    return spotify.replace(playlist_id, uris)
        except ApiError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                self._reader.version(playlist_id)  # raises where it is gone
            raise
        except SignInError:
            if spotify.state(playlist_id).is_public:
                raise ApiError(
                    "its playlist is public, and Soundlake may write private ones alone: in "
                    "Spotify choose Make private"
                ) from None
            raise

    @property
    def _playlist_id(self) -> str:
        assert self._mapping.playlist_id is not None
        return self._mapping.playlist_id

    def _keep_as_read(self, reading: Reading, kept: Edits, aim: list[str]) -> None:
        """Keep the reading; one that may lag is not trusted to show what a person changes next."""
        self._change(
            snapshot_id=reading.version,
            item_uris=reading.uris,
            item_count=len(reading.uris),
            wanted_uris=self._uris,
            pending_uris=None if reading.is_settled else aim,
            last_synced_at=self._now,
            **_columns_of(kept),
        )

    def _change(self, **changes: object) -> None:
        self._mapping = self._mapping._replace(**changes)  # type: ignore[arg-type]
        self._keep(self._mapping)

    def _outcome(
        self,
        status: Status,
        before: Sequence[str] = (),
        after: Sequence[str] = (),
        snapshot_before: str | None = None,
    ) -> SyncOutcome:
        reads, writes = self._before
        return SyncOutcome(
            wanted=self._wanted,
            status=status,
            mapping=self._mapping,
            edits=self._edits,
            reads=self._spotify.reads - reads,
            writes=self._spotify.writes - writes,
            added=0 if status == "unchanged" else len({*after} - {*before}),
            removed=len({*before} - {*after}),
            item_count=len(after),
            snapshot_before=snapshot_before,
        )


def _columns_of(kept: Edits) -> dict[str, object]:
    return {
        "added_uris": [*kept.added],
        "removed_uris": [*kept.removed],
        "is_reordered": kept.is_reordered,
    }
