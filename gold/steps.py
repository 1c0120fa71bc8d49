"""Steps of the tables of gold, as far as they are more than their models."""

from incremental.affected import (
    model_of_everybody,
    people_unless_the_model_changes,
    people_with_changed_counted_days,
    people_with_changed_days,
    people_with_other_covered_dates,
)
from incremental.step import Step
from schemas.gold_schemas import MOOD_CLUSTER_PROFILES, MOOD_CLUSTERS
from schemas.indicator_schemas import WELLBEING_INDICATORS
from schemas.mood_schemas import MOOD_DRIVERS, MOOD_FORECAST
from schemas.recommendation_schemas import RECOMMENDATION_QUALITY
from schemas.silver_schemas import (
    LISTENING_COVERAGE,
    LISTENING_WITH_FEATURES,
)
from schemas.summary_schemas import (
    ARTIST_SUMMARY,
    DAILY_LISTENING_SUMMARY,
    GENRE_ANALYSIS,
    MONTHLY_INSIGHTS,
)
from silver.steps import FOLLOW_GENRES

_BY_COMPLETE_DAYS = {LISTENING_WITH_FEATURES: people_with_changed_days}
_BY_GENRES_AND_COVERAGE = {**FOLLOW_GENRES, LISTENING_COVERAGE: people_with_other_covered_dates}


STEPS = (
    Step(
        MOOD_CLUSTER_PROFILES,
        find_part=people_unless_the_model_changes,
        narrow=model_of_everybody,
    ),
    Step(MOOD_CLUSTERS, may_be_empty=True),
    # The summary of artists shows who is affected by a changed genre.
    Step(DAILY_LISTENING_SUMMARY, follow=FOLLOW_GENRES, after=(ARTIST_SUMMARY,)),
    Step(GENRE_ANALYSIS, follow=FOLLOW_GENRES, after=(ARTIST_SUMMARY,)),
    Step(MONTHLY_INSIGHTS, follow=_BY_GENRES_AND_COVERAGE, after=(ARTIST_SUMMARY,)),
    Step(
        WELLBEING_INDICATORS,
        follow={**_BY_COMPLETE_DAYS, LISTENING_COVERAGE: people_with_other_covered_dates},
        may_be_empty=True,
        version=2,
    ),
    Step(MOOD_DRIVERS, follow=_BY_COMPLETE_DAYS, may_be_empty=True),
    # It learns from complete days alone, and needs the last one to count from.
    Step(
        MOOD_FORECAST,
        follow={
            LISTENING_WITH_FEATURES: people_with_changed_counted_days,
            LISTENING_COVERAGE: people_with_other_covered_dates,
        },
        version=2,
        may_be_empty=True,
    ),
    Step(RECOMMENDATION_QUALITY, follow=_BY_COMPLETE_DAYS, may_be_empty=True),
)
