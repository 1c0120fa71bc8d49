"""Evaluate how well each way of ranking predicts a week from earlier plays.

NumPy and pandas only; one person at a time.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from gold.recommendations.known_tracks import CatalogueOfPerson, KnownTracks, sums_of_rows
from gold.recommendations.ranking_metrics import (
    Codes,
    Flags,
    Floats,
    intra_list_distance,
    mean_with_interval,
    ndcg,
    novelty,
    recall,
)
from gold.recommendations.ranking_models import (
    DECAYED_FREQUENCY,
    MODELS,
    RANDOM,
    Past,
    chances,
    nothing_heard,
    novel_list,
    repeat_list,
)
from gold.recommendations.ranking_terms import HALF_LIVES
from schemas.statuses import NO_SKILL, OK, TOO_FEW_DATA
from silver.names.exact_numbers import DECIMALS

MIN_WEEKS = 4
MIN_TEST_PLAYS = 50
REPEAT, NOVEL = "repeat", "novel"
_DAYS = 7
_LEVELS_OF_POPULARITY = 101


@dataclass
class _Tally:
    """The scores of the lists of one task, one value per week, and the artists in them."""

    values: dict[str, dict[str, list[float]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    artists: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    choice: set[int] = field(default_factory=set)
    weeks: int = 0
    test_plays: int = 0

    def add_week(self, choice: Codes, test_plays: int) -> None:
        self.weeks += 1
        self.test_plays += test_plays
        self.choice.update(np.flatnonzero(np.bincount(choice)).tolist())

    def add(
        self, model: str, found: Flags, relevant: int, artists: Codes, probabilities: Floats
    ) -> None:
        of_model = self.values[model]
        of_model["ndcg_50"].append(ndcg(found, relevant))
        of_model["recall_50"].append(recall(found, relevant))
        of_model["intra_list_distance"].append(intra_list_distance(artists))
        of_model["novelty"].append(novelty(probabilities))
        self.artists[model].update(artists.tolist())


def evaluate(rows: pd.DataFrame, songs: pd.DataFrame) -> pd.DataFrame:
    """Return one row per task and model for one person: the columns of ``RECOMMENDATION_QUALITY``.

    ``rows``: the person's rows of ``holdout_plays``, at least one: track_key, genre, week (number
    of the week since 1970-01-05, a Monday; the least stands for all before as well), plays,
    last_day and the memories at the end of the week. The newest week may not be over and is not
    evaluated. ``songs``: the person's rows of ``holdout_songs``.

    Each week is ranked from the rows of earlier weeks alone. A week counts for a task where one of
    the person's tracks was to be predicted. Gains are 0 or 1: a track that is played all day counts
    once, as it fills one place of a list.
    """
    user_id = str(rows["user_id"].iloc[0])
    known = KnownTracks.of(rows)
    catalogue = CatalogueOfPerson.of(songs, known)
    tallies = {REPEAT: _Tally(), NOVEL: _Tally()}
    for week, past, is_heard, plays in _weeks(rows, known):
        seed = f"{user_id}|recommendation_quality|{week}"
        _repeat_week(tallies[REPEAT], known, past, plays, seed)
        _novel_week(tallies[NOVEL], known, catalogue, past, is_heard, plays, seed)
    found = [each for task in tallies for each in _rows_of_task(task, tallies[task])]
    return pd.DataFrame([{"user_id": user_id} | each for each in found])


def _weeks(rows: pd.DataFrame, known: KnownTracks) -> Iterator[tuple[int, Past, Flags, Codes]]:
    """Yield of each week but the first and newest: number, past, what was heard, its plays."""
    half_lives = np.array(HALF_LIVES, dtype=np.float64)
    past = nothing_heard(len(known.keys))
    is_heard = np.zeros(len(known.keys), dtype=np.bool_)
    sums, codes = sums_of_rows(rows), known.codes(rows)
    week_of_row = rows["week"].to_numpy(dtype=np.int64)
    before = None
    for week in np.unique(week_of_row).tolist()[:-1]:
        of_week = week_of_row == week
        now = known.past(sums.where(of_week), codes[of_week])
        if before is not None:
            silent_days = (week - before - 1) * _DAYS
            faded = past.memory * np.exp2(-silent_days / half_lives)
            past = Past(past.plays, past.last_day, faded)
            yield week, past, is_heard.copy(), now.plays
        past = Past(
            past.plays + now.plays,
            np.maximum(past.last_day, now.last_day),
            past.memory * np.exp2(-_DAYS / half_lives) + now.memory,
        )
        # Plays too short to be counted make a track known all the same.
        is_heard[codes[of_week]] = True
        before = week


def _repeat_week(tally: _Tally, known: KnownTracks, past: Past, plays: Codes, seed: str) -> None:
    is_choice = past.plays > 0
    relevant = is_choice & (plays > 0)
    if not relevant.any():
        return
    tally.add_week(known.artist[is_choice], int(plays[relevant].sum()))
    chance = chances(known.hashes, seed)
    for model in MODELS:
        tracks, _ = repeat_list(model, past, chance)
        tally.add(
            model,
            relevant[tracks],
            int(relevant.sum()),
            known.artist[tracks],
            past.plays[tracks] / past.plays.sum(),
        )


def _novel_week(
    tally: _Tally,
    known: KnownTracks,
    catalogue: CatalogueOfPerson,
    past: Past,
    is_heard: Flags,
    plays: Codes,
    seed: str,
) -> None:
    candidates = catalogue.candidates
    was_heard = catalogue.heard(is_heard)
    relevant = catalogue.heard(plays > 0) & ~was_heard
    artists, genres = known.of_artists(past), known.of_genres(past)
    pool = candidates.pool(was_heard, artists.plays > 0)
    if not relevant.any() or len(pool) == 0:
        return
    candidate, track = catalogue.same
    new_tracks = np.unique(track[relevant[candidate]])
    tally.add_week(candidates.credited[pool], int(plays[new_tracks].sum()))
    chance = chances(catalogue.hashes, seed)
    for model in MODELS:
        top, _ = novel_list(model, pool, candidates, artists, genres, chance)
        tally.add(
            model,
            relevant[top],
            int(relevant.sum()),
            candidates.credited[top],
            (candidates.popularity[top] + 1) / _LEVELS_OF_POPULARITY,
        )


def _rows_of_task(task: str, tally: _Tally) -> list[dict[str, Any]]:
    of_task = {"task": task, "weeks": tally.weeks, "n_test_plays": tally.test_plays}
    if tally.weeks < MIN_WEEKS or tally.test_plays < MIN_TEST_PLAYS:
        kind = "tracks heard before" if task == REPEAT else "catalogue tracks new to the person"
        judged = {
            "status": TOO_FEW_DATA,
            "reason": f"{tally.test_plays} plays of {kind} in {tally.weeks} weeks; "
            f"{MIN_TEST_PLAYS} in {MIN_WEEKS} needed",
        }
        return [
            of_task | judged | {"model": model, "ships": model == DECAYED_FREQUENCY}
            for model in MODELS
        ]
    measured = {model: _measured(tally, model) for model in MODELS}
    skilled = [model for model in MODELS if model != RANDOM and measured[model]["status"] == OK]
    # Of equal ones the first is taken; without any the simplest that a person would expect.
    shipped = max(skilled, key=lambda model: measured[model]["ndcg_50"], default=DECAYED_FREQUENCY)
    return [
        of_task | measured[model] | {"model": model, "ships": model == shipped} for model in MODELS
    ]


def _measured(tally: _Tally, model: str) -> dict[str, Any]:
    values = tally.values[model]
    ndcgs: Floats = np.array(values["ndcg_50"])
    mean, low, high = mean_with_interval(ndcgs)
    over = mean_with_interval(ndcgs - np.array(tally.values[RANDOM]["ndcg_50"]))
    has_skill = model == RANDOM or over[1] > 0
    reason = (
        f"NDCG no higher than of a random list: difference {over[0]:.3f}, "
        f"95 % interval {over[1]:.3f} to {over[2]:.3f}, {tally.weeks} weeks"
    )
    numbers = {
        "ndcg_50": mean,
        "ndcg_50_ci_low": max(low, 0.0),
        "ndcg_50_ci_high": min(high, 1.0),
        "ndcg_50_over_random": over[0],
        "over_random_ci_low": max(over[1], -1.0),
        "over_random_ci_high": min(over[2], 1.0),
        "artist_coverage": len(tally.artists[model]) / len(tally.choice),
    } | {
        # A list of one has no pairs.
        name: float(np.nanmean(values[name])) if not np.isnan(values[name]).all() else float("nan")
        for name in ("recall_50", "intra_list_distance", "novelty")
    }
    return {name: round(value, DECIMALS) for name, value in numbers.items()} | {
        "status": OK if has_skill else NO_SKILL,
        "reason": None if has_skill else reason,
    }
