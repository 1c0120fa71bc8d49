"""How the Web API says no: its errors, and the endpoints that new apps may no longer call."""

from typing import NoReturn

from flask import Blueprint, Response, jsonify

_REFUSED_SINCE_2024 = (
    *("/audio-analysis/<item_id>", "/recommendations", "/recommendations/available-genre-seeds"),
    *("/artists/<item_id>/related-artists", "/browse/featured-playlists"),
    "/browse/categories/<item_id>/playlists",
)
_LIBRARIES = ("tracks", "albums", "episodes", "shows", "audiobooks")
_NO_MORE_WRITTEN = (
    *("/playlists/<item_id>/tracks", "/playlists/<item_id>/followers", "/me/following"),
    *(f"/me/{kind}" for kind in _LIBRARIES),
)
_REMOVED_IN_2026 = {
    "GET": (
        *("/tracks", "/albums", "/artists", "/shows", "/episodes", "/audiobooks", "/chapters"),
        *("/markets", "/browse/new-releases", "/browse/categories", "/browse/categories/<item_id>"),
        *("/artists/<item_id>/top-tracks", "/users/<item_id>", "/users/<item_id>/playlists"),
        *("/playlists/<item_id>/followers/contains", "/me/following/contains"),
        *("/playlists/<item_id>/tracks", *(f"/me/{kind}/contains" for kind in _LIBRARIES)),
    ),
    "POST": ("/users/<item_id>/playlists", "/playlists/<item_id>/tracks"),
    "PUT": _NO_MORE_WRITTEN,
    "DELETE": _NO_MORE_WRITTEN,
}


class WebApiError(Exception):
    """An answer of the Web API that is an error; one without a message has none in truth, too."""

    def __init__(self, status: int, message: str | None = None) -> None:
        super().__init__(f"{status} {message}")
        self.status = status
        self.message = message


def add_refusals(routes: Blueprint) -> None:
    """Have routes refuse what is gone or never was, and answer errors as the Web API does."""
    routes.register_error_handler(WebApiError, _as_answer)
    for rule in _REFUSED_SINCE_2024:
        routes.add_url_rule(rule, f"refused {rule}", refuse_since_2024)
    for method, rules in _REMOVED_IN_2026.items():
        for rule in rules:
            routes.add_url_rule(rule, f"{method} {rule}", _refuse_since_2026, methods=[method])
    routes.add_url_rule("/<path:unknown>", "unknown", _know_nothing, methods=[*_REMOVED_IN_2026])


def refuse_since_2024(**_: str) -> NoReturn:
    """Refuse what only apps with extended quota may still call.

    Raises WebApiError: always.
    """
    raise WebApiError(403)


def _refuse_since_2026(**_: str) -> NoReturn:
    raise WebApiError(403, "Forbidden")


def _know_nothing(**_: str) -> NoReturn:
    raise WebApiError(404, "Service not found")


def _as_answer(error: WebApiError) -> tuple[Response, int]:
    said = {"message": error.message} if error.message else {}
    return jsonify({"error": {"status": error.status} | said}), error.status
