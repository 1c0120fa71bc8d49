"""The search over names: what is found, in which order, and how it is shown."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tests.report.page.few_plays import play
from tests.web.listened import PLAYS, client_of


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    yield client_of(*PLAYS)


def found(client: TestClient, words: str) -> dict[str, list[str]]:
    answered = client.get("/api/v1/search", params={"q": words})
    assert answered.status_code == 200, answered.text
    return {kind: [each["name"] for each in rows] for kind, rows in answered.json().items() if rows}


def test_capitals_and_accents_do_not_matter(client: TestClient) -> None:
    assert found(client, "EMILIE") == {"artists": ["Émilie"]}
    assert found(client, "émil") == {"artists": ["Émilie"]}


def test_all_kinds_are_found(client: TestClient) -> None:
    answered = found(client, "al")
    assert answered == {"tracks": ["Alpha"], "albums": answered["albums"]}
    assert sorted(answered["albums"]) == ["@Album", "Album", "Album"]
    assert found(client, "ROCK") == {"genres": ["rock"]}


def test_words_may_be_of_the_artist_too_but_not_all(client: TestClient) -> None:
    assert found(client, "alpha band") == {"tracks": ["Alpha"]}
    assert found(client, "band") == {"artists": ["Band"]}


def test_names_that_begin_so_come_first_then_the_most_played() -> None:
    client = client_of(
        play("2024-01-01 10:00", "Go on"),
        *(play(f"2024-01-01 11:0{minute}", "Let go") for minute in range(3)),
        *(play(f"2024-01-01 12:0{minute}", "Gone") for minute in range(2)),
    )
    assert found(client, "go")["tracks"] == ["Gone", "Go on", "Let go"]


def test_signs_of_patterns_and_statements_are_letters(client: TestClient) -> None:
    for odd in ("%", "_", "'", "' OR 1=1 --", "\\", '"'):
        assert found(client, odd) == {}
    assert found(client, "=1+") == {"tracks": ["=1+1"]}


def test_nothing_is_found_without_a_word(client: TestClient) -> None:
    assert found(client, " ") == {}
    assert "Write a part of a name" in client.get("/search").text


def test_plays_are_told_and_names_lead_to_their_pages(client: TestClient) -> None:
    page = client.get("/search?q=emilie&period=2024").text
    assert 'href="/artist?period=2024&amp;key=%C3%A9milie"' in page
    assert "3 plays" in page


def test_while_typing_comes_but_the_part(client: TestClient) -> None:
    part = client.get("/search?q=emilie", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert "Émilie" in part


def test_what_was_searched_for_is_escaped(client: TestClient) -> None:
    page = client.get("/search", params={"q": "<script>x"}).text
    assert "<script>x" not in page
    assert "No name has these words." in page
