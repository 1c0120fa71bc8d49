"""What the sound goes with: intervals, the published size, and what is withheld."""

from pathlib import Path
from typing import Any

from report.page.charts.drivers import drivers_chart, with_answer
from report.page.questions.drivers import drivers
from report.page.sections import why
from schemas.mood_schemas import MOOD_DRIVERS
from tests.report.page.few_answers import ME, block_of, heard, opened, view_of

PLAY = [heard("2026-03-01 08:00")]


def level(driver: str, name: str, **others: Any) -> dict[str, Any]:
    row = {**ME, "feature": "valence", "driver": driver, "level": name, "n_plays": 50, "n_days": 20}
    effect = {"effect": 0.01, "effect_ci_low": -0.02, "effect_ci_high": 0.04, "effect_sd": 0.05}
    return {**row, **effect, "goes_with": "no_evidence", "statement": "None.", **others}


CLEAR = {
    "effect": -0.03,
    "effect_ci_low": -0.05,
    "effect_ci_high": -0.01,
    "goes_with": "lower",
    "statement": "Listening in the small hours goes with darker music.",
}
PUBLISHED = {"population_effect": 0.023, "population_source": "Park et al. 2019"}
WITHHELD = {
    "status": "withheld",
    "reason": "5% of the features measured; 50% needed",
    **dict.fromkeys(("effect", "effect_ci_low", "effect_ci_high", "goes_with", "statement")),
}
ROWS = [
    level("artist", "{b}<i>", n_plays=90),
    level("weekend", "weekend"),
    level("hour_block", "late_night", **CLEAR, **PUBLISHED),
    level("hour_block", "morning", **PUBLISHED),
    level("season", "winter", **WITHHELD),
]


def test_levels_stand_in_the_order_of_reading(tmp_path: Path) -> None:
    with opened(tmp_path, PLAY, {MOOD_DRIVERS: ROWS}) as listening:
        found = drivers(listening, "valence")
        assert drivers(listening, "energy") == []

    assert [each.words for each in found] == [
        "morning",
        "small hours",
        "weekend",
        "winter",
        "{b}<i>",
    ]


def test_the_chart_has_each_interval_and_the_published_size_behind_its_driver(
    tmp_path: Path,
) -> None:
    with opened(tmp_path, PLAY, {MOOD_DRIVERS: ROWS}) as listening:
        option = drivers_chart(with_answer(drivers(listening, "valence")))

    intervals, effects = option["series"]
    assert intervals["data"][1]["value"] == [-0.05, -0.05, -0.03, -0.01, -0.01]
    assert [each["value"][:2] for each in effects["data"]] == [
        [0.01, 0],
        [-0.03, 1],
        [0.01, 2],
        [0.01, 3],
    ]
    found, unclear = effects["data"][1], effects["data"][0]
    assert found["itemStyle"]["color"] != unclear["itemStyle"]["color"]
    # Half of 0.023 on either side, over both levels of the time of day.
    assert intervals["markArea"]["data"] == [
        [{"coord": [-0.0115, 0]}, {"coord": [0.0115, 1]}],
    ]


def test_findings_are_counted_and_what_is_withheld_is_in_the_table(tmp_path: Path) -> None:
    with opened(tmp_path, PLAY, {MOOD_DRIVERS: ROWS}) as listening:
        section = why.section(listening)

    view = view_of(section, "why-valence")
    assert view.sentence.startswith(
        "1 clear difference in 4 comparisons. Listening in the small hours goes with darker music."
    )
    assert "1 withheld" in view.sentence
    assert view.table is not None
    winter = next(row for row in view.table.rows if row[1] == "winter")
    assert "50% needed" in winter[6]
    assert "0.023" in block_of(section, "why-valence").note


def test_where_everything_is_withheld_there_is_a_reason_and_no_chart(tmp_path: Path) -> None:
    rows = [level("weekend", each, **WITHHELD) for each in ("weekend", "weekday")]

    with opened(tmp_path, PLAY, {MOOD_DRIVERS: rows}) as listening:
        section = why.section(listening)

    view = view_of(section, "why-valence")
    assert (view.option, view.status) == (None, "withheld")
    assert view.reason == "5% of the features measured; 50% needed."
    assert view_of(section, "why-energy").status == "too_few_data"
