"""Made-up podcasts: a few shows with an episode a week."""

import numpy as np
import pandas as pd

from demo.draws import Draws
from demo.names import spotify_ids

_SHOWS = (
    ("The Slow Kettle", 38.0),
    ("Maps Without Edges", 52.0),
    ("Nine Minutes of News", 9.0),
    ("Küchentischgespräche", 61.0),
    ("Small Hours, Big Questions", 44.0),
)
_SUBJECTS = (
    *("Bridges", "Salt", "Borrowed Time", "Lighthouses", "The Color Blue", "Maps", "Sleep"),
    *("Lost Letters", "Bees", "Ice", "Bread", "Radio", "Clocks", "Tunnels", "Paper", "Silence"),
)


def make_episodes(weeks: int) -> pd.DataFrame:
    """Return the episodes of all shows, the same for every listener.

    ``weeks``: how many weeks of episodes.

    Returns one row per week and show, ordered by week, then show: ``track_id`` (the episode's id),
    ``track_name`` (its title), ``album_artist_name`` (the show), ``album_name`` (null) and
    ``duration_ms``.
    """
    draws = Draws(0, 2)
    count = weeks * len(_SHOWS)
    subject = draws.below(len(_SUBJECTS), count).tolist()
    minutes = np.tile([length for _, length in _SHOWS], weeks)
    minutes = minutes * draws.quantiles((0.6, 0.9, 1.0, 1.1, 1.5), count)
    return pd.DataFrame(
        {
            "track_id": spotify_ids(draws, count),
            "track_name": [
                f"#{number // len(_SHOWS) + 1}: {_SUBJECTS[at]}"
                for number, at in enumerate(subject)
            ],
            "album_artist_name": [name for name, _ in _SHOWS] * weeks,
            "album_name": pd.Series([None] * count, dtype=object),
            "duration_ms": np.floor(minutes * 60_000).astype(np.int64),
        }
    )


SHOWS = len(_SHOWS)
"""Episodes a week."""
