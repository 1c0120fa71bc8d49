"""What the query of an address may hold: names, keys and dates, filters, the page of a list."""

from datetime import date
from typing import Annotated, Literal

from fastapi import Query

_MOST_LETTERS = 1000
# A statement cannot hold the character of number zero, and no name has one.
NO_ZERO = r"^[^\x00]*$"

Key = Annotated[
    str, Query(max_length=_MOST_LETTERS, pattern=NO_ZERO, description="Its key, as lists have it")
]
Name = Annotated[str, Query(max_length=_MOST_LETTERS, pattern=NO_ZERO, description="Its name")]
Words = Annotated[
    str, Query(max_length=200, pattern=NO_ZERO, description="Only what has these words")
]
RunId = Annotated[str, Query(max_length=64, description="Only rows of this run")]
Level = Literal["", "INFO", "WARNING", "ERROR", "CRITICAL"]
Day = Annotated[date, Query(description="A local date")]
PageNumber = Annotated[int, Query(ge=1, le=1_000_000, description="Page of the list, from 1")]
PerPage = Annotated[int, Query(ge=1, le=500, description="Rows on a page")]
