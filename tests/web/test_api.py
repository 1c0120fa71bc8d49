"""The API as its document says it is: every answer fits, and every error is a problem document."""

import re
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.web.addresses import Address, addresses
from tests.web.conftest import ADDRESS, PLAYS, Made

DOCUMENT = "/openapi.json"
PROBLEM = "application/problem+json"
HOST = {"Host": "127.0.0.1:8080"}
API = [each for each in addresses() if each.template.startswith("/api/")]


@schemathesis.serializer("application/zip")
def as_it_is(_: object, content: Any) -> bytes:
    return content if isinstance(content, bytes) else bytes(content.data)


@pytest.mark.parametrize("address", API, ids=lambda each: f"{each.method} {each.template}")
def test_the_api_is_as_its_document_says(make: Made, address: Address) -> None:
    schema = schemathesis.openapi.from_asgi(DOCUMENT, make(), headers=HOST)
    operation = schema[address.template][address.method]

    @settings(
        max_examples=20, deadline=None, derandomize=True, suppress_health_check=[*HealthCheck]
    )
    @given(case=operation.as_strategy())
    def holds(case: Case[Any]) -> None:
        answer = case.call(headers=HOST)
        # No schema says what a zip is.
        left_out: list[Any] = (
            [positive_data_acceptance] if address.template.endswith("/uploads") else []
        )
        case.validate_response(answer, excluded_checks=left_out)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == [PROBLEM]
            answered = answer.json()
            assert answered["status"] == answer.status_code
            assert answered["title"]
            assert "\n" not in answered["detail"]

    holds()


def test_every_error_is_described_as_a_problem(client: TestClient) -> None:
    document = client.get(DOCUMENT).json()
    described = {
        (status, media)
        for path in document["paths"].values()
        for operation in path.values()
        for status, answer in operation["responses"].items()
        if status.startswith(("4", "5"))
        for media in answer["content"]
    }
    assert {media for _, media in described} == {PROBLEM}
    assert "422" in {status for status, _ in described}
    assert "HTTPValidationError" not in document["components"]["schemas"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("DELETE", "/api/v1/summary", 405),
        ("GET", "/api/v1/summary?period=soon", 422),
        ("POST", "/api/v1/syncs", 422),
        ("GET", "/api/v1/syncs/unknown", 404),
    ],
)
def test_errors_are_problem_documents(
    client: TestClient, method: str, path: str, status: int
) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == PROBLEM
    answered = answer.json()
    assert set(answered) == {"type", "title", "status", "detail"}
    assert answered["status"] == status
    if status == 405:
        assert answer.headers["allow"] == "GET"


def test_addresses_that_documents_name_exist(client: TestClient) -> None:
    document = client.get(DOCUMENT).json()
    text = (Path(__file__).resolve().parents[2] / "docs/WEB.md").read_text("utf-8")
    named = set(re.findall(r"(/api/v1/[\w/-]+)", text))
    assert "/api/v1/summary" in named
    for path in named:
        known = [re.sub(r"\{\w+\}", r"[\\w-]+", each) for each in document["paths"]]
        assert any(re.fullmatch(each, path) for each in known), path


def test_an_error_below_a_base_path_is_one_too(make: Made) -> None:
    with TestClient(make(web_base_path="/music"), base_url=ADDRESS) as client:
        assert client.get("/music/api/v1/nothing").headers["content-type"] == PROBLEM
        document = client.get("/music/openapi.json").json()
        assert document["servers"] == [{"url": "/music"}]
        assert client.get("/music/api/v1/summary").json()["plays"] == PLAYS
