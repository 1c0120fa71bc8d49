"""What a person listens to: artists found over the years, obsessions of a few weeks, a long tail.

A taste is a table of weights, one row a week and one column a track, so that the tracks of all
plays are drawn at once.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from demo.catalogue import GENRES
from demo.draws import Draws, Floats, Integers, pick

_LIBRARY_ARTISTS = 240
_FAVOURITE_GENRES = (1.0, 0.8, 0.6, 0.5, 0.4, 0.3)
_OTHER_GENRES = 0.03
_KNOWN_BEFORE = 0.4
# How much more often an artist or a song is played at the height of an obsession.
_ARTIST_BOOST = 14.0
_SONG_BOOST = 24.0
_OBSESSION_WEEKS = (3.0, 4.0, 5.0, 6.0, 9.0, 14.0)
_SKEWED_WEIGHT = (0.15, 0.3, 0.5, 0.75, 1.0, 1.4, 2.0, 4.0)


@dataclass(frozen=True)
class World:
    """The tracks that can be played, prepared for drawing; arrays of one entry a track.

    ``artist``: number of the (first) artist. ``genre``: number of the genre. ``album``: number of
    the album; the tracks of one album stand together. ``popularity``: 0-100. ``liveliness``: energy
    and valence in one, in standard deviations.
    """

    artist: Integers
    genre: Integers
    album: Integers
    popularity: Floats
    liveliness: Floats


def world_of(tracks: pd.DataFrame) -> World:
    """Prepare the tracks that ``demo.catalogue.distinct_tracks`` returns."""
    codes = {genre.name: code for code, genre in enumerate(GENRES)}
    album = pd.factorize(tracks["album_artist_name"] + "\n" + tracks["album_name"])[0]

    # "Various Artists" of a compilation is nobody's favourite.
    first_artist = tracks["artists"].str.partition(";")[0]

    def standard(name: str) -> Floats:
        values = tracks[name].to_numpy(dtype=np.float64)
        return np.asarray((values - values.mean()) / values.std(), dtype=np.float64)

    return World(
        artist=np.asarray(pd.factorize(first_artist)[0], dtype=np.int64),
        genre=np.array([codes[name] for name in tracks["track_genre"]], dtype=np.int64),
        album=np.asarray(album, dtype=np.int64),
        popularity=tracks["popularity"].to_numpy(dtype=np.float64),
        liveliness=0.7 * standard("energy") + 0.5 * standard("valence"),
    )


@dataclass(frozen=True)
class Taste:
    """A person's weights.

    ``library``: positions in the world of the tracks that the person comes back to. ``weekly``:
    running sums of the library's weights; row w lies between w and w + 1, so that all rows in one
    are ascending. ``anything``: running sum of the weights of all tracks of the world, for what is
    heard by chance.
    """

    library: Integers
    weekly: Floats
    anything: Floats

    def tracks(self, week: Integers, uniform: Floats) -> Integers:
        """Return the library tracks that uniform draws on [0, 1) hit in the given weeks."""
        hits = np.searchsorted(self.weekly.ravel(), week + (1.0 - uniform), side="left")
        found: Integers = self.library[hits - week * self.weekly.shape[1]]
        return found

    def chance_finds(self, uniform: Floats) -> Integers:
        """Return the tracks of the world that uniform draws on [0, 1) hit."""
        return pick(self.anything, uniform)


def _obsessions(
    draws: Draws, owners: Floats, known_since: Integers, weeks: int, count: int
) -> Floats:
    """Return how strongly each owner is a favourite in each week, 0 to about 1, rows = owners.

    An obsession begins when its owner is found, or at any time later, is strongest at once and
    fades.
    """
    owner = draws.weighted(owners, count)
    length = draws.quantiles(_OBSESSION_WEEKS, count)
    first = np.maximum(draws.below(weeks, count), known_since[owner])
    age = np.arange(weeks)[None, :] - first[:, None]
    strength = np.where(age >= 0, np.clip(1.0 - age / length[:, None], 0.0, 1.0), 0.0)
    result = np.zeros((len(owners), weeks))
    np.add.at(result, owner, strength)
    return result


def make_taste(draws: Draws, world: World, weeks: int) -> Taste:
    """Draw a person's taste.

    ``draws``: the person's stream for their taste. ``world``: the tracks there are. ``weeks``:
    length of the history, weeks.

    Returns Weights for every week.
    """
    artists = int(world.artist.max()) + 1
    genre_weight = np.full(len(GENRES), _OTHER_GENRES)
    liked = np.argsort(draws.uniform(len(GENRES)), kind="stable")[: len(_FAVOURITE_GENRES)]
    genre_weight[liked] = _FAVOURITE_GENRES
    by_track = genre_weight[world.genre] * (5.0 + world.popularity)
    tracks_of_artist = np.bincount(world.artist, minlength=artists)
    artist_weight = np.bincount(world.artist, by_track, artists) / tracks_of_artist
    artist_weight *= draws.quantiles(_SKEWED_WEIGHT, artists)

    # A weighted choice without repeats: the smallest of exponential draws over their weights.
    key = -np.log(1.0 - draws.uniform(artists)) / artist_weight
    chosen = np.zeros(artists, dtype=np.bool_)
    chosen[np.argsort(key, kind="stable")[:_LIBRARY_ARTISTS]] = True
    found_week = draws.below(weeks, artists)
    found_week[draws.happens(_KNOWN_BEFORE, artists)] = 0
    library: Integers = np.flatnonzero(chosen[world.artist])
    artist = world.artist[library]

    # The root: else the same few artists would be the favourites again and again.
    loved = np.where(chosen, np.sqrt(artist_weight), 0.0)
    artist_level = 1.0 + _ARTIST_BOOST * _obsessions(
        draws, loved, found_week, weeks, 3 + weeks // 5
    )
    level = artist_level[artist] * artist_weight[artist][:, None]
    # Not every track of an artist is met at once.
    delay = draws.uniform(len(library))
    met_week = np.minimum(found_week[artist] + np.floor(60 * delay * delay * delay), weeks - 1)
    met_week = met_week.astype(np.int64)
    track_weight = draws.quantiles(_SKEWED_WEIGHT, len(library)) * (5 + world.popularity[library])
    songs = _obsessions(draws, track_weight * loved[artist], met_week, weeks, 4 + weeks)
    level *= track_weight[:, None] * (1.0 + _SONG_BOOST * songs)
    level[np.arange(weeks)[None, :] < met_week[:, None]] = 0.0
    # Nobody starts with nothing: were no track known in a week, all of them would be.
    level[:, level.sum(axis=0) == 0.0] = 1.0
    weekly = np.cumsum(level.T, axis=1)
    weekly /= weekly[:, -1:]
    weekly += np.arange(weeks)[:, None]
    return Taste(library=library, weekly=weekly, anything=np.cumsum(by_track))
