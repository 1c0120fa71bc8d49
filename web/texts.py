"""Texts in the query of an address: names, keys and dates that are looked up."""

from datetime import date
from typing import Annotated

from fastapi import Query

_MOST_LETTERS = 1000
# A statement cannot hold the character of number zero, and no name has one.
_NO_ZERO = r"^[^\x00]*$"

Key = Annotated[
    str, Query(max_length=_MOST_LETTERS, pattern=_NO_ZERO, description="Its key, as lists have it")
]
Name = Annotated[str, Query(max_length=_MOST_LETTERS, pattern=_NO_ZERO, description="Its name")]
Words = Annotated[
    str, Query(max_length=200, pattern=_NO_ZERO, description="What names must have in them")
]
Day = Annotated[date, Query(description="A local date")]
