"""What may come next: forecasts with and without skill, lists, and what these are worth."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from report.page.questions.forecast import past_days
from report.page.sections import next_up
from schemas.mood_schemas import MOOD_FORECAST
from schemas.recommendation_schemas import RECOMMENDATION_QUALITY, TRACK_RECOMMENDATIONS
from tests.report.page.few_answers import ME, block_of, heard, opened, view_of

PLAYS = [
    heard("2026-03-01 08:00", valence=0.2),
    heard("2026-03-01 09:00", valence=0.6),
    heard("2026-03-02 09:00", valence=0.9, ms_played=6_000, is_counted=False),
]


def forecast_day(measure: str, ahead: int = 1, **others: Any) -> dict[str, Any]:
    on = {"forecast_date": date(2026, 3, 2) + timedelta(days=ahead), "horizon_days": ahead}
    values = {"value": 0.5, "low_80": 0.4, "high_80": 0.6, "low_95": 0.3, "high_95": 0.7}
    worth = {"n_days": 90, "n_plays": 900, "n_origins": 56, "best_simple_model": "mean_7_days"}
    skill = {"skill": 0.12, "skill_ci_low": 0.05, "skill_ci_high": 0.2}
    return {**ME, "measure": measure, **on, **values, **worth, **skill, **others}


def pick(purpose: str, rank: int, **others: Any) -> dict[str, Any]:
    row = {**ME, "purpose": purpose, "rank": rank, "track_key": f"{rank}", "track_id": f"id{rank}"}
    names = {"track_name": f"Song {rank}", "artist_name": "Band", "explanation": "played 3 times"}
    return {**row, **names, **others}


def test_a_forecast_with_skill_is_drawn_with_its_intervals(tmp_path: Path) -> None:
    rows = [forecast_day("valence", ahead) for ahead in (2, 1)]

    with opened(tmp_path, PLAYS, {MOOD_FORECAST: rows}) as listening:
        view = view_of(next_up.section(listening), "next-valence")

    assert view.option is not None
    series = {each["name"]: each["data"] for each in view.option["series"]}
    assert series["forecast"] == [["2026-03-03", 0.5], ["2026-03-04", 0.5]]
    assert series["80 of 100, from"][0] == ["2026-03-03", 0.4]
    assert series["80 of 100"][0] == ["2026-03-03", pytest.approx(0.2)]
    assert series["day"] == [["2026-03-01", 0.4]]
    assert view.sentence.startswith("Forecasts like this one were 12% nearer")


def test_no_skill_is_a_sentence_with_what_to_expect(tmp_path: Path) -> None:
    rows = [
        forecast_day(
            "minutes", status="no_skill", value=80.0, low_80=10.0, high_80=200.0, reason="none"
        )
    ]

    with opened(tmp_path, PLAYS, {MOOD_FORECAST: rows}) as listening:
        view = view_of(next_up.section(listening), "next-minutes")

    assert (view.option, view.status) == (None, "no_skill")
    assert view.reason == (
        "Your past days do not tell what the next ones will be: 56 past forecasts came no nearer "
        "than the average of your last 7 days. So expect ordinary days: about 1 h 20 min, and on "
        "four days of five between 10 min and 3 h 20 min."
    )


def test_past_days_are_of_counted_plays_but_minutes_are_of_all(tmp_path: Path) -> None:
    with opened(tmp_path, PLAYS) as listening:
        assert past_days(listening, "valence") == [(date(2026, 3, 1), 0.4)]
        assert past_days(listening, "minutes") == [
            (date(2026, 3, 1), 6.0),
            (date(2026, 3, 2), 0.1),
        ]


def test_lists_have_reasons_and_links_and_say_where_nothing_was_shown(tmp_path: Path) -> None:
    untold = dict.fromkeys(("track_id", "track_name", "artist_name", "explanation", "track_key"))
    rows = [
        pick("repeat", 2, track_id=None),
        pick("repeat", 1),
        pick("discover", 1, status="no_skill", reason="not better than a random list"),
        pick("calm", 0, status="withheld", reason="5% measured; 50% needed", **untold),
    ]

    with opened(tmp_path, PLAYS, {TRACK_RECOMMENDATIONS: rows}) as listening:
        section = next_up.section(listening)

    table = view_of(section, "next-repeat").table
    assert table is not None
    assert list(table.rows) == [
        (1, "Song 1", "Band", "played 3 times", "https://open.spotify.com/track/id1"),
        (2, "Song 2", "Band", "played 3 times", None),
    ]
    discover = view_of(section, "next-discover")
    assert (discover.status, discover.table is not None) == ("no_skill", True)
    calm = view_of(section, "next-calm")
    assert (calm.status, calm.table, calm.reason) == ("withheld", None, "5% measured; 50% needed.")


def test_a_shared_page_has_no_reasons_for_they_name_days(tmp_path: Path) -> None:
    rows = [pick("rediscover", 1, explanation="not since 17 May 2023")]

    with opened(tmp_path, PLAYS, {TRACK_RECOMMENDATIONS: rows}, redact=True) as listening:
        table = view_of(next_up.section(listening), "next-rediscover").table

    assert table is not None
    assert "May" not in repr(table)


def test_the_shift_of_a_list_stands_beside_chance_and_habit(tmp_path: Path) -> None:
    by_others = {"random_energy_shift": -0.05, "relevance_energy_shift": 0.01}
    rows = [
        pick("calm", 1, predicted_energy_shift=-0.1, **by_others),
        pick("calm", 2, predicted_energy_shift=-0.3, **by_others),
    ]

    with opened(tmp_path, PLAYS, {TRACK_RECOMMENDATIONS: rows}) as listening:
        note = block_of(next_up.section(listening), "next-calm").note

    assert "energy −0.20 against your last 7 days" in note
    assert "by chance −0.05, those you would play anyway +0.01" in note


def test_quality_is_folded_and_names_what_is_shown(tmp_path: Path) -> None:
    row = {**ME, "weeks": 26, "n_test_plays": 500, "task": "repeat", "ships": False}
    rows = [
        row | {"model": "random", "ndcg_50": 0.05, "ndcg_50_over_random": 0.0},
        row | {"model": "recency", "ndcg_50": 0.45, "ndcg_50_over_random": 0.4, "ships": True},
    ]

    with opened(tmp_path, PLAYS, {RECOMMENDATION_QUALITY: rows}) as listening:
        section = next_up.section(listening)

    assert block_of(section, "next-quality").is_folded
    view = view_of(section, "next-quality")
    assert view.sentence == "songs to play again: 0.45, by chance 0.05."
    assert view.table is not None
    assert [each[1] for each in view.table.rows] == ["heard last", "by chance"]
