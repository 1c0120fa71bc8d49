"""Gold: what the sound of the music goes with, and what it may be in the days to come."""

from pyspark.sql.types import DateType, DoubleType, IntegerType, LongType, StringType

from schemas.common_columns import PERSON_GROUP_COLUMN, USER_ID
from schemas.gold_schemas import FEATURE_SHARES, STATUS, STATUS_KNOWN
from schemas.table import PERSON_GROUP, Table, column

DRIVERS = (
    "hour_block",
    "weekend",
    "season",
    "session_length",
    "session_position",
    "repeat_or_new",
    "artist",
    "shuffle",
)
MEASURES = ("valence", "energy", "minutes")

MOOD_DRIVERS = Table(
    layer="gold",
    name="mood_drivers",
    description="What higher or lower valence and energy of the music go with; never why.",
    columns=(
        USER_ID,
        column("feature", StringType(), "valence or energy", nullable=False),
        column("driver", StringType(), f"one of {', '.join(DRIVERS)}", nullable=False),
        column(
            "level",
            StringType(),
            "value of the driver: 'evening', 'weekend', 'winter', '4 to 10' (plays in the session, "
            "or place in it), 'new', an artist's name, 'on'",
            nullable=False,
        ),
        column("n_plays", LongType(), "counted plays with features at the level", nullable=False),
        column("n_days", LongType(), "local dates with such a play", nullable=False),
        column("mean", DoubleType(), "0-1, mean of the feature over n_plays"),
        column(
            "effect",
            DoubleType(),
            "-1 to 1, mean less the mean of the person's plays at the driver's other levels",
        ),
        column("effect_ci_low", DoubleType(), "lower end of the effect's 95 % interval"),
        column("effect_ci_high", DoubleType(), "upper end of the effect's 95 % interval"),
        column("effect_sd", DoubleType(), "effect in standard deviations of the person's plays"),
        column(
            "p_value", DoubleType(), "0-1, two-sided, of no effect; days and tracks as clusters"
        ),
        column("q_value", DoubleType(), "0-1, p_value after Benjamini-Hochberg over the person"),
        column(
            "goes_with", StringType(), "higher, lower, or no_evidence where q_value is over 0.05"
        ),
        column(
            "population_effect",
            DoubleType(),
            "0-1, published range of the mean between the highest and the lowest hour or day",
        ),
        column(
            "population_effect_sd", DoubleType(), "the same in the source's standard deviations"
        ),
        column("population_source", StringType(), "where the published size is from, and of what"),
        # Here n is n_plays.
        *FEATURE_SHARES,
        column(
            "contrast_kept",
            DoubleType(),
            "0-1, what synthetic values leave of a true effect, at the least",
        ),
        column("statement", StringType(), "the finding, or that there is none, as a sentence"),
        *STATUS,
        PERSON_GROUP_COLUMN,
    ),
    partition_by=PERSON_GROUP,
    key=("user_id", "feature", "driver", "level"),
    checks=STATUS_KNOWN,
)

MOOD_FORECAST = Table(
    layer="gold",
    name="mood_forecast",
    description="Daily valence, energy and minutes a week ahead, and what the forecasts are worth.",
    columns=(
        USER_ID,
        column("measure", StringType(), f"one of {', '.join(MEASURES)}", nullable=False),
        column("forecast_date", DateType(), "local date that is forecast", nullable=False),
        column(
            "horizon_days", IntegerType(), "1-7, days after the last with a play", nullable=False
        ),
        column("value", DoubleType(), "mean of the day's plays, 0-1, or minutes of the day"),
        column("low_80", DoubleType(), "lower end of the 80 % interval, unit of value"),
        column("high_80", DoubleType(), "upper end of the 80 % interval"),
        column("low_95", DoubleType(), "lower end of the 95 % interval"),
        column("high_95", DoubleType(), "upper end of the 95 % interval"),
        column(
            "model",
            StringType(),
            "what value is from: weekday_and_level, or with no_skill the best simple model",
        ),
        column("n_days", LongType(), "finished days with a value", nullable=False),
        column("n_plays", LongType(), "counted plays on them (with features)", nullable=False),
        column("n_origins", LongType(), "days from which a week was forecast, to judge by"),
        column("mae", DoubleType(), "mean absolute error of model at these, unit of value"),
        column("mase", DoubleType(), "mae / mean absolute change from one day to the next"),
        column("candidate_mae", DoubleType(), "mean absolute error of weekday_and_level"),
        column(
            "best_simple_model",
            StringType(),
            "expanding_mean, mean_7_days, mean_28_days or exponential_smoothing",
        ),
        column("best_simple_mae", DoubleType(), "mean absolute error of the best simple model"),
        column("skill", DoubleType(), "1 - candidate_mae / best_simple_mae; at most 1"),
        column("skill_ci_low", DoubleType(), "lower end of the skill's 95 % interval"),
        column("skill_ci_high", DoubleType(), "upper end of the skill's 95 % interval"),
        column("coverage_80", DoubleType(), "0-1, how often 80 % intervals held the value"),
        column("coverage_95", DoubleType(), "0-1, how often 95 % intervals held the value"),
        # Here n is n_plays; null for minutes, which rest on no feature.
        *FEATURE_SHARES,
        *STATUS,
        PERSON_GROUP_COLUMN,
    ),
    partition_by=PERSON_GROUP,
    key=("user_id", "measure", "forecast_date"),
    checks=STATUS_KNOWN,
)

TABLES = (MOOD_DRIVERS, MOOD_FORECAST)
