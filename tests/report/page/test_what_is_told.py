"""The descriptive sections: what they say, and what they say when there is little to say."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from report.page.listening import Listening
from report.page.parts import Block, Section, View
from report.page.sections import overview, recap, what, when
from report.page.sections.behind import days_behind
from report.page.sections.recap import fitted
from report.page.sections.tops import movement
from tests.report.page.few_plays import listening, play

SECTIONS = (overview.section, when.section, what.section, recap.section)


def years(**others: Any) -> Listening:
    """Return a play a day at noon over 2024 and 2025, of two tracks in turn; 2025 has more."""
    first = date(2024, 1, 1)
    plays = [
        play(f"{first + timedelta(day)} 12:00", "One" if day % 3 else "Two", session_id=str(day))
        for day in range(731)
    ]
    plays += [
        play(f"{date(2025, 1, 1) + timedelta(day)} 13:00", "New", "New band", session_id=f"{day}b")
        for day in range(100)
    ]
    return listening(*plays, **others)


def blocks(section: Section) -> dict[str, Block]:
    return {block.id: block for block in section.blocks}


def view(section: Section, block: str, period: str, measure: str = "*") -> View:
    return blocks(section)[block].views[period, measure]


@pytest.mark.parametrize("section", SECTIONS)
def test_one_play_is_told_in_sentences(section: Any) -> None:
    shown = section(listening(play("2026-03-01 12:00")))

    for block in shown.blocks:
        for each in block.views.values():
            assert each.option is None
            assert each.table or each.figures or each.reason or each.sentence


@pytest.mark.parametrize("section", SECTIONS)
def test_every_choice_has_a_view_that_json_can_hold(section: Any) -> None:
    heard = years()
    shown = section(heard)

    for block in shown.blocks:
        periods = {period for period, _ in block.views}
        assert periods in ({"*"}, {period.id for period in heard.periods})
        for each in block.views.values():
            json.dumps(each.option, allow_nan=False)
            assert each.status == "ok" or each.reason
            if each.option is not None:
                assert each.table is not None
            if each.table is not None:
                assert {len(row) for row in each.table.rows} <= {len(each.table.columns)}


def test_totals_change_against_the_year_before() -> None:
    totals = view(overview.section(years()), "totals", "2025")

    # 366 plays in 2024, 465 in 2025.
    assert totals.figures[0].value == 465
    assert totals.figures[0].change == pytest.approx(99 / 366)
    assert totals.sentence == "Changes are against 2024."
    assert view(overview.section(years()), "totals", "all").figures[0].change is None


def test_a_year_before_that_is_known_in_part_is_not_compared() -> None:
    heard = listening(
        play("2024-01-01 12:00"), *(play(f"2025-01-{day:02} 12:00") for day in range(1, 32))
    )
    heard.connection.execute("CREATE SCHEMA silver")
    heard.connection.execute(
        """
        CREATE TABLE silver.listening_coverage AS SELECT 'me' AS user_id,
        DATE '2024-01-01' AS first_date, DATE '2024-01-01' AS last_date
        UNION ALL SELECT 'me', DATE '2025-01-01', DATE '2025-01-31'
        """
    )

    totals = view(overview.section(heard), "totals", "2025")

    assert totals.figures[0].change is None
    assert totals.sentence == "Not compared with 2024: too many of its days are not known."


def test_without_times_minutes_are_said_to_be_unknown() -> None:
    heard = listening(
        *(
            play(f"2026-03-{day:02} {hour}:00", ms_played=None)
            for day in range(1, 31)
            for hour in (11, 12)
        )
    )

    week = view(when.section(heard), "week", "all", "minutes")

    assert week.status == "too_few_data"
    assert "does not tell how long" in week.reason
    assert view(what.section(heard), "top-tracks", "all", "minutes").status == "too_few_data"
    assert view(when.section(heard), "week", "all", "plays").status == "ok"


def test_the_tops_say_how_a_rank_moved() -> None:
    tops = view(what.section(years()), "top-tracks", "2025", "plays").table

    assert tops is not None
    assert [(row[0], row[1], row[2]) for row in tops.rows] == [
        (1, "=", "One"),
        (2, "=", "Two"),
        (3, "new", "New"),
    ]
    assert [movement(1, 3), movement(3, 1), movement(2, 2), movement(1, None)] == [
        "▲ 2",
        "▼ 2",
        "=",
        "new",
    ]


def test_skips_that_nobody_told_of_are_not_told() -> None:
    skipped = view(what.section(years()), "most-skipped", "all")

    assert skipped.status == "too_few_data"


def test_genres_that_are_hardly_known_are_not_ranked() -> None:
    genres = view(what.section(years()), "top-genres", "all", "plays")

    assert genres.status == "too_few_data"


def test_the_recap_is_of_the_last_full_year_and_month() -> None:
    section = recap.section(years())

    year, month = section.cards["recap-year"], section.cards["recap-month"]
    assert (year.title, year.subtitle) == ("2025", "in music, against 2024")
    assert month.title == "December 2025"
    assert year.amounts[1].value == "465"
    assert year.amounts[1].change == "+27%"
    assert [line.name for line in year.artists] == ["Band", "New band"]
    assert dict(year.facts)["days in a row"] == "365 days"
    assert dict(year.facts)["heard for the first time"] == "1 artist"
    assert len(year.bars) == 12
    assert len(month.bars) == 31


def test_a_page_to_be_shared_has_no_day_of_a_single_play() -> None:
    heard = years()
    shared = Listening(
        heard.connection, heard.user_id, heard.timezone, heard.today, heard.periods, redact=True
    )

    edges = view(overview.section(shared), "edges", "all").table
    assert edges is not None
    assert [row[3] for row in edges.rows] == ["January 2024", "December 2025"]
    longest = view(when.section(shared), "longest-sessions", "all").table
    assert longest is not None
    assert [column.title for column in longest.columns][:2] == ["Heard", "Plays"]
    card = recap.section(shared).cards["recap-year"]
    assert dict(card.facts)["fullest day"] == "January, 2 plays"


def test_names_are_cut_to_the_width_of_the_card() -> None:
    assert fitted("Short", 11) == "Short"
    assert fitted("A name that is much too long for a card", 11).endswith("…")
    assert len(fitted("音楽音楽音楽音楽音楽音楽", 6)) == 6


def test_a_rise_from_far_is_not_counted() -> None:
    assert [movement(1, 100), movement(1, 101), movement(20, 1021)] == ["▲ 99", "▲ 99+", "▲ 99+"]


def test_days_lie_behind_the_calendar_with_their_names_once() -> None:
    heard = listening(
        play("2026-03-01 08:00", "Song", "Band"),
        play("2026-03-01 09:00", "Song", "Band"),
        play("2026-03-02 08:00", "Other", "Band", ms_played=None),
        play("2026-03-02 09:00", "Song", "Band", ms_played=2_000),
        play("2026-03-03 09:00", "Song", "Band", ms_played=2_000),
    )

    assert days_behind(heard) == {
        "tracks": ["Song · Band", "Other · Band"],
        "days": {
            "2026-03-01": ["Sunday 1 Mar 2026", "2 plays, 6 min", [0, 2]],
            "2026-03-02": ["Monday 2 Mar 2026", "1 play, 0 min", [1, 1]],
        },
    }


def test_seasons_that_are_alike_are_said_to_be() -> None:
    first = date(2025, 1, 1)
    days = (f"{first + timedelta(place)} 12:00" for place in range(365))
    view = when.section(listening(*(play(day) for day in days)))

    seasons = next(block for block in view.blocks if block.id == "seasons")

    assert seasons.views["all", "plays"].sentence == "All four are alike, with about 1 play a day."
