"""Donors are numbered within their artist, their genres and all, in the order of their ids."""

from typing import Any

from schemas.bronze_schemas import KAGGLE_TRACKS
from schemas.silver_schemas import CATALOGUE_TRACKS
from tests.features.samples import catalogue_row
from tests.models import compute


def donor_groups(*rows: dict[str, Any]) -> dict[str, list[str]]:
    """Return the donors of each group in the order of their numbers."""
    catalogue = compute("catalogue_tracks", {KAGGLE_TRACKS.full_name: rows})
    donors = compute("feature_donors", {CATALOGUE_TRACKS.full_name: catalogue})
    groups: dict[str, list[str]] = {}
    for row in sorted(donors, key=lambda row: row["donor_number"]):
        members = groups.setdefault(row["donor_group"], [])
        assert row["donor_number"] == len(members)
        members.append(row["donor_track_id"])
    for row in donors:
        assert row["group_size"] == len(groups[row["donor_group"]])
    return groups


def test_donors_stand_in_the_order_of_their_ids_in_each_of_their_groups() -> None:
    assert donor_groups(
        catalogue_row("b", artists="Pair; Guest", track_genre="hip-hop"),
        catalogue_row("B", artists="PAIR", track_genre="rock"),
        catalogue_row("a", artists=None, track_genre="rock"),
    ) == {
        "global": ["B", "a", "b"],
        "artist:pair": ["B", "b"],
        "artist:guest": ["b"],
        "genre:hip hop": ["b"],
        "genre:rock": ["B", "a"],
    }


def test_a_track_of_two_genres_is_once_in_each_and_once_among_all() -> None:
    assert donor_groups(
        catalogue_row("i", artists="X;x", track_genre="pop"),
        catalogue_row("i", artists="X;x", track_genre="rock"),
        catalogue_row("i", artists="X;x", track_genre="Rock"),
    ) == {"global": ["i"], "artist:x": ["i"], "genre:pop": ["i"], "genre:rock": ["i"]}


def test_what_is_not_whole_lends_nothing() -> None:
    assert donor_groups(catalogue_row("i", tempo=0.0)) == {}
