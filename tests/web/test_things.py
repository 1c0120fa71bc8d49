"""The pages of things, days and sessions, and the links that lead to them."""

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient

from report.page.parts import ANY, Block, Column, Numbers, Section, View
from tests.report.page.few_plays import play
from tests.web.listened import ALPHA, BAND, EMILIE, PLAYS, client_of, snapshot_of
from web.choice import Choice
from web.links import address, linked, page_of


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    yield client_of(*PLAYS)


def blocks(client: TestClient, path: str) -> dict[str, dict[str, Any]]:
    answered = client.get(f"/api/v1/{path}")
    assert answered.status_code == 200, answered.text
    body = answered.json()
    return {each["id"]: each for each in body.get("shown", body)["blocks"]}


def figures(block: dict[str, Any]) -> dict[str, Any]:
    return {each["label"]: each["value"] for each in block["figures"]}


def test_an_artist_in_figures(client: TestClient) -> None:
    answered = figures(blocks(client, f"artists?key={BAND}")["figures"])
    # Alpha three times and Beta once of eight counted plays; ten seconds of Beta besides.
    assert answered == {
        "plays": 4,
        "heard": pytest.approx(12 + 1 / 6),
        "days": 3,
        "of everything": 0.5,
        "rank": 1,
        "tracks": 2,
        "skipped": 1,
        "first play": "2024-01-01",
        "last play": "2024-02-05",
    }


def test_a_period_is_compared_with_the_one_before(client: TestClient) -> None:
    found = blocks(client, f"artists?key={BAND}&period=2024-01-02..2024-01-02")["figures"]
    assert found["sentence"] == "Changes are against the day before."
    changes = {each["label"]: each["change"] for each in found["figures"]}
    assert changes["plays"] == -0.5


def test_history_is_told_by_months(client: TestClient) -> None:
    rows = blocks(client, f"artists?key={BAND}")["history"]["table"]["rows"]
    assert rows == [
        ["Jan 2024", 3, pytest.approx(9)],
        ["Feb 2024", 1, pytest.approx(3 + 1 / 6)],
    ]


def test_what_an_artist_consists_of(client: TestClient) -> None:
    found = blocks(client, f"artists?key={BAND}")
    tracks = [row[1:3] for row in found["parts-tracks"]["table"]["rows"]]
    assert tracks == [["Alpha", 3], ["Beta", 1]]
    albums = [row[1:3] for row in found["parts-albums"]["table"]["rows"]]
    assert albums == [["Album", 4]]


def test_neighbours_of_a_track(client: TestClient) -> None:
    found = blocks(client, f"tracks?key={ALPHA}")
    # After Alpha came Beta once and the song twice; nothing came before it.
    assert found["after-it"]["table"]["rows"] == [
        ["Song", "Émilie", 2, pytest.approx(2 / 3)],
    ]
    assert found["before-it"]["status"] == "too_few_data"


def test_neighbours_of_an_artist_are_others(client: TestClient) -> None:
    found = blocks(client, f"artists?key={BAND}")
    assert found["after-it"]["table"]["rows"] == [["Émilie", 3, 1.0]]
    # In all three sessions of the band, and in three of all four.
    assert found["companions"]["table"]["rows"] == [["Émilie", 3, 1.0, pytest.approx(4 / 3)]]


def test_ranks_by_month() -> None:
    plays = [
        play(f"2024-{month:02}-01 {hour:02}:00", track, "Band")
        for month, tracks in ((1, "AAB"), (2, "BBA"), (3, "AB"))
        for hour, track in enumerate(tracks)
    ]
    found = blocks(client_of(*plays), "tracks?key=band|a")["ranks"]
    # In March both have one play; A was heard first.
    assert found["table"]["rows"] == [["Jan 2024", 1], ["Feb 2024", 2], ["Mar 2024", 1]]
    assert found["sentence"] == "At best number 1, in 2 months."


def test_an_album_and_a_genre(client: TestClient) -> None:
    album = blocks(client, f"albums?artist={BAND}&name=Album")
    assert figures(album["figures"])["plays"] == 4
    genre = blocks(client, "genres?name=rock")
    assert figures(genre["figures"])["of everything"] == 0.5
    assert [row[1:3] for row in genre["parts-artists"]["table"]["rows"]] == [["Band", 4]]


def test_a_day_has_its_sessions_by_the_clock_on_the_wall(client: TestClient) -> None:
    found = blocks(client, "days?date=2024-01-02")
    assert figures(found["figures"]) == {
        "plays": 2,
        "heard": pytest.approx(6),
        "tracks": 2,
        "artists": 2,
        "sessions": 1,
        "from": "21:00",
    }
    assert [row[:3] for row in found["session-1"]["table"]["rows"]] == [
        ["21:00", "Alpha", "Band"],
        ["21:03", "Song", "Émilie"],
    ]


def test_a_day_leads_to_the_days_beside_it(client: TestClient) -> None:
    page = client.get("/day?date=2024-01-02&measure=minutes").text
    assert re.findall(r'href="([^"]*)" rel="(prev|next)"', page) == [
        ("/day?measure=minutes&amp;date=2024-01-01", "prev"),
        ("/day?measure=minutes&amp;date=2024-02-05", "next"),
    ]
    assert 'rel="prev"' not in client.get("/day?date=2024-01-01").text


def test_a_day_without_music_says_so(client: TestClient) -> None:
    assert "No music that day." in client.get("/day?date=2024-01-15").text


def test_a_session(client: TestClient) -> None:
    found = blocks(client, "sessions?id=2024-02-05")
    assert [row[1] for row in found["plays"]["table"]["rows"]] == ["Alpha", "Song", "Beta"]
    assert figures(found["figures"])["plays"] == 2
    page = client.get("/session?id=2024-02-05").text
    assert "/session?id=2024-01-02" in page
    assert "/session?id=2025-02-03" in page


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("artist?key=nobody", 404),
        ("artist?key=' OR 1=1 --", 404),
        ("track?key=nothing", 404),
        (f"album?artist={EMILIE}&name=nothing", 404),
        ("genre?name=nothing", 404),
        ("session?id=none", 404),
        ("day?date=1999-01-01", 404),
        ("day?date=soon", 422),
        ("artist", 422),
        ("artist?key=%00", 422),
        (f"artist?key={BAND}&period=1999", 404),
        (f"artist?key={BAND}&user=a%0Ab", 422),
        (f"artist?key={BAND}&user=%00", 422),
    ],
)
def test_what_is_not_there_is_said_in_one_line(client: TestClient, path: str, status: int) -> None:
    answer = client.get(f"/{path}")
    assert answer.status_code == status
    kind, _, query = path.partition("?")
    answered = client.get(f"/api/v1/{kind}s?{query}")
    assert answered.status_code == status
    assert "\n" not in answered.json()["detail"]


@pytest.mark.parametrize("view", ["overview", "when", "what"])
def test_names_in_views_lead_to_pages_that_are_there(client: TestClient, view: str) -> None:
    page = client.get(f"/view/{view}?measure=minutes").text
    found = {
        unescape(each)
        for each in re.findall(r'href="(/(?:artist|track|album|genre|day|session)\?[^"]*)"', page)
    }
    assert found or view == "when"
    for each in found:
        assert "measure=minutes" in each
        assert client.get(each).status_code == 200, each


def test_names_are_escaped_in_links_and_in_pages() -> None:
    odd = '<script>"&?#'
    client = client_of(play("2024-01-01 10:00", odd, odd, album_name=odd))
    page = client.get("/day?date=2024-01-01").text
    assert '<script>"' not in page
    for each in re.findall(r'href="(/(?:artist|track|album)\?[^"]*)"', page):
        answer = client.get(unescape(each))
        assert answer.status_code == 200
        assert "&lt;script&gt;&#34;&amp;?#" in answer.text
        assert '<script>"' not in answer.text


def test_dates_outside_the_plays_lead_nowhere() -> None:
    snapshot = snapshot_of(*PLAYS)
    assert snapshot.listening is not None
    first, today = snapshot.listening.periods[0].first, snapshot.listening.today
    later = today.replace(year=2026)
    numbers = Numbers((Column("Day", "date"),), [(first,), (later,)])
    section = Section("x", "X", [Block("b", "B", {(ANY, ANY): View(table=numbers)})])
    with snapshot.ask(snapshot.listening.periods[0]) as listening:
        answered = linked(section, listening, first).blocks[0].views[ANY, ANY].table
    assert answered is not None
    assert answered.links == {(0, 0): "day?date=2024-01-01"}


def test_marks_of_charts_lead_to_days_months_and_artists() -> None:
    client = client_of(
        *(play(f"2024-{month:02}-{day:02} 10:00") for month in (1, 2, 3) for day in range(1, 13))
    )
    page = client.get("/view/when?period=2024").text
    assert '"page": "day?date=2024-01-02"' in page
    assert '"page": "view/when?period=2024-02"' in page
    assert '"page": "artist?key=band"' in client.get("/view/what").text


def test_an_address_holds_the_choice_and_what_the_page_says_stands() -> None:
    chosen = Choice(user="a b", period="2024", measure="minutes")
    page = page_of("artist", 'r&b, "x"')
    assert page is not None
    assert address("/base", page, chosen) == (
        "/base/artist?user=a+b&period=2024&measure=minutes&key=r%26b%2C+%22x%22"
    )
    assert address("", "view/when?period=2023-05", chosen) == (
        "/view/when?user=a+b&period=2023-05&measure=minutes"
    )


def test_a_recap_of_any_span() -> None:
    plays = [play(f"2024-03-{day:02} 10:00", f"Track {day % 3}") for day in range(1, 31)]
    client = client_of(*plays, play("2024-05-01 10:00"))
    card = client.get("/view/recap?period=2024-03-01..2024-03-30").text
    assert "1 Mar 2024 to 30 Mar 2024 in music" in card
    assert "30 days" in card  # in a row
    assert "a recap needs 30" in client.get("/view/recap?period=2024-05").text


def test_a_thing_not_heard_in_a_period_says_so(client: TestClient) -> None:
    assert "Not heard in this period: 2025." in client.get(f"/artist?key={BAND}&period=2025").text


def test_a_thing_can_be_left_out_of_all_numbers_from_its_page(client: TestClient) -> None:
    page = client.get(f"/album?artist={BAND}&name=Album").text
    form = page[page.index('class="leave-out"') :].partition("</form>")[0]
    assert re.findall(r'name="(\w+)" value="([^"]*)"', form) == [
        ("kind", "album"),
        ("name", "Album"),
        ("key", BAND),
    ]
    assert 'class="leave-out"' not in client.get("/genre?name=rock").text


def test_a_number_under_an_artist_called_artist_leads_nowhere() -> None:
    months = Numbers((Column("Artist", "name", "artist"), Column("Artist", "count")), [("Band", 3)])
    section = Section(
        "what", "What", [Block("over-time", "Who?", {(ANY, ANY): View(table=months)})]
    )
    with snapshot_of(*PLAYS).ask() as listening:
        answered = linked(section, listening, date(2024, 1, 1)).blocks[0].views[ANY, ANY].table
    assert answered is not None
    assert answered.links == {(0, 0): "artist?key=band"}
