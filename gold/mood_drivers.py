"""What higher or lower valence and energy of a person's music go with.

An effect is a difference between a person's own plays: in the evening and at all other times, say.
It is an association. The evening may go with other company, another device, another playlist.

The statistics are in ``gold.statistics.driver_effects``, the words in
``gold.statistics.driver_words``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from engines.models import PythonModel
from gold.statistics.driver_words import NO_POPULATION, POPULATION, goes_with, statement
from gold.statistics.feature_shares import SOURCE_OF_SHARE
from gold.statistics.reasons import few_plays, mostly_synthetic
from gold.statistics.seeds import seed_of
from schemas.mood_schemas import DRIVERS, MOOD_DRIVERS
from schemas.shared_numbers import ARTIST_DONOR_KEEPS, MIN_DAYS, MIN_GROUNDED_SHARE, MIN_PLAYS
from schemas.statuses import OK, TOO_FEW_DATA, WITHHELD
from silver.names.exact_numbers import MILLION, rounded

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from gold.statistics.driver_effects import Floats, LevelSums

FEATURES = ("valence", "energy")
LEVEL_PLAYS = 30
LEVEL_DAYS = 10
LEVEL_WEEKS = 4
# One winter may differ for other reasons: a season must occur twice.
SEASON_YEARS = 2
WEEK_DAYS = 7
QUARTER_DAYS = 91
_OTHER_ARTISTS = ""
_COUNTED = ("n", *SOURCE_OF_SHARE.values(), "artist_donors")
_COUNTS = [*_COUNTED, *FEATURES, *(f"{each}_squares" for each in FEATURES)]
_NUMBERS = {name: number for number, name in enumerate(DRIVERS)}


def mood_drivers(of_days: pd.DataFrame, of_tracks: pd.DataFrame) -> pd.DataFrame:
    """Return one row per feature, driver and level that occurs, for one person.

    Drivers: the part of the day, weekend, season, how many plays the session has, place in the
    session, whether the track was played before, the ten artists most played, shuffle. A level is
    compared with the person's plays at the other levels of its driver; see
    ``gold.statistics.driver_effects`` for how. ``of_days`` has the columns of ``driver_days``,
    ``of_tracks`` those of ``driver_tracks``.

    Status: ``too_few_data`` for people with under 100 plays with features or under 14 days, and for
    levels (or all others together) with under 30 plays, 10 days or 4 weeks, for seasons also under
    2 years; ``withheld`` where under half of the features at the level, or at the others, were
    measured or are the catalogue's; else ``ok``. What was not found is said in ``goes_with``.

    What is handed over is one row a day and level: at most 36 a day, a quarter of a million for
    twenty years of a person.
    """
    # Scientific libraries take a second to import; most commands need none of them.
    import numpy as np
    import pandas as pd
    from threadpoolctl import threadpool_limits

    from gold.statistics.driver_effects import Effects, driver_effects

    user_id = str(of_days["user_id"].iloc[0])
    by_level = ["driver", "level"]
    of_days, of_tracks = (
        each.assign(driver=each["driver"].map(_NUMBERS)) for each in (of_days, of_tracks)
    )
    grouped = of_days.groupby(by_level)
    # Floats, for squares of sums do not fit into whole numbers.
    counts = grouped[_COUNTS].sum().astype(np.float64)
    levels = counts.index
    of_tracks = of_tracks.set_index(by_level).drop(columns="user_id").astype(np.float64)
    of_tracks = of_tracks.reindex(levels).fillna(0)
    has_features = of_days["n"] > 0
    sums = _level_sums(
        of_days[has_features],
        grouped.ngroup()[has_features].to_numpy(),
        of_tracks,
        levels,
    )
    missing = _what_is_missing(sums)
    n = counts["n"].to_numpy()
    grounded = _least_share((counts["real"] + counts["kaggle"]).to_numpy(), n, sums)
    status = np.where(grounded < MIN_GROUNDED_SHARE, WITHHELD, OK).astype(object)
    status[[each is not None for each in missing]] = TOO_FEW_DATA
    # One thread: products of small matrices, in which several would only wait for each other.
    with threadpool_limits(limits=1):
        effects = driver_effects(sums, status == OK, seed_of(user_id, MOOD_DRIVERS.name))
    facts = counts.reset_index().assign(
        n_days=(sums.plays > 0).sum(axis=0),
        status=status,
        missing=np.array(missing, dtype=object),
        grounded=grounded,
    )
    rows: list[dict[str, Any]] = []
    for feature, name in enumerate(FEATURES):
        kept = (
            counts["real"] + counts["kaggle"] + counts["artist_donors"] * ARTIST_DONOR_KEEPS[name]
        )
        of_feature = facts.assign(
            kept=_least_share(kept.to_numpy(), n, sums),
            deviation=_standard_deviation(facts, name),
            **{each.name: getattr(effects, each.name)[:, feature] for each in fields(Effects)},
        )
        rows += [
            {**_row(name, each), "user_id": user_id, "feature": name}
            for each in of_feature.itertuples()
            if each.level != _OTHER_ARTISTS
        ]
    return pd.DataFrame(rows, columns=MOOD_DRIVERS.given_names)


def _level_sums(
    of_days: pd.DataFrame,
    level: NDArray[np.integer],
    of_tracks: pd.DataFrame,
    levels: pd.Index[Any],
) -> LevelSums:
    import numpy as np

    from gold.statistics.driver_effects import LevelSums

    day_numbers, day = np.unique(of_days["day"].to_numpy(dtype=np.int64), return_inverse=True)
    plays = np.zeros((len(day_numbers), len(levels)))
    plays[day, level] = of_days["n"]
    features = np.zeros((*plays.shape, len(FEATURES)))
    features[day, level] = of_days[list(FEATURES)]
    driver_of = levels.get_level_values("driver").to_numpy(dtype=np.int64)
    # Each track has one artist, so that all artists together hold each track once.
    once = of_tracks[driver_of == DRIVERS.index("artist")].sum()
    variance = [
        _variance(once["tracks"], once[f"track_{name}"], once[f"track_{name}_squares"])
        for name in FEATURES
    ]
    return LevelSums(
        day_numbers=day_numbers,
        driver_of=driver_of,
        block_days=np.where(driver_of == DRIVERS.index("season"), QUARTER_DAYS, WEEK_DAYS),
        plays=plays,
        features=features,
        track_squares=of_tracks["track_squares"].to_numpy(dtype=np.float64),
        track_products=of_tracks["track_products"].to_numpy(dtype=np.float64),
        track_variance=np.array(variance),
    )


def _variance(n: float, total: float, squares: float) -> float:
    return max(squares - total**2 / n, 0.0) / (n - 1) if n > 1 else 0.0


def _what_is_missing(sums: LevelSums) -> list[str | None]:
    """Return for each level without enough data what there is and what is needed."""
    from gold.statistics.driver_effects import quarters_with_plays, support

    needed = (LEVEL_PLAYS, LEVEL_DAYS, LEVEL_WEEKS)
    is_weekend = sums.driver_of == DRIVERS.index("weekend")
    of_person = sums.plays[:, is_weekend].sum(axis=1)
    n, days = int(of_person.sum()), len(of_person)
    years = quarters_with_plays(sums, LEVEL_DAYS)
    found: list[str | None] = []
    for level, (own, compared) in enumerate(zip(*support(sums, WEEK_DAYS), strict=True)):
        is_season = sums.driver_of[level] == DRIVERS.index("season")
        if n < MIN_PLAYS or days < MIN_DAYS:
            found.append(few_plays(n, days))
        elif (own < needed).any():
            found.append(f"{_in_words(own)}; {_in_words(needed)} needed")
        elif (compared < needed).any():
            found.append(f"{_in_words(compared)} to compare with; {_in_words(needed)} needed")
        elif is_season and years[level] < SEASON_YEARS:
            found.append(
                f"{years[level]} such season with {LEVEL_DAYS} days; {SEASON_YEARS} needed"
            )
        else:
            found.append(None)
    return found


def _in_words(support: Iterable[float]) -> str:
    return "{:.0f} plays on {:.0f} days in {:.0f} weeks".format(*support)


def _of_others(values: Floats, sums: LevelSums) -> Floats:
    others: Floats = sums.same_driver @ values - values
    return others


def _least_share(values: Floats, n: Floats, sums: LevelSums) -> Floats:
    """Return the share of n that ``values`` are, at the level or at the others: the smaller one."""
    import numpy as np

    with np.errstate(invalid="ignore", divide="ignore"):
        return np.fmin(values / n, _of_others(values, sums) / _of_others(n, sums))


def _what_is_made_up(share: float) -> str:
    whose = "of the features at the level, or of those it is compared with,"
    return mostly_synthetic(share, whose)


def _standard_deviation(facts: pd.DataFrame, feature: str) -> float:
    """Return that of the person's plays, in millionths; each is at one level of ``weekend``."""
    of_plays = facts[facts["driver"] == DRIVERS.index("weekend")]
    n, total, squares = (of_plays[each].sum() for each in ("n", feature, f"{feature}_squares"))
    return float(_variance(n, total, squares) ** 0.5)


def _row(feature: str, facts: Any) -> dict[str, Any]:
    """Return the columns of one level, but for the person and the feature."""
    driver = DRIVERS[facts.driver]
    population = POPULATION.get((feature, driver), NO_POPULATION)
    row: dict[str, Any] = dict.fromkeys(MOOD_DRIVERS.given_names) | {
        "driver": driver,
        "level": facts.level,
        "n_plays": int(facts.n),
        "n_days": int(facts.n_days),
        "mean": rounded(facts.mean / MILLION),
        "effect": rounded(facts.effect / MILLION),
        "effect_ci_low": rounded(facts.low / MILLION),
        "effect_ci_high": rounded(facts.high / MILLION),
        "effect_sd": rounded(facts.effect / facts.deviation) if facts.deviation > 0 else None,
        "p_value": rounded(facts.p_value),
        "q_value": rounded(facts.q_value),
        "goes_with": goes_with(facts) if facts.status == OK else None,
        "population_effect": population.effect,
        "population_effect_sd": population.effect_sd,
        "population_source": population.source,
        **{
            share: rounded(getattr(facts, source) / facts.n) if facts.n > 0 else None
            for share, source in SOURCE_OF_SHARE.items()
        },
        "contrast_kept": rounded(facts.kept),
        "status": facts.status,
        "reason": facts.missing,
    }
    if facts.status == WITHHELD:
        row["reason"] = _what_is_made_up(facts.grounded)
    if facts.status == OK:
        row["statement"] = statement(feature, row)
    return row


MODEL = PythonModel(
    name=MOOD_DRIVERS.name,
    function=mood_drivers,
    reads=("driver_days", "driver_tracks"),
    columns=MOOD_DRIVERS.given,
)
