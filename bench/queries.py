"""How quickly a page gets its answers from the lake, in one process that stays up.

    python -m bench.queries --folder FOLDER [--plays 370000] [--runs 20] [--json FILE]

One person's lake; every question is asked through ``lake.reader.open_lake``. The first
answer of each is shown apart: it reads files for the first time.
"""

import statistics
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

import typer
from rich.table import Table as RichTable

from bench.lakes import lake_of
from bench.measure import publish
from lake.reader import open_lake
from tests.simulated.plays import Listening

TARGET_MILLISECONDS, LIMIT_MILLISECONDS = 50, 300
_PLAYS = "silver.listening_with_features"
_PERIODS = {
    "all time": "true",
    "a year": "local_date BETWEEN DATE '2022-01-01' AND DATE '2022-12-31'",
    "a month": "local_date BETWEEN DATE '2022-05-01' AND DATE '2022-05-31'",
}
_TOTALS = f"""
SELECT count(*), count_if(is_counted), sum(ms_played) / 3600000, count(DISTINCT track_key),
       count(DISTINCT artist_key), count(DISTINCT local_date)
FROM {_PLAYS} WHERE {{period}}
"""
_TOP_TRACKS = f"""
SELECT track_key, any_value(track_name), any_value(artist_name), count(*) AS plays, sum(ms_played)
FROM {_PLAYS} WHERE {{period}} GROUP BY track_key ORDER BY plays DESC, track_key LIMIT 50
"""
_TOP_ARTISTS = f"""
SELECT artist_key, any_value(artist_name), count(*) AS plays, sum(ms_played),
       count(DISTINCT track_key)
FROM {_PLAYS} WHERE {{period}} GROUP BY artist_key ORDER BY plays DESC, artist_key LIMIT 50
"""
_WEEK = f"""
SELECT day_of_week, hour_of_day, count(*), sum(ms_played), avg(valence)
FROM {_PLAYS} WHERE {{period}} GROUP BY ALL ORDER BY ALL
"""
_MONTHS = f"""
SELECT date_trunc('month', local_date), count(*), sum(ms_played), count(DISTINCT track_key),
       avg(energy), avg(skipped::INT)
FROM {_PLAYS} WHERE {{period}} GROUP BY ALL ORDER BY ALL
"""
QUESTIONS = {
    f"{title}, {period}": sql.format(period=condition)
    for title, sql, periods in (
        ("totals", _TOTALS, _PERIODS),
        ("top 50 tracks", _TOP_TRACKS, _PERIODS),
        ("top 50 artists", _TOP_ARTISTS, _PERIODS),
        ("weekday × hour", _WEEK, _PERIODS),
        ("by month", _MONTHS, ("all time",)),
    )
    for period, condition in _PERIODS.items()
    if period in periods
}


def main(
    folder: Annotated[Path, typer.Option(help="where the lake is, or is to be made")],
    plays: Annotated[int, typer.Option(help="plays of the one person")] = 370_000,
    runs: Annotated[int, typer.Option(help="how often each question is asked")] = 20,
    json_path: Annotated[Path | None, typer.Option("--json", help="write the figures here")] = None,
) -> None:
    """Ask every question and print one table."""
    lake, _ = lake_of(Listening.of(1, plays), folder)
    opening = [_milliseconds(lambda: open_lake(lake).close()) for _ in range(runs)]
    figures: dict[str, Any] = {"opening": _summary(opening)}
    with open_lake(lake) as tables:
        for name, sql in QUESTIONS.items():
            times = [
                _milliseconds(lambda sql=sql: tables.execute(sql).fetchall()) for _ in range(runs)
            ]
            figures[name] = _summary(times)
    table = RichTable(title=f"questions to {plays:,} plays, milliseconds", title_justify="left")
    for heading in ("", "first", "median", "slowest", f"within {LIMIT_MILLISECONDS}"):
        table.add_column(heading, justify="right")
    for name, each in figures.items():
        within = "yes" if each["median"] <= LIMIT_MILLISECONDS else "NO"
        table.add_row(name, *(str(each[key]) for key in ("first", "median", "slowest")), within)
    publish(table, {"milliseconds": figures, "target": TARGET_MILLISECONDS}, json_path)


def _milliseconds(ask: Any) -> float:
    began = monotonic()
    ask()
    return (monotonic() - began) * 1000


def _summary(times: list[float]) -> dict[str, float]:
    warm = times[1:]
    return {
        "first": round(times[0], 1),
        "median": round(statistics.median(warm), 1),
        "slowest": round(max(warm), 1),
    }


if __name__ == "__main__":
    typer.run(main)
