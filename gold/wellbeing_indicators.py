"""What a person listened to and when, by month and eight weeks, against their own last weeks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engines.models import PythonModel
from schemas.indicator_schemas import WELLBEING_INDICATORS

if TYPE_CHECKING:
    import pandas as pd


def wellbeing_indicators(
    hours: pd.DataFrame,
    artists: pd.DataFrame,
    sounds: pd.DataFrame,
    repeats: pd.DataFrame,
    covered: pd.DataFrame,
) -> pd.DataFrame:
    """Return one row an indicator and period of one person.

    Indicators are those of ``gold.indicators.indicator_list``, by counted plays and local days.
    Periods are ``all_time``, every calendar month, and 56 days that end on the person's last day
    and on each of the 52 Sundays before it; a period without plays has no row. Intervals are of
    95 %, by a bootstrap of blocks of days; ``baseline_value`` is that of the 56 days before the
    period. Days that no source covers are not silence: they are left out (``covered``).

    Status: ``too_few_data`` below an indicator's minimum; ``withheld`` where it is based on
    features and under half of them are measured or the catalogue's; ``no_skill`` for inertia that
    features permuted over artists have too; else ``ok``. Only an ``ok`` row has a value.

    What is handed over is one person's sums, at most 24 rows a day, one for each artist of a day
    and one for each artist: for 150,000 plays over eight years some 130,000 rows.
    """
    import pandas as pd
    from threadpoolctl import threadpool_limits

    from gold.indicators.indicator_days import SOUND, catalogue_scale, day_sums
    from gold.indicators.person_indicators import person_indicators
    from gold.statistics.burn_in import BURN_IN_DAYS

    # Thousands of products of small matrices: several threads would only wait for each other.
    with threadpool_limits(limits=1):
        scale = catalogue_scale(SOUND)
        days = day_sums(hours, artists, sounds, repeats, covered, BURN_IN_DAYS, scale)
        rows = person_indicators(str(hours["user_id"].iloc[0]), days)
    return pd.DataFrame(rows, columns=WELLBEING_INDICATORS.given_names)


MODEL = PythonModel(
    name=WELLBEING_INDICATORS.name,
    function=wellbeing_indicators,
    reads=(
        "indicator_hours",
        "indicator_artists",
        "artist_sounds",
        "indicator_repeats",
        "covered_days",
    ),
    columns=WELLBEING_INDICATORS.given,
)
