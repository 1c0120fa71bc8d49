"""Simulated people whose indicators are known, and how often the intervals hold the truth.

Everybody listens by the same rules and each to their own chance, so that the truth is known: it is
planted, or what the formula gives over 20,000 days of such listening. Days hang together: the
artists of a day are a few favourites that stay for some days, and its valence and energy go on from
the day before (φ = 0.5). Valence follows the hour as Park et al. 2019 measured it, 0.023 from
trough to peak; at weekends everything is 1.5 hours later.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gold.indicators.feature_indicators import Inertia
from gold.indicators.indicator_days import HOURS, QUADRANTS, SOUND, DaySums, day_sums
from gold.indicators.indicator_list import INDICATORS
from gold.indicators.indicator_results import values
from gold.indicators.period_results import measure
from gold.indicators.variety_indicators import REPETITION_PLAYS
from gold.statistics.burn_in import BURN_IN_DAYS
from silver.names.exact_numbers import MILLION

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FIRST_DAY = 19_723  # 2024-01-01, a Monday
TRUTH_DAYS = 20_000
VALENCE_LEVEL, ENERGY_LEVEL = 0.49, 0.62
HOUR_RANGE = 0.023
DAY_SD, DAY_PHI, PLAY_SD = 0.06, 0.5, 0.2
WEEKEND_SHIFT_HOURS = 1.5
PLAYS_A_DAY = 25
ARTISTS, TRACKS_OF_ARTIST = 300, 8
NEW_SHARE, FAVOURITE_SHARE, FAVOURITES, FAVOURITES_STAY = 0.1, 0.4, 5, 0.7
# What is new, and how many artists there are while favourites change, depends on the length of the
# period itself: the truth is what periods of this length have on average.
OF_THE_PERIOD = ("discovery", "artist_diversity", "artist_concentration")


@dataclass(frozen=True)
class Coverage:
    """Of one indicator and length of history: how often the interval held the truth."""

    indicator: str
    days: int
    truth: float
    people: int
    mean_value: float
    covered: float


def simulated_person(seed: int, days: int, *, by_track: bool = False) -> DaySums:
    """Return the sums of one person's ``days`` days.

    ``by_track``: valence and energy are drawn for every track, and nothing else moves them, which
    is what features permuted over tracks are.
    """
    random = np.random.default_rng(seed)
    plays_of = random.negative_binomial(3, 3 / (3 + PLAYS_A_DAY), days) * (
        random.random(days) < 0.9
    )
    day = np.repeat(np.arange(days), plays_of)
    weekend = (day + FIRST_DAY + 3) % 7 >= 5
    middle = 15 + WEEKEND_SHIFT_HOURS * weekend + random.normal(0, 1.5, days)[day]
    hour = np.floor(random.normal(middle, 4)).astype(np.int64) % HOURS
    artist = _artists(random, days, day)
    track = artist * TRACKS_OF_ARTIST + random.integers(0, TRACKS_OF_ARTIST, len(day))
    is_unheard = random.random(len(day)) < NEW_SHARE
    track[is_unheard] = ARTISTS * TRACKS_OF_ARTIST + np.arange(is_unheard.sum())
    if by_track:
        features = random.uniform(0, 1, (track.max() + 1, 2))[track]
    else:
        swing = HOUR_RANGE / 2 * np.cos(2 * np.pi * (hour - 19) / HOURS)
        of_day = _going_on(random, days)[day]
        features = random.normal(0, PLAY_SD, (len(day), 2)) + of_day
        features += np.stack([VALENCE_LEVEL + swing, ENERGY_LEVEL + swing], axis=1)
        features = features.clip(0, 1)
    return _summed(day + FIRST_DAY, hour, artist, track, features, random)


def _artists(random: np.random.Generator, days: int, day: Ints) -> Ints:
    """Return each play an artist: a favourite of these days, or any, the first ones most often."""
    chances = 1 / np.arange(5, ARTISTS + 5)
    chances /= chances.sum()
    favourites = random.choice(ARTISTS, (days, FAVOURITES), p=chances)
    stays = random.random((days, FAVOURITES)) < FAVOURITES_STAY
    for each in range(1, days):
        favourites[each] = np.where(stays[each], favourites[each - 1], favourites[each])
    any_artist = random.choice(ARTISTS, len(day), p=chances)
    favourite = favourites[day, random.integers(0, FAVOURITES, len(day))]
    return np.where(random.random(len(day)) < FAVOURITE_SHARE, favourite, any_artist)


def _going_on(random: np.random.Generator, days: int) -> Floats:
    """Return days × 2 of an autoregressive process of order one."""
    news = random.normal(0, DAY_SD * np.sqrt(1 - DAY_PHI**2), (days, 2))
    news[0] /= np.sqrt(1 - DAY_PHI**2)
    for each in range(1, days):
        news[each] += DAY_PHI * news[each - 1]
    return news


def _summed(
    day: Ints, hour: Ints, artist: Ints, track: Ints, features: Floats, random: np.random.Generator
) -> DaySums:
    valence, energy = np.round(features * MILLION).T
    bright, energetic = features[:, 0] >= 0.5, features[:, 1] >= 0.5
    quadrant = np.select([bright & energetic, ~bright & energetic, ~bright], [0, 1, 2], 3)
    # The same for everybody.
    sounds = np.random.default_rng(0).uniform(0, 1, (ARTISTS, len(SOUND)))
    plays = pd.DataFrame(
        {
            "day": day,
            "hour": hour,
            "artist": artist,
            "plays": 1,
            "heard_ms": random.integers(120_000, 300_000, len(day)),
            "with_features": 1,
            "measured": 1,
            "catalogue": 0,
            "valence": valence,
            "energy": energy,
            "valence_squares": valence**2,
            "energy_squares": energy**2,
            **{name: quadrant == number for number, name in enumerate(QUADRANTS)},
            "sound_plays": 1,
        }
    )
    of_sounds = pd.DataFrame(np.round(sounds[artist] * MILLION), columns=SOUND)
    of_sounds = of_sounds.assign(artist=artist, sound_plays=1)
    scale = np.full(len(SOUND), 0.3), np.full(len(SOUND), 0.3)
    return day_sums(
        plays.drop(columns="artist").groupby(["day", "hour"], as_index=False).sum(),
        plays.drop(columns="hour").groupby(["day", "artist"], as_index=False).sum(),
        of_sounds.groupby("artist", as_index=False).sum(),
        _repeats(day, track),
        pd.DataFrame({"first_day": [day.min()], "last_day": [day.max()]}),
        BURN_IN_DAYS,
        scale,
    )


def _repeats(day: Ints, track: Ints) -> pd.DataFrame:
    """Count windows and gaps by day, each window looked at by itself."""
    position = np.arange(len(day))
    before = pd.Series(position).groupby(track).shift(1)
    since = (position - before).to_numpy()
    after = pd.Series(position).groupby(track).shift(-1).fillna(np.inf).to_numpy() - position
    entered = np.cumsum(~(since <= REPETITION_PLAYS))
    left = np.cumsum(after > REPETITION_PLAYS)
    left = np.concatenate([np.zeros(min(REPETITION_PLAYS, len(day))), left])[: len(day)]
    is_whole = position >= REPETITION_PLAYS - 1
    rows = pd.DataFrame(
        {
            "day": day,
            "new_tracks": np.isnan(since),
            "gap_repeats": REPETITION_PLAYS - np.fmin(since, REPETITION_PLAYS),
            "windows": is_whole,
            "window_repeats": np.where(is_whole, REPETITION_PLAYS - entered + left, 0),
        }
    )
    return rows.groupby("day", as_index=False).sum()


def coverage(people: int, days: int, truths: Mapping[str, float]) -> Iterator[Coverage]:
    """Measure ``people`` people over ``days`` days each and count the intervals that hold."""
    found: dict[str, list[tuple[float, float, float]]] = {each.name: [] for each in INDICATORS}
    for person in range(people):
        results = measure(f"person {person}", simulated_person(person, days), "all")
        for result, shown in zip(results, values(results), strict=True):
            if shown is not None:
                found[result.indicator.name].append((shown.value, shown.low, shown.high))
    for name, rows in found.items():
        if rows:
            estimates, lows, highs = np.array(rows).T
            truth = truths.get(name, float(estimates.mean()))
            covered = float(((lows <= truth) & (truth <= highs)).mean())
            yield Coverage(name, days, truth, len(rows), float(estimates.mean()), covered)


def truths() -> dict[str, float]:
    """Return what is planted, and else what the formulas give over a very long time."""
    days = simulated_person(20_240_101, TRUTH_DAYS)
    span = int(days.day[-1] - days.day[0] + 1)
    found: dict[str, float] = {}
    for each in INDICATORS:
        if each.name not in OF_THE_PERIOD:
            once = np.ones((1, span if each.is_by_calendar else len(days.day)))
            found[each.name] = abs(float(each.estimate(days)(once)[0]))
    return found | {"social_jetlag": WEEKEND_SHIFT_HOURS}


def false_inertia(people: int, days: int) -> float:
    """Return the share of findings of inertia where features are drawn by track."""
    found = [
        result.status == "ok"
        for person in range(people)
        for result in measure("x", simulated_person(person, days, by_track=True), str(person))
        if isinstance(result.indicator, Inertia)
    ]
    return float(np.mean(found))
