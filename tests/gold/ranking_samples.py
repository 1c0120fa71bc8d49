"""Simulated listeners for the tests of the recommendations, and their plays as rows by week."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gold.ranking_terms import HALF_LIVES

NO_CATALOGUE = pd.DataFrame(
    {
        name: pd.Series(dtype=kind)
        for name, kind in {
            "name_key": object,
            "artist": object,
            "name_keys": object,
            "track_id": object,
            "popularity": np.int64,
            "track_genre": object,
        }.items()
    }
)


def plays_frame(days: NDArray[Any], tracks: list[str], counted: bool = True) -> pd.DataFrame:
    """Give one row a play: the day number since a Monday, and the track."""
    return pd.DataFrame(
        {"day": np.asarray(days, dtype=np.int64), "track_key": tracks, "counted": int(counted)}
    )


def weekly_rows(plays: pd.DataFrame) -> pd.DataFrame:
    """Add plays up by track and week: what ``evaluate`` takes, in no particular order."""
    week = plays["day"] // 7
    age = (week + 1) * 7 - plays["day"]
    each = plays.assign(week=week, plays=plays["counted"])
    each["last_day"] = plays["day"].where(plays["counted"] == 1)
    for half_life in HALF_LIVES:
        halved = plays["counted"] * 0.5 ** (age / half_life)
        each[f"memory_{half_life}"] = (halved * 1e9).round().astype(np.int64)
    sums = dict.fromkeys(["plays", *(f"memory_{each}" for each in HALF_LIVES)], "sum")
    rows = each.groupby(["track_key", "week"], as_index=False).agg({**sums, "last_day": "max"})
    return rows.assign(track_id=None, genre=None).sample(frac=1, random_state=1)


def listener(
    weights: NDArray[np.float64], weeks: int, plays_a_week: int, seed: int
) -> pd.DataFrame:
    """Give the plays of somebody who draws every play from the same weights of tracks."""
    random = np.random.default_rng(seed)
    drawn = random.choice(len(weights), weeks * plays_a_week, p=weights / weights.sum())
    days = np.sort(random.integers(0, weeks * 7, len(drawn)))
    return plays_frame(days, [f"artist {each % 40}|title {each:04d}" for each in drawn])


def offered(tracks: list[dict[str, Any]]) -> pd.DataFrame:
    """Give catalogue rows of ``artist``, ``title`` and what is told of them."""
    rows = []
    for number, each in enumerate(tracks):
        key = f"{each['artist']}|{each['title']}"
        row = {"name_key": key, "name_keys": [key], "track_id": f"c{number}", "popularity": 50}
        rows.append(row | {"track_genre": "pop"} | each)
    return pd.DataFrame(rows)
