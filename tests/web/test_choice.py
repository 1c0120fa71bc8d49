"""The choice that an address holds: read, written, and what time it means."""

from datetime import date
from typing import Any, cast

import pytest
from fastapi.testclient import TestClient

from report.page.listening import Listening, Period, periods_of
from web.choice import Choice, WrongChoiceError, period_of

BEGIN, END = date(2020, 3, 10), date(2025, 6, 20)


class Heard:
    periods = periods_of(BEGIN, END)


def period(**chosen: Any) -> Period:
    return period_of(Choice(**chosen), cast("Listening", Heard))


def days(found: Period | None) -> tuple[date, date] | None:
    return None if found is None else (found.first, found.last)


def test_what_is_usual_is_left_out_of_an_address() -> None:
    assert Choice().query() == ""
    assert Choice("ann", "2024", "minutes", "year").query() == (
        "?user=ann&period=2024&measure=minutes&compare=year"
    )
    assert Choice(period="2024").query(period="all") == ""
    assert Choice(period="2024").query(page=2, search="") == "?period=2024&page=2"


def test_an_address_cannot_be_left_by_a_name() -> None:
    assert Choice("a&period=x#\"<'").query() == "?user=a%26period%3Dx%23%22%3C%27"


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("all", BEGIN, END),
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-02-29", date(2024, 2, 29), date(2024, 2, 29)),
        ("2024-02-10..2024-03-09", date(2024, 2, 10), date(2024, 3, 9)),
        ("2025", date(2025, 1, 1), END),  # of which the lake has no more
        ("last_28_days", date(2025, 5, 24), END),
        ("last_12_months", date(2024, 6, 21), END),
    ],
)
def test_a_period_is_a_time_of_the_lake(text: str, first: date, last: date) -> None:
    assert days(period(period=text)) == (first, last)


@pytest.mark.parametrize(
    "text", ["2024-02-30", "2024-13", "0000", "2024-03-01..2024-02-01", "2019", "2026", "9999"]
)
def test_what_is_no_time_of_the_lake_is_refused(text: str) -> None:
    with pytest.raises(WrongChoiceError):
        period(period=text)


@pytest.mark.parametrize(
    ("text", "compare", "expected"),
    [
        ("2024-03-01..2024-03-14", "before", (date(2024, 2, 16), date(2024, 2, 29))),
        ("2024-03-01..2024-03-14", "year", (date(2023, 3, 1), date(2023, 3, 14))),
        ("2024-02-29", "year", (date(2023, 2, 28), date(2023, 2, 28))),
        ("2024", "year", (date(2023, 1, 1), date(2023, 12, 31))),
        ("2024", "none", None),
        ("2020", "before", None),
        ("2020-03-10", "before", None),  # before the first play
        # Before these there is no date.
        ("0001-01-01..2024-12-31", "before", None),
        ("0001-01-01..2024-12-31", "year", None),
        ("0001-01-01..9999-12-31", "before", None),
    ],
)
def test_a_period_is_compared_with_the_time_before(
    text: str, compare: Any, expected: tuple[date, date] | None
) -> None:
    assert days(period(period=text, compare=compare).before) == expected


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("period=2025", 200),
        ("period=2025-10-05..2025-10-06&measure=minutes&compare=none", 200),
        ("period=1999", 404),
        ("period=2025-02-30", 404),
        ("period=yesterday", 422),
        ("measure=pounds", 422),
        ("compare=me", 422),
        ("user=nobody", 404),
        (f"user={65 * 'x'}", 422),
    ],
)
def test_a_wrong_choice_is_told_in_one_line(client: TestClient, query: str, status: int) -> None:
    answer = client.get(f"/api/v1/summary?{query}")
    assert answer.status_code == status
    if status != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        assert "\n" not in answer.json()["detail"]
