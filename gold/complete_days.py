"""The part of a person's listening that statistics are made of."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def complete_days(listening: DataFrame) -> DataFrame:
    """Leave out the last local day of each person in ``silver.listening_with_features``.

    That day may not be over yet: counted as it stands at noon it would look like a day of little
    music. It also lets statistics rest until the day is over, however often plays come in. Whoever
    has one day only keeps it. The columns are those of ``listening``.
    """
    days = listening.groupBy("user_id").agg(
        F.min("local_date").alias("first_day"), F.max("local_date").alias("last_day")
    )
    is_over = F.col("local_date") < F.col("last_day")
    is_only_day = F.col("first_day") == F.col("last_day")
    return (
        listening.join(days, on="user_id", how="inner")
        .where(is_over | is_only_day)
        .select(*listening.columns)
    )
