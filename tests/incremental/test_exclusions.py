"""Excluded plays stay in bronze and silver, and every result is as if they had not been heard."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.catalogue import make_catalogue, write_catalogue
from engines.engine import Engine
from lake.checks import prove
from pipeline import STEPS
from schemas import ALL_TABLES
from schemas.bronze_schemas import LISTENING_HISTORY, SYNTHETIC_FEATURES
from schemas.recommendation_schemas import TRACK_RECOMMENDATIONS
from schemas.silver_schemas import LISTENING_WITH_FEATURES, TRACK_NAMES, TRACKS
from schemas.unified_schemas import UNIFIED_TRACKS
from tests.export_samples import extended, write_json
from tests.lakes import NOW, one, query, rows_of, run, statuses
from writers.decisions import answer, exclude, include_again, withdraw_answer

CATALOGUE = make_catalogue(n_artists=20, n_tracks=200).drop_duplicates("track_id")
SONGS = [
    (row["track_name"], row["artists"].split(";")[0], row["track_id"])
    for row in CATALOGUE.head(30).to_dict("records")
]
NOISE = ("Rain", "White Noise", "n" * 22)
LISTS = TRACK_RECOMMENDATIONS.full_name
PLAYS = LISTENING_WITH_FEATURES.full_name
# They are of all plays that the lake has, excluded ones too.
OF_ALL_PLAYS = {
    PLAYS,
    TRACK_NAMES.full_name,
    SYNTHETIC_FEATURES.full_name,
    UNIFIED_TRACKS.full_name,
}
MADE = [each.table.full_name for each in STEPS]


def _history(*, with_noise: bool) -> list[dict[str, Any]]:
    """Return some weeks of music, with noise between the plays of an evening."""
    begin = datetime.fromisoformat("2024-03-01T18:00:00")
    plays = []
    for day in range(60):
        for place in range(8):
            # Noise parts the evening's music: without it, two sessions.
            at = begin + timedelta(days=day, minutes=place * 4 + (40 if place > 3 else 0))
            title, artist, track_id = SONGS[(day * 3 + place * place) % len(SONGS)]
            plays.append(extended(f"{at:%Y-%m-%dT%H:%M:%SZ}", title, artist, track_id))
        if with_noise and 0 < day < 59:
            for minutes in (20, 35, 50):
                at = begin + timedelta(days=day, minutes=minutes, seconds=7)
                plays.append(extended(f"{at:%Y-%m-%dT%H:%M:%SZ}", *NOISE, ms_played=900_000))
    return plays


@pytest.fixture
def bring_up_to_date(engine: Engine, tmp_path: Path) -> Callable[..., dict[str, str]]:
    catalogue = tmp_path / "dataset.csv"
    write_catalogue(CATALOGUE, catalogue)

    def bring(lake: Path, *, rebuild: bool = False) -> dict[str, str]:
        exports = [lake.with_name(f"{lake.name}.exports")]
        return statuses(run(engine, lake, exports, catalogue, rebuild=rebuild, steps=STEPS))

    return bring


def _tables(lake: Path) -> dict[str, Counter[str]]:
    return {name: Counter(map(repr, rows_of(lake, name))) for name in MADE}


def _lake(folder: Path, name: str, *, with_noise: bool) -> Path:
    history = _history(with_noise=with_noise)
    write_json(folder / f"{name}.exports" / "Streaming_History_Audio_2024_0.json", history)
    return folder / name


def _differing(one: dict[str, Counter[str]], other: dict[str, Counter[str]]) -> set[str]:
    return {name for name in MADE if one[name] != other[name]}


@pytest.mark.long
@pytest.mark.timeout(600)
def test_an_excluded_artist_counts_nowhere_and_comes_back(
    bring_up_to_date: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    lake = _lake(tmp_path, "lake", with_noise=True)
    bring_up_to_date(lake)
    before = _tables(lake)
    bronze = rows_of(lake, LISTENING_HISTORY.full_name)
    assert one(lake, "SELECT sum(sessions) FROM gold.monthly_insights") == 62

    exclude(lake, "me", "artist", "white noise", "White Noise", NOW)
    second = bring_up_to_date(lake)

    assert second[PLAYS] == "written"
    assert one(lake, f"SELECT count(*) FROM {PLAYS} WHERE is_excluded") == 58 * 3
    assert one(lake, f"SELECT count(*) FROM {PLAYS}") == 60 * 8 + 58 * 3
    assert one(lake, f"SELECT count(*) FROM {PLAYS} WHERE is_excluded AND is_counted") == 0
    assert one(lake, "SELECT sum(sessions) FROM gold.monthly_insights") == 120
    assert rows_of(lake, LISTENING_HISTORY.full_name) == bronze
    excluded = _tables(lake)

    never_heard = _lake(tmp_path, "never", with_noise=False)
    bring_up_to_date(never_heard)
    assert _differing(excluded, _tables(never_heard)) == OF_ALL_PLAYS
    shown = ", ".join(each for each in LISTENING_WITH_FEATURES.column_names)
    kept = f"SELECT {shown} FROM {PLAYS} WHERE NOT is_excluded ORDER BY play_id"
    assert query(lake, kept) == query(never_heard, kept)
    in_library = f"FROM {UNIFIED_TRACKS.full_name} WHERE NOT is_excluded ORDER BY track_key"
    assert query(lake, in_library) == query(never_heard, in_library) != []

    bring_up_to_date(lake, rebuild=True)
    assert _differing(excluded, _tables(lake)) == set()
    assert set(bring_up_to_date(lake).values()) == {"nothing_new"}

    include_again(lake, "me", "artist", "white noise", NOW)
    bring_up_to_date(lake)
    assert _differing(before, _tables(lake)) == set()


@pytest.mark.timeout(600)
def test_an_answer_concerns_the_lists_of_the_person_alone(
    bring_up_to_date: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    lake = _lake(tmp_path, "lake", with_noise=False)
    bring_up_to_date(lake)
    first = "SELECT track_key FROM gold.track_recommendations WHERE purpose = 'repeat' AND rank = 1"
    before, refused = rows_of(lake, LISTS), one(lake, first)

    answer(lake, "me", refused, "no", NOW, purpose="repeat")
    after = bring_up_to_date(lake)

    written = {name for name, status in after.items() if status == "written"}
    assert written == {LISTS, "ops.checks"}
    assert query(lake, f"SELECT * FROM {LISTS} WHERE track_key = '{refused}'") == []
    assert set(bring_up_to_date(lake).values()) == {"nothing_new"}
    withdraw_answer(lake, "me", refused, NOW)
    bring_up_to_date(lake)
    assert rows_of(lake, LISTS) == before


@pytest.mark.timeout(600)
def test_who_excludes_everything_has_no_statistics(engine: Engine, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    plays = [extended(f"2024-03-{day:02}T12:00:00Z") for day in range(1, 20)]
    exports = [write_json(tmp_path / "endsong_0.json", plays)]
    statuses(run(engine, lake, exports, steps=STEPS))

    exclude(lake, "me", "track", "artist|song", "Song", NOW)
    statuses(run(engine, lake, exports, steps=STEPS))

    assert one(lake, f"SELECT count(*) FROM {PLAYS}") == 19
    assert rows_of(lake, TRACKS.full_name) == []
    for name in ("daily_listening_summary", "monthly_insights", "temporal_patterns"):
        assert rows_of(lake, f"gold.{name}") == []
    there = [each for each in ALL_TABLES if each.exists(lake)]
    failed = [each.name for each in prove(there, lake, None) if not each.holds]
    assert failed == []
    include_again(lake, "me", "track", "artist|song", NOW)
    statuses(run(engine, lake, exports, steps=STEPS))
    assert one(lake, "SELECT plays FROM silver.tracks") == 19
