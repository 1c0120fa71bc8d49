import csv
from pathlib import Path

import pandas as pd
import pytest

from demo.catalogue import KAGGLE_COLUMNS, make_catalogue, write_catalogue


@pytest.fixture(scope="module")
def rows(catalogue: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    path = tmp_path_factory.mktemp("kaggle") / "dataset.csv"
    write_catalogue(catalogue, path)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def _column(rows: list[list[str]], name: str) -> list[str]:
    at = rows[0].index(name)
    return [row[at] for row in rows[1:]]


def test_the_layout_is_kaggles(rows: list[list[str]]) -> None:
    assert rows[0] == ["", *KAGGLE_COLUMNS]
    assert [row[0] for row in rows[1:]] == [str(number) for number in range(len(rows) - 1)]
    assert {len(row) for row in rows} == {21}
    genres = _column(rows, "track_genre")
    assert genres == sorted(genres)
    assert 3_700 < len(set(_column(rows, "track_id"))) < 4_300
    assert all(len(track_id) == 22 for track_id in _column(rows, "track_id"))


def test_the_oddities_of_the_real_file_are_there(rows: list[list[str]]) -> None:
    without_index = [tuple(row[1:]) for row in rows[1:]]
    assert 1 <= len(without_index) - len(set(without_index)) < 60
    genres = {(row[0], row[-1]) for row in without_index}
    assert len(genres) > 1.1 * len({track_id for track_id, _ in genres})
    assert any(";" in artists for artists in _column(rows, "artists"))
    assert any("," in title for title in _column(rows, "track_name"))
    assert any('"' in title for title in _column(rows, "track_name"))
    assert set(_column(rows, "explicit")) == {"True", "False"}
    assert any("e-0" in value for value in _column(rows, "instrumentalness"))
    assert 1 <= sum(value == "0.0" for value in _column(rows, "tempo")) < 40
    assert "0" in _column(rows, "time_signature")
    assert _column(rows, "track_name").count("") == 1
    untitled = rows[1 + _column(rows, "track_name").index("")]
    assert untitled[rows[0].index("duration_ms")] == "0"
    assert _column(rows, "track_id").count(untitled[1]) == 1


def test_quotes_are_doubled_and_lines_end_as_in_the_real_file(
    catalogue: pd.DataFrame, tmp_path: Path
) -> None:
    write_catalogue(catalogue, tmp_path / "dataset.csv")
    text = (tmp_path / "dataset.csv").read_bytes()
    assert b'""' in text
    assert b"\r" not in text
    write_catalogue(make_catalogue(), tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == text


def test_features_are_plausible_and_hang_together(catalogue: pd.DataFrame) -> None:
    tracks = catalogue[catalogue["duration_ms"] > 0].drop_duplicates("track_id")
    unit = ["danceability", "energy", "speechiness", "acousticness", "instrumentalness"]
    for name in (*unit, "liveness", "valence"):
        assert tracks[name].between(0, 1).all(), name
    assert tracks["loudness"].between(-40, 2).all()
    assert tracks["tempo"].between(0, 220).all()
    energy = tracks["energy"]
    assert energy.corr(tracks["loudness"]) > 0.6
    assert energy.corr(tracks["acousticness"]) < -0.5
    assert tracks["valence"].corr(tracks["danceability"]) > 0.3


def test_artists_and_genres_explain_part_of_the_features(catalogue: pd.DataFrame) -> None:
    tracks = catalogue[catalogue["tempo"] > 0].drop_duplicates("track_id")
    for name, least, most in (("energy", 0.35, 0.85), ("valence", 0.2, 0.75)):
        values = tracks[name]
        by_genre = values.groupby(tracks["track_genre"]).transform("mean")
        by_artist = values.groupby(tracks["album_artist_name"]).transform("mean")
        assert least < by_artist.var() / values.var() < most
        assert by_genre.var() < by_artist.var()


def test_second_releases_have_the_same_names_and_features(catalogue: pd.DataFrame) -> None:
    again = catalogue[catalogue["album_name"].str.endswith("(Deluxe Edition)")]
    assert len(again) > 50
    assert not again["in_csv"].any()
    first = catalogue[catalogue["in_csv"]].drop_duplicates("track_id")
    pairs = again.merge(first, how="left", on=["artists", "track_name", "energy", "duration_ms"])
    assert pairs["track_id_y"].notna().all()
    assert (pairs["track_id_x"] != pairs["track_id_y"]).all()


def test_titles_are_unique_within_an_artist(catalogue: pd.DataFrame) -> None:
    first = catalogue[catalogue["in_csv"] & (catalogue["duration_ms"] > 0)]
    assert not first.drop_duplicates("track_id").duplicated(["artists", "track_name"]).any()


def test_a_world_that_is_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 20 artists"):
        make_catalogue(n_artists=10)
