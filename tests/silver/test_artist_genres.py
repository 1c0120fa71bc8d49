"""Each artist's genre from the first source that knows it, sessions only where they prove right.

Longer than two screens: the sources in their order, each with how it is weighed.
"""

import json
import random
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engines.python_words import normalised
from mappers.library_mapper import top_item_rows
from schemas.genre_schemas import ARTIST_GENRES
from silver.genres.session_guesses import session_levels
from tests.models import compute

pytestmark = pytest.mark.heavy

ROOT = Path(__file__).resolve().parents[2]
Row = dict[str, Any]
SCORES = ("artist_key", "genre", "guess", "weight", "sessions")


def plays(*session_and_artist: tuple[str, str | None], counted: bool = True) -> list[Row]:
    """Return plays of ``silver.listening_with_features``, all of a person's only day."""
    return [
        {
            "user_id": "me",
            "local_date": date(2026, 2, 1),
            "session_id": session,
            "artist_name": artist,
            "artist_key": normalised(artist or "") or None,
            "is_counted": counted,
        }
        for session, artist in session_and_artist
    ]


def track(track_id: str, genre: str, *artist_keys: str) -> Row:
    """Return a row of ``silver.catalogue_tracks``."""
    return {"track_id": track_id, "track_genre": genre, "artist_keys": [*artist_keys]}


def top_artists(items: Sequence[Row], day: int = 1) -> list[Row]:
    """Return what ``bronze.top_items_bronze`` holds of an answer of the Web API."""
    seen = datetime(2026, 2, day, tzinfo=UTC)
    return [
        {**each, "first_seen": seen, "last_seen": seen}
        for each in top_item_rows(items, "artists", "medium_term", "me")
    ]


def artist(name: str, *genres: str) -> Row:
    return {"id": name, "name": name, "genres": list(genres)}


def computed(
    model: str, heard: list[Row], catalogue: Sequence[Row] = (), top: Sequence[Row] = ()
) -> dict[str, Row]:
    """Return the rows of a model by artist_key."""
    rows = compute(
        model,
        {
            "silver.listening_with_features": heard,
            "silver.catalogue_tracks": catalogue,
            "bronze.top_items_bronze": top,
        },
    )
    found = {row["artist_key"]: row for row in rows}
    assert len(found) == len(rows)
    return found


def genres_of(
    heard: list[Row], catalogue: Sequence[Row] = (), top: Sequence[Row] = ()
) -> dict[str, Row]:
    return computed("artist_genres", heard, catalogue, top)


def scores_of(heard: list[Row], catalogue: Sequence[Row]) -> dict[str, Row]:
    return computed("session_scores", heard, catalogue)


def test_spotify_comes_before_the_catalogue_and_nothing_is_said_without_either() -> None:
    tracks = [track("t1", "rock", "stated"), track("t2", "jazz", "found")]
    top = top_artists([artist("Stated", "hip hop", "k-pop"), artist("Found"), artist("Top")])
    heard = plays(("s1", "Stated"), ("s2", "Found"), ("s3", "Other"))

    result = genres_of(heard, tracks, top)

    assert [*result["stated"]] == ARTIST_GENRES.column_names
    assert {key: tuple(row.values())[1:] for key, row in result.items()} == {
        # Dashes for spaces, as the catalogue writes.
        "stated": ("Stated", "hip-hop", ["hip-hop", "k-pop"], "spotify", 1.0, 2),
        # One track, and half a track of doubt.
        "found": ("Found", "jazz", ["jazz"], "catalogue", 0.666667, 1),
        "other": ("Other", "unclassified", [], "unclassified", 0.0, 0),
        "top": ("Top", "unclassified", [], "unclassified", 0.0, 0),
    }


def test_the_newest_answer_of_spotify_that_states_genres_counts() -> None:
    old = top_artists([artist("A", "pop")], day=1)
    new = top_artists([artist("A", "Synth Pop", "pop", "synth-pop")], day=2)
    empty = top_artists([artist("A"), artist("a", " ")], day=3)

    result = genres_of([], top=old + new + empty)

    assert result["a"]["genres"] == ["synth-pop", "pop"]


def test_the_genres_of_an_answer_stay_in_spotifys_order() -> None:
    genres = [f"genre-{letter}" for letter in "zyxwvutsrqponmlk"]

    result = genres_of([], top=top_artists([artist("A", *genres)]))

    assert result["a"]["genres"] == genres


def test_of_two_answers_of_one_time_one_counts_and_always_the_same() -> None:
    mine = top_artists([artist("A", "jazz", "pop")])
    annas = [each | {"user_id": "anna"} for each in top_artists([artist("A", "jazz", "rock")])]

    assert genres_of([], top=mine + annas)["a"]["genres"] == ["jazz", "rock"]
    assert genres_of([], top=annas + mine)["a"]["genres"] == ["jazz", "rock"]


def test_tracks_among_the_top_are_no_artists() -> None:
    item = {"id": "t", "name": "Title", "artists": [artist("A")], "genres": ["pop"]}
    seen = datetime(2026, 2, 1, tzinfo=UTC)
    top = [
        each | {"last_seen": seen} for each in top_item_rows([item], "tracks", "medium_term", "me")
    ]

    assert genres_of([], top=top) == {}
    assert genres_of(plays(("s", "Title")), top=top)["title"]["genre"] == "unclassified"


def test_every_track_weighs_the_same_however_many_genres_it_has() -> None:
    tracks = [
        # A third of a track each for three genres …
        track("t1", "ambient", "a"),
        track("t1", "chill", "a"),
        track("t1", "study", "a"),
        # … and one whole track; an artist named twice on it is one artist.
        track("t2", "study", "b", "a", "a"),
    ]

    row = genres_of(plays(("s", "A")), tracks)["a"]

    # study 1 1/3 of 2 tracks, and half a track of doubt; of equal genres the least by name first.
    assert (row["genre"], row["genres"]) == ("study", ["study", "ambient", "chill"])
    assert (row["confidence"], row["evidence"]) == (pytest.approx(4 / 3 / 2.5, abs=1e-6), 2)


def test_of_genres_with_as_many_tracks_the_least_by_name_comes_first() -> None:
    tracks = [track("t1", "rock", "a"), track("t2", "blues", "a")]

    row = genres_of(plays(("s", "A")), tracks)["a"]

    assert (row["genre"], row["genres"], row["confidence"]) == ("blues", ["blues", "rock"], 0.4)


def test_one_row_for_all_spellings_and_people_with_the_commonest_name() -> None:
    heard = plays(
        ("me-1", "Guns N’ Roses"), ("me-1", "Guns N' Roses"), ("you-1", "Guns N' Roses"),
        ("me-2", "zz top"), ("me-3", "ZZ Top"), ("me-4", None), ("me-4", "  "),
        ("me-5", "ABBA"), ("me-5", "Abba"),
    )  # fmt: skip
    heard[2] |= {"user_id": "you"}

    result = genres_of(heard, top=top_artists([artist("Abba")]))

    assert {key: row["artist_name"] for key, row in result.items()} == {
        "guns n' roses": "Guns N' Roses",
        # As often as the other: the least. A name among the top counts as a play does.
        "zz top": "ZZ Top",
        "abba": "Abba",
    }


def test_a_day_that_may_not_be_over_adds_no_artist() -> None:
    heard = [*plays(("s1", "A")), *plays(("s2", "B"))]
    heard[1] |= {"local_date": date(2026, 2, 2)}

    assert [*genres_of(heard)] == ["a"]


def test_session_votes_by_hand() -> None:
    tracks = [track("t1", "rock", "a"), track("t2", "rock", "b"), track("t3", "jazz", "c")]
    heard = plays(
        ("s1", "X"), ("s1", "X"), ("s1", "A"), ("s1", "A"), ("s1", "B"), ("s1", "C"),
        ("s2", "X"), ("s2", "C"), ("s3", "X"), ("s4", "A"), ("s4", "Y"), ("s5", "B"),
    )  # fmt: skip
    short = plays(("s2", "A"), ("s2", "B"), counted=False)

    scores = scores_of(heard + short, tracks)

    assert {tuple(row[name] for name in SCORES) for row in scores.values()} == {
        # s1: rock 2/3, jazz 1/3; s2: jazz 1. Short plays and s3, in which X is alone, say nothing.
        ("x", None, "jazz", 1_333_333, 2),
        # Its own genre has no part: in s1 the others are B and C, a draw; in s4 nobody known.
        ("a", "rock", "jazz", 500_000, 1),
        ("b", "rock", "jazz", 500_000, 1),
        # In s1 A and B; in s2 nobody of known genre but itself.
        ("c", "jazz", "rock", 1_000_000, 1),
        ("y", None, "rock", 1_000_000, 1),
    }


Heard = list[tuple[str, str | None]]


def random_lake(seed: int) -> tuple[Heard, dict[str, str]]:
    """Return plays of thirty artists at random, and the genres of twenty of them."""
    chance = random.Random(seed)
    genres = {f"artist {n}": chance.choice(["rock", "jazz", "folk"]) for n in range(20)}
    heard: Heard = [
        (f"s{session}", f"artist {chance.randrange(30)}")
        for session in range(60)
        for _ in range(chance.randrange(1, 12))
    ]
    return heard, genres


def test_no_artists_own_genre_has_a_part_in_its_guess() -> None:
    heard, genres = random_lake(1)

    def scores_with(known: dict[str, str]) -> dict[str, Row]:
        return scores_of(plays(*heard), [track(name, known[name], name) for name in known])

    all_known = scores_with(genres)
    for name in ("artist 0", "artist 1", "artist 2"):
        hidden = scores_with({each: genres[each] for each in genres if each != name})[name]
        assert hidden["genre"] is None
        assert all_known[name]["genre"] == genres[name]
        for column in ("guess", "weight", "sessions"):
            assert all_known[name][column] == hidden[column]


def test_session_scores_are_those_of_a_plain_count() -> None:
    heard, genres = random_lake(2)
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

    scores = scores_of(plays(*heard), [track(name, genres[name], name) for name in genres])

    found = {key: tuple(row[name] for name in SCORES[1:]) for key, row in scores.items()}
    assert found == expected


def lake_of_genres(pure: bool) -> tuple[Heard, list[Row], dict[str, str]]:
    """Return 100 artists of five genres, 80 known; sessions of one genre each, or of any."""
    chance = random.Random(7)
    genre_of = {f"artist {n}": f"genre {n % 5}" for n in range(100)}
    heard: Heard = []
    for session in range(400):
        members = [
            each for each in genre_of if not pure or genre_of[each] == f"genre {session % 5}"
        ]
        heard += [(f"s{session}", name) for name in chance.sample(members, 4)]
    known = [track(name, genre_of[name], name) for name in [*genre_of][:80]]
    return heard, known, genre_of


def test_sessions_count_where_known_artists_show_that_they_are_right() -> None:
    heard, known, genre_of = lake_of_genres(pure=True)

    result = genres_of(plays(*heard), known)

    unknown = [result[f"artist {number}"] for number in range(80, 100)]
    assert {row["genre_source"] for row in unknown} == {"sessions"}
    assert all(row["genre"] == genre_of[row["artist_key"]] for row in unknown)
    assert all(row["genres"] == [row["genre"]] and row["evidence"] >= 3 for row in unknown)
    assert {row["confidence"] for row in unknown} == {1.0}
    assert {result[f"artist {number}"]["genre_source"] for number in range(80)} == {"catalogue"}


def test_sessions_without_a_pattern_leave_artists_unclassified() -> None:
    heard, known, _ = lake_of_genres(pure=False)

    result = genres_of(plays(*heard), known)

    assert {result[f"artist {number}"]["genre"] for number in range(80, 100)} == {"unclassified"}


def guessed(
    genres: Sequence[str | None],
    guesses: Sequence[str],
    weight: int = 9_000_000,
    sessions: int = 10,
) -> pd.DataFrame:
    """Return scores with evidence 9 / (10 + 2) = 0.75 unless said otherwise: level 3."""
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

    few = session_levels(guessed(genres, genres)).loc[3]
    more = session_levels(guessed([*genres, "d"], [*genres, "d"])).loc[3]

    assert (few["known"], few["right"], few["largest_right"]) == (10, 10, 4)
    assert (few["only_guess"], few["only_largest"]) == (6, 0)
    assert (few["p_value"], few["is_used"]) == (pytest.approx(0.5**6), False)
    assert (more["p_value"], more["is_used"]) == (pytest.approx(0.5**7), True)


def test_a_level_that_is_wrong_more_often_than_right_is_not_used() -> None:
    # 40 of 100 are right where the largest genre has 5: better, but no answer.
    genres = [f"genre {number % 20:02}" for number in range(100)]
    guesses = [genre if number < 40 else "wrong" for number, genre in enumerate(genres)]

    level = session_levels(guessed(genres, guesses)).loc[3]

    assert level["p_value"] < 1e-6
    assert not level["is_used"]


def test_levels_stand_for_themselves() -> None:
    good = guessed([*"abcdefgh"] * 3, [*"abcdefgh"] * 3)
    # Evidence 1 / (1 + 2) = 0.33: level 1, always wrong.
    bad = guessed([*"abcdefgh"] * 3, ["z"] * 24, weight=1_000_000, sessions=1)

    levels = session_levels(pd.concat([good, bad]))

    assert levels["is_used"].to_dict() == {1: False, 3: True}


def test_without_a_known_artist_there_is_no_level() -> None:
    assert session_levels(guessed([None], ["a"])).empty


def test_chance_is_used_in_at_most_one_lake_of_twenty() -> None:
    """Guesses at random between two genres: right as often as the largest of them."""
    used = 0
    for seed in range(200):
        chance = np.random.default_rng(seed)
        genres, guesses = chance.choice([*"ab"], (2, 400))
        scores = guessed(list(genres), list(guesses)).assign(
            weight=chance.integers(1, 12_000_000, 400)
        )
        used += int(session_levels(scores)["is_used"].any())
    assert used <= 10


def test_the_order_of_the_rows_changes_nothing() -> None:
    heard, known, _ = lake_of_genres(pure=True)
    # Thirds of tracks, so that there is something to add up in another order.
    tracks = [
        *known, *(track(f"t{n}", f"genre {n % 3}", f"artist {n % 7}") for n in range(50)),
        *(track(f"t{n}", "other", f"artist {n % 7}") for n in range(50)),
        *(track(f"t{n}", "third", f"artist {n % 7}") for n in range(50)),
    ]  # fmt: skip
    top = top_artists([artist("Artist 3", "pop", "rock"), artist("artist 3", "rock")])
    chance = random.Random(1)

    one, other = (
        genres_of(plays(*chance.sample(heard, len(heard))), chance.sample(tracks, len(tracks)), top)
        for top in (top, top[::-1])
    )

    assert one == other


def test_recorded_answers_still_state_genres(shared_data: Path) -> None:
    recorded = json.loads((shared_data / "api" / "top_artists.json").read_text(encoding="utf-8"))

    result = genres_of([], top=top_artists(recorded["items"]))

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
