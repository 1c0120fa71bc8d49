"""A small table in partitions, for tests of what writes and reads tables."""

from pyspark.sql.types import LongType, StringType

from schemas.table import Table, column

EXAMPLE = Table(
    layer="gold",
    name="example",
    description="An example.",
    columns=(
        column("name", StringType(), "a name"),
        column("value", LongType(), "a number"),
        column("month", StringType(), "a month"),
    ),
    key=("name",),
    partition_by="month",
    checks={"positive": "value > 0"},
)
