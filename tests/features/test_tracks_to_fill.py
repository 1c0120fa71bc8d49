"""Synthetic features are made for tracks that no wanted source measured, or for all."""

from typing import Any

from schemas.bronze_schemas import KAGGLE_TRACKS, MY_TRACKS_FEATURES
from schemas.silver_schemas import CATALOGUE_TRACKS, TRACK_NAMES
from tests.features.samples import catalogue_row, measured_row, name_row
from tests.models import compute

NAMES = [
    name_row("a|measured", "i", track_name="Measured", artist_name="A"),
    name_row("a|in catalogue", "j", track_name="In catalogue", artist_name="A"),
    name_row("a|both", "b", track_name="Both", artist_name="A"),
    name_row("c|d", "l", "m", track_name="D", artist_name="C"),
    name_row("c|d", "k", name_key="c|d!", track_name="D!", artist_name="B"),
    name_row("e|f", track_name="F", artist_name=None),
]


def tracks_to_fill(
    *, real_rank: int | None = 0, kaggle_rank: int | None = 2, every_track: bool = False
) -> dict[str, dict[str, Any]]:
    real = [measured_row("i"), measured_row("b"), measured_row("l", energy=None)]
    kaggle = [catalogue_row("j"), catalogue_row("b"), catalogue_row("k", valence=None)]
    inputs = {
        TRACK_NAMES.full_name: NAMES,
        MY_TRACKS_FEATURES.full_name: real,
        CATALOGUE_TRACKS.full_name: compute("catalogue_tracks", {KAGGLE_TRACKS.full_name: kaggle}),
    }
    rows = compute(
        "tracks_to_fill",
        inputs,
        real_rank=real_rank,
        kaggle_rank=kaggle_rank,
        every_track=every_track,
    )
    assert len({row["track_key"] for row in rows}) == len(rows), "one row a track"
    return {row["track_key"]: row for row in rows}


def test_tracks_to_fill_are_those_that_no_source_measured() -> None:
    assert set(tracks_to_fill()) == {"c|d", "e|f"}


def test_a_source_that_is_not_wanted_measured_nothing() -> None:
    assert set(tracks_to_fill(kaggle_rank=None)) == {"a|in catalogue", "c|d", "e|f"}
    assert set(tracks_to_fill(real_rank=None)) == {"a|measured", "c|d", "e|f"}
    assert len(tracks_to_fill(real_rank=None, kaggle_rank=None)) == 5


def test_every_track_can_be_asked_for() -> None:
    assert len(tracks_to_fill(every_track=True)) == 5


def test_the_least_id_and_names_stand_for_a_track() -> None:
    rows = tracks_to_fill()

    assert rows["c|d"] == {
        "track_key": "c|d",
        "track_id": "k",
        "track_name": "D",
        "artist_name": "B",
        "genre": None,
    }
    assert (rows["e|f"]["track_id"], rows["e|f"]["artist_name"]) == (None, None)
