"""What is said of a person in a line each: findings with their size, or why there are none."""

from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console

from gold.indicators.indicator_list import INDICATORS
from lake.reader import open_lake
from report import plain_words
from report.headlines import HEADLINE_TABLES, headlines, print_headlines
from report.plain_words import difference_in_words
from schemas.gold_schemas import MOOD_CLUSTER_PROFILES
from schemas.indicator_schemas import WELLBEING_INDICATORS
from schemas.mood_schemas import MOOD_DRIVERS, MOOD_FORECAST
from schemas.recommendation_schemas import (
    PURPOSES,
    RECOMMENDATION_QUALITY,
    TRACK_RECOMMENDATIONS,
)
from tests.report.small_lakes import put

ME = {"user_id": "me", "person_group": 0, "status": "ok"}


def said(lake: Path) -> list[str]:
    with open_lake(lake, HEADLINE_TABLES) as opened:
        return headlines(opened, "me")


def indicator(name: str, until: date, **others: Any) -> dict[str, Any]:
    period = {"period_kind": "weeks_8", "period": str(until), "period_end": until}
    counts = {"n_plays": 100, "n_days": 30}
    row = {**ME, "indicator": name, "unit": "%", **period, "period_start": until, **counts}
    return row | others


def test_a_lake_without_answers_has_no_headlines(tmp_path: Path) -> None:
    assert said(tmp_path) == []


def test_indicators_are_those_of_the_newest_weeks_and_changes_have_their_interval(
    tmp_path: Path,
) -> None:
    until = date(2026, 3, 29)
    clear = {"change": 3.1, "change_ci_low": 1.2, "change_ci_high": 5.0}
    unclear = {"change": 1.0, "change_ci_low": -1.0, "change_ci_high": 3.0}
    rows = [
        indicator("night_share", until, **clear),
        indicator("repetition", until, **unclear),
        indicator("valence_level", until, status="withheld"),
        indicator("discovery", date(2026, 3, 22), **clear),
        indicator("discovery", until, **clear) | {"user_id": "anna"},
    ]
    put(tmp_path, WELLBEING_INDICATORS, rows)

    assert said(tmp_path) == [
        "numbers about the 8 weeks to 2026-03-29: 2 of 3 have enough data; 1 withheld, as it "
        "would be based mostly on synthetic audio features",
        "different from the 8 weeks before: listening between midnight and 5 o'clock, "
        "3.1 percentage points more (95% interval 1.2 to 5)",
    ]


def test_findings_are_counted_beside_all_that_was_looked_at(tmp_path: Path) -> None:
    found = {**ME, "feature": "energy", "driver": "weekend", "n_plays": 100, "n_days": 30}
    put(
        tmp_path,
        MOOD_DRIVERS,
        [
            found | {"level": "yes", "goes_with": "higher", "q_value": 0.01, "statement": "So."},
            found | {"level": "no", "goes_with": "no_evidence", "q_value": 0.4, "statement": "-"},
            found | {"level": "spring", "status": "too_few_data"},
        ],
    )

    assert said(tmp_path) == [
        "when your music sounds brighter or more energetic: 1 clear differences in 2 comparisons "
        "(time of day, season, artist …); 1 too little listening to say",
        "  So.",
    ]


def test_a_forecast_without_skill_says_so(tmp_path: Path) -> None:
    day = {**ME, "forecast_date": date(2026, 3, 1), "horizon_days": 1, "n_days": 9, "n_plays": 9}
    put(
        tmp_path,
        MOOD_FORECAST,
        [
            day | {"measure": "minutes", "skill": 0.12},
            day | {"measure": "valence", "skill": -0.3, "status": "no_skill"},
        ],
    )

    assert said(tmp_path) == [
        "forecast of the next 7 days: minutes of music a day: its errors are 12% smaller than "
        "those of your plain average; the music's brightness (valence): no better than your plain "
        "average, which is shown instead"
    ]


def test_recommendations_come_with_what_they_are_worth(tmp_path: Path) -> None:
    ships = {**ME, "weeks": 26, "n_test_plays": 500, "ships": True}
    put(
        tmp_path,
        RECOMMENDATION_QUALITY,
        [
            ships | {"task": "repeat", "model": "decayed_frequency_28", "ndcg_50": 0.456},
            ships | {"task": "repeat", "model": "random", "ndcg_50": 0.01, "ships": False},
            ships | {"task": "novel", "model": "popularity", "status": "too_few_data"},
        ],
    )
    first = {**ME, "rank": 1, "track_name": "[b]Song", "artist_name": "Artist"}
    put(
        tmp_path,
        TRACK_RECOMMENDATIONS,
        [
            first | {"purpose": "repeat", "explanation": "played twice"},
            first | {"purpose": "repeat", "rank": 2, "explanation": "never shown"},
            first | {"purpose": "discover", "explanation": "new", "status": "no_skill"},
            {**ME, "purpose": "calm", "rank": 0, "status": "withheld"},
        ],
    )

    assert said(tmp_path) == [
        "how well recommendations predicted past weeks, from 0 to 1 (NDCG of the first 50): "
        "songs to play again: 0.46, clearly above chance; songs new to you: too little listening "
        "to say",
        "towards a calmer sound: withheld, as it would be based mostly on synthetic audio features",
        "new to you: [b]Song by Artist (new); no better than chance",
        "to play again: [b]Song by Artist (played twice)",
    ]


def test_clusters_have_their_share_or_the_reason_why_there_are_none(tmp_path: Path) -> None:
    cluster = {**ME, "tracks": 10, "plays": 10}
    put(
        tmp_path,
        MOOD_CLUSTER_PROFILES,
        [
            cluster | {"cluster_id": 0, "label": "loud", "share_of_plays": 0.25},
            cluster | {"cluster_id": 1, "label": "quiet", "share_of_plays": 0.75},
            cluster
            | {
                "user_id": "anna",
                "cluster_id": -1,
                "status": "too_few_data",
                "reason": "200 tracks are needed",
            },
        ],
    )

    assert said(tmp_path) == ["kinds of sound, by their share of your plays: quiet 75%; loud 25%"]
    with open_lake(tmp_path, HEADLINE_TABLES) as opened:
        assert headlines(opened, "anna") == [
            "kinds of sound: too little listening to say (200 tracks are needed)"
        ]


def test_withheld_clusters_are_not_named(tmp_path: Path) -> None:
    cluster = {**ME, "tracks": 10, "plays": 10, "status": "withheld", "reason": "12 % measured"}
    put(
        tmp_path,
        MOOD_CLUSTER_PROFILES,
        [cluster | {"cluster_id": n, "label": label} for n, label in enumerate(("loud", "quiet"))],
    )

    (line,) = said(tmp_path)

    assert "loud" not in line
    assert "quiet" not in line
    assert line == (
        "kinds of sound: withheld, as it would be based mostly on synthetic audio features "
        "(12 % measured)"
    )


def test_every_indicator_and_purpose_has_plain_words() -> None:
    assert {each.name for each in INDICATORS} == plain_words.INDICATORS.keys()
    assert {*PURPOSES} == plain_words.PURPOSES.keys()
    for unit in {each.unit for each in INDICATORS}:
        said = difference_in_words(-0.25, -0.5, -0.1, unit)
        assert said.startswith("0.25 ")
        assert said.endswith(" less (95% interval 0.1 to 0.5)")
        assert len(said) > len("0.25 less (95% interval 0.1 to 0.5)")


def test_names_are_printed_as_they_are(tmp_path: Path) -> None:
    row = {**ME, "rank": 1, "purpose": "repeat", "track_name": "[b]Song", "artist_name": "X"}
    put(tmp_path, TRACK_RECOMMENDATIONS, [row | {"explanation": "played twice"}])
    printed = StringIO()

    with open_lake(tmp_path, HEADLINE_TABLES) as opened:
        print_headlines(Console(file=printed, width=120), opened, "me")

    assert "[b]Song by X" in printed.getvalue()
