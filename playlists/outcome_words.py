"""What a sync did, in lines for a person."""

from playlists.edits import Edits
from playlists.outcome import SyncOutcome
from playlists.plan import MOST_ON_A_PLAYLIST
from report.page.words import plural


def outcome_in_words(outcome: SyncOutcome) -> list[str]:
    """Return what a sync did or would do, in lines that begin with the playlist's name."""
    name, wanted = outcome.mapping.name or outcome.wanted.name, outcome.wanted
    lines = [_first_line(outcome)]
    if outcome.edits:
        after = "kept" if outcome.mapping.keep_edits else "not kept, as the rule decides"
        lines.append(f"changed by hand: {_edits_in_words(outcome.edits)} ({after})")
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


def _first_line(outcome: SyncOutcome) -> str:
    again = f"`main.py playlists sync {outcome.wanted.slug}` makes a new one"
    count, mapping = outcome.item_count or 0, outcome.mapping
    change = f"{outcome.added:,} added, {outcome.removed:,} removed"
    requests = f"{plural(outcome.writes, 'write')}, {plural(outcome.reads, 'read')}"
    match outcome.status:
        case "written":
            return f"{plural(count, 'track')}, {change} ({requests})"
        case "planned" if mapping.status == "creating":
            return f"would make a private playlist of {plural(count, 'track')}"
        case "planned" if not outcome.added and not outcome.removed:
            return f"nothing would change but the order at most, of {plural(count, 'track')}"
        case "planned":
            return f"would hold {plural(count, 'track')}, {change}"
        case "unchanged" | "edited":
            return f"nothing to write, {plural(count, 'track')}"
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
