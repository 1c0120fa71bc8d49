"""Errors of the API, as RFC 9457 says: a JSON object with a title, a status and the detail."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

MEDIA_TYPE = "application/problem+json"
_NAME = "Problem"


class Problem(BaseModel):
    """What went wrong, in one line."""

    type: str = "about:blank"
    title: str = Field(description="The status in words")
    status: int = Field(description="The status of the answer")
    detail: str = Field(description="What went wrong, and what mends it")


def problem(
    status: HTTPStatus | int, detail: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return an answer that says what went wrong."""
    status = HTTPStatus(status)
    content = Problem(title=status.phrase, status=status, detail=detail)
    return JSONResponse(
        content.model_dump(), status, headers=dict(headers or {}), media_type=MEDIA_TYPE
    )


def problems(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Return the part of the API's description that says which errors there can be."""
    return {
        int(status): {
            "description": status.phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{_NAME}"}}},
        }
        for status in statuses
    }


def api_document(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document, made once: with problems in place of FastAPI's own errors."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            routes=app.routes,
            servers=[{"url": app.root_path or "/"}],
        )
        schemas = made["components"]["schemas"]
        schemas[_NAME] = Problem.model_json_schema()
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        app.openapi_schema = made
    return app.openapi_schema
