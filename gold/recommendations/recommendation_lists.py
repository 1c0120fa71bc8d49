"""The lists of each person before the names of what is from the catalogue are looked up."""

from typing import TYPE_CHECKING

from engines.models import PythonModel
from schemas.recommendation_schemas import TRACK_RECOMMENDATIONS
from schemas.table import column
from schemas.types import STRING

if TYPE_CHECKING:
    import pandas as pd

_LISTED_GENRE = column("listed_genre", STRING, "genre of the catalogue's row, where it is from it")


def recommendation_lists(
    history: "pd.DataFrame", songs: "pd.DataFrame", quality: "pd.DataFrame"
) -> "pd.DataFrame":
    """Return one person's lists: see ``list_makers.recommend``."""
    from gold.recommendations.list_makers import recommend

    return recommend(history, songs, quality)


MODEL = PythonModel(
    name="recommendation_lists",
    function=recommendation_lists,
    reads=("track_history", "unheard_songs", "gold.recommendation_quality"),
    columns=(*TRACK_RECOMMENDATIONS.given, _LISTED_GENRE),
)
