"""Keep tracks of one artist apart."""

import heapq
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

T = TypeVar("T")


def separated(tracks: Sequence[T], artist_of: Callable[[T], Hashable], apart: int) -> list[T]:
    """Return the tracks so that ``apart`` others stand between two of one artist, where possible.

    Each place is taken by the first track in the order given whose artist did not just play, unless
    an artist has so many left that it must come now to be kept apart further on. With ``apart`` 1
    no two of an artist meet unless one has more than half; where they must, the fewest meet.
    """
    if apart < 1 or len(tracks) < 2:
        return list(tracks)
    waiting: dict[Hashable, deque[int]] = defaultdict(deque)
    for place, track in enumerate(tracks):
        waiting[artist_of(track)].append(place)
    left = Counter({artist: len(places) for artist, places in waiting.items()})
    # How many artists have so many left: the most are found without a look at all.
    with_left = Counter(left.values())
    most = max(with_left)
    # Numbered, so that the heap never compares artists.
    by_place = [
        (places[0], number, artist) for number, (artist, places) in enumerate(waiting.items())
    ]
    heapq.heapify(by_place)
    played: deque[Hashable] = deque(maxlen=apart)
    result: list[T] = []
    for remaining in range(len(tracks), 0, -1):
        while not with_left[most]:
            most -= 1
        is_tight = (most - 1) * (apart + 1) + with_left[most] >= remaining
        chosen = _take(by_place, lambda each: each not in played, left, most if is_tight else 0)
        _, number, artist = chosen
        result.append(tracks[waiting[artist].popleft()])
        with_left[left[artist]] -= 1
        left[artist] -= 1
        if left[artist]:
            with_left[left[artist]] += 1
            heapq.heappush(by_place, (waiting[artist][0], number, artist))
        played.append(artist)
    return result


Waiting = tuple[int, int, Hashable]


def _take(
    by_place: list[Waiting],
    may_play: Callable[[Hashable], bool],
    left: Counter[Hashable],
    at_least: int,
) -> Waiting:
    """Remove and return the first that may play and has ``at_least`` left, else the next best."""
    put_aside: list[Waiting] = []
    chosen = None
    while by_place and chosen is None:
        each = heapq.heappop(by_place)
        if may_play(each[2]) and left[each[2]] >= at_least:
            chosen = each
        else:
            put_aside.append(each)
    if chosen is None:
        allowed = [each for each in put_aside if may_play(each[2])]
        # Of those that have just played the one with the most left: it is hardest to place.
        chosen = (
            min(allowed) if allowed else min(put_aside, key=lambda each: (-left[each[2]], each))
        )
        put_aside.remove(chosen)
    for each in put_aside:
        heapq.heappush(by_place, each)
    return chosen
