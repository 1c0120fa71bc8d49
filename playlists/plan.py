"""Which calls turn a playlist into another one: in few calls of 100 items each.

Pure: what a playlist holds and what it should hold, in; the calls, in order, out.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile

MOST_ON_A_PLAYLIST = 10_000
"""How many items Spotify lets a playlist hold."""

MOST_ITEMS = 100
"""How many items one call adds, removes or replaces."""


@dataclass(frozen=True)
class Remove:
    """Remove items, wherever and however often they occur."""

    uris: tuple[str, ...]


@dataclass(frozen=True)
class Move:
    """Move ``length`` items from ``start`` on to before the item at ``before``, all from 0."""

    start: int
    length: int
    before: int


@dataclass(frozen=True)
class Add:
    """Insert items at a place from 0."""

    uris: tuple[str, ...]
    position: int


@dataclass(frozen=True)
class Replace:
    """Have a playlist hold these items alone."""

    uris: tuple[str, ...]


Call = Remove | Move | Add | Replace


def is_writable(uri: str) -> bool:
    """Return whether the Web API can add and remove an item; not so a person's own file."""
    return uri.startswith(("spotify:track:", "spotify:episode:"))


def plan(now: Sequence[str], wanted: Sequence[str]) -> list[Call]:
    """Return the calls that make a playlist that holds ``now`` hold ``wanted``, in order.

    Of several ways the one with the fewest calls, of equal ones the one that keeps more items where
    they are. Items that the Web API cannot write must be the last of ``wanted``, in the order of
    ``now``; ``wanted`` names no other item twice.
    """
    to_the_end, held = _fixed_to_the_end(now)
    target = [uri for uri in wanted if is_writable(uri)]
    ways = [
        _by_moving(held, target),
        _by_keeping(_in_same_order, held, target),
        _by_keeping(_at_both_ends, held, target),
    ]
    if len(held) == len(now):  # else a person's own files would be lost
        ways.append(_by_replacing(target))
    return [*to_the_end, *min(ways, key=len)]


def applied(now: Sequence[str], call: Call) -> list[str]:
    """Return what a playlist holds after a call."""
    held = [*now]
    match call:
        case Remove(uris):
            return [uri for uri in held if uri not in {*uris}]
        case Move(start, length, before):
            moved, rest = held[start : start + length], held[:start] + held[start + length :]
            place = before if before <= start else max(before - length, start)
            return rest[:place] + moved + rest[place:]
        case Add(uris, position):
            return [*held[:position], *uris, *held[position:]]
        case Replace(uris):
            return [*uris]


def _fixed_to_the_end(now: Sequence[str]) -> tuple[list[Call], list[str]]:
    """Return the calls that put what cannot be written last, and the items before it."""
    held, calls = [*now], list[Call]()
    end = _without_fixed_end(held, len(held))
    while fixed := [place for place in range(end) if not is_writable(held[place])]:
        start = _without_fixed_end(held, fixed[-1] + 1)
        length = fixed[-1] + 1 - start
        calls.append(Move(start, length, end))
        held = applied(held, calls[-1])
        end -= length
    return calls, held[:end]


def _without_fixed_end(held: Sequence[str], end: int) -> int:
    while end and not is_writable(held[end - 1]):
        end -= 1
    return end


def _by_replacing(target: Sequence[str]) -> list[Call]:
    first, rest = tuple(target[:MOST_ITEMS]), target[MOST_ITEMS:]
    return [Replace(first), *_additions([*rest], len(first))]


def _by_moving(held: Sequence[str], target: Sequence[str]) -> list[Call]:
    """Remove what is not wanted, move what is out of place, add what is missing."""
    surplus = Counter(held) - Counter(target)
    calls = _removals(surplus)
    left = [uri for uri in held if uri not in surplus]
    kept = {*left}
    order = [uri for uri in target if uri in kept]
    for place, uri in enumerate(order):
        if left[place] == uri:
            continue
        start = left.index(uri, place)
        ahead = zip(left[start:], order[place:], strict=False)
        length = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], ahead))
        calls.append(Move(start, length, place))
        left = applied(left, calls[-1])
        if len(calls) > len(held) // MOST_ITEMS + len(target) // MOST_ITEMS + 2:
            break  # replacing all is shorter; where that cannot be, the others are complete
    else:
        return calls + _missing(target, kept)
    return _by_keeping(_in_same_order, held, target)


def _by_keeping(
    in_place: Callable[[Sequence[str], Sequence[str]], set[str]],
    held: Sequence[str],
    target: Sequence[str],
) -> list[Call]:
    """Remove all but what is ``in_place`` in both, and add the rest."""
    surplus = Counter(held) - Counter(target)
    kept = in_place([uri for uri in held if uri not in surplus], target)
    removed = dict.fromkeys(uri for uri in held if uri not in kept)
    return _removals(removed) + _missing(target, kept)


def _in_same_order(held: Sequence[str], target: Sequence[str]) -> set[str]:
    """Return the most items in the same order in both: a longest increasing subsequence."""
    place_of = {uri: place for place, uri in enumerate(target)}
    places = [place_of[uri] for uri in held]
    ends: list[int] = []  # of each length the index at which the best sequence ends
    end_places: list[int] = []
    before: list[int | None] = []
    for index, place in enumerate(places):
        length = bisect_left(end_places, place)
        before.append(ends[length - 1] if length else None)
        ends[length : length + 1] = [index]
        end_places[length : length + 1] = [place]
    kept = set()
    at = ends[-1] if ends else None
    while at is not None:
        kept.add(held[at])
        at = before[at]
    return kept


def _at_both_ends(held: Sequence[str], target: Sequence[str]) -> set[str]:
    """Return the items with which both begin and end."""
    begin = [one for one, _ in takewhile(_are_equal, zip(held, target, strict=False))]
    rest = (reversed(each[len(begin) :]) for each in (held, target))
    end = [one for one, _ in takewhile(_are_equal, zip(*rest, strict=False))]
    return {*begin, *end}


def _are_equal(pair: tuple[str, str]) -> bool:
    return pair[0] == pair[1]


def _removals(uris: Collection[str]) -> list[Call]:
    return [Remove(batch) for batch in _batches(uris)]


def _missing(target: Sequence[str], kept: set[str]) -> list[Call]:
    """Return the calls that add each run of wanted items that is not kept, from the first on."""
    calls: list[Call] = []
    for start, run in _runs(target, kept):
        calls += _additions(run, start)
    return calls


def _runs(target: Sequence[str], kept: set[str]) -> Iterator[tuple[int, list[str]]]:
    run: list[str] = []
    for place, uri in enumerate(target):
        if uri not in kept:
            run.append(uri)
        elif run:
            yield place - len(run), run
            run = []
    if run:
        yield len(target) - len(run), run


def _additions(uris: Sequence[str], position: int) -> list[Call]:
    return [
        Add(batch, position + number * MOST_ITEMS) for number, batch in enumerate(_batches(uris))
    ]


def _batches(uris: Collection[str]) -> Iterator[tuple[str, ...]]:
    left = iter(uris)
    while batch := tuple(islice(left, MOST_ITEMS)):
        yield batch
