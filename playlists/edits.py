"""What a person changed on a playlist by hand, and what the playlist should hold then.

Pure: lists of URIs in and out.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from playlists.plan import MOST_ON_A_PLAYLIST, is_writable


@dataclass(frozen=True)
class Edits:
    """What a person changed by hand: what they added and removed, and whether the order."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    is_reordered: bool = False

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.is_reordered)

    def with_those_of(self, other: "Edits") -> "Edits":
        """Return both edits as one."""
        return Edits(
            tuple(_once((*self.added, *other.added))),
            tuple(_once((*self.removed, *other.removed))),
            self.is_reordered or other.is_reordered,
        )


def find_edits(
    last: Sequence[str] | None, now: Sequence[str], pending: Sequence[str] | None
) -> Edits:
    """Return what a person changed on a playlist between two readings.

    ``last`` is what it held then, None where it was never read: all on it was put there by hand.
    ``pending`` is what a sync was writing that did not end: what it added is no edit, and what is
    missing or elsewhere need not be one.
    """
    held, read = {*now}, {*(last or ())}
    known = read | {*(pending or ())}
    added = tuple(each for each in _once(now) if each not in known)
    if pending is not None or last is None:
        return Edits(added)
    removed = tuple(each for each in _once(last) if each not in held)
    before = [each for each in _once(last) if each in held]
    after = [each for each in _once(now) if each in read]
    return Edits(added, removed, before != after)


def merged(earlier: Edits, found: Edits, now: Sequence[str], *, is_whole: bool) -> Edits:
    """Return all edits that are to be kept: those of before that still hold, and those found.

    What was added is kept until the person removes it again, what was removed until they add it.
    ``is_whole`` is False after a sync that did not end, when what is missing says nothing.
    """
    held = {*now}
    added = [each for each in _once((*earlier.added, *found.added)) if each in held or not is_whole]
    removed = [each for each in _once((*earlier.removed, *found.removed)) if each not in held]
    return Edits(tuple(added), tuple(removed), earlier.is_reordered or found.is_reordered)


def target(wanted: Iterable[str], now: Sequence[str], kept: Edits) -> list[str]:
    """Return what the playlist should hold: what the rule wants, as changed by the person.

    No item twice, and ``MOST_ON_A_PLAYLIST`` at most. What the person added stays behind the item
    that it follows now; where they changed the order, what is new comes at the end.
    """
    away = {*kept.removed}
    result = [each for each in _once(wanted) if each not in away]
    chosen = {*result}
    extra = [each for each in kept.added if each not in chosen and is_writable(each)]
    if kept.is_reordered:
        result = _in_order_of(now, [*result, *extra])
    else:
        result = _with_extra(result, extra, now)
    return result[:MOST_ON_A_PLAYLIST]


def _once(uris: Iterable[str]) -> list[str]:
    return [*dict.fromkeys(uris)]


def _in_order_of(now: Sequence[str], uris: Collection[str]) -> list[str]:
    chosen = {*uris}
    standing = [each for each in _once(now) if each in chosen]
    return _once([*standing, *uris])


def _with_extra(wanted: list[str], extra: Collection[str], now: Sequence[str]) -> list[str]:
    """Return the wanted items, each extra one behind the item that it follows now."""
    added, chosen = {*extra}, {*wanted}
    behind: dict[str | None, list[str]] = {None: []}
    last: str | None = None
    for each in _once(now):
        if each in added:
            behind.setdefault(last, []).append(each)
        elif each in chosen:
            last = each
    result = list(behind[None])
    for each in wanted:
        result += [each, *behind.get(each, ())]
    return _once([*result, *extra])
