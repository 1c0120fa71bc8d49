"""The rankings that are compared, each based only on the past.

NumPy and pandas only. *Repeat* ranks tracks that were heard, *novel* ranks catalogue tracks that
were not, by what was heard of their artists and genres.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gold.recommendations.ranking_metrics import LIST_LENGTH, Codes, Flags, Floats
from gold.recommendations.ranking_terms import HALF_LIVES, MAINSTREAM_POPULARITY
from gold.statistics.seeds import seed_of

Hashes = NDArray[np.uint64]

RANDOM, POPULARITY, RECENCY = "random", "popularity", "recency"
DECAYED_FREQUENCY = "decayed_frequency_28"
POWER_LAW = "power_law_decay"
MODELS = (DECAYED_FREQUENCY, POPULARITY, RECENCY, POWER_LAW, RANDOM)
"""Of equally good models the earlier one ships."""

# Sums of halvings, weighted by 1 / half-life, come close to a decay by 1 / age between a week and
# a year: how likely a thing is to be needed again (Anderson and Schooler 1991).
_POWER_LAW_WEIGHTS = 1 / np.array(HALF_LIVES, dtype=np.float64)
# A genre is shared by thousands of tracks and says less about one than its artist does.
_GENRE_WEIGHT = 0.1
MAX_OF_AN_ARTIST = 3
_MAX_POPULAR = 100
NEVER = int(np.iinfo(np.int32).min)
"""Day number of what was never heard."""


@dataclass(frozen=True)
class Past:
    """What was heard of each item before an instant: one row per item (track, artist or genre).

    ``plays`` counted plays, ``last_day`` day number of the last, ``memory`` items × half-lives, the
    sum over plays of 2^(-age / half-life).
    """

    plays: Codes
    last_day: Codes
    memory: Floats

    def where(self, is_kept: Flags) -> "Past":
        """Return the past of some of the items."""
        return Past(self.plays[is_kept], self.last_day[is_kept], self.memory[is_kept])

    def by(self, groups: Codes, number: int) -> "Past":
        """Add up by group: ``groups`` holds each item's, 0 to ``number`` - 1; below 0 is none."""
        known = groups >= 0
        members = groups[known]
        last_day = np.full(number, NEVER, dtype=np.int64)
        np.maximum.at(last_day, members, self.last_day[known])
        sums = [
            np.bincount(members, weights=each, minlength=number) for each in self.memory[known].T
        ]
        plays = np.bincount(members, weights=self.plays[known], minlength=number)
        return Past(plays.astype(np.int64), last_day, np.column_stack(sums))


def nothing_heard(items: int) -> Past:
    """Return the past of ``items`` that were never heard."""
    return Past(
        np.zeros(items, dtype=np.int64),
        np.full(items, NEVER, dtype=np.int64),
        np.zeros((items, len(HALF_LIVES))),
    )


@dataclass(frozen=True)
class Candidates:
    """Catalogue tracks in the order of their keys, so that those of an artist stand together.

    ``popularity`` 0-100. ``artist`` and ``genre`` are codes of what the person heard at some time,
    -1 for others; ``credited`` codes every artist.
    """

    popularity: Codes
    artist: Codes
    genre: Codes
    credited: Codes

    def pool(self, is_heard: Flags, artist_is_heard: Flags) -> Codes:
        """Return the candidates to rank, in the order of their keys.

        Those not heard, by an artist that was or of a popularity of 75 and more, and of each artist
        the three most popular.
        """
        is_by_known = np.append(artist_is_heard, False)[self.artist]
        is_eligible = (is_by_known | (self.popularity >= MAINSTREAM_POPULARITY)) & ~is_heard
        order = self._by_artist[is_eligible[self._by_artist]]
        by_artist = self.credited[order]
        place = np.arange(len(order)) - np.searchsorted(by_artist, by_artist)
        kept: Codes = np.sort(order[place < MAX_OF_AN_ARTIST])
        return kept

    @cached_property
    def _by_artist(self) -> Codes:
        """All candidates: those of an artist together, the most popular first."""
        return np.lexsort((-self.popularity, self.credited))


def strength(model: str, past: Past) -> Floats:
    """Return how present each item of ``past`` is to ``model``; 0 for one never heard."""
    if model == POPULARITY:
        return past.plays.astype(np.float64)
    if model == RECENCY:
        return np.where(past.plays > 0, past.last_day - float(NEVER), 0.0)
    if model == DECAYED_FREQUENCY:
        return past.memory[:, HALF_LIVES.index(28)]
    if model == POWER_LAW:
        return past.memory @ _POWER_LAW_WEIGHTS
    raise ValueError(f"unknown model {model!r}")


def repeat_list(model: str, past: Past, chance: Floats) -> tuple[Codes, Floats]:
    """Return the tracks to play again, best first, 50 at most, and their scores.

    Only tracks that were heard. Of equal scores the more played goes first, then the later heard,
    then the lower index. ``chance`` has a random number for each track, for the random model.
    """
    heard = np.flatnonzero(past.plays > 0)
    scores = chance[heard] if model == RANDOM else strength(model, past)[heard]
    top = best(scores, (past.plays[heard], past.last_day[heard]))
    return heard[top], scores[top]


def novel_list(
    model: str, pool: Codes, candidates: Candidates, artists: Past, genres: Past, chance: Floats
) -> tuple[Codes, Floats]:
    """Return the candidates of ``pool`` to hear first, best first, 50 at most, and their scores.

    ``artists`` and ``genres`` are the past by the codes of ``candidates``. Popularity is the
    catalogue's. Recency is when the artist was last heard. The frequencies are the artist's share
    of all that was heard, plus a tenth of the genre's share times popularity. Of equal scores the
    more popular goes first, then the lower index.
    """
    popularity = candidates.popularity.astype(np.float64)
    if model == RANDOM:
        scores = chance
    elif model == POPULARITY:
        scores = popularity
    elif model == RECENCY:
        scores = _of(strength(model, artists), candidates.artist)
    else:
        by_artist = _of(_shares(strength(model, artists)), candidates.artist)
        by_genre = _of(_shares(strength(model, genres)), candidates.genre)
        scores = by_artist + _GENRE_WEIGHT * by_genre * popularity / _MAX_POPULAR
    top = best(scores[pool], (candidates.popularity[pool],))
    return pool[top], scores[pool][top]


def best(scores: Floats, ties: Sequence[NDArray[np.int64]], length: int = LIST_LENGTH) -> Codes:
    """Return the indices of the ``length`` highest scores, highest first.

    Of equal scores the higher of the first of ``ties`` goes first, then of the second …, then the
    lower index.
    """
    rounded = scores.round(12)
    kept = np.arange(len(rounded))
    if len(rounded) > length:
        kept = np.flatnonzero(rounded >= np.partition(rounded, -length)[-length])
    order = np.lexsort((kept, *(-each[kept] for each in reversed(ties)), -rounded[kept]))
    top: Codes = kept[order[:length]]
    return top


def key_hashes(keys: NDArray[np.object_]) -> Hashes:
    """Return a number of 64 bits for each key, on any machine the same."""
    return pd.util.hash_array(keys, categorize=False) if len(keys) else np.empty(0, np.uint64)


def chances(hashes: Hashes, seed: str) -> Floats:
    """Return a random number 0-1 for each key, the same whatever other keys there are.

    ``hashes`` come from ``key_hashes``; they are mixed with the seed's by the finaliser of
    SplitMix64 (Steele, Lea and Flood 2014). Each week has a seed of its own: pandas' keyed hash
    would read all 90,000 keys again for it, in 80 ms instead of 1 ms, and a generator of NumPy's
    would give a key another number where a key is added.
    """
    mixed = hashes ^ np.uint64(seed_of(seed))
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (mixed ^ (mixed >> np.uint64(31))).astype(np.float64) / 2.0**64


def _of(values: Floats, codes: Codes) -> Floats:
    """Return the value of each code; 0 for a code of -1."""
    found: Floats = np.append(values, 0.0)[codes]
    return found


def _shares(values: Floats) -> Floats:
    total = values.sum()
    return values / total if total > 0 else values
