"""Lists: their order, pages, filter, and what programs get of them."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from schemas.availability_schemas import TRACK_AVAILABILITY
from schemas.unified_schemas import UNIFIED_TRACKS
from tests.playlists.libraries import track
from tests.report.page.few_plays import play
from tests.web.listened import ALPHA, PLAYS, client_of
from web.listed import LISTS


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    yield client_of(*PLAYS)


def column(client: TestClient, path: str, name: str) -> list[Any]:
    answered = client.get(f"/api/v1/lists/{path}")
    assert answered.status_code == 200, answered.text
    return [row[name] for row in answered.json()["rows"]]


@pytest.mark.parametrize("name", LISTS)
def test_every_list_sorts_by_every_column_both_ways(client: TestClient, name: str) -> None:
    for each in LISTS[name].columns:
        if each.format == "link":
            continue
        up = column(client, f"{name}?sort={each.name}&order=asc", each.name)
        down = column(client, f"{name}?sort={each.name}&order=desc", each.name)
        known = [value for value in up if value is not None]
        assert known == sorted(known)
        assert [value for value in down if value is not None] == known[::-1]
        assert client.get(f"/lists/{name}?sort={each.name}").status_code == 200


def test_tracks_are_those_counted_the_most_played_first(client: TestClient) -> None:
    found = client.get("/api/v1/lists/tracks").json()["rows"]
    answered = [(row["plays"], row["track"]) for row in found]
    assert sorted(answered[:2]) == [(3, "Alpha"), (3, "Song")]
    assert sorted(answered[2:]) == [(1, "=1+1"), (1, "Beta")]
    assert column(client, "tracks?period=2025", "track") == ["=1+1"]


def test_days_and_sessions_and_plays(client: TestClient) -> None:
    assert column(client, "days", "day") == [
        "2025-02-03",
        "2024-02-05",
        "2024-01-02",
        "2024-01-01",
    ]
    assert column(client, "days?sort=plays&order=desc&q=monday", "plays") == [3, 2, 1]
    assert column(client, "sessions", "begun")[2] == "2024-01-02 21:00"
    assert column(client, "plays?sort=ended&order=asc", "ended")[3] == "2024-01-02T21:00:00"
    assert len(column(client, "plays", "track")) == len(PLAYS)


def test_a_filter_needs_every_word_whatever_its_accents(client: TestClient) -> None:
    assert column(client, "tracks?q=EMILIE song", "track") == ["Song"]
    assert column(client, "tracks?q=emilie alpha", "track") == []
    assert column(client, "artists?q=émi", "artist") == ["Émilie"]
    assert column(client, "plays?q=song", "artist") == ["Émilie"] * 3
    assert column(client, "tracks?q=%25", "track") == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("tracks?sort=nothing", 404),
        ("tracks?sort=plays; DROP TABLE heard", 404),
        ("tracks?sort=open", 404),
        ("tracks?order=up", 422),
        ("tracks?page=0", 422),
        ("tracks?q=%00", 422),
    ],
)
def test_what_cannot_be_sorted_by_is_refused(client: TestClient, path: str, status: int) -> None:
    assert client.get(f"/lists/{path}").status_code == status
    assert client.get(f"/api/v1/lists/{path}").status_code == status


def test_there_is_no_other_list(client: TestClient) -> None:
    assert client.get("/lists/nothing").status_code == 404


def test_pages_have_fifty_rows_and_lead_to_each_other() -> None:
    client = client_of(*(play("2024-01-01 10:00", f"Track {number:03}") for number in range(120)))
    pages = [client.get(f"/lists/tracks?sort=track&page={page}").text for page in (1, 2, 3, 4)]
    assert [page.count("<tr>") - 1 for page in pages[:3]] == [50, 50, 20]
    assert "Track 050" in pages[1]
    assert 'rel="next" href="/lists/tracks?sort=track&amp;page=3"' in pages[1]
    assert 'rel="prev" href="/lists/tracks?sort=track"' in pages[1]
    assert 'rel="next"' not in pages[2]
    assert "The list ends at page 3." in pages[3]
    answered = client.get("/api/v1/lists/tracks?per_page=7&page=18").json()
    assert (answered["total"], len(answered["rows"])) == (120, 1)


def test_csv_is_the_whole_list_and_no_formula(client: TestClient) -> None:
    answer = client.get("/api/v1/lists/tracks?format=csv&sort=track&order=asc")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="tracks.csv"'
    rows = list(csv.DictReader(answer.text.removeprefix("\ufeff").splitlines()))
    assert [(row["track"], row["artist"], row["plays"]) for row in rows] == [
        ("'=1+1", "'+Plus", "1"),
        ("Alpha", "Band", "3"),
        ("Beta", "Band", "1"),
        ("Song", "Émilie", "3"),
    ]
    assert rows[1]["open"] == "https://open.spotify.com/track/id-Alpha"


@pytest.mark.parametrize("name", LISTS)
def test_every_list_comes_as_csv(client: TestClient, name: str) -> None:
    text = client.get(f"/api/v1/lists/{name}?format=csv").text
    assert text.removeprefix("\ufeff").startswith(LISTS[name].columns[0].name)


def test_blocks_of_tops_lead_to_all_of_them(client: TestClient) -> None:
    page = client.get("/view/what?period=2024").text
    for name in ("tracks", "artists", "albums", "genres", "skipped", "rediscover", "unavailable"):
        assert f'href="/lists/{name}?period=2024"' in page


def test_what_spotify_plays_no_more_is_listed_with_where_it_moved() -> None:
    at = datetime(2024, 5, 3, 12, tzinfo=UTC)
    gone = {"user_id": "me", "market": "account", "is_available": False, "last_checked_at": at}
    gone |= {"first_unavailable_at": at, "reason": "market"}
    client = client_of(
        *PLAYS,
        tables={
            UNIFIED_TRACKS: [
                track("Alpha", track_key=ALPHA, plays=9, counted_plays=8),
                track("Unheard", saved_at=at),
                track("Fine", counted_plays=9),
            ],
            TRACK_AVAILABILITY: [
                gone | {"track_id": "id of Alpha", "moved_to_track_id": "moved"},
                gone | {"track_id": "id of Unheard", "reason": "not_found"},
                gone | {"track_id": "id of Fine", "is_available": True},
            ],
        },
    )

    rows = client.get("/api/v1/lists/unavailable").json()["rows"]

    assert [(row["track"], row["plays"], row["saved"], row["why"]) for row in rows] == [
        ("Alpha", 8, False, "market"),
        ("Unheard", 0, True, "not_found"),
    ]
    assert [row["open"] for row in rows] == ["https://open.spotify.com/track/moved", None]
    page = client.get("/lists/unavailable").text
    assert "not in this country" in page
    assert "deleted" in page
    # What was never played has no page of its own.
    assert page.count('href="/track?') == 1
    assert column(client, "unavailable?q=unheard", "since") == ["2024-05-03"]
    # A playlist of these could not be played.
    assert not LISTS["unavailable"].has_tracks
    assert "/selections/" not in page
    for name in LISTS["unavailable"].columns:
        if name.format != "link":
            assert client.get(f"/lists/unavailable?sort={name.name}").status_code == 200
