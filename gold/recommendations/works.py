"""Merge recordings of one work: no list names a work twice. NumPy and pandas only."""

import pandas as pd

from gold.recommendations.ranking_terms import HALF_LIVES, memory_name

_ADDED_UP = {
    **dict.fromkeys(("plays", "plays_7", "plays_28"), "sum"),
    **{memory_name(each): "sum" for each in HALF_LIVES},
    **dict.fromkeys(("last_day", "last_date"), "max"),
    "silent_days": "min",
    "is_refused": "max",
}


def by_work(history: pd.DataFrame) -> pd.DataFrame:
    """Return one row per work in the order of ``track_key``, of rows of ``track_history``.

    A work is represented by its most played recording, of ties the later heard, then the least by
    key, with the totals of all its recordings.
    """
    work = history["work_key"].fillna("|" + history["track_key"])
    if not work.duplicated().any():
        return history.sort_values("track_key", ignore_index=True)
    ranked = history.assign(work=work).sort_values(
        ["plays", "last_date", "track_key"], ascending=[False, False, True]
    )
    chosen = ranked.drop_duplicates("work").set_index("work")
    added_up = ranked.groupby("work")[list(_ADDED_UP)].agg(_ADDED_UP)
    return chosen.assign(**added_up).sort_values("track_key", ignore_index=True)
