"""Simulated listeners for the tests of the recommendations, and their plays as rows of models."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from engines.arrow import arrow_schema
from gold.recommendations.ranking_terms import HALF_LIVES
from schemas.silver_schemas import LISTENING_WITH_FEATURES

MONDAY = date(2024, 1, 1)
NO_SONGS = pd.DataFrame(
    {
        name: pd.Series(dtype=kind)
        for name, kind in {
            "name_key": object,
            "artist": object,
            "popularity": np.int64,
            "track_genre": object,
            "track_key": object,
        }.items()
    }
)


def plays_frame(days: NDArray[Any], tracks: list[str], counted: bool = True) -> pd.DataFrame:
    """Return one row a play: the day number since a Monday, and the track."""
    return pd.DataFrame(
        {"day": np.asarray(days, dtype=np.int64), "track_key": tracks, "counted": int(counted)}
    )


def weekly_rows(plays: pd.DataFrame, user: str = "me") -> pd.DataFrame:
    """Add plays up by track and week: rows of ``holdout_plays`` in no particular order."""
    week = plays["day"] // 7
    age = (week + 1) * 7 - plays["day"]
    each = plays.assign(week=week, plays=plays["counted"])
    each["last_day"] = plays["day"].where(plays["counted"] == 1)
    for half_life in HALF_LIVES:
        halved = plays["counted"] * 0.5 ** (age / half_life)
        each[f"memory_{half_life}"] = (halved * 1e9).round().astype(np.int64)
    sums = dict.fromkeys(["plays", *(f"memory_{each}" for each in HALF_LIVES)], "sum")
    rows = each.groupby(["track_key", "week"], as_index=False).agg({**sums, "last_day": "max"})
    artist = rows["track_key"].str.partition("|")[0]
    named = rows.assign(user_id=user, track_id=None, artist_key=artist, genre=None)
    return named.sample(frac=1, random_state=1)


_OF_TRACK = ("track_key", "track_id", "track_name", "artist_key", "genre")


def _named(play: dict[Any, Any]) -> dict[str, Any]:
    """Return what a play says of its track: artist and title are those of its key."""
    artist, _, title = play["track_key"].partition("|")
    named = {"artist_key": artist, "track_name": title} | play
    return {name: named[name] for name in _OF_TRACK if name in named}


def complete_plays(plays: pd.DataFrame, *users: str) -> pa.Table:
    """Return plays as rows of ``complete_plays``; ``track_id`` and ``genre`` may be columns."""
    names = {"user_id", "local_date", "is_counted", *_OF_TRACK}
    columns = [each for each in LISTENING_WITH_FEATURES.columns if each.name in names]
    rows = [
        {
            "user_id": user,
            "local_date": MONDAY + timedelta(days=int(play["day"])),
            "is_counted": bool(play["counted"]),
            **_named(play),
        }
        for user in users or ("me",)
        for play in plays.to_dict("records")
    ]
    return pa.Table.from_pylist(rows, arrow_schema(columns))


def listener(
    weights: NDArray[np.float64], weeks: int, plays_a_week: int, seed: int
) -> pd.DataFrame:
    """Return the plays of somebody who draws every play from the same weights of tracks."""
    random = np.random.default_rng(seed)
    drawn = random.choice(len(weights), weeks * plays_a_week, p=weights / weights.sum())
    days = np.sort(random.integers(0, weeks * 7, len(drawn)))
    return plays_frame(days, [f"artist {each % 40}|title {each:04d}" for each in drawn])


def song(artist: str, title: str, **values: Any) -> dict[str, Any]:
    """Return a row of ``silver.catalogue_tracks``."""
    key = f"{artist}|{title}"
    return {
        "track_id": f"c-{key}",
        "track_genre": "pop",
        "popularity": 50,
        "name_keys": [key],
        "work_keys": values.get("name_keys", [key]),
        "artist_keys": [artist],
    } | values
