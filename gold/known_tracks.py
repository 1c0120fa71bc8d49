"""One person's tracks and the catalogue's candidates as arrays with common codes.

NumPy and pandas only. Everything is in the order of the keys, so that it is the same whatever
order the rows came in.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gold.ranking_metrics import Codes, Flags
from gold.ranking_models import NEVER, Candidates, Hashes, Past, key_hashes
from gold.ranking_terms import BILLION, HALF_LIVES, memory_name

_ID_PREFIX = "id:"


@dataclass(frozen=True)
class KnownTracks:
    """The tracks a person ever heard, by code: the place of their key among the sorted keys.

    ``artist`` and ``genre`` are codes as well; a genre of -1 is unknown.
    """

    keys: NDArray[np.object_]
    artists: NDArray[np.object_]
    genres: NDArray[np.object_]
    artist: Codes
    genre: Codes

    @classmethod
    def of(cls, rows: pd.DataFrame) -> "KnownTracks":
        """Read ``track_key`` and ``genre`` from rows of which several may be of one track."""
        least = rows.sort_values(["track_key", "genre"]).drop_duplicates("track_key")
        keys = least["track_key"].to_numpy(dtype=object)
        artists, artist = np.unique(
            np.array([key.split("|", 1)[0] for key in keys], dtype=object), return_inverse=True
        )
        genres = np.array(sorted(least["genre"].dropna().unique()), dtype=object)
        genre = _codes(least["genre"], genres)
        return cls(keys, artists, genres, artist.astype(np.int64), genre)

    @cached_property
    def hashes(self) -> Hashes:
        return key_hashes(self.keys)

    def codes(self, rows: pd.DataFrame) -> Codes:
        """Give the code of each row's track."""
        return _codes(rows["track_key"], self.keys)

    def past(self, rows: pd.DataFrame) -> Past:
        """Add up ``plays``, ``last_day`` and the memories of rows by track."""
        memory = rows[[memory_name(each) for each in HALF_LIVES]].to_numpy(dtype=np.float64)
        each_row = Past(
            rows["plays"].to_numpy(dtype=np.int64),
            rows["last_day"].fillna(NEVER).to_numpy(dtype=np.int64),
            memory / BILLION,
        )
        return each_row.by(self.codes(rows), len(self.keys))

    def of_artists(self, past: Past) -> Past:
        return past.by(self.artist, len(self.artists))

    def of_genres(self, past: Past) -> Past:
        return past.by(self.genre, len(self.genres))


@dataclass(frozen=True)
class CatalogueOfPerson:
    """The candidates of a person, and which of them are the same as tracks they ever heard.

    ``keys`` are in the order of the candidates; ``same`` are pairs of a candidate and a track.
    """

    keys: NDArray[np.object_]
    candidates: Candidates
    same: tuple[Codes, Codes]

    @cached_property
    def hashes(self) -> Hashes:
        return key_hashes(self.keys)

    @classmethod
    def of(cls, rows: pd.DataFrame, heard: pd.DataFrame, known: KnownTracks) -> "CatalogueOfPerson":
        """Read rows of ``catalogue_candidates``; ``heard`` has track_key and track_id.

        A candidate is a heard track where one of its names is the track's key, or one of its ids
        an id that the track was heard by.
        """
        tracks = in_order(rows)
        keys = tracks["name_key"].to_numpy(dtype=object)
        credited = np.unique(tracks["artist"].to_numpy(dtype=object), return_inverse=True)[1]
        candidates = Candidates(
            tracks["popularity"].to_numpy(dtype=np.int64),
            _codes(tracks["artist"], known.artists),
            _codes(tracks["track_genre"], known.genres),
            credited.astype(np.int64),
        )
        return cls(keys, candidates, _same(rows, keys, heard, known))

    def heard(self, is_heard: Flags) -> Flags:
        """Say of each candidate whether it is one of the tracks that ``is_heard`` marks."""
        candidate, track = self.same
        found = np.zeros(len(self.keys), dtype=np.bool_)
        found[candidate[is_heard[track]]] = True
        return found


def in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Give one row a candidate, its most popular, in the order of their keys."""
    order = ["name_key", "unpopularity", "track_id", "track_genre"]
    by_key = rows.assign(unpopularity=-rows["popularity"]).sort_values(order)
    return by_key.drop_duplicates("name_key").reset_index(drop=True)


def _same(
    rows: pd.DataFrame, keys: NDArray[np.object_], heard: pd.DataFrame, known: KnownTracks
) -> tuple[Codes, Codes]:
    """Give the pairs of a candidate and a track that share a name or an id."""
    candidate = _codes(rows["name_key"], keys)
    by_name = rows["name_keys"].explode()
    name = _codes(by_name, known.keys)
    named = np.repeat(candidate, rows["name_keys"].map(len))
    by_id = heard.dropna(subset="track_id").drop_duplicates("track_id").sort_values("track_id")
    ids = by_id["track_id"].to_numpy(dtype=object)
    tracks = np.append(_codes(by_id["track_key"], known.keys), -1)
    pairs = np.column_stack(
        (np.append(named, candidate), np.append(name, tracks[_codes(rows["track_id"], ids)]))
    )
    found = np.unique(pairs[pairs[:, 1] >= 0], axis=0)
    return found[:, 0], found[:, 1]


def _codes(values: pd.Series, among: NDArray[np.object_]) -> Codes:
    """Give the place of each value among sorted ones; -1 where it is not there."""
    codes: Codes = (
        pd.Index(among, dtype=object).get_indexer(pd.Index(values, dtype=object)).astype(np.int64)
    )
    return codes
