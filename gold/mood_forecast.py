"""What a person's music may sound like, and how much of it there may be, in the next seven days.

A forecast is of the music, not of the mood. It is useful only where it beats what anybody
could say without a model, so every person's forecasts are judged on that person's own past days,
and where they are no better than the best simple mean, that mean is what is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engines.models import PythonModel
from gold.statistics.feature_shares import SOURCE_OF_SHARE
from gold.statistics.reasons import mostly_synthetic
from gold.statistics.seeds import seed_of
from schemas.mood_schemas import MEASURES, MOOD_FORECAST
from schemas.shared_numbers import MIN_GROUNDED_SHARE, MIN_PLAYS
from schemas.statuses import NO_SKILL, OK, TOO_FEW_DATA, WITHHELD
from silver.names.exact_numbers import MILLION, rounded

if TYPE_CHECKING:
    import pandas as pd

    from gold.statistics.forecast_models import Evaluation, Floats

# A longer silence is more likely missing data.
MAX_SILENCE_DAYS = 28
_LIMITS = {"valence": (0.0, 1.0), "energy": (0.0, 1.0), "minutes": (0.0, 1440.0)}


def mood_forecast(days: pd.DataFrame, covered: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return one row a measure and day, for the seven days after one person's last local day.

    ``days`` has the columns of ``forecast_days``, ``covered`` those of ``covered_days``: a day
    outside of them is unknown. Valence and energy of a day are the means of its plays that have
    features, and a day without any has no value; minutes are 0 on a known day without plays, unless
    it lies in a silence of over four weeks, which counts as missing data. The last day may not
    be over and is not used.

    Status: ``too_few_data`` under 28 days with a value to learn from and 56 in the last year to be
    judged on, or 100 plays; ``withheld`` (valence and energy) where under half of the features were
    measured or are the catalogue's; ``no_skill`` where the model does not clearly beat the best
    simple one, whose values are then in the row; else ``ok``.
    """
    # Scientific libraries take a second to import; most commands need none of them.
    import pandas as pd
    from threadpoolctl import threadpool_limits

    days = days.sort_values("day").set_index("day")
    last_day = int(days.index[-1])
    # Every day from the first to the last but one, those without plays too.
    finished = days.reindex(range(int(days.index[0]), last_day))
    finished["is_known"] = _is_known(finished, covered)
    rows: list[dict[str, Any]] = []
    # One thread: products of small matrices, in which several would only wait for each other.
    with threadpool_limits(limits=1):
        for measure in MEASURES:
            rows += _rows_of_measure(str(days["user_id"].iloc[0]), measure, finished)
    result = pd.DataFrame(rows)
    dates = pd.to_datetime(last_day + result["horizon_days"], unit="D").dt.date
    return result.assign(forecast_date=dates)[MOOD_FORECAST.given_names]


def _rows_of_measure(user_id: str, measure: str, finished: pd.DataFrame) -> list[dict[str, Any]]:
    import numpy as np

    from gold.statistics.forecast_models import (
        HORIZONS,
        JUDGED_DAYS,
        WARM_UP_DAYS,
        evaluate,
        forecasts,
        judged_days,
    )

    is_minutes = measure == "minutes"
    n = finished["plays" if is_minutes else "n"].fillna(0).to_numpy()
    if is_minutes:
        values = _minutes(finished)
    else:
        sums = finished[measure].to_numpy(dtype=np.float64)
        values = np.divide(sums, n * MILLION, out=np.full(len(n), np.nan), where=n > 0)
    common: dict[str, Any] = dict.fromkeys(MOOD_FORECAST.given_names)
    common |= {"user_id": user_id, "measure": measure, "n_plays": int(n.sum())}
    common["n_days"] = int(np.count_nonzero(~np.isnan(values)))
    if not is_minutes and n.sum() > 0:
        common |= {
            share: rounded(finished[source].sum() / n.sum())
            for share, source in SOURCE_OF_SHARE.items()
        }
    horizons = [{"horizon_days": each + 1} for each in range(HORIZONS)]
    judged = judged_days(values)
    is_enough = common["n_days"] >= WARM_UP_DAYS + JUDGED_DAYS and n.sum() >= MIN_PLAYS
    if is_enough and not is_minutes and not _is_grounded(finished):
        common |= {"status": WITHHELD, "reason": mostly_synthetic(_grounded_share(finished))}
        return [common | each for each in horizons]
    if not is_enough or judged < JUDGED_DAYS:
        common |= {"status": TOO_FEW_DATA, "reason": _what_is_missing(common, judged)}
        return [common | each for each in horizons]
    first_weekday = (int(finished.index[0]) + 3) % 7  # 1970-01-01 was a Thursday
    weekdays = (np.arange(len(values)) + first_weekday) % 7
    made = forecasts(values, weekdays, _LIMITS[measure])
    found = evaluate(values, made, seed_of(user_id, MOOD_FORECAST.name, measure))
    common |= _judgement(found)
    ahead = _next_days(found, made[found.shown][-1], _LIMITS[measure])
    return [common | one | other for one, other in zip(horizons, ahead, strict=True)]


def _is_known(finished: pd.DataFrame, covered: pd.DataFrame | None) -> pd.Series[bool]:
    """Return whether a source covers each day."""
    import pandas as pd

    if covered is None:
        return pd.Series(data=True, index=finished.index)
    is_known = pd.Series(data=False, index=finished.index)
    for first, last in zip(covered["first_day"], covered["last_day"], strict=True):
        is_known.loc[first:last] = True
    return is_known


def _minutes(finished: pd.DataFrame) -> Floats:
    """Return the minutes of each day; NaN in a long silence, and where no source covers it."""
    is_silent = finished["plays"].isna()
    silence = is_silent.groupby((~is_silent).cumsum()).transform("sum")
    is_meant = finished["is_known"] & (silence <= MAX_SILENCE_DAYS)
    minutes = finished["heard_ms"].fillna(0).where(~is_silent | is_meant)
    return minutes.to_numpy(dtype="float64") / 60_000


def _what_is_missing(common: dict[str, Any], judged: int) -> str:
    from gold.statistics.forecast_models import JUDGED_DAYS, MAX_ORIGINS, WARM_UP_DAYS

    kind = "plays" if common["measure"] == "minutes" else "plays with features"
    return (
        f"{common['n_plays']} {kind} on {common['n_days']} finished days, {judged} of them to "
        f"judge a forecast on; {MIN_PLAYS} plays, {WARM_UP_DAYS} days to learn from and "
        f"{JUDGED_DAYS} to judge on within {MAX_ORIGINS} needed"
    )


def _grounded_share(finished: pd.DataFrame) -> float:
    return float((finished["real"].sum() + finished["kaggle"].sum()) / finished["n"].sum())


def _is_grounded(finished: pd.DataFrame) -> bool:
    return _grounded_share(finished) >= MIN_GROUNDED_SHARE


def _judgement(found: Evaluation) -> dict[str, Any]:
    numbers = {
        "mae": found.mae,
        "mase": found.mase,
        "candidate_mae": found.candidate_mae,
        "best_simple_mae": found.best_simple_mae,
        "skill": found.skill,
        "skill_ci_low": found.skill_low,
        "skill_ci_high": found.skill_high,
        "coverage_80": found.coverage[80],
        "coverage_95": found.coverage[95],
    }
    return {
        **{name: rounded(value) for name, value in numbers.items()},
        "model": found.shown,
        "best_simple_model": found.best_simple_model,
        "n_origins": found.n_origins,
        "status": OK if found.has_skill else NO_SKILL,
        "reason": None if found.has_skill else _why_no_skill(found),
    }


def _why_no_skill(found: Evaluation) -> str:
    if found.best_simple_mae == 0:
        return f"{found.best_simple_model} makes no error: there is nothing to gain"
    return (
        f"no clear gain over {found.best_simple_model}: skill {found.skill * 100:.1f}%, "
        f"95% interval {found.skill_low * 100:.1f}% to {found.skill_high * 100:.1f}%"
    )


def _next_days(
    found: Evaluation, values: Floats, limits: tuple[float, float]
) -> list[dict[str, Any]]:
    """Return value and interval of each day ahead."""
    ends = {tail: (values + offsets).clip(*limits) for tail, offsets in found.band.items()}
    return [
        {name: rounded(float(each[day])) for name, each in {"value": values, **ends}.items()}
        for day in range(len(values))
    ]


MODEL = PythonModel(
    name=MOOD_FORECAST.name,
    function=mood_forecast,
    reads=("forecast_days", "covered_days"),
    columns=MOOD_FORECAST.given,
)
