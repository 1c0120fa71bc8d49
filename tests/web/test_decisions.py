"""What a person leaves out, and answers to recommendations: by buttons and by the API."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from engines.engine import Engine
from lake.decisions import album_key
from lake.reader import open_lake
from pipeline import STEPS
from tests.lakes import run, statuses
from tests.web.conftest import PLAYS
from web.decisions import ExcludedKind, key_of
from writers.lake_lock import lake_lock

ARTIST = "</script><b>bold"
COUNTED_WITHOUT = PLAYS * 2 // 3


def key_of_artist(lake: Path, name: str) -> str:
    with open_lake(lake) as tables:
        ((key,),) = tables.execute(
            "SELECT DISTINCT artist_key FROM silver.listening_with_features WHERE artist_name = ?",
            [name],
        ).fetchall()
    return str(key)


def excluded(client: TestClient) -> list[tuple[str, str]]:
    return [(each["kind"], each["name"]) for each in client.get("/api/v1/exclusions").json()]


def test_what_is_excluded_counts_nowhere_after_the_next_run_and_comes_back(
    client: TestClient, lake: Path, engine: Engine
) -> None:
    key = key_of_artist(lake, ARTIST)
    assert client.get("/api/v1/summary").json()["plays"] == PLAYS

    client.post("/settings/exclusions", data={"kind": "artist", "key": key, "name": ARTIST})
    assert excluded(client) == [("artist", ARTIST)]
    statuses(run(engine, lake, [], steps=STEPS))
    without = client.get("/api/v1/summary").json()
    assert (without["plays"], without["artists"]) == (COUNTED_WITHOUT, 2)
    with open_lake(lake) as tables:
        bronze = tables.execute("SELECT count(*) FROM bronze.listening_history_bronze").fetchone()
    assert bronze == (PLAYS,)

    client.post("/settings/exclusions/undo", data={"kind": "artist", "item_key": key})
    assert excluded(client) == []
    statuses(run(engine, lake, [], steps=STEPS))
    assert client.get("/api/v1/summary").json()["plays"] == PLAYS


def test_an_exclusion_starts_the_run_that_counts_it_and_a_second_one_none(
    client: TestClient,
) -> None:
    wanted = {"kind": "artist", "key": "somebody", "name": "Somebody"}
    first = client.post("/api/v1/exclusions", json=wanted).json()
    again = client.post("/api/v1/exclusions", json=wanted).json()

    assert first["changed"] and first["run_id"]
    assert again == {"changed": False, "run_id": None}


def test_the_settings_show_what_is_left_out_with_its_name_as_text(client: TestClient) -> None:
    client.post("/settings/exclusions", data={"kind": "artist", "key": "odd", "name": ARTIST})

    page = client.get("/settings").text
    assert "&lt;/script&gt;&lt;b&gt;bold" in page
    assert ARTIST not in page


def test_answers_are_kept_shown_and_withdrawn(client: TestClient) -> None:
    given = {"track_key": "a song", "verdict": "no", "track_name": "A song", "artist_name": "Ada"}
    answered = client.post("/settings/verdicts", data=given)
    assert answered.headers["location"] == "/lists/recommendations"
    assert [each["verdict"] for each in client.get("/api/v1/verdicts").json()] == ["no"]
    assert "not for me" in client.get("/settings").text

    client.post("/settings/verdicts/undo", data={"track_key": "a song"})
    assert client.get("/api/v1/verdicts").json() == []


def test_a_decision_during_a_run_is_refused_in_one_line(client: TestClient, lake: Path) -> None:
    wanted = {"kind": "artist", "key": "somebody", "name": "Somebody"}
    with lake_lock(lake):
        refused = client.post("/api/v1/exclusions", json=wanted)

    assert refused.status_code == 409
    assert "another run holds the lake" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("kind", "key", "name", "expected"),
    [
        (ExcludedKind.ARTIST, "ada", "Ada", "ada"),
        (ExcludedKind.TRACK, "ada|song", "Song", "ada|song"),
        (ExcludedKind.ALBUM, "ada", "The Album", album_key("ada", "The Album")),
        (ExcludedKind.SHOW, "", "The  SHOW", "the show"),
    ],
)
def test_a_key_is_that_of_the_lake(kind: ExcludedKind, key: str, name: str, expected: str) -> None:
    assert key_of(kind, key, name) == expected
