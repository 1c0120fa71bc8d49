"""How the music sounds: means worked out by hand, and what is withheld."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from report.page.charts.mood import kinds_chart, map_chart
from report.page.charts.mood_days import calendar_chart, months_chart
from report.page.charts.mood_hours import hours_chart
from report.page.charts.provenance import HATCHED
from report.page.questions.kinds import Kind, kinds
from report.page.questions.mood import (
    HourSound,
    MapTrack,
    Sound,
    mood_days,
    mood_hours,
    mood_map,
    mood_months,
)
from report.page.sections import mood
from report.plain_words import MUSIC_NOT_MOOD
from schemas.gold_schemas import MOOD_CLUSTER_PROFILES, MOOD_CLUSTERS
from tests.report.page.few_answers import ME, block_of, heard, opened, view_of


def in_cluster(song: str, number: int = 0, **others: Any) -> dict[str, Any]:
    label = ("bright and calm", "dark and calm")[number]
    names = {"track_key": song, "track_name": song, "artist_name": "Band", "plays": 1}
    sound = {"valence": 0.7, "energy": 0.3, "feature_source": "kaggle"}
    return {**ME, **names, "cluster_id": number, "label": label, **sound, **others}


def profile(number: int, **others: Any) -> dict[str, Any]:
    labels = ("bright and calm", "dark and calm")
    scores = {"k": 2, "n_fitted": 240, "silhouette": 0.19, "null_silhouette": 0.14}
    stability = {"stability": 0.93, "null_stability": 0.44, "label_purity": 0.6}
    row = {**ME, "cluster_id": number, "label": labels[number], "tracks": 1, "plays": 1}
    return {**row, "mean_valence": 0.7, "mean_energy": 0.3, **scores, **stability, **others}


KINDS = {
    MOOD_CLUSTERS: [
        in_cluster("Own"),
        in_cluster("Copy", 1, feature_source="synthetic"),
        in_cluster("Silent"),
    ],
    MOOD_CLUSTER_PROFILES: [profile(0), profile(1)],
}
PLAYS = [
    heard("2026-03-01 08:00", "Own"),
    heard("2026-03-01 09:00", "Own"),
    heard("2026-03-02 09:00", "Copy", feature_source="synthetic"),
    heard("2026-03-02 10:00", "Copy", ms_played=6_000, is_counted=False),
]


def test_the_map_has_what_was_heard_with_both_measures(tmp_path: Path) -> None:
    with opened(tmp_path, PLAYS, KINDS) as listening:
        found = mood_map(listening, listening.periods)["all"]

    assert [(each.track, each.plays, each.source, each.kind) for each in found] == [
        ("Own", 2, "kaggle", 0),
        ("Copy", 1, "synthetic", 1),
    ]
    assert [each.minutes for each in found] == pytest.approx([6.0, 3.1])


def test_the_map_holds_the_most_played(tmp_path: Path) -> None:
    long = heard("2026-03-03 12:00", "Long", ms_played=3_600_000)
    answers = {MOOD_CLUSTERS: [in_cluster("Own"), in_cluster("Long"), in_cluster("Rare")]}
    plays = [*PLAYS[:2], long, heard("2026-03-03 13:00", "Rare", ms_played=40_000)]

    with opened(tmp_path, plays, answers) as listening:
        found = mood_map(listening, listening.periods, tracks=1)["all"]

    assert [each.track for each in found] == ["Own"]


def test_kinds_know_the_part_that_is_synthetic(tmp_path: Path) -> None:
    with opened(tmp_path, PLAYS, KINDS) as listening:
        own, copy = kinds(listening, listening.periods)["all"]

    assert (own.label, own.tracks, own.plays, own.synthetic_plays) == ("bright and calm", 1, 2, 0)
    assert (copy.label, copy.plays, copy.synthetic_plays) == ("dark and calm", 1, 1)
    assert copy.synthetic_minutes == pytest.approx(3.1)


def test_a_day_is_told_with_five_plays_and_withheld_where_most_are_synthetic(
    tmp_path: Path,
) -> None:
    plays = [
        *(heard(f"2026-03-01 {hour:02}:00", valence=hour / 10) for hour in range(5)),
        *(heard(f"2026-03-02 {hour:02}:00") for hour in range(4)),
        *(heard(f"2026-03-03 {hour:02}:00", feature_source="synthetic") for hour in range(3)),
        *(heard(f"2026-03-03 {hour:02}:30") for hour in range(2)),
    ]

    with opened(tmp_path, plays) as listening:
        days = mood_days(listening)
        (month,) = mood_months(listening, listening.periods)["all"]

    assert [(each.n, each.status) for each in days] == [
        (5, "ok"),
        (4, "too_few_data"),
        (5, "withheld"),
    ]
    assert days[0].valence == pytest.approx(0.2)
    assert days[2].synthetic_share == pytest.approx(0.6)
    assert (month.first, month.n, month.status) == (date(2026, 3, 1), 14, "too_few_data")


def test_the_error_of_an_hour_takes_days_as_clusters(tmp_path: Path) -> None:
    # 12 o'clock: two plays of 0.2 on one day, one of 0.8 on another. Mean 1.2 / 3 = 0.4. Sums less
    # the mean: 0.4 - 0.8 = -0.4 and 0.8 - 0.4 = 0.4; sqrt((0.16 + 0.16) * 2 / 1) / 3 = 0.8 / 3.
    plays = [
        heard("2026-03-01 12:10", valence=0.2),
        heard("2026-03-01 12:40", valence=0.2),
        heard("2026-03-02 12:10", valence=0.8),
    ]

    with opened(tmp_path, plays) as listening:
        (hour,) = mood_hours(listening, listening.periods)["all"]

    assert (hour.hour, hour.n, hour.days, hour.status) == (12, 3, 2, "too_few_data")
    assert hour.valence == pytest.approx(0.4)
    assert hour.valence_error == pytest.approx(0.8 / 3)


def test_synthetic_tracks_are_empty_circles_with_a_broken_line() -> None:
    own = MapTrack("Own", "Band", 0.7, 0.3, "kaggle", 0, "bright and calm", 4, 90.0)
    copy = own._replace(track="Copy", source="synthetic", plays=1)

    option = map_chart([own, copy], [])

    filled, empty = option["series"]
    assert filled["itemStyle"]["color"] == "color:c1"
    assert (empty["itemStyle"]["color"], empty["itemStyle"]["borderType"]) == (
        "transparent",
        "dashed",
    )
    # A quarter of the plays is a quarter of the area above the smallest circle.
    assert (filled["data"][0]["symbolSize"], empty["data"][0]["symbolSize"]) == (24.0, 14.5)
    assert "4 plays, 1 h 30 min" in filled["data"][0]["tip"]
    assert "synthetic" in empty["data"][0]["tip"]


def test_the_synthetic_part_of_a_kind_is_hatched() -> None:
    kind = Kind(0, "bright and calm", 0.6, 0.7, 0.3, 2, 8, 30.0, 2, 15.0)

    own, synthetic = kinds_chart([kind], "plays")["series"]

    assert (own["data"][0]["value"], synthetic["data"][0]["value"]) == (0.75, 0.25)
    assert synthetic["data"][0]["itemStyle"]["decal"] == HATCHED
    assert "decal" not in own["data"][0]["itemStyle"]
    by_time = kinds_chart([kind], "minutes")["series"]
    assert [each["data"][0]["value"] for each in by_time] == [0.5, 0.5]


def test_days_that_are_withheld_have_cells_of_their_own() -> None:
    shown = Sound(date(2026, 3, 1), 5, 0.6, 0.4, 0.2, "ok")
    days = [
        shown,
        shown._replace(first=date(2026, 3, 2), status="withheld"),
        shown._replace(first=date(2026, 3, 3), status="too_few_data"),
    ]

    option = calendar_chart(days, date(2026, 1, 1), date(2026, 12, 31))

    brightness, withheld, few, energy, *_ = option["series"]
    assert brightness["data"] == [["2026-03-01", 0.6, 5]]
    assert energy["data"] == [["2026-03-01", 0.4, 5]]
    assert withheld["data"] == [["2026-03-02", 0]]
    assert withheld["itemStyle"]["decal"] == HATCHED
    assert few["data"] == [["2026-03-03", 0]]
    assert [each["seriesIndex"] for each in option["visualMap"]] == [0, 3]


def test_months_lie_at_their_month_and_year() -> None:
    sounds = [
        Sound(date(2024, 12, 1), 40, 0.5, 0.4, 0.0, "ok"),
        Sound(date(2026, 1, 1), 40, 0.6, 0.4, 0.0, "ok"),
    ]

    option = months_chart(sounds)

    assert option["yAxis"][0]["data"] == ["2024", "2026"]
    assert option["series"][0]["data"] == [[11, 0, 0.5, 40], [0, 1, 0.6, 40]]


def test_hours_stand_in_their_interval_over_the_published_extremes() -> None:
    hour = HourSound(4, 200, 20, 0.5, 0.01, 0.6, 0.02, 0.1, "ok")

    option = hours_chart([hour, hour._replace(hour=5, status="withheld")])

    low, width, mean = option["series"][:3]
    assert low["data"][4] == [4.5, 0.4804]
    assert width["data"][4] == [4.5, pytest.approx(0.0392)]
    assert mean["data"][3:6] == [[3.5, None], [4.5, 0.5], [5.5, None]]
    spans = [(a["xAxis"], b["xAxis"]) for a, b in mean["markArea"]["data"]]
    assert spans == [(4, 5), (19, 20)]


def test_the_section_says_that_it_is_about_music_and_how_real_the_kinds_are(
    tmp_path: Path,
) -> None:
    with opened(tmp_path, PLAYS, KINDS) as listening:
        section = mood.section(listening)

    assert MUSIC_NOT_MOOD in section.lead
    kinds_block = block_of(section, "mood-kinds")
    assert "agree to 0.93 of 1" in kinds_block.note
    assert "shuffled features, so without any kinds, to 0.44" in kinds_block.note
    view = view_of(section, "mood-kinds", "all", "plays")
    assert view.sentence.startswith("Most of it is bright and calm: 67%")
    assert view_of(section, "mood-map", "all").option
    json.dumps([each.option for each in kinds_block.views.values()], allow_nan=False)


def test_what_is_mostly_synthetic_is_withheld_with_its_reason(tmp_path: Path) -> None:
    model = {"status": "too_few_data", "reason": "78 tracks have features; 200 needed"}
    answers = {
        MOOD_CLUSTERS: [in_cluster("Copy", feature_source="synthetic")],
        MOOD_CLUSTER_PROFILES: [profile(0, **model)],
    }
    plays = [
        heard(f"2026-03-01 {hour:02}:{minute}", "Copy", feature_source="synthetic")
        for hour in range(10)
        for minute in (10, 20, 30, 40)
    ]

    with opened(tmp_path, plays, answers) as listening:
        section = mood.section(listening)

    views = [view for block in section.blocks for view in block.views.values()]
    assert all(view.status != "ok" and view.option is None and view.reason for view in views)
    assert view_of(section, "mood-kinds", "all", "plays").reason == (
        "78 tracks have features; 200 needed."
    )
    assert view_of(section, "mood-map", "all").status == "withheld"
    assert view_of(section, "mood-calendar", "all").status == "withheld"


def test_a_lake_without_answers_says_so(tmp_path: Path) -> None:
    with opened(tmp_path, [heard("2026-03-01 08:00", valence=None, energy=None)]) as listening:
        section = mood.section(listening)

    views = [view for block in section.blocks for view in block.views.values()]
    assert views
    assert all(view.status == "too_few_data" and view.reason for view in views)
