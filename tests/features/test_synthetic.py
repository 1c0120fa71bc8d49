"""Synthetic features: repeatable to the byte, from the right donor, always in range."""

import hashlib
import math
import random
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engines.arrow import arrow_rows
from features.copula import CHOLESKY, MARGINALS, Z_KNOTS
from features.hot_deck import (
    LOUDNESS_JITTER,
    TEMPO_JITTER,
    UNIT_INTERVAL_JITTER,
)
from features.my_tracks_features_bronze_synthetic import (
    GENERATOR_VERSION,
    as_spotify_writes,
    half_up,
    synthetic_features,
)
from schemas.bronze_schemas import KAGGLE_TRACKS, SYNTHETIC_FEATURES
from schemas.common_columns import (
    CONTINUOUS_FEATURES,
    FEATURE_NAMES,
    FEATURE_RANGES,
    UNIT_INTERVAL_FEATURES,
)
from schemas.silver_schemas import CATALOGUE_TRACKS, FEATURE_DONORS
from schemas.table import column
from schemas.types import STRING
from tests.features.samples import SOUND, catalogue_row
from tests.models import compute, duckdb_engine

Row = dict[str, Any]

TRACK_COLUMNS = [
    column(name, STRING, "")
    for name in ("track_key", "track_id", "track_name", "artist_name", "genre")
]


def donor(track_id: str, artists: str | None, genre: str = "rock", **sound: Any) -> Row:
    return catalogue_row(track_id, artists=artists, track_genre=genre, **sound)


def track(
    track_id: str | None, artist: str | None = None, genre: str | None = None, key: str = ""
) -> Row:
    return {
        "track_key": key or f"key of {track_id}",
        "track_id": track_id,
        "track_name": "title",
        "artist_name": artist,
        "genre": genre,
    }


def made(tracks: Sequence[Row], catalogue: Sequence[Row]) -> dict[str, Row]:
    """Return the synthetic features of ``tracks`` by their keys."""
    known = {
        CATALOGUE_TRACKS.full_name: compute(
            "catalogue_tracks", {KAGGLE_TRACKS.full_name: catalogue}
        )
    }
    known[FEATURE_DONORS.full_name] = compute("feature_donors", known)
    rows = compute(
        SYNTHETIC_FEATURES.name, {**known, "tracks_to_fill": arrow_rows(tracks, TRACK_COLUMNS)}
    )
    assert len(rows) == len(tracks), "one row a track"
    return {row["track_key"]: row for row in rows}


def uniforms(seed: str, purpose: str) -> list[float]:
    """Return the numbers that a seed fixes, as anybody can compute them."""
    digest = hashlib.sha512(f"{purpose}|{seed}".encode()).hexdigest()
    return [(int(digest[8 * i : 8 * i + 8], 16) + 0.5) / 2**32 for i in range(16)]


def assert_in_range(row: Row) -> None:
    for name, (low, high) in FEATURE_RANGES.items():
        assert row[name] is not None, name
        assert low <= row[name] <= high, (name, row[name])


@pytest.fixture(scope="module")
def catalogue_rows() -> list[Row]:
    """Forty donors of eight artists, some credited together or listed under two genres."""
    chance = random.Random(5)
    rows = []
    for number in range(40):
        artists = f"Artist {number % 8}" + (";Guest" if number % 5 == 0 else "")
        sound = {name: chance.random() for name in UNIT_INTERVAL_FEATURES}
        sound |= {"loudness": chance.uniform(-60, 5), "tempo": chance.uniform(60, 200)}
        rows.append(donor(f"donor{number:02}", artists, f"genre {number % 3}", **sound))
        if number % 10 == 0:
            rows.append({**rows[-1], "track_genre": "genre 9"})
    return rows


@pytest.fixture(scope="module")
def some_tracks() -> list[Row]:
    return [
        track(
            f"id{number}" if number % 7 else None,
            f"artist {number % 20}",
            f"Genre {number % 4}",
            key=f"key {number}",
        )
        for number in range(80)
    ]


def test_rows_are_the_same_in_any_order(some_tracks: list[Row], catalogue_rows: list[Row]) -> None:
    results = []
    for seed in range(3):
        chance = random.Random(seed)
        tracks, donors = some_tracks[:], catalogue_rows[:]
        chance.shuffle(tracks)
        chance.shuffle(donors)
        results.append(made(tracks, donors))

    assert results[0] == results[1] == results[2]
    assert {row["donor_level"] for row in results[0].values()} == {"artist", "genre", "global"}
    for row in results[0].values():
        assert_in_range(row)


@pytest.mark.parametrize("has_catalogue", [True, False])
def test_rows_are_the_same_in_any_parts(
    some_tracks: list[Row], catalogue_rows: list[Row], has_catalogue: bool
) -> None:
    made(some_tracks, catalogue_rows if has_catalogue else [])
    frame = duckdb_engine().fetch_arrow("FROM tracks_with_donors").to_pandas()

    parts = [synthetic_features(frame[start::3]) for start in range(3)]

    whole = synthetic_features(frame).sort_values("track_key")
    together = pd.concat(parts).sort_values("track_key")
    pd.testing.assert_frame_equal(
        whole[SYNTHETIC_FEATURES.column_names],
        together[SYNTHETIC_FEATURES.column_names],
        check_exact=True,
    )


def test_without_tracks_there_are_no_rows_but_all_columns() -> None:
    assert made([], []) == {}
    frame = duckdb_engine().fetch_arrow("FROM tracks_with_donors").to_pandas()

    assert {*SYNTHETIC_FEATURES.column_names} <= {*synthetic_features(frame)}
    assert synthetic_features(frame).empty


def test_only_donor_gives_its_row_moved_by_the_jitter_of_the_hash() -> None:
    track_ids = ["4uLU6hMCjMI75M1A2tKUQC", "7ouMYWpwJ422jRcDASZB7P", "0VjIjW4GlUZAMYd2vXMi3b"]
    catalogue = [donor("d", "röyksopp")]
    rows = made([track(each, "Röyksopp ") for each in track_ids], catalogue)
    for track_id in track_ids:
        row = rows[f"key of {track_id}"]
        drawn = uniforms(track_id, "donor")
        for position, name in enumerate(FEATURE_NAMES, start=1):
            value, push = SOUND[name], 2 * drawn[position] - 1
            if name in ("key", "mode", "time_signature"):
                assert row[name] == value
            elif name == "loudness":
                assert row[name] == pytest.approx(value + LOUDNESS_JITTER * push, abs=0.0005)
            elif name == "tempo":
                assert row[name] == pytest.approx(value + TEMPO_JITTER * push, abs=0.0005)
            else:
                expected = value + UNIT_INTERVAL_JITTER * value * (1 - value) * push
                assert row[name] == pytest.approx(expected, rel=0.006)
                assert len(f"{row[name]:.8f}".strip("0.")) <= 3, "three significant digits"
        assert row["instrumentalness"] == 0.0
        assert (row["method"], row["donor_level"]) == ("hot_deck", "artist")
        assert row["donor_track_id"] == "d"
        assert (row["source"], row["generator_version"]) == ("synthetic", GENERATOR_VERSION)


def test_hash_chooses_among_the_donors_in_order_of_their_ids() -> None:
    ids = ["a1", "B2", "c3", "d4", "E5", "f6", "g7"]
    tracks = [track(f"track{number}", "X") for number in range(25)]
    rows = made(tracks, [donor(name, "X") for name in ids])
    for number in range(25):
        place = math.floor(uniforms(f"track{number}", "donor")[0] * len(ids))
        assert rows[f"key of track{number}"]["donor_track_id"] == sorted(ids)[place]


def test_artist_then_genre_then_anywhere() -> None:
    catalogue = [
        donor("by_pair", "First;  Second ", "hip hop"),
        donor("by_other", "Somebody", "folk"),
        donor("by_nobody", None, "noise"),
    ]
    rows = made(
        [
            track("1", "first", "folk"),
            track("2", "SECOND", None),
            track("3", "Unknown", "Hip-Hop "),
            track("4", None, "noise"),
            track("5", "Unknown", "polka"),
            track("6", "", ""),
        ],
        catalogue,
    )
    found = [(row["donor_level"], row["donor_track_id"]) for _, row in sorted(rows.items())]
    assert found[:4] == [
        ("artist", "by_pair"),
        ("artist", "by_pair"),
        ("genre", "by_pair"),
        ("genre", "by_nobody"),
    ]
    assert [level for level, _ in found[4:]] == ["global", "global"]


def test_a_row_that_is_not_whole_is_no_donor() -> None:
    broken = [
        donor("no_tempo", "X", tempo=0.0),
        donor("null_tempo", "X", tempo=None),
        donor("no_time_signature", "X", time_signature=0),
        donor("no_key", "X", key=-1),
        donor("no_valence", "X", valence=None),
        donor("too_loud", "X", loudness=17.0),
    ]
    tracks = [track(f"t{number}", "X") for number in range(20)]
    with_a_good_one = made(tracks, [*broken, donor("good", "Y", "jazz")])
    assert {row["donor_track_id"] for row in with_a_good_one.values()} == {"good"}
    assert {row["donor_level"] for row in with_a_good_one.values()} == {"global"}
    broken_only = made(tracks, broken)
    assert {row["method"] for row in broken_only.values()} == {"copula"}


def test_values_at_the_edge_stay_in_range() -> None:
    low: dict[str, Any] = {name: limits[0] for name, limits in FEATURE_RANGES.items()}
    high: dict[str, Any] = {name: limits[1] for name, limits in FEATURE_RANGES.items()}
    catalogue = [donor("low", "Low", **low), donor("high", "High", **high)]
    tracks = [track(f"{name}{n}", name) for name in ("Low", "High") for n in range(15)]
    for row in made(tracks, catalogue).values():
        assert_in_range(row)


def test_without_an_id_the_key_is_the_seed() -> None:
    by_key, by_id = track(None, key="someone|something"), track("someone|something", key="other")
    rows = made([by_key, by_id], [])
    assert rows["someone|something"]["track_id"] is None
    for name in FEATURE_NAMES:
        assert rows["someone|something"][name] == rows["other"][name]


def test_no_catalogue_gives_the_copula() -> None:
    tracks = [track(f"track {number}", "X", "rock") for number in range(1500)]
    rows = made(tracks, [])
    for row in rows.values():
        assert_in_range(row)
    assert {
        (row["method"], row["donor_level"], row["donor_track_id"]) for row in rows.values()
    } == {("copula", None, None)}
    columns = {name: np.array([row[name] for row in rows.values()]) for name in FEATURE_NAMES}
    assert np.corrcoef(columns["energy"], columns["loudness"])[0, 1] == pytest.approx(0.76, abs=0.1)
    assert np.corrcoef(columns["energy"], columns["acousticness"])[0, 1] < -0.6
    assert np.median(columns["tempo"]) == pytest.approx(122, abs=4)
    assert columns["mode"].mean() == pytest.approx(0.638, abs=0.05)
    assert set(columns["key"]) == set(range(12))
    assert (columns["time_signature"] == 4).mean() == pytest.approx(0.896, abs=0.03)


def test_copula_agrees_with_numpy() -> None:
    ids = ["4uLU6hMCjMI75M1A2tKUQC", "7ouMYWpwJ422jRcDASZB7P", "spotify:track:x"]
    rows = made([track(name) for name in ids], [])
    for track_id in ids:
        drawn = uniforms(track_id, "copula")
        normals: list[float] = []
        for first in range(0, 10, 2):
            radius, angle = math.sqrt(-2 * math.log(drawn[first])), 2 * math.pi * drawn[first + 1]
            normals += [radius * math.cos(angle), radius * math.sin(angle)]
        for name, weights in zip(CONTINUOUS_FEATURES, CHOLESKY, strict=True):
            score = sum(w * z for w, z in zip(weights, normals, strict=False))
            expected = np.interp(score, Z_KNOTS, MARGINALS[name])
            assert rows[f"key of {track_id}"][name] == pytest.approx(expected, rel=0.006, abs=6e-9)
        assert rows[f"key of {track_id}"]["mode"] == int(drawn[11] >= 0.362)


def test_marginals_rise() -> None:
    for name in CONTINUOUS_FEATURES:
        assert len(MARGINALS[name]) == len(Z_KNOTS)
        assert list(MARGINALS[name]) == sorted(MARGINALS[name])


@given(
    st.sampled_from(CONTINUOUS_FEATURES),
    st.floats(0, 1) | st.floats(1e-9, 1e-4) | st.integers(0, 10**9).map(lambda n: n / 10**8),
)
def test_three_decimals_and_three_digits_below_a_tenth(name: str, value: float) -> None:
    places = 3
    if name in UNIT_INTERVAL_FEATURES:
        places = next((n for n in range(3, 8) if value >= 10.0 ** (2 - n)), 8)

    (written,) = as_spotify_writes(name, np.array([value]))

    assert written == rounded_as_written(value, places)


@given(st.integers(-(10**9), 10**9), st.integers(0, 9), st.integers(0, 8))
@example(1005, 3, 2)
@example(-1005, 3, 2)
def test_halves_are_rounded_away_from_zero_as_they_are_written(
    digits: int, decimals: int, places: int
) -> None:
    value = digits / 10**decimals

    (rounded,) = half_up(np.array([value]), places)

    assert rounded == rounded_as_written(value, places)


def rounded_as_written(value: float, places: int) -> float:
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))
