"""The wellbeing indicators: what each is computed from, and how much it needs to be given.

Minimums are those of days with plays; a play of 30 s and more counts. Longer than two screens, as
what an indicator asks for stands beside what it is computed from.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from gold.indicators.indicator_days import MIN_PLAYS_A_DAY, QUADRANTS, DayPlays, DaySums
from gold.indicators.indicator_estimators import (
    RAREFIED_PLAYS,
    Estimator,
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
from gold.statistics.burn_in import BURN_IN_DAYS
from silver.names.exact_numbers import MILLION

Floats = NDArray[np.float64]

NIGHT_HOURS = 5
DAYS_AFTER_BURN_IN = 14
WEEKENDS = 4
REGULAR_DAYS = 14
# As indicator_repeats.sql has it.
REPETITION_PLAYS = 500
FEATURES = ("valence", "energy")


@dataclass(frozen=True)
class Indicator:
    """One number of a period.

    ``estimator`` returns its formula over the days. ``missing`` says in words what there is
    and what is needed, or None where there is enough; it is asked with the plays of each day that
    count, which ``counts`` returns. ``null`` returns what the number would be by chance, from a
    seed. ``is_by_calendar`` says that resamples are of calendar days, silent ones too;
    ``is_distance`` that the estimate has a sign which is not shown.
    """

    name: str
    unit: str
    estimator: Callable[[DaySums], Estimator]
    missing: Callable[[DaySums, DayPlays], str | None]
    counts: Callable[[DaySums], DayPlays]
    uses_features: bool = False
    is_by_calendar: bool = False
    is_distance: bool = False
    null: Callable[[DaySums, int], Floats] | None = None


def _enough(
    _: DaySums, found: DayPlays, *, least_days: int = 0, least_plays: int = 0
) -> str | None:
    if found.days >= least_days and found.plays >= least_plays:
        return None
    asked = [f"{least_plays} plays"] * (least_plays > 0) + [f"{least_days} days"] * (least_days > 0)
    return f"{found.plays} plays on {found.days} days; {' on '.join(asked)} needed"


def _full_days(_: DaySums, found: DayPlays, *, least: int) -> str | None:
    if found.full_days >= least:
        return None
    return f"{found.full_days} days with {MIN_PLAYS_A_DAY} plays; {least} needed"


def _pairs(_: DaySums, found: DayPlays, *, least: int) -> str | None:
    if found.pairs >= least:
        return None
    return (
        f"{found.pairs} pairs of neighbouring days with {MIN_PLAYS_A_DAY} plays each; "
        f"{least} needed"
    )


def _minutes(days: DaySums, found: DayPlays, *, least_days: int) -> str | None:
    if 2 * np.count_nonzero(days.heard) < found.days:
        return "how long the plays were heard is not known on most days"
    return _enough(days, found, least_days=least_days)


def _regular_days(days: DaySums, found: DayPlays) -> str | None:
    known = int(np.isin(days.day, days.calendar).sum())
    if known < REGULAR_DAYS <= found.days:
        return f"{known} days with plays in times that sources tell of; {REGULAR_DAYS} needed"
    return _minutes(days, found, least_days=REGULAR_DAYS)


def _weekends(days: DaySums, found: DayPlays) -> str | None:
    ends = len(np.unique(days.weeks[days.is_weekend]))
    weeks = len(np.unique(days.weeks[~days.is_weekend]))
    if min(ends, weeks) < WEEKENDS:
        return f"{ends} weekends and weekdays of {weeks} weeks with plays; {WEEKENDS} each needed"
    return _minutes(days, found, least_days=0)


def _after_burn_in(_: DaySums, found: DayPlays) -> str | None:
    if found.days >= DAYS_AFTER_BURN_IN:
        return None
    return (
        f"{found.days} days with plays after the first {BURN_IN_DAYS} days of the history; "
        f"{DAYS_AFTER_BURN_IN} needed"
    )


def _level(days: DaySums, *, feature: int) -> Estimator:
    return ratio(days.sums[:, feature], MILLION * days.with_features.by_day)


def _quadrant(days: DaySums, *, quadrant: int) -> Estimator:
    return ratio(100 * days.quadrants[:, quadrant], days.with_features.by_day)


def _variability(days: DaySums, *, feature: int) -> Estimator:
    means = days.means[feature]
    return between_day_sd(means.mean, means.error_variance)


def _instability(days: DaySums, *, feature: int) -> Estimator:
    means = days.means[feature]
    follows = days.with_features.follows
    squares, of_both = np.full(len(follows), np.nan), np.full(len(follows), np.nan)
    squares[1:] = np.where(follows[1:], np.diff(means.mean) ** 2, np.nan)
    of_both[1:] = means.error_variance[1:] + means.error_variance[:-1]
    return successive_difference(squares, of_both)


def _inertia(days: DaySums, *, feature: int) -> Estimator:
    means = days.means[feature].mean
    follows = days.with_features.follows
    earlier = np.full(len(follows), np.nan)
    earlier[1:] = np.where(follows[1:], means[:-1], np.nan)
    return lag_one_autocorrelation(earlier, means)


def _inertia_null(days: DaySums, seed: int, *, feature: int) -> Floats:
    # Few periods have days enough to be asked for it.
    from scipy.sparse import csr_array

    artists = days.artists
    known, artist = np.unique(artists.artist[artists.with_features > 0], return_inverse=True)
    rows = artists.row[artists.with_features > 0]

    def by_artist(values: Floats) -> csr_array:
        of_known = values[artists.with_features > 0]
        return csr_array((of_known, (rows, artist)), shape=(len(days.day), len(known)))

    sums = (artists.valence, artists.energy)[feature]
    is_named = artists.by_day(artists.with_features) > 0
    follows = days.with_features.follows.copy()
    follows[1:] &= is_named[1:] & is_named[:-1]
    return autocorrelation_null(by_artist(artists.with_features), by_artist(sums), follows, seed)


def _night_share(days: DaySums) -> Estimator:
    return ratio(100 * days.heard_ms[:, :NIGHT_HOURS].sum(axis=1), days.heard)


def _interdaily_stability(days: DaySums) -> Estimator:
    return interdaily_stability(days.calendar_hours)


def _intradaily_variability(days: DaySums) -> Estimator:
    follows = np.diff(days.calendar, prepend=days.calendar[:1] - 1) == 1
    return intradaily_variability(days.calendar_hours, follows)


def _relative_amplitude(days: DaySums) -> Estimator:
    return relative_amplitude(days.calendar_hours)


def _social_jetlag(days: DaySums) -> Estimator:
    return midpoint_shift(days.heard_ms, days.is_weekend)


# A resample repeats some days and lacks others, so that all resamples have fewer artists than the
# period. What every day adds to the value, taken as linear, is resampled instead: that has no such
# bias (Efron 1982, infinitesimal jackknife).
def _diversity(days: DaySums) -> Estimator:
    found = _rarefied(days)
    added = _by_day(days, found.log_diversity_influence)
    return Estimator(added[None, :], lambda sums: found.diversity * np.exp(sums[0] - added.sum()))


def _concentration(days: DaySums) -> Estimator:
    found = _rarefied(days)
    added = _by_day(days, found.gini_influence)
    return Estimator(added[None, :], lambda sums: np.clip(found.gini + sums[0] - added.sum(), 0, 1))


@lru_cache(maxsize=1)
def _rarefied(days: DaySums) -> Rarefied:
    counts = days.plays_of_artists
    return rarefied(counts[counts > 0])


def _by_day(days: DaySums, influence: Floats) -> Floats:
    """Return the influences of the artists with plays, added up over the plays of each day."""
    of_artist = np.zeros(days.artists.artists)
    of_artist[days.plays_of_artists > 0] = influence
    return days.artists.by_day(days.artists.plays * of_artist[days.artists.artist])


def _specialism(days: DaySums) -> Estimator:
    # In millionths are the places, and so their directions too.
    return generalist_specialist(MILLION * days.sound_plays.by_day, days.positions, days.directions)


def _repetition(days: DaySums) -> Estimator:
    # Windows reach over many days and cannot be resampled by day. A play is in 500 windows and a
    # repeat in as many as its gap to the one before falls short of 500, so that the sum over gaps
    # is that over windows but for the ends of the history: it lends the value its interval.
    once = np.ones((1, len(days.day)))
    gaps = ratio(days.gap_repeats, REPETITION_PLAYS * days.plays.by_day)
    windows = ratio(days.window_repeats, REPETITION_PLAYS * days.windows)
    above = windows(once) - gaps(once)
    return Estimator(gaps.of_days, lambda sums: 100 * np.clip(above + gaps.formula(sums), 0, 1))


def _discovery(days: DaySums) -> Estimator:
    return ratio(100 * days.new_tracks, days.plays_after_burn_in.by_day)


def _plays(days: DaySums) -> DayPlays:
    return days.plays


def _with_features(days: DaySums) -> DayPlays:
    return days.with_features


def _grounded(days: DaySums) -> DayPlays:
    return days.grounded


def _sound_plays(days: DaySums) -> DayPlays:
    return days.sound_plays


def _named_plays(days: DaySums) -> DayPlays:
    return days.named_plays


def _later_plays(days: DaySums) -> DayPlays:
    return days.plays_after_burn_in


def _regularity(name: str, unit: str, estimator: Callable[[DaySums], Estimator]) -> Indicator:
    return Indicator(
        f"regularity_{name}",
        unit,
        estimator,
        _regular_days,
        _plays,
        is_by_calendar=True,
    )


def _of_features(
    kind: str,
    unit: str,
    estimator: Callable[..., Estimator],
    missing: Callable[[DaySums, DayPlays], str | None],
    counts: Callable[[DaySums], DayPlays] = _with_features,
    null: Callable[..., Floats] | None = None,
) -> Iterator[Indicator]:
    """Yield one for valence and one for energy; both functions take ``feature``, 0 or 1."""
    for feature, name in enumerate(FEATURES):
        yield Indicator(
            f"{name}_{kind}",
            unit,
            partial(estimator, feature=feature),
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
    _regularity("interdaily_stability", "0-1", _interdaily_stability),
    _regularity("intradaily_variability", "0 a slow wave, 2 noise", _intradaily_variability),
    _regularity("relative_amplitude", "0-1", _relative_amplitude),
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
