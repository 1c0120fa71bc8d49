"""Gold: what the sound of the music goes with, and what it may be in the days to come."""

from schemas.common_columns import PERSON_GROUP_COLUMN, USER_ID
from schemas.gold_schemas import FEATURE_SHARES, STATUS, STATUS_KNOWN
from schemas.table import KEPT, PERSON_GROUP, Table, column
from schemas.types import BIGINT, DATE, DOUBLE, INTEGER, STRING

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
        column("feature", STRING, "valence or energy", nullable=False, in_export=KEPT),
        column("driver", STRING, f"one of {', '.join(DRIVERS)}", nullable=False, in_export=KEPT),
        column(
            "level",
            STRING,
            "value of the driver: 'evening', 'weekend', 'winter', '4 to 10' (plays in the session, "
            "or place in it), 'new', an artist's name, 'on'",
            nullable=False,
            in_export=KEPT,
        ),
        column("n_plays", BIGINT, "counted plays with features at the level", nullable=False),
        column("n_days", BIGINT, "local dates with such a play", nullable=False),
        column("mean", DOUBLE, "0-1, mean of the feature over n_plays"),
        column(
            "effect",
            DOUBLE,
            "-1 to 1, mean minus the mean of the person's plays at the driver's other levels",
        ),
        column("effect_ci_low", DOUBLE, "lower end of the effect's 95 % interval"),
        column("effect_ci_high", DOUBLE, "upper end of the effect's 95 % interval"),
        column("effect_sd", DOUBLE, "effect in standard deviations of the person's plays"),
        column("p_value", DOUBLE, "0-1, two-sided, of no effect; days and tracks as clusters"),
        column("q_value", DOUBLE, "0-1, p_value after Benjamini-Hochberg over the person"),
        column(
            "goes_with",
            STRING,
            "higher, lower, or no_evidence where q_value is over 0.05",
            in_export=KEPT,
        ),
        column(
            "population_effect",
            DOUBLE,
            "0-1, published range of the mean between the highest and the lowest hour or day",
        ),
        column("population_effect_sd", DOUBLE, "the same in the source's standard deviations"),
        column(
            "population_source",
            STRING,
            "where the published size is from, and of what",
            in_export=KEPT,
        ),
        # Here n is n_plays.
        *FEATURE_SHARES,
        column(
            "contrast_kept",
            DOUBLE,
            "0-1, what synthetic values leave of a true effect, at the least",
        ),
        column(
            "statement", STRING, "the finding, or that there is none, as a sentence", in_export=KEPT
        ),
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
    description="Daily valence, energy and minutes a week ahead, and how good the forecasts are.",
    columns=(
        USER_ID,
        column("measure", STRING, f"one of {', '.join(MEASURES)}", nullable=False, in_export=KEPT),
        column("forecast_date", DATE, "local date that is forecast", nullable=False),
        column("horizon_days", INTEGER, "1-7, days after the last with a play", nullable=False),
        column("value", DOUBLE, "mean of the day's plays, 0-1, or minutes of the day"),
        column("low_80", DOUBLE, "lower end of the 80 % interval, unit of value"),
        column("high_80", DOUBLE, "upper end of the 80 % interval"),
        column("low_95", DOUBLE, "lower end of the 95 % interval"),
        column("high_95", DOUBLE, "upper end of the 95 % interval"),
        column(
            "model",
            STRING,
            "what value is from: weekday_and_level, or with no_skill the best simple model",
            in_export=KEPT,
        ),
        column("n_days", BIGINT, "finished days with a value", nullable=False),
        column("n_plays", BIGINT, "counted plays on them (with features)", nullable=False),
        column("n_origins", BIGINT, "days from which a week was forecast, to judge by"),
        column("mae", DOUBLE, "mean absolute error of model at these, unit of value"),
        column("mase", DOUBLE, "mae / mean absolute change from one day to the next"),
        column("candidate_mae", DOUBLE, "mean absolute error of weekday_and_level"),
        column(
            "best_simple_model",
            STRING,
            "expanding_mean, mean_7_days, mean_28_days or exponential_smoothing",
            in_export=KEPT,
        ),
        column("best_simple_mae", DOUBLE, "mean absolute error of the best simple model"),
        column("skill", DOUBLE, "1 - candidate_mae / best_simple_mae; at most 1"),
        column("skill_ci_low", DOUBLE, "lower end of the skill's 95 % interval"),
        column("skill_ci_high", DOUBLE, "upper end of the skill's 95 % interval"),
        column("coverage_80", DOUBLE, "0-1, how often 80 % intervals held the value"),
        column("coverage_95", DOUBLE, "0-1, how often 95 % intervals held the value"),
        # Here n is n_plays; null for minutes, which are based on no feature.
        *FEATURE_SHARES,
        *STATUS,
        PERSON_GROUP_COLUMN,
    ),
    partition_by=PERSON_GROUP,
    key=("user_id", "measure", "forecast_date"),
    checks=STATUS_KNOWN,
)

TABLES = (MOOD_DRIVERS, MOOD_FORECAST)
