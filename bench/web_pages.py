"""How long the application takes for each of its pages, and for fifty people at once.

    python -m bench.web_pages LAKE [--clients 50] [--port 8080]

Prints, for every page, the server's time for spans that were not asked for before, their pages in
any order, and for one that was, in process. With ``--port`` it asks the application that is served
there instead, by ``--clients`` at once: start a run meanwhile, and no answer may be an error.
"""

import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import httpx
import psutil
import typer
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from config.settings import load_settings
from engines.no_pandas import keep_pandas_out
from report.page.sections import SECTIONS
from web.application import application
from web.pages import PAGE_ROUTERS
from web.state import Web

_SPANS, _AGAIN = 7, 5
_SEED = 1


def main(
    data_dir: Annotated[Path, typer.Argument(help="data folder of the lake")],
    clients: Annotated[int, typer.Option(help="people at once")] = 50,
    port: Annotated[int | None, typer.Option(help="of an application that is served")] = None,
) -> None:
    """Measure the pages of a lake."""
    if port is not None:
        together(f"http://127.0.0.1:{port}", clients)
        return
    keep_pandas_out()  # as the server does
    settings = load_settings(data_dir=data_dir)
    app = application(settings, lambda: datetime.now(UTC), Path(__file__).parents[1])
    web: Web = app.state.web
    begun = time.perf_counter()
    snapshot = web.lakes.of(settings.user_id)
    assert snapshot.listening is not None, "the lake has no plays"
    whole = snapshot.listening.periods[0]
    print(f"the lake is read in {time.perf_counter() - begun:.2f} s")
    client = TestClient(app, base_url="http://127.0.0.1:8080")  # its lifespan asks nothing before
    new: dict[str, list[float]] = {path: [] for path in paths()}
    chance = random.Random(_SEED)
    for span in spans(whole.first, whole.last):
        for path in chance.sample(list(new), len(new)):
            new[path].append(milliseconds(client, f"{path}?period={span}"))
    print(f"{'page':34}{'new span: median':>18}{'worst':>9}{'again':>9}   ms")
    for path, took in new.items():
        again = [milliseconds(client, path) for _ in range(_AGAIN)][1:]
        print(
            f"{path:34}{statistics.median(took):18,.0f}{max(took):9,.0f}"
            f"{statistics.median(again):9,.0f}"
        )
    every = [each for took in new.values() for each in took]
    print(f"all pages: median {statistics.median(every):,.0f} ms, worst {max(every):,.0f} ms")
    memory = psutil.Process().memory_info().rss / 1e6
    print(f"memory of the process: {memory:,.0f} MB")


def together(url: str, clients: int) -> None:
    """Ask a served application for all pages by many at once; exit with 1 after an error."""
    asked = [path for path in paths() if not path.startswith("/settings")]

    def ask(number: int) -> list[tuple[int, float]]:
        order = random.Random(number).sample(asked, len(asked))
        with httpx.Client(base_url=url, timeout=120, follow_redirects=True) as client:
            return [timed(partial(client.get, path)) for path in order]

    begun = time.perf_counter()
    with ThreadPoolExecutor(clients) as people:
        answers = [each for told in people.map(ask, range(clients)) for each in told]
    took = sorted(each for _, each in answers)
    failed = [status for status, _ in answers if status >= 500]
    print(
        f"{clients} people, {len(answers):,} answers in {time.perf_counter() - begun:.1f} s: "
        f"median {statistics.median(took):,.0f} ms, 95% within {took[int(len(took) * 0.95)]:,.0f} "
        f"ms, {len(failed)} errors"
    )
    sys.exit(bool(failed))


def paths() -> list[str]:
    """Return every page that needs nothing but a span."""
    found = [f"/view/{name}" for name in SECTIONS]
    for router in PAGE_ROUTERS:
        for route in router.routes:
            if (
                isinstance(route, APIRoute)
                and "GET" in (route.methods or ())
                and "{" not in route.path
                and _has_no_required(route.dependant)
                and route.path not in ("/", "/password", "/healthz")
            ):
                found.append(route.path)
    return found


def spans(first: date, last: date) -> Iterator[str]:
    """Return spans of different lengths, none of which a person would have asked for before."""
    chance = random.Random(_SEED)
    days = (last - first).days
    for share in (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.95)[:_SPANS]:
        length = max(1, int(days * share))
        begin = first + timedelta(days=chance.randint(0, days - length))
        yield f"{begin}..{begin + timedelta(days=length)}"


def milliseconds(client: TestClient, path: str) -> float:
    """Return how long a page takes; it must be there."""
    status, took = timed(lambda: client.get(path))
    assert status < 500, (path, status)
    return took


def timed(ask: Callable[[], httpx.Response]) -> tuple[int, float]:
    begun = time.perf_counter()
    status = ask().status_code
    return status, 1000 * (time.perf_counter() - begun)


def _has_no_required(dependant: Dependant) -> bool:
    required = any(each.field_info.is_required() for each in dependant.query_params)
    return not required and all(map(_has_no_required, dependant.dependencies))


if __name__ == "__main__":
    typer.run(main)
