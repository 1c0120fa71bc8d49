"""How well each way of ranking predicted a person's weeks from earlier plays.

One row per person, task and model: rolling weekly hold-out in time. The last 26 local weeks (from
Monday) with plays are held out one by one, less the newest, which may not be over. A person's rows
depend on that person and the catalogue alone.
"""

from typing import TYPE_CHECKING

from engines.models import PythonModel
from schemas.recommendation_schemas import RECOMMENDATION_QUALITY

if TYPE_CHECKING:
    import pandas as pd


def recommendation_quality(plays: "pd.DataFrame", songs: "pd.DataFrame") -> "pd.DataFrame":
    """Return one person's rows: see ``rolling_holdout.evaluate``."""
    from gold.recommendations.rolling_holdout import evaluate

    return evaluate(plays, songs)


MODEL = PythonModel(
    name="recommendation_quality",
    function=recommendation_quality,
    reads=("holdout_plays", "holdout_songs"),
    columns=RECOMMENDATION_QUALITY.given,
)
