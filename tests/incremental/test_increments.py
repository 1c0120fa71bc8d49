"""A lake that grew step by step is, row for row, the lake that is built whole."""

import random
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from config.settings import Settings
from demo.catalogue import make_catalogue, write_catalogue
from engines.engine import Engine
from incremental.lake import Lake
from incremental.results import SilentObserver, StepResult
from lake.commit_log import newest_commit
from lake.provenance import provenance_of
from loaders.privacy_export import find_exports_of_people
from mappers.library_mapper import top_item_rows
from pipeline import STEPS, run_pipeline, run_steps, step_as_work
from schemas.bronze_schemas import LISTENING_HISTORY, MY_TRACKS_FEATURES
from schemas.common_columns import FEATURE_NAMES
from schemas.genre_schemas import ARTIST_GENRES
from schemas.indicator_schemas import WELLBEING_INDICATORS
from schemas.library_schemas import TOP_ITEMS
from schemas.mood_schemas import MOOD_DRIVERS, MOOD_FORECAST
from schemas.recommendation_schemas import RECOMMENDATION_QUALITY
from schemas.silver_schemas import LISTENING_WITH_FEATURES, TRACKS
from schemas.summary_schemas import (
    ARTIST_SUMMARY,
    DAILY_LISTENING_SUMMARY,
    GENRE_ANALYSIS,
    MONTHLY_INSIGHTS,
)
from schemas.table import Table
from tests import delta_rs
from tests.export_samples import account, extended, write_json
from tests.lakes import FEW_STEPS, NOW, land, one, query, rows_of, run, statuses
from writers.decisions import exclude, include_again

EDGES = [datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 4, 1, tzinfo=UTC)]
CATALOGUE = make_catalogue(n_artists=30, n_tracks=300)
KNOWN = [
    {"id": row["track_id"], "artist": row["artists"].split(";")[0], "title": row["track_name"]}
    for row in CATALOGUE.drop_duplicates("track_id").to_dict("records")
]
UNKNOWN = [
    {"id": f"{number}".rjust(22, "u"), "artist": "Nobody", "title": f"Song {number}"}
    for number in range(5)
]
# Few enough that what happens meets what happened before.
SONGS = [*KNOWN[:5], *UNKNOWN]


class Life:
    """A lake to which random things happen, in months whose edges listening goes across."""

    def __init__(self, engine: Engine, folder: Path, seed: int) -> None:
        self.engine = engine
        self.folder = folder
        self.draw = random.Random(seed)
        self.settings: dict[str, Any] = {"timezone": "Europe/Berlin"}
        self.events = 0
        self.catalogue = folder / "dataset.csv"
        write_catalogue(CATALOGUE, self.catalogue)
        long_ago = [
            extended(f"2023-11-{1 + n % 28:02}T{n % 24:02}:00:00Z", each["title"], each["artist"])
            | {"spotify_track_uri": f"spotify:track:{each['id']}"}
            for n, each in enumerate(KNOWN)
        ]
        write_json(folder / "exports" / "anna" / "endsong_0.json", long_ago)

    def go_on(self) -> str:
        """Let something happen, and return its name."""
        self.events += 1
        happens = self.draw.choices(
            [self.records, self.measurement, self.deletion, self.other_settings, self.decision],
            [7, 3, 1, 1, 3],
        )[0]
        happens()
        return happens.__name__

    def records(self) -> None:
        folder = self.folder / "exports" / self.draw.choice(["anna", "ben"])
        plays = [self._play() for _ in range(self.draw.randint(1, 6))]
        for name, field in (("endsong", "ts"), ("StreamingHistory", "endTime")):
            if records := [each for each in plays if field in each]:
                write_json(folder / f"{name}_{self.events}.json", records)

    def _play(self) -> dict[str, Any]:
        near = self.draw.choice([3, 100, 2_000, 40_000])
        at = self.draw.choice(EDGES) + timedelta(minutes=self.draw.randint(-near, near))
        song = self.draw.choice(SONGS)
        if self.draw.random() < 0.3:
            return account(f"{at:%Y-%m-%d %H:%M}", song["title"], song["artist"])
        # Some ids go by several names, some names by several ids.
        track_id = self.draw.choice([song, song, song, *SONGS[:3], *UNKNOWN[:2]])["id"]
        seconds = self.draw.choice([0, 30])
        instant = f"{at:%Y-%m-%dT%H:%M}:{seconds:02}Z"
        return extended(instant, song["title"], song["artist"], track_id)

    def measurement(self) -> None:
        song = self.draw.choice(SONGS)
        row: dict[str, Any] = dict.fromkeys(MY_TRACKS_FEATURES.column_names)
        row |= dict.fromkeys(FEATURE_NAMES, 0.5) | {"key": 1, "mode": 1, "time_signature": 4}
        row |= {
            "track_id": self.draw.choice([song["id"], "known by its name only"]),
            "track_name": song["title"],
            "artist_name": song["artist"],
            "valence": self.draw.random(),
            "source": "reccobeats",
            "status": "ok",
            "fetched_at": NOW + timedelta(minutes=self.events),
        }
        with self._open(self.lake) as lake:
            lake.append_rows(MY_TRACKS_FEATURES, [row], "poll")

    def deletion(self) -> None:
        path = LISTENING_HISTORY.path(self.lake)
        delta_rs.delete(path, f"substr(record_id, 1, 1) IN ('{self.draw.randrange(8):x}', 'f')")

    def decision(self) -> None:
        song, person = self.draw.choice(SONGS), self.draw.choice(["anna", "ben"])
        artist = song["artist"].lower()
        kind, key = self.draw.choice(
            [
                ("artist", artist),
                ("track", f"{artist}|{song['title'].lower()}"),
                ("album", f"{artist}|album"),
            ]
        )
        decide = self.draw.choice([exclude, exclude, include_again])
        if decide is exclude:
            exclude(self.lake, person, kind, key, song["title"], NOW)
        else:
            include_again(self.lake, person, kind, key, NOW)

    def other_settings(self) -> None:
        if self.draw.random() < 0.5:
            self.settings["timezone"] = self.draw.choice(["Europe/Berlin", "Asia/Kolkata"])
        else:
            self.settings["allow_synthetic"] = self.draw.choice([True, False])

    @property
    def lake(self) -> Path:
        return self.folder / "lake"

    def run(self) -> list[StepResult]:
        found = find_exports_of_people(self.folder / "exports", "me")
        with self._open(self.lake) as lake:
            outcome = run_pipeline(lake, found, self.catalogue, SilentObserver(), steps=FEW_STEPS)
            return _whole(outcome.results)

    def rebuilt(self) -> Path:
        """Return a copy of the lake in which every computed table was rebuilt from bronze."""
        copy = self.folder / f"rebuilt-{self.events}"
        shutil.copytree(self.lake, copy)
        with self._open(copy) as lake:
            wanted = [each for each in FEW_STEPS if each.wanted(lake.settings)]
            work = [step_as_work(lake, each, rebuild=True) for each in wanted]
            _whole(run_steps(lake, work, SilentObserver()))
        return copy

    def _open(self, data_dir: Path) -> Lake:
        return Lake(Settings(_env_file=None, data_dir=data_dir, **self.settings), NOW, self.engine)


def _whole(results: list[StepResult]) -> list[StepResult]:
    errors = [f"{each.step}: {each.error}" for each in results if each.error]
    assert not errors, errors
    return results


@pytest.fixture
def life(engine: Engine, tmp_path: Path, request: pytest.FixtureRequest) -> Life:
    life = Life(engine, tmp_path, seed=request.param)
    life.run()
    return life


@pytest.mark.long
@pytest.mark.parametrize("life", [0, 1, pytest.param(2, marks=pytest.mark.slow)], indirect=True)
def test_whatever_happens_the_lake_is_the_one_that_is_built_whole(life: Life) -> None:
    for _ in range(3):
        happened = [life.go_on() for _ in range(life.draw.randint(1, 3))]
        life.run()
        _assert_same(life.lake, life.rebuilt(), happened)


def _assert_same(lake: Path, rebuilt: Path, happened: list[str]) -> None:
    for step in STEPS:
        name = step.table.full_name
        if step.table.exists(lake):
            grown, whole = (Counter(map(repr, rows_of(each, name))) for each in (lake, rebuilt))
            assert (grown - whole, whole - grown) == (Counter(), Counter()), (name, happened)


def _affected(lake: Path, table: Table) -> Mapping[str, Sequence[str]] | None:
    """Return the months that the last commit of a table changed; None for the whole table."""
    provenance = provenance_of(newest_commit(table.path(lake)))
    assert provenance is not None
    return provenance.affected


def _tell(exports: Path, *instants: str) -> None:
    plays = [extended(ts=each, track=f"Song {each[5:7]}", track_id=None) for each in instants]
    write_json(exports / f"endsong_{'_'.join(instants)}.json", plays)


def test_a_late_play_changes_its_month_and_no_other(engine: Engine, tmp_path: Path) -> None:
    lake, exports = tmp_path / "lake", tmp_path / "exports"
    _tell(exports, "2024-01-15T12:00:00Z", "2024-02-15T12:00:00Z", "2024-03-15T12:00:00Z")
    statuses(run(engine, lake, [exports]))
    assert _affected(lake, LISTENING_WITH_FEATURES) is None

    _tell(exports, "2024-02-20T12:00:00Z")
    statuses(run(engine, lake, [exports]))

    assert _affected(lake, LISTENING_WITH_FEATURES) == {"me": ["2024-02"]}
    removed = newest_commit(LISTENING_WITH_FEATURES.path(lake)).removed_files
    assert {each.parent.name for each in removed} == {"played_month=2024-02"}
    assert list(_affected(lake, TRACKS) or ()) == ["me"]


def test_a_play_that_is_the_first_no_more_changes_its_month(engine: Engine, tmp_path: Path) -> None:
    lake, exports = tmp_path / "lake", tmp_path / "exports"
    song = extended(ts="2024-03-15T12:00:00Z", track="Song", track_id=None)
    write_json(exports / "endsong_0.json", [song])
    _tell(exports, "2024-01-15T12:00:00Z", "2024-05-15T12:00:00Z")
    statuses(run(engine, lake, [exports]))

    write_json(exports / "endsong_1.json", [song | {"ts": "2024-01-20T12:00:00Z"}])
    statuses(run(engine, lake, [exports]))

    assert _affected(lake, LISTENING_WITH_FEATURES) == {"me": ["2024-01", "2024-03"]}
    first = "SELECT played_month FROM silver.listening_with_features WHERE first_play AND "
    assert query(lake, f"{first} track_name = 'Song'") == [("2024-01",)]


def test_where_the_log_is_gone_everybody_is_computed(engine: Engine, tmp_path: Path) -> None:
    lake, exports = tmp_path / "lake", tmp_path / "exports"
    _tell(exports, "2024-01-15T12:00:00Z", "2024-02-15T12:00:00Z")
    statuses(run(engine, lake, [exports]))
    history = LISTENING_HISTORY.path(lake)
    for instant in ("2024-02-16T12:00:00Z", "2024-02-17T12:00:00Z"):
        _tell(exports, instant)
        land(engine, lake, [exports])
    delta = DeltaTable(str(history))
    delta.create_checkpoint()
    (history / "_delta_log" / f"{delta.version() - 1:020}.json").unlink()

    statuses(run(engine, lake, [exports]))

    assert one(lake, "SELECT count(*) FROM silver.listening_with_features") == 4
    assert _affected(lake, LISTENING_WITH_FEATURES) == {"me": ["2024-02"]}


@pytest.mark.timeout(600)
def test_plays_of_a_day_that_is_not_over_leave_statistics_alone(
    engine: Engine, tmp_path: Path
) -> None:
    lake, exports = tmp_path / "lake", tmp_path / "exports"
    statistics = [
        each.full_name
        for each in (
            ARTIST_GENRES,
            WELLBEING_INDICATORS,
            MOOD_DRIVERS,
            MOOD_FORECAST,
            RECOMMENDATION_QUALITY,
        )
    ]
    _tell(exports, "2024-03-01T12:00:00Z", "2024-03-02T12:00:00Z")
    statuses(run(engine, lake, [exports], steps=STEPS))

    _tell(exports, "2024-03-02T15:00:00Z")
    within_the_day = statuses(run(engine, lake, [exports], steps=STEPS))
    _tell(exports, "2024-03-03T12:00:00Z")
    after_it = statuses(run(engine, lake, [exports], steps=STEPS))

    assert within_the_day[LISTENING_WITH_FEATURES.full_name] == "written"
    assert {within_the_day[each] for each in statistics} == {"nothing_new"}
    # The other statistics are computed again too, and come out as they were.
    of_days = (WELLBEING_INDICATORS, MOOD_DRIVERS, MOOD_FORECAST)
    assert {after_it[each.full_name] for each in of_days} == {"written"}
    grown = {each.table.full_name: rows_of(lake, each.table.full_name) for each in STEPS}
    statuses(run(engine, lake, [exports], rebuild=True, steps=STEPS))
    for table, rows in grown.items():
        assert rows_of(lake, table) == rows, table


def test_another_genre_concerns_those_who_played_the_artist(engine: Engine, tmp_path: Path) -> None:
    summaries = {ARTIST_SUMMARY, DAILY_LISTENING_SUMMARY, GENRE_ANALYSIS, MONTHLY_INSIGHTS}
    steps = [each for each in STEPS if each.table.layer == "silver" or each.table in summaries]
    exports, folder = tmp_path / "exports", tmp_path / "lake"
    for person, artist in (("anna", "Nobody"), ("ben", "Somebody")):
        plays = [extended(f"2024-01-{day}T12:00:00Z", "Song", artist, None) for day in (15, 16)]
        write_json(exports / person / "endsong_0.json", plays)
    settings = Settings(_env_file=None, data_dir=folder)

    def run_once(*, rebuild: bool = False) -> dict[str, str]:
        with Lake(settings, NOW, engine) as lake:
            found = find_exports_of_people(exports, "me")
            observer = SilentObserver()
            outcome = run_pipeline(lake, found, None, observer, rebuild=rebuild, steps=steps)
            return statuses(outcome)

    run_once()
    top_artist = {"id": "n", "name": "NOBODY", "genres": ["dream pop"]}
    (item,) = top_item_rows([top_artist], "artists", "medium_term", "ben")
    seen = dict.fromkeys(TOP_ITEMS.column_names) | item | {"first_seen": NOW, "last_seen": NOW}
    with Lake(settings, NOW, engine) as lake:
        lake.append_rows(TOP_ITEMS, [seen], "poll")
    run_once()

    grown = {table: rows_of(folder, table.full_name) for table in summaries}
    for table in summaries:
        assert list(_affected(folder, table) or ()) == ["anna"], table.full_name
    assert query(folder, "SELECT user_id, genre FROM gold.genre_analysis ORDER BY 1") == [
        ("anna", "dream-pop"),
        ("ben", "unclassified"),
    ]
    run_once(rebuild=True)
    assert {table: rows_of(folder, table.full_name) for table in summaries} == grown
