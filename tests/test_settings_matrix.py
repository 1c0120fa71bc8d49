"""No setting and no kind of person makes a run fail: every table is computed, whatever is missing.

Over generated people (with every source; on few days of ten years; one play; one day; no music) and
over real exports, each alone and together.
"""

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from engines.engine import Engine
from incremental.lake import Lake
from incremental.results import SilentObserver
from loaders.privacy_export import find_exports_of_people
from pipeline import STEPS, run_pipeline
from schemas.bronze_schemas import KAGGLE_TRACKS, MY_TRACKS_FEATURES
from tests.export_samples import account, extended, write_json
from tests.generated_lakes import generate
from tests.incremental.grown_lakes import GrownLake
from tests.lakes import NOW, query, run, statuses

SOURCES = ("real", "synthetic", "kaggle")
ORDERS = [
    list(order)
    for length in range(1, len(SOURCES) + 1)
    for order in itertools.permutations(SOURCES, length)
]
FEW = [
    {"allow_synthetic": False, "feature_preference": ["kaggle"]},
    {"allow_synthetic": True, "feature_preference": ["synthetic", "real", "kaggle"]},
]
EVERY = [
    {"allow_synthetic": allowed, "feature_preference": order}
    for allowed in (True, False)
    for order in ORDERS
]


def named(settings: dict[str, Any]) -> str:
    return ",".join(f"{name}={value}" for name, value in settings.items()).replace(" ", "")


def nothing_fails(engine: Engine, folder: Path, catalogue: bool, settings: dict[str, Any]) -> None:
    """Run over generated people, with or without a catalogue and measured features."""
    rows = dict(generate(seed=3, plays=240).rows)
    if not catalogue:
        rows = {
            table: of_table
            for table, of_table in rows.items()
            if table not in (KAGGLE_TRACKS, MY_TRACKS_FEATURES)
        }
    lake = GrownLake(engine, folder, **settings)
    lake.add(rows)
    lake.run()
    found_rows = query(
        lake.path, "SELECT DISTINCT feature_source FROM silver.listening_with_features"
    )
    found = {source for (source,) in found_rows if source is not None}
    wanted = set(settings.get("feature_preference", SOURCES))
    if not settings["allow_synthetic"]:
        wanted -= {"synthetic"}
    assert found <= wanted


@pytest.mark.parametrize("settings", FEW, ids=named)
def test_generated_people_bear_every_setting(
    engine: Engine, tmp_path: Path, settings: dict[str, Any]
) -> None:
    nothing_fails(engine, tmp_path, catalogue=True, settings=settings)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("catalogue", [True, False], ids=["catalogue", "none"])
@pytest.mark.parametrize("settings", EVERY, ids=named)
def test_generated_people_bear_all_settings(
    engine: Engine, tmp_path: Path, settings: dict[str, Any], catalogue: bool
) -> None:
    nothing_fails(engine, tmp_path, catalogue, settings)


def many_plays(**others: Any) -> list[dict[str, Any]]:
    """Return a play every twelve hours of 75 days, of fifty tracks in turn."""
    begin = datetime(2024, 1, 1)
    return [
        extended(
            ts=f"{begin + timedelta(hours=12 * number):%Y-%m-%dT%H:%M:%SZ}",
            track_id=None,
            **{"track": f"Song {number % 50}", "artist": f"Artist {number % 7}"} | others,
        )
        for number in range(150)
    ]


PEOPLE: dict[str, list[dict[str, Any]]] = {
    "one-play": [extended()],
    "one-track": many_plays(track="Song"),
    "untitled": [extended(track=None, artist=None, track_id=None)],
    "no-artist": many_plays(artist=None),
    "one-artist": many_plays(artist="Artist"),
    "short-plays": many_plays(ms_played=1_000),
    "one-day": [
        extended(ts=f"2024-03-01T12:{minute:02}:00Z", track=f"Song {minute}", track_id=None)
        for minute in range(60)
    ],
}


def test_people_with_hardly_anything_are_borne(engine: Engine, tmp_path: Path) -> None:
    for person, records in PEOPLE.items():
        write_json(tmp_path / "exports" / person / "endsong_0.json", records)
    write_json(
        tmp_path / "exports" / "account-only" / "StreamingHistory0.json",
        [account(f"2024-{month:02}-{day:02} 12:00") for month in (1, 5) for day in (1, 2, 3)],
    )

    settings = Settings(_env_file=None, data_dir=tmp_path / "lake", allow_synthetic=False)
    with Lake(settings, NOW, engine) as lake:
        found = find_exports_of_people(tmp_path / "exports", "me")
        statuses(run_pipeline(lake, found, None, SilentObserver()))
    people = "SELECT count(DISTINCT user_id) FROM silver.tracks"
    assert query(tmp_path / "lake", people) == [(len(PEOPLE),)]


EXPORTS = (
    "account",
    "extended/endsong_3.json",
    "extended/Streaming_History_Audio_2025_0.json",
    ".",
)


@pytest.fixture(scope="module")
def catalogue(shared_data: Path) -> Iterator[Path]:
    yield shared_data / "kaggle" / "dataset.csv"


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("settings", EVERY, ids=named)
@pytest.mark.parametrize("export", EXPORTS)
def test_real_exports_bear_all_settings(
    engine: Engine,
    shared_data: Path,
    tmp_path: Path,
    catalogue: Path,
    export: str,
    settings: dict[str, Any],
) -> None:
    exports = [shared_data / "exports" / export]

    statuses(run(engine, tmp_path / "one", exports, catalogue, steps=STEPS, **settings))
    statuses(run(engine, tmp_path / "other", exports, steps=STEPS, **settings))
