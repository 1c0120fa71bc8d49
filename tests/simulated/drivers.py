"""Simulated people whose music goes with the hour, or with nothing, and what drivers say of them.

Every play is drawn from a person's library of 400 tracks. Plays cluster: tracks
and artists have favourites, a time of their own in the person's life and, some, an hour of their
own; days and sessions have a mood; sessions follow the clock. Then

- *planted*: what is played leans with the hour of the day by the published size (Park 2019: the
  hours' means of valence range over 0.24 standard deviations, those of energy over 0.40). The true
  effect of each part of the day follows from the person's library and leanings without any draw;
- *permuted*: the features of the same plays are dealt out to the tracks again, so that nothing goes
  with anything but by chance, while plays stay as clustered as they were.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gold.mood_drivers import FEATURES, mood_drivers
from schemas.mood_schemas import DRIVERS

Floats = NDArray[np.float64]

PUBLISHED_RANGE = {"valence": 0.24, "energy": 0.40}
PEAK_HOUR = {"valence": 19, "energy": 17}
TRACKS, ARTISTS = 400, 60
FIRST_DAY = 18_262  # 2020-01-01
# Of a track in the feature's unit; small, so that no value has to be cut at 0 or 1.
_TRACK_DEVIATION = 0.08
_MOOD_DEVIATION = 0.4
_SPANS = {1: "1 to 3", 4: "4 to 10", 11: "11 to 25", 26: "26 and more"}
_PARTS = ("late_night", "morning", "afternoon", "evening", "night")
_NODES, _NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(9)


@dataclass(frozen=True)
class Person:
    """One simulated listener: tracks × features in standard deviations, and how they choose.

    ``liking`` is the log of a track's weight; ``leaning`` is hours × features, what an hour adds to
    the log weight for a standard deviation of the feature; ``hour_shares`` are of sessions.
    """

    z_scores: Floats
    artist: NDArray[np.int64]
    liking: Floats
    leaning: Floats
    hour_shares: Floats

    def mean_by_hour(self) -> Floats:
        """Return hours × features: the mean of what is played, over all moods of a day."""
        mood = _MOOD_DEVIATION * np.stack(np.meshgrid(_NODES, _NODES), axis=-1).reshape(-1, 2)
        weight = np.outer(_NODE_WEIGHTS, _NODE_WEIGHTS).ravel() / _NODE_WEIGHTS.sum() ** 2
        tilt = self.leaning[:, None, :] + mood[None]
        chosen = np.exp(self.liking + tilt @ self.z_scores.T)
        means = (chosen @ self.z_scores) / chosen.sum(axis=-1, keepdims=True)
        by_hour: Floats = np.einsum("hmf,m->hf", means, weight)
        return by_hour

    def effects_by_part(self) -> pd.DataFrame:
        """Return the true effect, parts of the day × features, in the features' unit."""
        means, shares = self.mean_by_hour() * _TRACK_DEVIATION, self.hour_shares
        parts = part_of_day(np.arange(24))
        effects = [
            np.average(means[parts == part], axis=0, weights=shares[parts == part])
            - np.average(means[parts != part], axis=0, weights=shares[parts != part])
            for part in _PARTS
        ]
        return pd.DataFrame(effects, index=_PARTS, columns=FEATURES)


def listener(random: np.random.Generator) -> Person:
    """Make a person whose hours differ by the published range in what is played."""
    artist = random.integers(0, ARTISTS, TRACKS)
    of_artist = random.multivariate_normal([0, 0], [[0.35, 0.1], [0.1, 0.35]], ARTISTS)[artist]
    own = random.multivariate_normal([0, 0], [[0.65, 0.15], [0.15, 0.65]], TRACKS)
    z_scores = of_artist + own
    z_scores = (z_scores - z_scores.mean(axis=0)) / z_scores.std(axis=0)
    liking = -1.0 * np.log(random.permutation(TRACKS) + 1) + random.normal(0, 0.7, ARTISTS)[artist]
    hours = np.arange(24)
    awake = np.where((hours >= 7) & (hours <= 23), 1.0, 0.12)
    hour_shares = random.dirichlet(awake * 8)
    waves = np.column_stack(
        [np.cos(2 * np.pi * (hours - PEAK_HOUR[name]) / 24) for name in FEATURES]
    )
    scale = np.array([PUBLISHED_RANGE[name] / 2 for name in FEATURES])
    for _ in range(12):  # the range that comes of a leaning depends on the library
        person = Person(z_scores, artist, liking, waves * scale, hour_shares)
        scale *= np.array(list(PUBLISHED_RANGE.values())) / np.ptp(person.mean_by_hour(), axis=0)
    return person


def plays_of(
    person: Person, days: int, random: np.random.Generator, *, habits: bool
) -> pd.DataFrame:
    """Draw a person's plays over ``days``, one row a play.

    With ``habits`` tracks also have a time in life and an hour; the truth of ``mean_by_hour`` holds
    without them.
    """
    sessions_a_day = random.poisson(2.5, days)
    day = np.repeat(np.arange(days), sessions_a_day)
    hour = random.choice(24, len(day), p=person.hour_shares)
    length = 1 + random.geometric(1 / 9, len(day))
    mood = random.normal(0, _MOOD_DEVIATION, (days, len(FEATURES)))
    session = np.repeat(np.arange(len(day)), length)
    position = np.arange(len(session)) - np.repeat(np.cumsum(length) - length, length) + 1
    log_weight = (person.leaning[hour] + mood[day]) @ person.z_scores.T + person.liking
    if habits:
        middle, width = random.uniform(0, days, TRACKS), random.uniform(20, days, TRACKS)
        log_weight -= ((day[:, None] - middle) / width) ** 2
        own_hour, keen = random.integers(0, 24, TRACKS), random.exponential(0.8, TRACKS)
        log_weight += keen * np.cos(2 * np.pi * (hour[:, None] - own_hour) / 24)
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    cumulated = np.cumsum(weight, axis=1)
    drawn = random.random(len(session)) * cumulated[session, -1]
    track = (cumulated[session] < drawn[:, None]).sum(axis=1)
    return pd.DataFrame(
        {
            "day": FIRST_DAY + day[session],
            "hour": hour[session],
            "length": length[session],
            "position": position,
            "track": track,
            "shuffle": (random.random(len(day)) < 0.4)[session],
        }
    )


@dataclass(frozen=True)
class Errors:
    """What ``mood_drivers`` said of many simulated people.

    ``coverage``: of the intervals of true effects, how many hold them. ``found``: of the people, in
    how many at least one true effect of that feature was found. ``wrong_sign``: of the findings.
    ``people_with_false``: of the people without any effect, how many have a reported one.
    ``false_tests``: of their tests, how many were findings; ``uncorrected`` those with p ≤ 0.05.
    """

    people: int
    intervals: int
    coverage: float
    found: dict[str, float]
    wrong_sign: float
    people_with_false: float
    false_tests: float
    uncorrected: float


def errors(people: int, days: int, seed: int = 0) -> Errors:
    """Simulate ``people`` over ``days`` and return how often the drivers are right."""
    planted, permuted = [], []
    for number in range(people):
        random = np.random.default_rng([seed, number])
        person = listener(random)
        plays = plays_of(person, days, random, habits=False)
        reported = _reported(f"{seed}-{number}", plays, person, person.z_scores)
        planted.append(_beside_truth(reported, person.effects_by_part()))
        plays = plays_of(person, days, random, habits=True)
        dealt = random.permutation(person.z_scores)
        permuted.append(_reported(f"{seed}-{number}", plays, person, dealt))
    true = pd.concat(planted)
    is_found = true["goes_with"] != "no_evidence"
    null = pd.concat(permuted, keys=range(people))
    is_false = null["goes_with"] != "no_evidence"
    findings = true[is_found]
    return Errors(
        people=people,
        intervals=len(true),
        coverage=float(true["truth"].between(true["effect_ci_low"], true["effect_ci_high"]).mean()),
        found={
            name: float(is_found[true["feature"] == name].groupby("user_id").any().mean())
            for name in FEATURES
        },
        wrong_sign=float((findings["effect"] * findings["truth"] < 0).mean()),
        people_with_false=float(is_false.groupby(level=0).any().mean()),
        false_tests=float(is_false.mean()),
        uncorrected=float((null["p_value"] <= 0.05).mean()),
    )


def _reported(name: str, plays: pd.DataFrame, person: Person, z_scores: Floats) -> pd.DataFrame:
    rows = mood_drivers(*sums_of(plays, person, z_scores, name))
    return rows[rows["status"] == "ok"].set_index("user_id")


def _beside_truth(reported: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    of_hours = reported[reported["driver"] == "hour_block"]
    pairs = zip(of_hours["level"], of_hours["feature"], strict=True)
    return of_hours.assign(truth=[truth.loc[level, feature] for level, feature in pairs])


def part_of_day(hour: NDArray[np.int64]) -> NDArray[np.str_]:
    """Name the parts of the day as ``silver.listening_with_features`` does."""
    return np.array(_PARTS)[np.searchsorted([5, 12, 17, 22], hour, side="right")]


def sums_of(
    plays: pd.DataFrame, person: Person, z_scores: Floats, user_id: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of ``driver_days`` and ``driver_tracks``, all features measured."""
    features = (0.5 + z_scores * _TRACK_DEVIATION).clip(0, 1)
    millionths = np.rint(features * 1_000_000).astype(np.int64)[plays["track"]]
    artist = "artist " + pd.Series(person.artist[plays["track"]]).astype(str)
    top = artist.groupby(artist).size().sort_values(ascending=False, kind="stable").index[:10]
    dates = pd.to_datetime(plays["day"], unit="D")
    season = np.array(["winter", "spring", "summer", "autumn"])[dates.dt.month % 12 // 3]
    levels = {
        "hour_block": part_of_day(plays["hour"].to_numpy()),
        "weekend": np.where(dates.dt.dayofweek >= 5, "weekend", "weekday"),
        "season": season,
        "session_length": _spans(plays["length"]),
        "session_position": _spans(plays["position"]),
        "repeat_or_new": np.where(plays["track"].duplicated(), "repeat", "new"),
        "artist": np.where(artist.isin(top), artist, ""),
        "shuffle": np.where(plays["shuffle"], "on", "off"),
    }
    values = {name: millionths[:, number] for number, name in enumerate(FEATURES)}
    one = pd.DataFrame({"day": plays["day"], "track": plays["track"], "n": 1, **values})
    one["c"] = one.groupby("track")["n"].transform("sum")
    long = pd.concat([one.assign(driver=name, level=levels[name]) for name in DRIVERS])
    for name in FEATURES:
        long[f"{name}_squares"] = long[name] ** 2
    sums = dict.fromkeys(("n", *FEATURES, *(f"{each}_squares" for each in FEATURES)), "sum")
    by_day = long.groupby(["driver", "level", "day"], as_index=False).agg(sums)
    by_day = by_day.assign(
        user_id=user_id, real=by_day["n"], kaggle=0, synthetic=0, artist_donors=0
    )
    of_track = long.groupby(["driver", "level", "track"], as_index=False).agg(
        {"n": "sum", "c": "max", **dict.fromkeys(FEATURES, "max")}
    )
    of_track = of_track.assign(
        tracks=1,
        track_squares=of_track["n"] ** 2,
        track_products=of_track["n"] * of_track["c"],
        **{f"track_{name}": of_track[name] for name in FEATURES},
        **{f"track_{name}_squares": of_track[name] ** 2 for name in FEATURES},
    ).drop(columns=["track", "n", "c", *FEATURES])
    over_tracks = of_track.groupby(["driver", "level"], as_index=False).sum()
    return by_day, over_tracks.assign(user_id=user_id)


def _spans(numbers: "pd.Series[int]") -> NDArray[np.str_]:
    firsts = np.array(list(_SPANS))
    return np.array(list(_SPANS.values()))[np.searchsorted(firsts, numbers, side="right") - 1]
