"""When a person listens, and how the music sounds then.

How much a true difference between rows survives where features are made up: with a share p of
measured or catalogue values and a share d from a donor of the same artist it shrinks to p + d·b.
b is what an artist's other tracks keep of a track's own value, measured on 6,557 held-out tracks:
.40 for valence, .58 for energy; a donor from elsewhere keeps nothing.
"""

from collections.abc import Callable
from typing import NamedTuple

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from gold.feature_shares import LEAST_GROUNDED_SHARE, feature_shares, is_grounded
from schemas.gold_schemas import TEMPORAL_PATTERNS
from silver.exact_numbers import DECIMALS
from silver.time_columns import first_hour_of_part, part_of_day, season

MINIMUM_PLAYS = 100
MINIMUM_DAYS = 14
ARTIST_DONOR_KEEPS = {"valence": 0.40, "energy": 0.58}
_DISTINCT = {
    "distinct_tracks": "track_key",
    "distinct_artists": "artist",
    "active_days": "local_date",
    "days_with_features": "date_with_features",
}
_HOURS = 24
_MONTHS = 12
_OF_BUCKET = ("user_id", "code")
# Room for the months since year 0; a code is the place of the dimension and the bucket's number.
_BUCKETS = 100_000


class _Dimension(NamedTuple):
    """How the buckets of a dimension are numbered by a time, and what text tells a number.

    The time is one of ``times``: "hours", of the week, 0-167 from Monday's first; or "months",
    since year 0.
    """

    times: str
    number: Callable[[Column], Column]
    text: Callable[[Column], Column]


def _hour(hour_of_week: Column) -> Column:
    return hour_of_week % _HOURS


def _weekday(hour_of_week: Column) -> Column:
    return F.floor(hour_of_week / _HOURS) + 1


def _month(month: Column) -> Column:
    return month % _MONTHS + 1


def _year(month: Column) -> Column:
    return F.floor(month / _MONTHS)


def _middle_of_season(month: Column) -> Column:
    """Give January, April, July or October (1, 4, 7, 10): a month that stands for its season."""
    return F.floor(_month(month) % _MONTHS / 3) * 3 + 1


def _plain(number: Column) -> Column:
    return number.cast("string")


def _two_digits(number: Column) -> Column:
    return F.lpad(number.cast("string"), 2, "0")


def _weekday_hour(hour_of_week: Column) -> Column:
    return F.concat_ws("-", _weekday(hour_of_week), _two_digits(_hour(hour_of_week)))


def _year_month(month: Column) -> Column:
    return F.concat_ws("-", _year(month), _two_digits(_month(month)))


def _itself(number: Column) -> Column:
    return number


_DIMENSIONS = {
    "hour": _Dimension("hours", _hour, _two_digits),
    "weekday": _Dimension("hours", _weekday, _plain),
    "weekday_hour": _Dimension("hours", _itself, _weekday_hour),
    "part_of_day": _Dimension("hours", lambda at: first_hour_of_part(_hour(at)), part_of_day),
    "month": _Dimension("months", _month, _two_digits),
    "season": _Dimension("months", _middle_of_season, season),
    "year": _Dimension("months", _year, _plain),
    "year_month": _Dimension("months", _itself, _year_month),
}


def temporal_patterns(listening: DataFrame) -> DataFrame:
    """Give one row a person, dimension and bucket of ``silver.listening_with_features``.

    Dimensions are the hour, weekday, weekday × hour, part of day, month of the year, season, year
    and calendar month, all local. Buckets without a play have no row. Means of features are over
    counted plays that have features; they are null, with the reason, under 100 plays, under 14
    days, or where under half of the features were measured or come from the catalogue.
    """
    is_known = F.col("is_counted") & F.col("valence").isNotNull()
    source = F.when(is_known, F.col("feature_source"))
    plays = listening.select(
        "user_id",
        "track_key",
        F.lower("artist_name").alias("artist"),
        "local_date",
        F.when(source.isNotNull(), F.col("local_date")).alias("date_with_features"),
        "is_counted",
        "skipped",
        F.coalesce("ms_played", "duration_ms").alias("heard_ms"),
        source.alias("feature_source"),
        (F.col("feature_donor_level") == "artist").alias("has_artist_donor"),
        *(F.when(is_known, F.col(name)).alias(name) for name in ARTIST_DONOR_KEEPS),
        # Numbers, since a play is grouped by them: of the week's hours, and of all months.
        ((F.col("day_of_week") - 1) * _HOURS + F.col("hour_of_day")).alias("hour_of_week"),
        (F.year("local_date") * _MONTHS + F.month("local_date") - 1).alias("month"),
    )
    measured = _sums(plays).join(_distinct_values(plays), on=list(_OF_BUCKET), how="left")
    named = measured.withColumns({"dimension": _dimension(), "bucket": _bucket()})
    judged = named.withColumn("reason", _reason()).withColumn("status", _status())
    shown = {
        f"mean_{name}": F.when(F.col("status") == "ok", F.round(F.col(f"raw_{name}"), DECIMALS))
        for name in ARTIST_DONOR_KEEPS
    }
    kept = {
        f"{name}_contrast_kept": F.col("measured_share")
        + F.col("catalogue_share")
        + F.col("artist_donor_share") * keeps
        for name, keeps in ARTIST_DONOR_KEEPS.items()
    }
    return judged.withColumns({**shown, **kept}).select(*TEMPORAL_PATTERNS.given.names)


def _sums(plays: DataFrame) -> DataFrame:
    """Add up by hour of the week and by month, and only these sums by bucket."""
    has_features = F.col("feature_source").isNotNull()
    added = {
        "plays": F.count("*"),
        "counted_plays": F.count_if("is_counted"),
        "heard_ms": F.sum("heard_ms"),
        "skip_known_plays": F.count("skipped"),
        "skipped_plays": F.count_if("skipped"),
        "n": F.count("feature_source"),
        "artist_donors": F.count_if(has_features & F.col("has_artist_donor")),
        **{f"sum_{name}": F.sum(name) for name in ARTIST_DONOR_KEEPS},
    }
    of_times = plays.groupingSets(
        [["user_id", "hour_of_week", "feature_source"], ["user_id", "month", "feature_source"]],
        "user_id",
        "hour_of_week",
        "month",
        "feature_source",
    ).agg(*(value.alias(name) for name, value in added.items()))
    # Of an hour of the week and a month each row has the one that it was added up by.
    times = (F.array_compact(F.array(name)) for name in ("hour_of_week", "month"))
    return (
        of_times.withColumn("code", F.explode(_codes(*times)))
        .groupBy(*_OF_BUCKET)
        .agg(*(F.sum(name).alias(name) for name in added), *feature_shares(F.col("n")))
        .withColumns(
            {
                "minutes": F.col("heard_ms") / 60_000,
                "skip_rate": F.try_divide("skipped_plays", "skip_known_plays"),
                "artist_donor_share": F.try_divide("artist_donors", "n"),
                **{f"raw_{name}": F.try_divide(f"sum_{name}", "n") for name in ARTIST_DONOR_KEEPS},
            }
        )
    )


def _distinct_values(plays: DataFrame) -> DataFrame:
    """Count the distinct tracks, artists and days of each bucket.

    When a value occurs is collected before it is put into buckets. ``count_distinct`` would have
    Spark write every play once for each kind of value and each dimension. Numbers stand for values
    and buckets, since texts take a multiple of the time to sort and to compare; that two tracks of
    a person have the same 64-bit hash is to be expected once in 10^11 people of 20,000 tracks.
    """
    each_value = F.array(
        *(
            F.struct(
                F.lit(place).alias("kind"),
                F.when(F.col(value).isNotNull(), F.xxhash64(F.lit(place), value)).alias("value"),
            )
            for place, value in enumerate(_DISTINCT.values())
        )
    )
    occurrences = (
        plays.select("user_id", "hour_of_week", "month", F.inline(each_value))
        .where(F.col("value").isNotNull())
        # Rows are sorted by the first of these that tells them apart.
        .groupBy("value", "kind", "user_id")
        .agg(F.collect_set("hour_of_week").alias("hours"), F.collect_set("month").alias("months"))
    )
    return (
        occurrences.select(
            "user_id", "kind", F.explode(_codes(F.col("hours"), F.col("months"))).alias("code")
        )
        .groupBy(*_OF_BUCKET)
        .agg(*(F.count_if(F.col("kind") == n).alias(name) for n, name in enumerate(_DISTINCT)))
    )


def _codes(hours_of_week: Column, months: Column) -> Column:
    """Give the codes of all buckets that times lie in, each once.

    Both are arrays without a value twice.
    """
    times = {"hours": hours_of_week, "months": months}

    def of_dimension(place: int, each: _Dimension) -> Column:
        return F.array_distinct(
            F.transform(times[each.times], lambda at: each.number(at) + place * _BUCKETS)
        )

    return F.concat(*(of_dimension(n, each) for n, each in enumerate(_DIMENSIONS.values())))


def _dimension() -> Column:
    """Name the dimension of ``code``."""
    names = F.array(*(F.lit(name) for name in _DIMENSIONS))
    return F.get(names, F.floor(F.col("code") / _BUCKETS).cast("int"))


def _bucket() -> Column:
    """Tell the bucket of ``code`` as text; buckets sort as text."""
    number = F.col("code") % _BUCKETS
    texts = F.array(*(each.text(number) for each in _DIMENSIONS.values()))
    return F.get(texts, F.floor(F.col("code") / _BUCKETS).cast("int"))


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
