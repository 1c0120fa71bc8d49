"""Whatever increments come to a generated lake, it is, row for row, the one rebuilt from bronze."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from engines.engine import Engine
from ingestion.availability_checks import keep_checks
from schemas.bronze_schemas import KAGGLE_TRACKS, LISTENING_HISTORY, MY_TRACKS_FEATURES
from schemas.library_schemas import TOP_ITEMS
from schemas.silver_schemas import LISTENING_WITH_FEATURES
from tests import delta_rs
from tests.generated_lakes import (
    ANNA,
    ARTISTS,
    BEN,
    CARA,
    NOW,
    PEOPLE,
    Row,
    availability_check,
    catalogue,
    generate,
    measurement,
    play,
    top_artist,
)
from tests.incremental.grown_lakes import GrownLake
from tests.lakes import query
from writers.corrections import hide_play, merge, undo_correction
from writers.decisions import exclude
from writers.upkeep import maintain

AT_FIRST = {ANNA, BEN}
PLAYS = LISTENING_WITH_FEATURES.full_name


class Increments:
    """Random things that happen to a lake of which a part of the records is there at first."""

    def __init__(self, engine: Engine, folder: Path, seed: int, plays: int) -> None:
        self.draw = random.Random(seed)
        self.generated = generate(seed, plays)
        self.lake = GrownLake(engine, folder, timezone="Europe/Berlin")
        records = self.generated.rows[LISTENING_HISTORY]
        at_first = [each for each in records if each["user_id"] in AT_FIRST]
        self.draw.shuffle(at_first)
        first = at_first[: len(at_first) * 3 // 4]
        self.kept_back = [each for each in records if each not in first]
        self.people = {*AT_FIRST}
        self.events = 0
        rows = {**self.generated.rows, LISTENING_HISTORY: first}
        # In half of the lakes the catalogue comes later.
        if seed % 2 == 0:
            del rows[KAGGLE_TRACKS]
        self.lake.add(rows)

    @property
    def all_kinds(self) -> list[Callable[[], None]]:
        return [
            self.records,
            self.new_person,
            self.late_records,
            self.today,
            self.measurement,
            self.catalogue,
            self.changed_catalogue,
            self.top_items,
            self.checks,
            self.decisions,
            self.renamed,
            self.other_settings,
            self.deleted_rows,
            self.deleted_month,
            self.upkeep,
        ]

    def records(self) -> None:
        """Records that were kept back, of one person."""
        person = self.draw.choice(sorted(self.people))
        known = [each for each in self.kept_back if each["user_id"] == person]
        self._land(self.draw.sample(known, min(len(known), self.draw.randint(1, 9))))

    def new_person(self) -> None:
        """All records of somebody whom the lake does not know yet."""
        if new := sorted({*PEOPLE} - self.people):
            person = self.draw.choice(new)
            self.people.add(person)
            self._land([each for each in self.kept_back if each["user_id"] == person])

    def late_records(self) -> None:
        """Plays of months ago, of which some move first plays, sessions and ends of months."""
        for _ in range(self.draw.randint(1, 3)):
            at = NOW - timedelta(days=self.draw.choice((40, 62, 93, 400)))
            at += timedelta(seconds=self.draw.randint(-100, 100))
            song = self.draw.choice(self.generated.songs)
            self._land([*play(self.draw, self.draw.choice(sorted(self.people)), at, song)])

    def today(self) -> None:
        """Plays of a day that is not over, counted ones and short ones."""
        for person in self.draw.sample(sorted(self.people), 2):
            at = NOW - timedelta(hours=20 - min(self.events, 19), days=self.draw.choice((0, 0, 1)))
            self._land([*play(self.draw, person, at, self.draw.choice(self.generated.songs))])

    def measurement(self) -> None:
        at = NOW + timedelta(minutes=self.events)
        song = self.draw.choice(self.generated.songs)
        self.lake.add({MY_TRACKS_FEATURES: [measurement(self.draw, song, at)]})

    def catalogue(self) -> None:
        """The catalogue, or more of it."""
        self.lake.add({KAGGLE_TRACKS: catalogue(self.draw, self.generated.songs)})

    def changed_catalogue(self) -> None:
        """Rows go by hand; those of the same tracks that come are others."""
        if KAGGLE_TRACKS.exists(self.lake.path):
            path = KAGGLE_TRACKS.path(self.lake.path)
            delta_rs.delete(path, f"substr(track_id, 1, 1) IN ('{self.draw.randrange(16):x}', 'u')")
            delta_rs.update(path, {"popularity": "80"}, predicate="popularity = 12")

    def top_items(self) -> None:
        name = self.draw.choice(self.draw.choice(ARTISTS))
        stated = self.draw.choice((["shoegaze"], [], ["rock", "ambient"]))
        person, term = self.draw.choice(PEOPLE), self.draw.choice(("short_term", "medium_term"))
        row = top_artist(person, term, name, stated, NOW + timedelta(minutes=self.events))
        with self.lake.open(self.lake.path) as lake:
            others = [each for each in lake.rows(TOP_ITEMS) if self.draw.random() < 0.9]
            lake.replace_rows(TOP_ITEMS, [*others, row | {"item_id": f"{self.events}"}], "poll")

    def checks(self) -> None:
        """Checks of whether songs can be played, also of people without plays."""
        at = NOW + timedelta(minutes=self.events)
        songs = self.draw.choices(list(self.generated.songs), k=4)
        checked = [
            availability_check(self.draw, self.draw.choice(PEOPLE), each, at) for each in songs
        ]
        with self.lake.open(self.lake.path) as lake:
            keep_checks(lake, checked, "poll")

    def decisions(self) -> None:
        """Somebody corrects and excludes what they heard, and undoes some of it."""
        lake, at = self.lake.path, NOW + timedelta(minutes=self.events)
        person = self.draw.choice(sorted(self.people))
        columns = "play_id, track_key, artist_key"
        plays = query(
            lake, f"SELECT {columns} FROM {PLAYS} WHERE user_id = '{person}' ORDER BY play_id"
        )
        if len(plays) < 2:
            return
        for _ in range(self.draw.randint(1, 4)):
            (play_id, *keys), (_, *others) = self.draw.sample(plays, 2)
            hide_play(lake, person, play_id, None, None, at)
            for kind, key, other in zip(("track", "artist"), keys, others, strict=True):
                with suppress(ValueError):  # already the same, or without an artist
                    merge(lake, person, kind, key or "", other or "", at)
            exclude(lake, person, "track", self.draw.choice(plays)[1], None, at)
        made = "SELECT user_id, kind, item_key FROM ops.corrections ORDER BY ALL"
        for user_id, kind, key in query(lake, made)[:: self.draw.randint(2, 4)]:
            undo_correction(lake, user_id, kind, key, at)

    def renamed(self) -> None:
        """An id that others played goes by another name: their plays are of the same recording."""
        one, other = self.draw.sample(list(self.generated.songs), 2)
        at = NOW - timedelta(days=self.draw.randrange(60))
        for row in play(self.draw, self.draw.choice(sorted(self.people)), at, one):
            self._land([row | {"track_id": self.draw.choice(other.ids)}])

    def other_settings(self) -> None:
        name, values = self.draw.choice(
            (
                ("timezone", ("Europe/Berlin", "Asia/Kolkata", "America/Denver")),
                ("allow_synthetic", (True, False)),
                ("feature_preference", (("kaggle", "real"), ("real", "synthetic", "kaggle"))),
            )
        )
        self.lake.settings[name] = self.draw.choice(values)

    def deleted_rows(self) -> None:
        self._delete(f"substr(record_id, 1, 1) = '{self.draw.randrange(16):x}'")

    def deleted_month(self) -> None:
        """All records of a person's month, or of a person."""
        known = self.generated.rows[LISTENING_HISTORY]
        person, month = (self.draw.choice(known)[each] for each in ("user_id", "played_month"))
        one_person = f"user_id = '{self.draw.choice((person, CARA))}'"
        self._delete(self.draw.choice((f"played_month = '{month}' AND {one_person}", one_person)))

    def upkeep(self) -> None:
        """Files are joined, and those of older versions deleted."""
        with self.lake.open(self.lake.path) as lake:
            list(maintain(lake.data_dir))

    def _land(self, rows: list[Row]) -> None:
        self.kept_back = [each for each in self.kept_back if each not in rows]
        self.lake.add({LISTENING_HISTORY: rows})

    def _delete(self, condition: str) -> None:
        delta_rs.delete(LISTENING_HISTORY.path(self.lake.path), condition)


def _assert_grows_soundly(increments: Increments, at_once: tuple[int, int]) -> None:
    """Let everything happen once, some of it at a time, and compare after each run."""
    draw = increments.draw
    kinds = increments.all_kinds
    draw.shuffle(kinds)
    increments.lake.run()
    happened: list[str] = []
    while kinds:
        now, kinds = kinds[: (count := draw.randint(*at_once))], kinds[count:]
        for each in now:
            increments.events += 1
            each()
            happened.append(each.__name__)
        increments.lake.run()
        assert increments.lake.differences() == {}, happened


@pytest.mark.long
def test_a_lake_that_grew_is_the_one_rebuilt_from_bronze(engine: Engine, tmp_path: Path) -> None:
    _assert_grows_soundly(Increments(engine, tmp_path, seed=0, plays=60), (7, 7))


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(1, 13))
def test_lakes_that_grew_are_those_rebuilt_from_bronze(
    engine: Engine, tmp_path: Path, seed: int
) -> None:
    _assert_grows_soundly(Increments(engine, tmp_path, seed, plays=60 + 20 * seed), (1, 3))
