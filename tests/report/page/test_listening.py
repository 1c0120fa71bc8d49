"""The periods of a page."""

from datetime import date

from report.page.listening import periods_of


def test_a_long_history_has_every_period_the_newest_year_first() -> None:
    periods = periods_of(date(2022, 3, 5), date(2024, 11, 20))

    assert [each.id for each in periods] == [
        "all",
        "last_12_months",
        "last_28_days",
        "2024",
        "2023",
        "2022",
    ]
    by_id = {each.id: each for each in periods}
    assert (by_id["all"].first, by_id["all"].last) == (date(2022, 3, 5), date(2024, 11, 20))
    assert by_id["all"].before is None
    assert (by_id["last_28_days"].first, by_id["last_28_days"].days) == (date(2024, 10, 24), 28)
    assert by_id["last_12_months"].first == date(2023, 11, 21)


def test_a_period_is_compared_with_as_many_days_before() -> None:
    by_id = {each.id: each for each in periods_of(date(2022, 3, 5), date(2024, 11, 20))}

    before = by_id["last_28_days"].before
    assert before is not None
    assert (before.first, before.last) == (date(2024, 9, 26), date(2024, 10, 23))
    # A year that is not over is compared with as much of the one before.
    before = by_id["2024"].before
    assert before is not None
    assert (before.first, before.last) == (date(2023, 1, 1), date(2023, 11, 20))


def test_a_year_is_not_compared_with_one_that_the_lake_knows_in_part() -> None:
    by_id = {each.id: each for each in periods_of(date(2022, 3, 5), date(2024, 11, 20))}

    assert by_id["2023"].before is None
    assert by_id["2022"].before is None


def test_one_day_has_itself_and_its_year() -> None:
    day = date(2024, 2, 29)

    assert [each.id for each in periods_of(day, day)] == ["all", "2024"]


def test_leap_days_have_a_year_before() -> None:
    by_id = {each.id: each for each in periods_of(date(2020, 1, 1), date(2024, 2, 29))}

    before = by_id["2024"].before
    assert before is not None
    assert before.last == date(2023, 2, 28)
    assert by_id["last_12_months"].first == date(2023, 3, 1)
