"""Gold: what a person's listening was like over time, each number with its interval."""

from schemas.common_columns import PERSON_GROUP_COLUMN, USER_ID
from schemas.gold_schemas import FEATURE_SHARES, STATUS, STATUS_KNOWN
from schemas.table import KEPT, PERSON_GROUP, Table, column
from schemas.types import BIGINT, DATE, DOUBLE, STRING

WELLBEING_INDICATORS = Table(
    layer="gold",
    name="wellbeing_indicators",
    description="What a person listened to and when, against their own last weeks; not their mood.",
    columns=(
        USER_ID,
        column(
            "indicator",
            STRING,
            "valence_level, night_share …; docs/WELLBEING_INDICATORS.md explains each",
            nullable=False,
            in_export=KEPT,
        ),
        column("unit", STRING, "unit and range of value", nullable=False, in_export=KEPT),
        column("period_kind", STRING, "all_time, month or weeks_8", nullable=False, in_export=KEPT),
        column(
            "period",
            STRING,
            "'all', '2024-03', or the last of the 56 days: '2024-03-31'",
            nullable=False,
            in_export=KEPT,
        ),
        column("period_start", DATE, "first local date of the period", nullable=False),
        column("period_end", DATE, "last local date of the period", nullable=False),
        column("value", DOUBLE, "in unit; null unless status is ok"),
        column("ci_low", DOUBLE, "lower end of the 95 % interval, from resampled days"),
        column("ci_high", DOUBLE, "upper end of the 95 % interval, from resampled days"),
        column("n_plays", BIGINT, "plays of 30 s and more that it is based on", nullable=False),
        column("n_days", BIGINT, "local days that it is based on", nullable=False),
        # Here n is the plays of the period that have features; null where none are needed.
        *FEATURE_SHARES,
        column(
            "baseline_value",
            DOUBLE,
            "the same of the 8 weeks before the period; null for all_time and where unknown",
        ),
        column("change", DOUBLE, "value - baseline_value"),
        column("change_ci_low", DOUBLE, "lower end of its 95 % interval"),
        column("change_ci_high", DOUBLE, "upper end of its 95 % interval"),
        *STATUS,
        PERSON_GROUP_COLUMN,
    ),
    partition_by=PERSON_GROUP,
    key=("user_id", "indicator", "period_kind", "period"),
    checks=STATUS_KNOWN,
)

TABLES = (WELLBEING_INDICATORS,)
