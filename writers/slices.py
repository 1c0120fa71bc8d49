"""Slices of the lake: what of a table is made anew when something changed.

A slice is one person's month. Tables that hold a person's whole time (partitioned by
``person_group``) go by the person alone.
"""

import zlib
from collections import defaultdict
from collections.abc import Mapping
from functools import reduce
from operator import or_

from pyspark.sql import Column
from pyspark.sql import functions as F

from schemas.common_columns import PERSON_GROUPS
from schemas.table import PERSON_GROUP, Table

Slices = Mapping[str, frozenset[str]]
"""The months (``YYYY-MM``, UTC) of each person by ``user_id``."""


def merged(*several: Slices) -> Slices:
    """Give the slices that are in any of ``several``."""
    months: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for slices in several:
        for person, found in slices.items():
            months[person] |= found
    return dict(months)


def person_group(user_id: Column) -> Column:
    """Give the value of ``person_group``, as ``partitions_of`` knows it too."""
    return F.pmod(F.crc32(user_id.cast("binary")), F.lit(PERSON_GROUPS)).cast("int")


def partitions_of(table: Table, slices: Slices) -> list[str] | list[int]:
    """Give the partitions of ``table`` that hold rows of ``slices``, sorted."""
    if table.partition_by == PERSON_GROUP:
        return sorted({zlib.crc32(person.encode()) % PERSON_GROUPS for person in slices})
    return sorted(set().union(*slices.values()))


def is_in(table: Table, slices: Slices) -> Column:
    """Say whether a row of ``table`` is of ``slices``."""
    if table.partition_by == PERSON_GROUP:
        return F.col("user_id").isin(sorted(slices))
    people = defaultdict(list)
    for person, months in sorted(slices.items()):
        people[months].append(person)
    return reduce(
        or_,
        (
            F.col("user_id").isin(persons) & F.col("played_month").isin(sorted(months))
            for months, persons in people.items()
        ),
        F.lit(False),
    )
