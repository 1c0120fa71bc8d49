"""Each artist's genre from the first source that knows it, and sessions only where they tell."""

import json
import random
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from mappers.library_mapper import top_item_rows
from schemas.genre_schemas import ARTIST_GENRES
from schemas.library_schemas import TOP_ITEMS
from silver.artist_genres import artist_genres, known_genres, session_levels, session_scores

ROOT = Path(__file__).resolve().parents[2]
Play = tuple[str, str | None]
Track = tuple[str, str, list[str]]


def plays(spark: SparkSession, *session_and_artist: Play, counted: bool = True) -> DataFrame:
    schema = "session_id string, artist_name string, is_counted boolean"
    return spark.createDataFrame([(*each, counted) for each in session_and_artist], schema)


def catalogue(spark: SparkSession, *tracks: Track) -> DataFrame:
    return spark.createDataFrame(
        list(tracks), "track_id string, track_genre string, artist_keys array<string>"
    )


def top_artists(spark: SparkSession, items: Sequence[dict[str, Any]], day: int = 1) -> DataFrame:
    """What ``bronze.top_items_bronze`` holds of an answer of the Web API."""
    seen = datetime(2026, 2, day, tzinfo=UTC)
    rows = [
        {**each, "first_seen": seen, "last_seen": seen}
        for each in top_item_rows(items, "artists", "medium_term", "me")
    ]
    names = TOP_ITEMS.column_names
    return spark.createDataFrame(
        [tuple(row.get(name) for name in names) for row in rows], TOP_ITEMS.schema
    )


def artist(name: str, *genres: str) -> dict[str, Any]:
    return {"id": name, "name": name, "genres": list(genres)}


def by_key(result: DataFrame) -> dict[str, Row]:
    rows = result.collect()
    found = {row["artist_key"]: row for row in rows}
    assert len(found) == len(rows)
    return found


def test_spotify_comes_before_the_catalogue_and_nothing_is_said_without_either(
    spark: SparkSession,
) -> None:
    tracks = catalogue(spark, ("t1", "rock", ["told"]), ("t2", "jazz", ["found"]))
    top = top_artists(spark, [artist("Told", "hip hop", "k-pop"), artist("Found"), artist("Top")])
    heard = plays(spark, ("s1", "Told"), ("s2", "Found"), ("s3", "Other"))

    result = artist_genres(heard, tracks, top)

    assert [(each.name, each.dataType) for each in result.schema] == [
        (each.name, each.dataType) for each in ARTIST_GENRES.columns
    ]
    assert {key: tuple(row)[1:] for key, row in by_key(result).items()} == {
        # Dashes for spaces, as the catalogue writes.
        "told": ("Told", "hip-hop", ["hip-hop", "k-pop"], "spotify", 1.0, 2),
        # One track, and half a track of doubt.
        "found": ("Found", "jazz", ["jazz"], "catalogue", 0.666667, 1),
        "other": ("Other", "unclassified", [], "unclassified", 0.0, 0),
        "top": ("Top", "unclassified", [], "unclassified", 0.0, 0),
    }


def test_the_newest_answer_of_spotify_that_tells_genres_stands(spark: SparkSession) -> None:
    old = top_artists(spark, [artist("A", "pop")], day=1)
    new = top_artists(spark, [artist("A", "Synth Pop", "pop", "pop")], day=2)
    empty = top_artists(spark, [artist("A")], day=3)

    result = artist_genres(plays(spark), catalogue(spark), old.union(new).union(empty))

    assert by_key(result)["a"]["genres"] == ["synth-pop", "pop"]


def test_every_track_weighs_the_same_however_many_genres_it_has(spark: SparkSession) -> None:
    tracks = catalogue(
        spark,
        # A third of a track each for three genres …
        ("t1", "ambient", ["a"]),
        ("t1", "chill", ["a"]),
        ("t1", "study", ["a"]),
        # … and one whole track; an artist named twice on it is one artist.
        ("t2", "study", ["b", "a", "a"]),
    )

    row = by_key(artist_genres(plays(spark, ("s", "A")), tracks, top_artists(spark, [])))["a"]

    # study 1 1/3 of 2 tracks, and half a track of doubt; of equal genres the least by name first.
    assert (row["genre"], row["genres"]) == ("study", ["study", "ambient", "chill"])
    assert (row["confidence"], row["evidence"]) == (pytest.approx(4 / 3 / 2.5, abs=1e-6), 2)


def test_of_genres_with_as_many_tracks_the_least_by_name_comes_first(spark: SparkSession) -> None:
    tracks = catalogue(spark, ("t1", "rock", ["a"]), ("t2", "blues", ["a"]))

    row = by_key(artist_genres(plays(spark, ("s", "A")), tracks, top_artists(spark, [])))["a"]

    assert (row["genre"], row["genres"], row["confidence"]) == ("blues", ["blues", "rock"], 0.4)


def test_one_row_for_all_spellings_and_people_with_the_commonest_name(spark: SparkSession) -> None:
    heard = plays(
        spark, ("me-1", "Guns N’ Roses"), ("me-1", "Guns N' Roses"), ("you-1", "Guns N' Roses"),
        ("me-2", "zz top"), ("me-3", "ZZ Top"), ("me-4", None), ("me-4", "  "),
    )  # fmt: skip

    result = by_key(artist_genres(heard, catalogue(spark), top_artists(spark, [])))

    assert {key: row["artist_name"] for key, row in result.items()} == {
        "guns n' roses": "Guns N' Roses",
        "zz top": "ZZ Top",
    }


def test_session_votes_by_hand(spark: SparkSession) -> None:
    tracks = catalogue(spark, ("t1", "rock", ["a"]), ("t2", "rock", ["b"]), ("t3", "jazz", ["c"]))
    heard = plays(
        spark, ("s1", "X"), ("s1", "X"), ("s1", "A"), ("s1", "A"), ("s1", "B"), ("s1", "C"),
        ("s2", "X"), ("s2", "C"), ("s3", "X"), ("s4", "A"), ("s4", "Y"), ("s5", "B"),
    )  # fmt: skip
    short = plays(spark, ("s2", "A"), ("s2", "B"), counted=False)

    scores = session_scores(heard.union(short), known_genres(tracks, top_artists(spark, [])))

    assert {tuple(row) for row in scores.collect()} == {
        # s1: rock 2/3, jazz 1/3; s2: jazz 1. Short plays and s3, in which X is alone, say nothing.
        ("x", None, "jazz", 1_333_333, 2),
        # Its own genre has no part: in s1 the others are B and C, a draw; in s4 nobody known.
        ("a", "rock", "jazz", 500_000, 1),
        ("b", "rock", "jazz", 500_000, 1),
        # In s1 A and B; in s2 nobody of known genre but itself.
        ("c", "jazz", "rock", 1_000_000, 1),
        ("y", None, "rock", 1_000_000, 1),
    }


def random_lake(seed: int) -> tuple[list[Play], dict[str, str]]:
    """Give plays of thirty artists at random, and the genres of twenty of them."""
    chance = random.Random(seed)
    genres = {f"artist {n}": chance.choice(["rock", "jazz", "folk"]) for n in range(20)}
    heard: list[Play] = [
        (f"s{session}", f"artist {chance.randrange(30)}")
        for session in range(60)
        for _ in range(chance.randrange(1, 12))
    ]
    return heard, genres


def test_no_artists_own_genre_has_a_part_in_its_guess(spark: SparkSession) -> None:
    heard, genres = random_lake(1)

    def scores_with(known: dict[str, str]) -> dict[str, Row]:
        tracks = catalogue(spark, *((name, genre, [name]) for name, genre in known.items()))
        no_answer = top_artists(spark, [])
        return by_key(session_scores(plays(spark, *heard), known_genres(tracks, no_answer)))

    all_known = scores_with(genres)
    for name in ("artist 0", "artist 1", "artist 2"):
        hidden = scores_with({each: genres[each] for each in genres if each != name})[name]
        assert hidden["genre"] is None
        assert all_known[name]["genre"] == genres[name]
        for column in ("guess", "weight", "sessions"):
            assert all_known[name][column] == hidden[column]


def test_session_scores_are_those_of_a_plain_count(spark: SparkSession) -> None:
    heard, genres = random_lake(2)
    tracks = catalogue(spark, *((name, genre, [name]) for name, genre in genres.items()))
    sessions: defaultdict[str, set[str]] = defaultdict(set)
    for session, name in heard:
        sessions[session].add(str(name))
    expected = {}
    for name in {str(name) for _, name in heard}:
        weights: Counter[str] = Counter()
        number = 0
        for members in (members for members in sessions.values() if name in members):
            votes = Counter(genres[each] for each in members if each != name and each in genres)
            number += bool(votes)
            for genre, count in votes.items():
                weights[genre] += round(1_000_000 * count / votes.total())
        if number:
            guess = min(weights, key=lambda genre: (-weights[genre], genre))
            expected[name] = (genres.get(name), guess, weights[guess], number)

    scores = session_scores(plays(spark, *heard), known_genres(tracks, top_artists(spark, [])))

    assert {row["artist_key"]: tuple(row)[1:] for row in scores.collect()} == expected


def lake_of_genres(pure: bool) -> tuple[list[Play], list[Track], dict[str, str]]:
    """Give 100 artists of five genres, 80 of them known; sessions of one genre each, or of any."""
    chance = random.Random(7)
    genre_of = {f"artist {n}": f"genre {n % 5}" for n in range(100)}
    heard: list[Play] = []
    for session in range(400):
        members = [
            each for each in genre_of if not pure or genre_of[each] == f"genre {session % 5}"
        ]
        heard += [(f"s{session}", name) for name in chance.sample(members, 4)]
    known: list[Track] = [
        (name, genre, [name])
        for number, (name, genre) in enumerate(genre_of.items())
        if number < 80
    ]
    return heard, known, genre_of


def test_sessions_tell_where_known_artists_show_that_they_do(spark: SparkSession) -> None:
    heard, known, genre_of = lake_of_genres(pure=True)

    result = by_key(
        artist_genres(plays(spark, *heard), catalogue(spark, *known), top_artists(spark, []))
    )

    unknown = [result[f"artist {number}"] for number in range(80, 100)]
    assert {row["genre_source"] for row in unknown} == {"sessions"}
    assert all(row["genre"] == genre_of[row["artist_key"]] for row in unknown)
    assert all(row["genres"] == [row["genre"]] and row["evidence"] >= 3 for row in unknown)
    assert {row["confidence"] for row in unknown} == {1.0}
    assert {result[f"artist {number}"]["genre_source"] for number in range(80)} == {"catalogue"}


def test_sessions_without_a_pattern_leave_artists_unclassified(spark: SparkSession) -> None:
    heard, known, _ = lake_of_genres(pure=False)

    result = by_key(
        artist_genres(plays(spark, *heard), catalogue(spark, *known), top_artists(spark, []))
    )

    assert {result[f"artist {number}"]["genre"] for number in range(80, 100)} == {"unclassified"}


def scores_of(
    genres: Sequence[str | None],
    guesses: Sequence[str],
    weight: int = 9_000_000,
    sessions: int = 10,
) -> pd.DataFrame:
    """Scores with evidence 9 / (10 + 2) = 0.75 unless said otherwise: level 3."""
    return pd.DataFrame(
        {
            "artist_key": [f"artist {number}" for number in range(len(genres))],
            "genre": genres,
            "guess": guesses,
            "weight": weight,
            "sessions": sessions,
        }
    )


def test_a_level_must_beat_the_largest_genre_by_more_than_chance() -> None:
    # 'a' is the largest of ten (four). All are guessed, six of them where 'a' is wrong:
    # 0.5 ** 6 = 0.0156 is not under 0.05 / 5; with seven, 0.0078 is.
    genres = [*"aaaa", *"bbb", *"ccc"]

    few = session_levels(scores_of(genres, genres)).loc[3]
    more = session_levels(scores_of([*genres, "d"], [*genres, "d"])).loc[3]

    assert (few["known"], few["right"], few["largest_right"]) == (10, 10, 4)
    assert (few["only_guess"], few["only_largest"]) == (6, 0)
    assert (few["p_value"], few["is_used"]) == (pytest.approx(0.5**6), False)
    assert (more["p_value"], more["is_used"]) == (pytest.approx(0.5**7), True)


def test_a_level_that_is_wrong_more_often_than_right_is_not_used() -> None:
    # 40 of 100 are right where the largest genre has 5: better, but no answer.
    genres = [f"genre {number % 20:02}" for number in range(100)]
    guesses = [genre if number < 40 else "wrong" for number, genre in enumerate(genres)]

    level = session_levels(scores_of(genres, guesses)).loc[3]

    assert level["p_value"] < 1e-6
    assert not level["is_used"]


def test_levels_stand_for_themselves() -> None:
    good = scores_of([*"abcdefgh"] * 3, [*"abcdefgh"] * 3)
    # Evidence 1 / (1 + 2) = 0.33: level 1, always wrong.
    bad = scores_of([*"abcdefgh"] * 3, ["z"] * 24, weight=1_000_000, sessions=1)

    levels = session_levels(pd.concat([good, bad]))

    assert levels["is_used"].to_dict() == {1: False, 3: True}


def test_without_a_known_artist_there_is_no_level() -> None:
    assert session_levels(scores_of([None], ["a"])).empty


def test_chance_is_used_in_at_most_one_lake_of_twenty() -> None:
    """Guesses at random between two genres: right as often as the largest of them."""
    used = 0
    for seed in range(200):
        chance = np.random.default_rng(seed)
        genres, guesses = chance.choice([*"ab"], (2, 400))
        scores = scores_of(list(genres), list(guesses)).assign(
            weight=chance.integers(1, 12_000_000, 400)
        )
        used += int(session_levels(scores)["is_used"].any())
    assert used <= 10


def test_any_number_of_partitions_gives_the_same_rows(spark: SparkSession) -> None:
    heard, known, _ = lake_of_genres(pure=True)
    # Thirds of tracks, so that there is something to add up in another order.
    tracks = catalogue(
        spark, *known, *((f"t{n}", f"genre {n % 3}", [f"artist {n % 7}"]) for n in range(50)),
        *((f"t{n}", "other", [f"artist {n % 7}"]) for n in range(50)),
        *((f"t{n}", "third", [f"artist {n % 7}"]) for n in range(50)),
    )  # fmt: skip
    top = top_artists(spark, [artist("Artist 3", "pop", "rock"), artist("Artist 3", "rock")])

    one, seven = (
        artist_genres(
            plays(spark, *heard).orderBy(F.rand(number)).repartition(number),
            tracks.repartition(number),
            top.repartition(number),
        ).collect()
        for number in (1, 7)
    )

    assert sorted(one) == sorted(seven)


def test_recorded_answers_still_tell_genres(spark: SparkSession, shared_data: Path) -> None:
    recorded = json.loads((shared_data / "api" / "top_artists.json").read_text(encoding="utf-8"))

    result = by_key(
        artist_genres(plays(spark), catalogue(spark), top_artists(spark, recorded["items"]))
    )

    assert Counter(row["genre_source"] for row in result.values()) == {
        "spotify": 30,
        "unclassified": 18,
    }
    assert result["powerwolf"]["genres"] == [
        "power-metal", "metal", "symphonic-metal", "folk-metal", "medieval-metal", "heavy-metal",
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_page_shows_what_the_bench_measures(shared_data: Path) -> None:
    command = [sys.executable, "-m", "bench.genre_accuracy", "--data", str(shared_data)]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout

    page = (ROOT / "docs" / "GENRES.md").read_text(encoding="utf-8")
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    assert len(lines) > 15
    assert [line for line in lines if line not in page] == []
