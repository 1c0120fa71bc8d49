"""One person's tracks and the catalogue's candidates as arrays with common codes.

NumPy and pandas only. Everything is in the order of the keys, so that it is the same whatever
order the rows came in.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gold.recommendations.ranking_metrics import Codes, Flags
from gold.recommendations.ranking_models import NEVER, Candidates, Hashes, Past, key_hashes
from gold.recommendations.ranking_terms import BILLION, HALF_LIVES, memory_name


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
        """Read ``track_key``, ``artist_key`` and ``genre``; those of one track are the same."""
        columns = ["track_key", "artist_key", "genre"]
        tracks = rows[columns].drop_duplicates("track_key").sort_values("track_key")
        keys = tracks["track_key"].to_numpy(dtype=object)
        credited = tracks["artist_key"].fillna("").to_numpy(dtype=object)
        artist, artists = pd.factorize(credited, sort=True)
        genre, genres = pd.factorize(tracks["genre"].to_numpy(dtype=object), sort=True)
        return cls(keys, artists, genres, artist.astype(np.int64), genre.astype(np.int64))

    @cached_property
    def hashes(self) -> Hashes:
        return key_hashes(self.keys)

    def codes(self, rows: pd.DataFrame) -> Codes:
        """Return the code of each row's track."""
        return _codes(rows["track_key"], self.keys)

    def past(self, sums: Past, codes: Codes) -> Past:
        """Add up what ``sums_of_rows`` returns by the codes of the rows' tracks."""
        # Whole billionths add up to the same in any order of the rows.
        by_track = sums.by(codes, len(self.keys))
        return Past(by_track.plays, by_track.last_day, by_track.memory / BILLION)

    def of_artists(self, past: Past) -> Past:
        return past.by(self.artist, len(self.artists))

    def of_genres(self, past: Past) -> Past:
        return past.by(self.genre, len(self.genres))


def sums_of_rows(rows: pd.DataFrame) -> Past:
    """Read ``plays``, ``last_day`` and the memories, in billionths, an item a row."""
    return Past(
        rows["plays"].to_numpy(dtype=np.int64),
        rows["last_day"].fillna(NEVER).to_numpy(dtype=np.int64),
        rows[[memory_name(each) for each in HALF_LIVES]].to_numpy(dtype=np.float64),
    )


@dataclass(frozen=True)
class CatalogueOfPerson:
    """The songs of the catalogue that may be new to a person, in the order of their keys.

    ``same`` are pairs of a song and a known track that it was heard as.
    """

    keys: NDArray[np.object_]
    candidates: Candidates
    same: tuple[Codes, Codes]

    @cached_property
    def hashes(self) -> Hashes:
        return key_hashes(self.keys)

    @classmethod
    def of(cls, songs: pd.DataFrame, known: KnownTracks) -> "CatalogueOfPerson":
        """Read name_key, artist, popularity and track_genre of songs.

        A song that was heard has a row for each track that it was heard as, ``track_key``.
        """
        tracks = songs.sort_values("name_key").drop_duplicates("name_key")
        keys = tracks["name_key"].to_numpy(dtype=object)
        candidates = Candidates(
            tracks["popularity"].to_numpy(dtype=np.int64),
            _codes(tracks["artist"], known.artists),
            _codes(tracks["track_genre"], known.genres),
            pd.factorize(tracks["artist"])[0].astype(np.int64),
        )
        heard = songs[songs["track_key"].notna()]
        same = (_codes(heard["name_key"], keys), _codes(heard["track_key"], known.keys))
        return cls(keys, candidates, same)

    def heard(self, is_heard: Flags) -> Flags:
        """Return of each song whether it is one of the tracks that ``is_heard`` marks."""
        candidate, track = self.same
        found = np.zeros(len(self.keys), dtype=np.bool_)
        found[candidate[is_heard[track]]] = True
        return found


def _codes(values: pd.Series, among: NDArray[np.object_]) -> Codes:
    """Return the place of each value among sorted ones; -1 where it is not there."""
    codes: Codes = (
        pd.Index(among, dtype=object).get_indexer(pd.Index(values, dtype=object)).astype(np.int64)
    )
    return codes
