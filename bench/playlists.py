"""How long a preview of each rule takes on a lake.

    python -m bench.playlists LAKE [--most 300]

Prints, for every rule that there is and for rules that ask for much, the time of the first preview
over a connection just opened and the median of those after it. Exits with 1 where one takes longer
than ``--most`` milliseconds.
"""

import statistics
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer

from config.settings import load_settings
from playlists.files import as_file, listed
from playlists.library import open_library, people_with_tracks
from playlists.rule_files import rule_files, rule_folders
from playlists.rules import Rule, parse_rule
from playlists.selection import Selection, select

_AGAIN = 9
_ALL: Any = [{"gt": {"plays": -1}}]
_COSTLY: dict[str, dict[str, Any]] = {
    "everything, at random": {"all": _ALL, "sort": "random"},
    "everything, each work once": {"all": _ALL, "sort": "-plays", "dedupe": True},
    "everything, artists apart": {"all": _ALL, "sort": "artist", "separateArtists": 3},
    "words in texts": {
        "any": [
            {"contains": {"title": "love"}},
            {"notContains": {"artist": "the"}},
            {"endsWith": {"album": "e"}},
            {"isNot": {"genre": ["rock", "pop"]}},
        ],
        "sort": "genre,-energy,title",
        "dedupe": True,
        "limitPercent": 50,
    },
    "every kind of field": {
        "all": [
            {"gt": {"plays": 0, "minutes": 1, "tempo": 60}, "lt": {"skipRate": 0.9}},
            {"any": [{"is": {"saved": True}}, {"notInTheLast": {"lastPlayed": 30}}]},
            {"inTheRange": {"playedInHour": [18, 2]}},
            {"isNot": {"playedInSeason": "winter"}},
            {"any": [{"contains": {"cluster": "bright"}}, {"isMissing": {"cluster": True}}]},
        ],
        "sort": "-lastPlayed",
        "dedupe": True,
        "separateArtists": 2,
    },
}


def main(
    data_dir: Annotated[Path, typer.Argument(help="data folder of the lake")],
    most: Annotated[float, typer.Option(help="milliseconds that a preview may take")] = 300,
) -> None:
    """Measure previews of rules."""
    settings = load_settings(data_dir=data_dir)
    today = datetime.now(UTC).astimezone(settings.zone).date()
    with open_library(data_dir) as lake:
        user_id = people_with_tracks(lake)[0]
        ((tracks, plays),) = lake.execute(
            "SELECT count(*), sum(plays) FROM silver.unified_tracks WHERE user_id = ?", (user_id,)
        ).fetchall()
    print(f"{plays:,} plays of {tracks:,} tracks by {user_id}")
    print(f"{'rule':32}{'matching':>10}{'tracks':>8}{'first':>8}{'again':>8}   ms")
    rules = [each.read() for each in rule_files(rule_folders(data_dir))]
    rules += [parse_rule(data, name, name) for name, data in _COSTLY.items()]
    slowest = 0.0
    for rule in rules:
        begun = time.perf_counter()
        with open_library(data_dir) as lake:
            found = _preview(lake, rule, user_id, settings.timezone, today)
            first = 1000 * (time.perf_counter() - begun)
            again = []
            for _ in range(_AGAIN):
                begun = time.perf_counter()
                _preview(lake, rule, user_id, settings.timezone, today)
                again.append(1000 * (time.perf_counter() - begun))
        median = statistics.median(again)
        slowest = max(slowest, median)
        print(
            f"{rule.slug:32}{found.matching:10,}{len(found.tracks):8,}{first:8,.0f}{median:8,.0f}"
        )
    sys.exit(slowest > most)


def _preview(
    lake: duckdb.DuckDBPyConnection, rule: Rule, user_id: str, timezone: str, today: date
) -> Selection:
    """Choose the tracks, and say why each is in."""
    found = select(lake, rule, user_id, timezone, today)
    as_file("csv", rule.name, rule.comment, listed(found))
    return found


if __name__ == "__main__":
    typer.run(main)
