"""What a sync did, in lines for a person."""

from playlists.edits import MOST_ON_A_PLAYLIST, Edits
from playlists.outcome import SyncOutcome


def outcome_in_words(outcome: SyncOutcome) -> list[str]:
    """Return what a sync did or would do, in lines that begin with the playlist's name."""
    name, wanted = outcome.mapping.name or outcome.wanted.name, outcome.wanted
    lines = [_first_line(outcome)]
    if outcome.edits:
        after = "kept" if outcome.mapping.keep_edits else "not kept, as the rule decides"
        lines.append(f"changed by hand: {_edits_in_words(outcome.edits)} ({after})")
    if wanted.without_id and outcome.status not in ("ended", "skipped"):
        tracks = _tracks(wanted.without_id)
        verb = "has" if wanted.without_id == 1 else "have"
        lines.append(f"{tracks} {verb} no Spotify id: left out")
    over = len({*wanted.uris}) - MOST_ON_A_PLAYLIST
    if over > 0:
        lines.append(
            f"{_tracks(over)} left out: Spotify lets a playlist hold {MOST_ON_A_PLAYLIST:,}"
        )
    return [f"{name}: {line}" for line in lines]


def _first_line(outcome: SyncOutcome) -> str:
    again = f"`main.py playlists sync {outcome.wanted.slug}` makes a new one"
    count, mapping = outcome.item_count or 0, outcome.mapping
    change = f"{outcome.added:,} added, {outcome.removed:,} removed"
    requests = f"{_counted(outcome.writes, 'write')}, {_counted(outcome.reads, 'read')}"
    match outcome.status:
        case "written":
            return f"{_tracks(count)}, {change} ({requests})"
        case "planned" if mapping.status == "creating":
            return f"would make a private playlist of {_tracks(count)}"
        case "planned" if not outcome.added and not outcome.removed:
            return f"nothing would change but the order at most, of {_tracks(count)}"
        case "planned":
            return f"would hold {_tracks(count)}, {change}"
        case "unchanged" | "edited":
            return f"nothing to write, {_tracks(count)}"
        case "ended":
            return f"its playlist was deleted at Spotify, so its mapping has ended: {again}"
        case "skipped":
            return f"skipped, as its playlist was deleted at Spotify: {again}"


def _edits_in_words(edits: Edits) -> str:
    said = []
    if edits.added:
        said.append(f"{len(edits.added):,} added")
    if edits.removed:
        said.append(f"{len(edits.removed):,} removed")
    if edits.is_reordered:
        said.append("another order")
    return ", ".join(said)


def _tracks(count: int) -> str:
    return _counted(count, "track")


def _counted(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count:,} {what}s"
