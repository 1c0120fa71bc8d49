"""What several sources tell of one play is one play; what one source tells twice is two."""

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession

from features.track_key import track_names, with_name_key, with_track_key
from schemas.bronze_schemas import LISTENING_HISTORY
from silver.plays import distinct_plays

NOON = datetime(2024, 3, 1, 12, 0, 0, tzinfo=UTC)

Told = tuple[str, str, int]
"""Source, track and seconds after noon."""


def bronze(spark: SparkSession, rows: list[dict[str, object]]) -> DataFrame:
    """Give history rows of which only what matters is filled in."""
    filled = []
    for number, row in enumerate(rows):
        values: dict[str, object] = dict.fromkeys(LISTENING_HISTORY.column_names)
        played_at = row.get("played_at", NOON)
        assert isinstance(played_at, datetime)
        values |= {
            "user_id": "me",
            "record_id": f"{number:03}",
            "source": "extended",
            "media_type": "track",
            "date": played_at.date(),
            "played_month": f"{played_at:%Y-%m}",
            "run_id": "run",
            "ingested_at": NOON,
            "played_at": played_at,
            **row,
        }
        filled.append(values)
    return spark.createDataFrame(filled, LISTENING_HISTORY.schema)


def keyed(records: DataFrame) -> DataFrame:
    return with_track_key(records, track_names(with_name_key(records)))


def told(spark: SparkSession, records: list[Told]) -> DataFrame:
    rows = [
        {
            "record_id": f"{source}-{track}-{seconds}-{number}",
            "source": source,
            "track_name": track,
            "album_artist_name": "Artist",
            "played_at": NOON + timedelta(seconds=seconds),
        }
        for number, (source, track, seconds) in enumerate(records)
    ]
    return keyed(bronze(spark, rows))


def plays(frame: DataFrame) -> set[tuple[str, int, tuple[str, ...]]]:
    rows = distinct_plays(frame).collect()
    found = {
        (
            row["track_key"],
            int((row["played_at"].replace(tzinfo=UTC) - NOON).total_seconds()),
            tuple(row["sources"]),
        )
        for row in rows
    }
    assert len(rows) == len({row["play_id"] for row in rows})
    return found


def by_hand(records: list[Told]) -> set[tuple[str, int, tuple[str, ...]]]:
    """The rule in plain Python: islands of one track, i-th row of a source to i-th of another."""
    best_first = ["extended", "api", "account"]
    of_track: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for source, track, seconds in records:
        of_track[track].append((seconds, source))
    result = set()
    for track, rows in of_track.items():
        island: dict[str, list[int]] = {}
        last = None
        islands = []
        for seconds, source in sorted(rows):
            if last is None or seconds - last > 90:
                island = defaultdict(list)
                islands.append(island)
            island[source].append(seconds)
            last = seconds
        for island in islands:
            for turn in range(max(len(times) for times in island.values())):
                tellers = {s: times[turn] for s, times in island.items() if len(times) > turn}
                best = min(tellers, key=best_first.index)
                key = f"artist|{track.lower()}"
                result.add((key, tellers[best], tuple(sorted(tellers))))
    return result


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        # Account data knows the minute only: up to a minute before the end.
        ([("extended", "A", 59), ("account", "A", 0)], [("artist|a", 59, ("account", "extended"))]),
        ([("extended", "A", 91), ("account", "A", 0)], None),
        ([("extended", "A", 90), ("account", "A", 0)], [("artist|a", 90, ("account", "extended"))]),
        # A repeat that both sources tell of is two plays, not one and not four.
        (
            [
                ("extended", "A", 10),
                ("extended", "A", 70),
                ("account", "A", 0),
                ("account", "A", 60),
            ],
            [
                ("artist|a", 10, ("account", "extended")),
                ("artist|a", 70, ("account", "extended")),
            ],
        ),
        # Another track of the same second is another play.
        ([("extended", "A", 0), ("extended", "B", 0)], None),
        # One source never merges with itself.
        ([("account", "A", 0), ("account", "A", 1)], None),
        (
            [("api", "A", 3), ("extended", "A", 0), ("account", "A", -5)],
            [("artist|a", 0, ("account", "api", "extended"))],
        ),
    ],
)
def test_the_rule_on_cases_worked_out_by_hand(
    spark: SparkSession,
    records: list[Told],
    expected: list[tuple[str, int, tuple[str, ...]]] | None,
) -> None:
    alone = {(f"artist|{track.lower()}", at, (source,)) for source, track, at in records}

    assert plays(told(spark, records)) == (alone if expected is None else set(expected))


_TOLD = st.lists(
    st.tuples(
        st.sampled_from(["extended", "api", "account"]),
        st.sampled_from(["A", "B"]),
        st.integers(0, 900),
    ),
    unique=True,
    max_size=30,
)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(records=_TOLD, seed=st.integers(0, 1000))
def test_any_interleaving_and_partitioning_gives_the_plays_of_the_rule(
    spark: SparkSession, records: list[Told], seed: int
) -> None:
    shuffled = random.Random(seed).sample(records, len(records))

    assert plays(told(spark, shuffled).repartition(1 + seed % 4)) == by_hand(records)


def test_the_best_source_wins_and_the_others_fill_its_gaps(spark: SparkSession) -> None:
    common = {"track_name": "A", "album_artist_name": "Artist"}
    frame = bronze(
        spark,
        [
            {**common, "source": "account", "ms_played": 1, "record_id": "acc"},
            {**common, "source": "api", "duration_ms": 200, "artist_id": "x", "record_id": "api"},
            {**common, "source": "extended", "ms_played": 2, "album_name": "L", "record_id": "ext"},
        ],
    )

    (row,) = distinct_plays(keyed(frame)).collect()

    assert (row["play_id"], row["ms_played"], row["album_name"]) == ("ext", 2, "L")
    assert (row["duration_ms"], row["artist_id"]) == (200, "x")


def api_row(told: int, end: int) -> dict[str, object]:
    return {
        "source": "api",
        "told_at": NOON + timedelta(seconds=told),
        "played_at": NOON + timedelta(seconds=end),
        "artist_id": "of the API",
    }


def export_row(end: int, heard: int) -> dict[str, object]:
    return {"played_at": NOON + timedelta(seconds=end), "ms_played": 1000 * heard}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # Skipped after 40 s: of a start nobody knew that, and the end was guessed 160 s late.
        ([api_row(0, 200), export_row(40, 40)], [(40, ("api", "extended"))]),
        # The row says it is an end, and is a start all the same.
        ([api_row(0, 0), export_row(200, 200)], [(200, ("api", "extended"))]),
        # Known for a start, it is looked for beyond a pause of minutes.
        ([api_row(0, 200), export_row(500, 200)], [(500, ("api", "extended"))]),
        # Else what began 91 s later is another play.
        ([api_row(0, 0), export_row(291, 200)], [(0, ("api",)), (291, ("extended",))]),
        # Repeats: as many as were played.
        (
            [api_row(0, 0), api_row(41, 41), export_row(300, 300), export_row(341, 300)],
            [(300, ("api", "extended")), (341, ("api", "extended"))],
        ),
        # Skipped, and played again at once: the guessed end of the one is near that of the other.
        (
            [api_row(0, 200), api_row(30, 230), export_row(30, 30), export_row(230, 200)],
            [(30, ("api", "extended")), (230, ("api", "extended"))],
        ),
        # Who was found by the end is not asked for again by the start.
        (
            [api_row(200, 200), export_row(200, 200), export_row(400, 200)],
            [(200, ("api", "extended")), (400, ("extended",))],
        ),
        ([api_row(0, 200), api_row(200, 400)], [(200, ("api",)), (400, ("api",))]),
    ],
)
def test_what_the_api_told_by_the_start_is_found_in_the_export(
    spark: SparkSession,
    rows: list[dict[str, object]],
    expected: list[tuple[int, tuple[str, ...]]],
) -> None:
    common: dict[str, object] = {"track_name": "A", "album_artist_name": "Artist"}

    found = distinct_plays(keyed(bronze(spark, [common | row for row in rows]))).collect()

    instants = [(row["played_at"].replace(tzinfo=UTC), tuple(row["sources"])) for row in found]
    assert sorted(instants) == [(NOON + timedelta(seconds=at), told) for at, told in expected]
    for row in found:
        assert (row["artist_id"] is None) == ("api" not in row["sources"])


def test_two_people_never_share_a_play(spark: SparkSession) -> None:
    common = {"track_name": "A", "album_artist_name": "Artist"}
    frame = bronze(
        spark,
        [{**common, "user_id": "me"}, {**common, "user_id": "you", "source": "account"}],
    )

    assert distinct_plays(keyed(frame)).count() == 2
