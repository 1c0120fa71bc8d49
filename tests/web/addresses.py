"""Every address of the application, as its routers declare them."""

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from web.api import API_ROUTERS
from web.pages import PAGE_ROUTERS

# What stands for a part of a path where any text does.
_PARTS = {
    "name": "overview",
    "run_id": "20260101T120000-0",
    "day": "2025-10-02",
    "slug": "rediscover",
    "source": "tracks",
}


@dataclass(frozen=True)
class Address:
    """A path with the names of its parts, and what its query, form and body may hold."""

    method: str
    template: str
    parts: tuple[str, ...]
    query: tuple[str, ...]
    form: tuple[str, ...]

    def path(self, **parts: str) -> str:
        """Return the path; parts that are not given are such as there are."""
        given = {each: parts.get(each, _PARTS.get(each, "x")) for each in self.parts}
        return self.template.replace(":path}", "}").format(**given)


def addresses() -> Iterator[Address]:
    """Return every address with every method."""
    for router in (*PAGE_ROUTERS, *API_ROUTERS):
        for route in router.routes:
            assert isinstance(route, APIRoute)
            for method in sorted(route.methods or ()):
                yield Address(
                    method,
                    route.path,
                    _names(route.dependant, "path_params"),
                    _names(route.dependant, "query_params"),
                    _names(route.dependant, "body_params"),
                )


def pages() -> list[Address]:
    """Return the pages: what a browser shows, without streams of events and files to keep."""
    own = {route.path for router in PAGE_ROUTERS for route in router.routes}  # type: ignore[attr-defined]
    return [
        each
        for each in addresses()
        if each.method == "GET"
        and each.template in own
        and not each.template.endswith(("/events", "/file"))
    ]


def _names(dependant: Dependant, kind: str) -> tuple[str, ...]:
    own = [each.alias for each in getattr(dependant, kind)]
    below = [name for each in dependant.dependencies for name in _names(each, kind)]
    return tuple(dict.fromkeys((*own, *below)))
