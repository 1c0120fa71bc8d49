"""When a person listens, and how the music sounds then.

How much a true difference between rows survives where features are made up: with a share p of
measured or catalogue values and a share d from a donor of the same artist it shrinks to p + d·b.
b is what an artist's other tracks keep of a track's own value, measured on 6,557 held-out tracks:
.40 for valence, .58 for energy; a donor from elsewhere keeps nothing.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from gold.feature_shares import LEAST_GROUNDED_SHARE, feature_shares, is_grounded
from schemas.gold_schemas import TEMPORAL_PATTERNS

MINIMUM_PLAYS = 100
MINIMUM_DAYS = 14
ARTIST_DONOR_KEEPS = {"valence": 0.40, "energy": 0.58}


def temporal_patterns(listening: DataFrame) -> DataFrame:
    """Give one row a person, dimension and bucket of ``silver.listening_with_features``.

    Dimensions are the hour, weekday, weekday × hour, part of day, month of the year, season, year
    and calendar month, all local. Buckets without a play have no row. Means of features are over
    counted plays that have features; they are null, with the reason, under 100 plays, under 14
    days, or where under half of the features were measured or come from the catalogue.
    """
    counted_with_features = F.col("is_counted") & F.col("valence").isNotNull()
    heard_ms = F.coalesce("ms_played", "duration_ms")
    plays = listening.select(
        "user_id",
        "track_key",
        "local_date",
        "skipped",
        "is_counted",
        F.lower("artist_name").alias("artist"),
        heard_ms.alias("heard_ms"),
        *(F.when(counted_with_features, F.col(name)).alias(name) for name in ARTIST_DONOR_KEEPS),
        F.when(counted_with_features, F.col("feature_source")).alias("feature_source"),
        (F.col("feature_donor_level") == "artist").alias("has_artist_donor"),
        F.explode(_buckets()).alias("at"),
    )
    measured = plays.groupBy("user_id", "at.dimension", "at.bucket").agg(
        F.count("*").alias("plays"),
        F.count_if("is_counted").alias("counted_plays"),
        (F.sum("heard_ms") / 60_000).alias("minutes"),
        F.count_distinct("track_key").alias("distinct_tracks"),
        F.count_distinct("artist").alias("distinct_artists"),
        F.count_distinct("local_date").alias("active_days"),
        F.count("skipped").alias("skip_known_plays"),
        F.try_divide(F.count_if("skipped"), F.count("skipped")).alias("skip_rate"),
        F.count("feature_source").alias("n"),
        *(F.avg(name).alias(f"raw_{name}") for name in ARTIST_DONOR_KEEPS),
        F.count_distinct(F.when(F.col("feature_source").isNotNull(), F.col("local_date"))).alias(
            "days_with_features"
        ),
        F.avg(
            F.when(
                F.col("feature_source").isNotNull(),
                F.coalesce("has_artist_donor", F.lit(False)).cast("int"),
            )
        ).alias("artist_donor_share"),
        *feature_shares(),
    )
    judged = measured.withColumn("reason", _reason()).withColumn("status", _status())
    shown = {
        f"mean_{name}": F.when(F.col("status") == "ok", F.round(F.col(f"raw_{name}"), 6))
        for name in ARTIST_DONOR_KEEPS
    }
    kept = {
        f"{name}_contrast_kept": F.col("measured_share")
        + F.col("catalogue_share")
        + F.col("artist_donor_share") * keeps
        for name, keeps in ARTIST_DONOR_KEEPS.items()
    }
    return judged.withColumns({**shown, **kept}).select(*TEMPORAL_PATTERNS.given.names)


def _buckets() -> Column:
    """Every dimension of a play as an array of (dimension, bucket); buckets sort as text."""
    hour = F.lpad(F.col("hour_of_day").cast("string"), 2, "0")
    weekday = F.col("day_of_week").cast("string")
    values = {
        "hour": hour,
        "weekday": weekday,
        "weekday_hour": F.concat_ws("-", weekday, hour),
        "part_of_day": F.col("part_of_day"),
        "month": F.date_format("local_date", "MM"),
        "season": F.col("season"),
        "year": F.date_format("local_date", "yyyy"),
        "year_month": F.date_format("local_date", "yyyy-MM"),
    }
    return F.array(
        *(
            F.struct(F.lit(name).alias("dimension"), value.alias("bucket"))
            for name, value in values.items()
        )
    )


def _has_too_few() -> Column:
    return (F.col("n") < MINIMUM_PLAYS) | (F.col("days_with_features") < MINIMUM_DAYS)


def _status() -> Column:
    return F.when(_has_too_few(), "too_few_data").when(~is_grounded(), "withheld").otherwise("ok")


def _reason() -> Column:
    grounded_percent = (F.col("measured_share") + F.col("catalogue_share")) * 100
    too_few = F.format_string(
        f"features of %d plays on %d days; {MINIMUM_PLAYS} plays on {MINIMUM_DAYS} days needed",
        "n",
        "days_with_features",
    )
    mostly_made_up = F.format_string(
        f"%.0f%% of the features measured or from the catalogue; "
        f"{LEAST_GROUNDED_SHARE * 100:.0f}%% needed",
        grounded_percent,
    )
    return F.when(_has_too_few(), too_few).when(~is_grounded(), mostly_made_up)
