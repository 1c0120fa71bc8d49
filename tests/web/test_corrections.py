"""Hidden plays, and tracks and artists that are the same: by buttons and by the API."""

import re
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from engines.engine import Engine
from lake.reader import open_lake
from pipeline import STEPS
from tests.lakes import query, run, statuses
from tests.web.conftest import ODD_NAMES, PLAYS
from writers.lake_lock import lake_lock

DAY = "2025-10-02"
SCRIPT, IMAGE, BRACES = (track for track, _ in ODD_NAMES)


def keys(lake: Path) -> list[tuple[str, str]]:
    """Return the keys of each odd name's track and artist."""
    found = {
        name: (track, artist)
        for name, track, artist in query(
            lake,
            "SELECT DISTINCT track_name, track_key, artist_key FROM silver.listening_with_features",
        )
    }
    return [found[name] for name, _ in ODD_NAMES]


def plays(client: TestClient) -> int:
    return int(client.get("/api/v1/summary").json()["plays"])


def corrected(client: TestClient) -> list[tuple[str, str, str | None]]:
    found = client.get("/api/v1/corrections").json()
    return [(each["kind"], each["name"], each["into_name"]) for each in found]


def test_the_row_of_a_play_has_a_button_that_hides_it(
    client: TestClient, lake: Path, engine: Engine
) -> None:
    day = client.get(f"/day?date={DAY}").text
    form = re.compile(
        r'<form method="post" action="([^"]+)"><input type="hidden" name="key" value="([^"]+)">'
        r'<button aria-label="([^"]+)">Hide</button></form>'
    )
    buttons = form.findall(day)
    assert len(buttons) == 3
    action, play_id, label = buttons[0]
    assert unescape(label) == f"Hide the play at 18:00: {SCRIPT}"

    answered = client.post(action, data={"key": play_id})
    assert answered.headers["location"] == "/settings#corrections"
    assert corrected(client) == [("play", f"{SCRIPT} by {ODD_NAMES[0][1]}", None)]
    settings = client.get("/settings").text
    assert "hidden play, 2025-10-02 18:00 UTC" in settings
    assert SCRIPT not in settings
    statuses(run(engine, lake, [], steps=STEPS))

    assert plays(client) == PLAYS - 1
    assert len(form.findall(client.get(f"/day?date={DAY}").text)) == 2
    client.post("/settings/corrections/undo", data={"kind": "play", "item_key": play_id})
    assert corrected(client) == []


def test_a_session_has_the_buttons_too(client: TestClient) -> None:
    session = re.search(r'href="(/session\?id=[^"]+)"', client.get(f"/day?date={DAY}").text)
    assert session is not None
    assert client.get(unescape(session[1])).text.count(">Hide</button>") == 3


def test_a_track_is_found_by_name_and_merged_and_its_address_leads_to_the_other(
    client: TestClient, lake: Path, engine: Engine
) -> None:
    (first, _), (second, _), _ = keys(lake)
    own = client.get(f"/track?key={quote(first)}").text
    assert "This is the same recording as" in own and 'action="/same"' in own
    asked = {"kind": "track", "key": first}
    assert "Write a part of a name" in client.get("/same", params=asked).text
    assert "No other name" in client.get("/same", params={**asked, "q": "script"}).text
    found = client.get("/same", params={**asked, "q": "onerror"}).text
    (into,) = re.findall(r'name="into_key" value="([^"]*)"', found)
    assert unescape(into) == second
    assert IMAGE not in found and SCRIPT not in found

    client.post("/settings/corrections/same", data={**asked, "into_key": second})
    assert "the same track as" in client.get("/settings").text
    statuses(run(engine, lake, [], steps=STEPS))

    of_first, of_second = (
        client.get("/api/v1/tracks", params={"key": each}).json() for each in (first, second)
    )
    assert of_first["key"] == second
    assert of_first == of_second
    assert of_first["shown"]["blocks"][0]["figures"][0]["value"] == PLAYS * 2 // 3
    assert plays(client) == PLAYS


def test_artists_are_merged_and_albums_are_found_by_either(
    client: TestClient, lake: Path, engine: Engine
) -> None:
    (_, first), (_, second), _ = keys(lake)
    assert "The same artist as" in client.get(f"/artist?key={quote(first)}").text
    wanted = {"kind": "artist", "key": first, "into_key": second}

    assert client.post("/api/v1/corrections", json=wanted).json()["changed"]
    statuses(run(engine, lake, [], steps=STEPS))

    assert client.get("/api/v1/summary").json()["artists"] == 2
    for path in (f"artists?key={quote(first)}", f"albums?artist={quote(first)}&name=Album"):
        assert client.get(f"/api/v1/{path}").json()["artist_key"] in (second, None)
    undone = {"kind": "artist", "item_key": first}
    assert client.post("/api/v1/corrections/undo", json=undone).json()["changed"]
    assert corrected(client) == []


def test_a_correction_starts_the_run_that_counts_it_and_a_second_one_none(
    client: TestClient, lake: Path
) -> None:
    (first, _), (second, _), _ = keys(lake)
    wanted = {"kind": "track", "key": first, "into_key": second}
    answers = [client.post("/api/v1/corrections", json=wanted).json() for _ in range(2)]

    assert answers[0]["changed"] and answers[0]["run_id"]
    assert answers[1] == {"changed": False, "run_id": None}


@pytest.mark.parametrize(
    ("wanted", "status", "detail"),
    [
        ({"kind": "play", "key": "none"}, 404, "there is no play of this id"),
        ({"kind": "track", "key": "a", "into_key": "b"}, 404, "there is no such track in the lake"),
        ({"kind": "artist", "key": "a", "into_key": "b"}, 404, "there is no such artist in"),
        ({"kind": "artist", "key": "a"}, 422, "into_key: Field required"),
        ({"kind": "album", "key": "a", "into_key": "b"}, 422, "kind"),
        ({"kind": "play", "key": "\0"}, 422, "pattern"),
    ],
)
def test_what_cannot_be_corrected_is_refused_in_one_line(
    client: TestClient, wanted: dict[str, str], status: int, detail: str
) -> None:
    refused = client.post("/api/v1/corrections", json=wanted)

    assert refused.status_code == status
    assert detail in refused.json()["detail"] and "\n" not in refused.json()["detail"]


def test_a_circle_and_a_correction_during_a_run_are_refused(client: TestClient, lake: Path) -> None:
    (first, _), (second, _), _ = keys(lake)
    forth = {"kind": "track", "key": first, "into_key": second}
    with lake_lock(lake):
        busy = client.post("/api/v1/corrections", json=forth)
    client.post("/api/v1/corrections", json=forth)
    back = client.post("/api/v1/corrections", json={**forth, "key": second, "into_key": first})
    itself = client.post("/api/v1/corrections", json={**forth, "into_key": first})

    assert [each.status_code for each in (busy, back, itself)] == [409, 409, 409]
    assert "another run holds the lake" in busy.json()["detail"]
    assert "is already merged into" in back.json()["detail"]
    assert "cannot be merged into itself" in itself.json()["detail"]
    with open_lake(lake) as opened:
        assert len(opened.execute("SELECT * FROM ops.corrections").fetchall()) == 1


def test_another_site_and_nobody_without_the_password_corrects(
    client: TestClient, locked: TestClient
) -> None:
    for path in ("hide", "same", "undo"):
        address = f"/settings/corrections/{path}"
        from_elsewhere = client.post(address, headers={"Origin": "https://evil.example"})
        assert (from_elsewhere.status_code, locked.post(address).status_code) == (403, 401)
