"""Tracks of a library in whose place Spotify shows others: the lake keeps those of the library.

In some countries Spotify plays another release of the same recording, and shows that one when it
is asked with a country. Nothing was removed or added then.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Sequence
from operator import itemgetter

from ingestion.library_history import Row, present
from mappers.api_items import id_of, object_of
from mappers.library_mapper import playlist_item_rows, saved_track_rows, shown_track
from mappers.values import Json, instant
from schemas.table import Table


class KnownItems:
    """The items of a list that the lake knows, to be found again where Spotify shows others."""

    def __init__(self, table: Table, held: Iterable[Row]) -> None:
        known = present(held)
        self._key = itemgetter(*table.key)
        self._by_key = {self._key(row): row for row in known}
        self._ids: defaultdict[Hashable, set[str]] = defaultdict(set)
        for row in known:
            if row["isrc"] is not None:
                self._ids[row.get("playlist_id"), row["added_at"], row["isrc"]].add(row["track_id"])

    def saved_track_rows(self, item: Json, user_id: str) -> list[Row]:
        """Return the row of a saved track; none for what is none."""
        named = self._named(item)
        return [self._as_held(row, named) for row in saved_track_rows([named], user_id)]

    def playlist_item_rows(
        self, entries: Sequence[Json], playlist_id: str, user_id: str
    ) -> list[Row]:
        """Return the rows of all entries of a playlist, in order."""
        shown = {id_of(shown_track(entry)) for entry in entries}
        named = [self._named(entry, playlist_id, shown) for entry in entries]
        rows = playlist_item_rows(named, playlist_id, user_id)
        return [self._as_held(row, named[row["position"] - 1]) for row in rows]

    def _named(
        self, entry: Json, playlist_id: str | None = None, shown: Collection[str | None] = ()
    ) -> Json:
        """Return an item whose track names the one that it stands for.

        Since 2026 Spotify does not; what was added at one instant with the same recording code is
        the same item, unless there are several, or the track itself is among those ``shown``.
        """
        track = shown_track(entry)
        isrc = object_of(track.get("external_ids")).get("isrc")
        if not isinstance(isrc, str) or "linked_from" in track:
            return entry
        ids = self._ids.get((playlist_id, instant(entry.get("added_at")), isrc), set())
        if len(ids) != 1 or id_of(track) in ids:
            return entry
        (own,) = ids
        if own in shown:
            return entry
        original = {"id": own, "uri": f"spotify:track:{own}"}
        name = "item" if entry.get("item") else "track"
        return {**entry, name: {**track, "linked_from": original}}

    def _as_held(self, row: Row, entry: Json) -> Row:
        """Return the row of an item; where another track is shown, the one that the lake holds."""
        known = self._by_key.get(self._key(row))
        if known is None or known["track_id"] == id_of(shown_track(entry)):
            return row
        # Its place on a playlist may be another one now.
        return {**known, "position": row["position"]} if "position" in row else known
