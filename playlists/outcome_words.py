"""What a sync did, in lines for a person."""

from lake.playlist_mappings import PlaylistSyncRecord
from playlists.outcome import SyncOutcome
from playlists.plan import MOST_ON_A_PLAYLIST
from report.page.words import plural


def outcome_in_words(outcome: SyncOutcome) -> list[str]:
    """Return what a sync did or would do, in lines that begin with the playlist's name."""
    name, wanted = outcome.mapping.name or outcome.wanted.name, outcome.wanted
    lines = [_first_line(outcome)]
    if outcome.edits:
        edits = outcome.edits
        said = _edits_in_words(len(edits.added), len(edits.removed), edits.is_reordered)
        lines.append(_changed_by_hand(said, outcome.mapping.keep_edits))
    if wanted.without_id and outcome.status not in ("ended", "skipped"):
        tracks = plural(wanted.without_id, "track")
        verb = "has" if wanted.without_id == 1 else "have"
        lines.append(f"{tracks} {verb} no Spotify id: left out")
    over = len({*wanted.uris}) - MOST_ON_A_PLAYLIST
    if over > 0:
        lines.append(
            f"{plural(over, 'track')} left out: Spotify lets a playlist hold {MOST_ON_A_PLAYLIST:,}"
        )
    return [f"{name}: {line}" for line in lines]


def last_sync_in_words(last: PlaylistSyncRecord) -> list[str]:
    """Return what the last sync that changed something did, in lines."""
    if last.status == "ended":
        return ["its playlist was deleted at Spotify, so its mapping has ended"]
    lines = [_written(last.item_count or 0, last)]
    said = _edits_in_words(last.edits_added, last.edits_removed, last.edits_reordered)
    if said:
        lines.append(_changed_by_hand(said, last.keep_edits))
    return lines


def _first_line(outcome: SyncOutcome) -> str:
    again = f"`main.py playlists sync {outcome.wanted.slug}` makes a new one"
    count, mapping = outcome.item_count or 0, outcome.mapping
    match outcome.status:
        case "written":
            return _written(count, outcome)
        case "planned" if mapping.status == "creating":
            return f"would make a private playlist of {plural(count, 'track')}"
        case "planned" if not outcome.added and not outcome.removed:
            return f"nothing would change but the order at most, of {plural(count, 'track')}"
        case "planned":
            return f"would hold {plural(count, 'track')}, {_change(outcome)}"
        case "unchanged" | "edited":
            return f"nothing to write, {plural(count, 'track')}"
        case "ended":
            return f"its playlist was deleted at Spotify, so its mapping has ended: {again}"
        case "skipped":
            return f"skipped, as its playlist was deleted at Spotify: {again}"


def _written(count: int, done: SyncOutcome | PlaylistSyncRecord) -> str:
    requests = f"{plural(done.writes, 'write')}, {plural(done.reads, 'read')}"
    return f"{plural(count, 'track')}, {_change(done)} ({requests})"


def _change(done: SyncOutcome | PlaylistSyncRecord) -> str:
    return f"{done.added:,} added, {done.removed:,} removed"


def _changed_by_hand(said: str, keep_edits: bool | None) -> str:
    after = "kept" if keep_edits else "not kept, as the rule decides"
    return f"changed by hand: {said} ({after})"


def _edits_in_words(added: int, removed: int, is_reordered: bool | None) -> str:
    said = []
    if added:
        said.append(f"{added:,} added")
    if removed:
        said.append(f"{removed:,} removed")
    if is_reordered:
        said.append("another order")
    return ", ".join(said)
