"""The wellbeing indicators: what each is computed from, and how much it needs to be given.

Minimums are those of days with plays; a play of 30 s and more counts. Longer than two screens, as
what an indicator asks for stands beside what it is computed from.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from gold.burn_in import BURN_IN_DAYS
from gold.indicator_days import LEAST_PLAYS_A_DAY, DaySums
from gold.indicator_estimators import (
    RAREFIED_PLAYS,
    Rarefied,
    autocorrelation_null,
    between_day_sd,
    generalist_specialist,
    interdaily_stability,
    intradaily_variability,
    lag_one_autocorrelation,
    midpoint_shift,
    rarefied,
    ratio,
    relative_amplitude,
    successive_difference,
)
from gold.wellbeing_indicators import REPETITION_PLAYS
from silver.exact_numbers import MILLION

Floats = NDArray[np.float64]
PlaysByDay = Floats

NIGHT_HOURS = 5
DAYS_AFTER_BURN_IN = 14
WEEKENDS = 4
FEATURES = ("valence", "energy")
# Words for the sound, those of the mood clusters: a quadrant is not how anybody felt.
QUADRANTS = ("bright_energetic", "dark_energetic", "dark_calm", "bright_calm")


@dataclass(frozen=True)
class Indicator:
    """One number of a period.

    ``estimate`` gives it for every row of weights (draws × days). ``missing`` says in words what
    there is and what is needed, or None where there is enough; it is asked with the plays of each
    day that count, which ``counts`` gives. ``null`` gives what the number would be by chance, from
    a seed. ``is_by_calendar`` says that weights are of calendar days, silent ones too;
    ``is_distance`` that the estimate has a sign which is not told.
    """

    name: str
    unit: str
    estimate: Callable[[DaySums, Floats], Floats]
    missing: Callable[[DaySums, PlaysByDay], str | None]
    counts: Callable[[DaySums], PlaysByDay]
    uses_features: bool = False
    is_by_calendar: bool = False
    is_distance: bool = False
    null: Callable[[DaySums, int], Floats] | None = None


def _enough(
    _: DaySums, plays: PlaysByDay, *, least_days: int = 0, least_plays: int = 0
) -> str | None:
    days, found = int((plays > 0).sum()), int(plays.sum())
    if days >= least_days and found >= least_plays:
        return None
    asked = [f"{least_plays} plays"] * (least_plays > 0) + [f"{least_days} days"] * (least_days > 0)
    return f"{found} plays on {days} days; {' on '.join(asked)} needed"


def _full_days(_: DaySums, plays: PlaysByDay, *, least: int) -> str | None:
    found = int((plays >= LEAST_PLAYS_A_DAY).sum())
    if found >= least:
        return None
    return f"{found} days with {LEAST_PLAYS_A_DAY} plays; {least} needed"


def _pairs(days: DaySums, plays: PlaysByDay, *, least: int) -> str | None:
    found = int(days.follows(plays >= LEAST_PLAYS_A_DAY).sum())
    if found >= least:
        return None
    return f"{found} pairs of neighbouring days with {LEAST_PLAYS_A_DAY} plays each; {least} needed"


def _minutes(days: DaySums, plays: PlaysByDay, *, least_days: int) -> str | None:
    if 2 * (days.heard_ms.sum(axis=1) > 0).sum() < (plays > 0).sum():
        return "how long the plays were heard is not known on most days"
    return _enough(days, plays, least_days=least_days)


def _weekends(days: DaySums, plays: PlaysByDay) -> str | None:
    ends = len(np.unique(days.weeks[days.is_weekend]))
    weeks = len(np.unique(days.weeks[~days.is_weekend]))
    if min(ends, weeks) < WEEKENDS:
        return f"{ends} weekends and weekdays of {weeks} weeks with plays; {WEEKENDS} each needed"
    return _minutes(days, plays, least_days=0)


def _after_burn_in(_: DaySums, plays: PlaysByDay) -> str | None:
    found = int((plays > 0).sum())
    if found >= DAYS_AFTER_BURN_IN:
        return None
    return (
        f"{found} days with plays after the first {BURN_IN_DAYS} days of the history; "
        f"{DAYS_AFTER_BURN_IN} needed"
    )


def _level(days: DaySums, weights: Floats, *, feature: int) -> Floats:
    return ratio(weights, days.sums[:, feature], days.with_features) / MILLION


def _quadrant(days: DaySums, weights: Floats, *, quadrant: int) -> Floats:
    return 100 * ratio(weights, days.quadrants[:, quadrant], days.with_features)


def _variability(days: DaySums, weights: Floats, *, feature: int) -> Floats:
    return between_day_sd(weights, *days.means(feature))


def _instability(days: DaySums, weights: Floats, *, feature: int) -> Floats:
    means, errors = days.means(feature)
    follows = days.follows(~np.isnan(means))
    squares, of_both = np.full_like(means, np.nan), np.full_like(means, np.nan)
    squares[1:] = np.where(follows[1:], np.diff(means) ** 2, np.nan)
    of_both[1:] = errors[1:] + errors[:-1]
    return successive_difference(weights, squares, of_both)


def _inertia(days: DaySums, weights: Floats, *, feature: int) -> Floats:
    means, _ = days.means(feature)
    follows = days.follows(~np.isnan(means))
    earlier = np.full_like(means, np.nan)
    earlier[1:] = np.where(follows[1:], means[:-1], np.nan)
    return lag_one_autocorrelation(weights, earlier, means)


def _inertia_null(days: DaySums, seed: int, *, feature: int) -> Floats:
    plays = days.artist_with_features
    sums = (days.artist_valence, days.artist_energy)[feature]
    known, of_day = plays.sum(axis=0) > 0, plays.sum(axis=1)
    full = days.with_features >= LEAST_PLAYS_A_DAY
    follows = days.follows(full & (of_day > 0))
    return autocorrelation_null(plays[:, known], sums[:, known], follows, seed)


def _night_share(days: DaySums, weights: Floats) -> Floats:
    night = days.heard_ms[:, :NIGHT_HOURS].sum(axis=1)
    return 100 * ratio(weights, night, days.heard_ms.sum(axis=1))


def _by_hour(
    days: DaySums, weights: Floats, *, estimate: Callable[[Floats, Floats], Floats]
) -> Floats:
    return estimate(weights, days.calendar_hours())


def _social_jetlag(days: DaySums, weights: Floats) -> Floats:
    return midpoint_shift(weights, days.heard_ms, days.is_weekend)


def _diversity(days: DaySums, weights: Floats) -> Floats:
    found, plays = _rarefied(days)
    influence = plays @ found.log_diversity_influence
    diversity: Floats = found.diversity * np.exp((weights - 1) @ influence)
    return diversity


def _concentration(days: DaySums, weights: Floats) -> Floats:
    found, plays = _rarefied(days)
    gini: Floats = found.gini + (weights - 1) @ (plays @ found.gini_influence)
    return np.clip(gini, 0, 1)


@lru_cache(maxsize=1)
def _rarefied(days: DaySums) -> tuple[Rarefied, csr_array]:
    """Give diversity and concentration, and the plays (days × artists) of the artists in them.

    A resample repeats some days and lacks others, so that all resamples have fewer artists than
    the period. What every day adds to the value, taken as linear, is resampled instead: that has no
    such bias (Efron 1982, infinitesimal jackknife).
    """
    counts = np.asarray(days.artist_plays.sum(axis=0)).ravel().astype(np.int64)
    return rarefied(counts[counts > 0]), days.artist_plays[:, counts > 0]


def _specialism(days: DaySums, weights: Floats) -> Floats:
    return (
        generalist_specialist(weights, days.sound_plays, days.positions, days.directions) / MILLION
    )


def _repetition(days: DaySums, weights: Floats) -> Floats:
    # Windows reach over many days and cannot be resampled by day. A play is in 500 windows and a
    # repeat in as many as its gap to the one before falls short of 500, so that the sum over gaps
    # is that over windows but for the ends of the history: it lends the value its interval.
    ones = np.ones((1, len(days.day)))
    value = ratio(ones, days.window_repeats, REPETITION_PLAYS * days.windows)
    plays = REPETITION_PLAYS * days.plays
    about = ratio(weights, days.gap_repeats, plays) - ratio(ones, days.gap_repeats, plays)
    return 100 * np.clip(value + about, 0, 1)


def _discovery(days: DaySums, weights: Floats) -> Floats:
    return 100 * ratio(weights, days.new_tracks, days.plays_after_burn_in)


def _plays(days: DaySums) -> PlaysByDay:
    return days.plays


def _with_features(days: DaySums) -> PlaysByDay:
    return days.with_features


def _grounded(days: DaySums) -> PlaysByDay:
    return days.grounded


def _sound_plays(days: DaySums) -> PlaysByDay:
    return days.sound_plays


def _named_plays(days: DaySums) -> PlaysByDay:
    return np.asarray(days.artist_plays.sum(axis=1), dtype=np.float64).ravel()


def _later_plays(days: DaySums) -> PlaysByDay:
    return days.plays_after_burn_in


def _regularity(name: str, unit: str, estimate: Callable[[Floats, Floats], Floats]) -> Indicator:
    return Indicator(
        f"regularity_{name}",
        unit,
        partial(_by_hour, estimate=estimate),
        partial(_minutes, least_days=14),
        _plays,
        is_by_calendar=True,
    )


def _of_features(
    kind: str,
    unit: str,
    estimate: Callable[..., Floats],
    missing: Callable[[DaySums, PlaysByDay], str | None],
    counts: Callable[[DaySums], PlaysByDay] = _with_features,
    null: Callable[..., Floats] | None = None,
) -> Iterator[Indicator]:
    """Give one for valence and one for energy; both functions take ``feature``, 0 or 1."""
    for feature, name in enumerate(FEATURES):
        yield Indicator(
            f"{name}_{kind}",
            unit,
            partial(estimate, feature=feature),
            missing,
            counts,
            uses_features=True,
            null=None if null is None else partial(null, feature=feature),
        )


_LEVEL_NEEDS = partial(_enough, least_days=14, least_plays=100)
_DIVERSITY_NEEDS = partial(_enough, least_plays=RAREFIED_PLAYS)

INDICATORS: tuple[Indicator, ...] = (
    *_of_features("level", "0-1", _level, _LEVEL_NEEDS, _grounded),
    *(
        Indicator(
            f"quadrant_{name}_share",
            "%",
            partial(_quadrant, quadrant=quadrant),
            _LEVEL_NEEDS,
            _grounded,
            uses_features=True,
        )
        for quadrant, name in enumerate(QUADRANTS)
    ),
    *_of_features(
        "variability",
        "standard deviation between days, of 0-1",
        _variability,
        partial(_full_days, least=28),
    ),
    *_of_features(
        "instability",
        "root mean square from day to day, of 0-1",
        _instability,
        partial(_pairs, least=28),
    ),
    *_of_features(
        "inertia",
        "correlation with the day before, -1 to 1",
        _inertia,
        partial(_pairs, least=60),
        null=_inertia_null,
    ),
    Indicator("night_share", "%", _night_share, partial(_minutes, least_days=28), _plays),
    _regularity("interdaily_stability", "0-1", interdaily_stability),
    _regularity("intradaily_variability", "0 a slow wave, 2 noise", intradaily_variability),
    _regularity("relative_amplitude", "0-1", relative_amplitude),
    Indicator("social_jetlag", "h", _social_jetlag, _weekends, _plays, is_distance=True),
    Indicator(
        "artist_diversity", "artists heard equally", _diversity, _DIVERSITY_NEEDS, _named_plays
    ),
    Indicator("artist_concentration", "Gini, 0-1", _concentration, _DIVERSITY_NEEDS, _named_plays),
    Indicator(
        "generalist_specialist",
        "-1 to 1, 1 one sound only",
        _specialism,
        _DIVERSITY_NEEDS,
        _sound_plays,
        uses_features=True,
    ),
    Indicator(
        "repetition", "%", _repetition, partial(_enough, least_plays=REPETITION_PLAYS), _plays
    ),
    Indicator("discovery", "%", _discovery, _after_burn_in, _later_plays),
)
