"""What the gold tables say about one person, one line each; where nothing, the reason."""

from collections.abc import Callable
from typing import Any

import duckdb
from rich.console import Console
from rich.markup import escape

from engines.models import literal
from lake.reader import has_table
from report.plain_words import (
    MEASURES,
    PURPOSES,
    STATUSES,
    TASKS,
    difference_in_words,
    forecast_in_words,
    indicator_in_words,
    why_not,
)
from schemas.gold_schemas import MOOD_CLUSTER_PROFILES
from schemas.indicator_schemas import WELLBEING_INDICATORS
from schemas.mood_schemas import MOOD_DRIVERS, MOOD_FORECAST
from schemas.recommendation_schemas import RECOMMENDATION_QUALITY, TRACK_RECOMMENDATIONS
from schemas.table import Table

_SHOWN = 3


def headlines(lake: duckdb.DuckDBPyConnection, user_id: str) -> list[str]:
    """Return a line or more on each of ``HEADLINE_TABLES`` that the lake has, for one person."""
    return [
        line
        for table, lines_of in _HEADLINES.items()
        if has_table(lake, table.full_name)
        for line in lines_of(lake, user_id)
    ]


def print_headlines(console: Console, lake: duckdb.DuckDBPyConnection, user_id: str) -> None:
    """Print what ``headlines`` returns."""
    if lines := headlines(lake, user_id):
        console.print("[bold]What the music shows[/] [dim](of the music, not of a mood)[/]")
    for line in lines:
        console.print(f"[dim]·[/] {escape(line)}", soft_wrap=True, highlight=False)


def _clusters(lake: duckdb.DuckDBPyConnection, user_id: str) -> list[str]:
    rows = _rows(
        lake,
        f"""
        SELECT label, share_of_plays, status, reason FROM {MOOD_CLUSTER_PROFILES.full_name}
        WHERE user_id = {literal(user_id)} ORDER BY share_of_plays DESC NULLS LAST, cluster_id
        """,
    )
    if not rows:
        return []
    shown = [f"{label} {share:.0%}" for label, share, status, _ in rows if status == "ok"]
    if shown:
        return [f"kinds of sound, by their share of your plays: {'; '.join(shown[:_SHOWN])}"]
    _, _, status, reason = rows[0]
    return [f"kinds of sound: {why_not(status, reason)}"]


def _indicators(lake: duckdb.DuckDBPyConnection, user_id: str) -> list[str]:
    newest = f"""
        FROM {WELLBEING_INDICATORS.full_name}
        WHERE user_id = {literal(user_id)} AND period_kind = 'weeks_8' AND period_end = (
            SELECT max(period_end) FROM {WELLBEING_INDICATORS.full_name}
            WHERE user_id = {literal(user_id)} AND period_kind = 'weeks_8')
    """
    counted = _rows(lake, f"SELECT status, count(*), max(period_end) {newest} GROUP BY status")
    if not counted:
        return []
    until = max(each[2] for each in counted)
    changed = _rows(
        lake,
        f"""
        SELECT indicator, change, change_ci_low, change_ci_high, unit {newest}
        AND status = 'ok' AND (change_ci_low > 0 OR change_ci_high < 0) ORDER BY indicator
        """,
    )
    known = sum(row[1] for row in counted if row[0] == "ok")
    asked = sum(row[1] for row in counted)
    lines = [
        f"numbers about the 8 weeks to {until}: {known} of {asked} have enough data"
        + _others({row[0]: row[1] for row in counted})
    ]
    if changed:
        named = (
            f"{indicator_in_words(name)}, {difference_in_words(by, low, high, unit)}"
            for name, by, low, high, unit in changed
        )
        lines.append(f"different from the 8 weeks before: {'; '.join(named)}")
    return lines


def _drivers(lake: duckdb.DuckDBPyConnection, user_id: str) -> list[str]:
    rows = _rows(
        lake,
        f"""
        SELECT status, count(*), count_if(goes_with IN ('higher', 'lower'))
        FROM {MOOD_DRIVERS.full_name} WHERE user_id = {literal(user_id)} GROUP BY status
        """,
    )
    if not rows:
        return []
    statements = _rows(
        lake,
        f"""
        SELECT statement FROM {MOOD_DRIVERS.full_name}
        WHERE user_id = {literal(user_id)} AND status = 'ok' AND goes_with IN ('higher', 'lower')
        ORDER BY q_value, abs(effect_sd) DESC, feature, driver, level LIMIT {_SHOWN}
        """,
    )
    found = sum(row[2] or 0 for row in rows if row[0] == "ok")
    tested = sum(row[1] for row in rows if row[0] == "ok")
    return [
        f"when your music sounds brighter or more energetic: {found} clear differences in {tested} "
        "comparisons (time of day, season, artist …)" + _others({row[0]: row[1] for row in rows}),
        *(f"  {statement}" for (statement,) in statements),
    ]


def _forecast(lake: duckdb.DuckDBPyConnection, user_id: str) -> list[str]:
    rows = _rows(
        lake,
        f"""
        SELECT measure, any_value(status), any_value(skill), any_value(reason)
        FROM {MOOD_FORECAST.full_name}
        WHERE user_id = {literal(user_id)} GROUP BY measure ORDER BY measure
        """,
    )
    said = (
        f"{MEASURES.get(measure, measure)}: " + forecast_in_words(status, skill, reason)
        for measure, status, skill, reason in rows
    )
    return [f"forecast of the next 7 days: {'; '.join(said)}"] if rows else []


def _quality(lake: duckdb.DuckDBPyConnection, user_id: str) -> list[str]:
    rows = _rows(
        lake,
        f"""
        SELECT task, status, reason, ndcg_50 FROM {RECOMMENDATION_QUALITY.full_name}
        WHERE user_id = {literal(user_id)} AND ships ORDER BY task DESC
        """,
    )
    said = (
        f"{TASKS.get(task, task)}: "
        + (f"{ndcg:.2f}, clearly above chance" if status == "ok" else why_not(status, reason))
        for task, status, reason, ndcg in rows
    )
    return [
        "how well recommendations predicted past weeks, from 0 to 1 (NDCG of the first 50): "
        + "; ".join(said)
    ] * bool(rows)


def _recommendations(lake: duckdb.DuckDBPyConnection, user_id: str) -> list[str]:
    rows = _rows(
        lake,
        f"""
        SELECT purpose, track_name, artist_name, status, explanation, reason
        FROM {TRACK_RECOMMENDATIONS.full_name}
        WHERE user_id = {literal(user_id)} AND rank <= 1 ORDER BY purpose
        """,
    )
    return [
        f"{PURPOSES.get(purpose, purpose)}: "
        + (
            why_not(status, reason)
            if track is None
            else f"{track} by {artist} ({explanation})"
            + (f"; {why_not(status, reason)}" if status != "ok" else "")
        )
        for purpose, track, artist, status, explanation, reason in rows
    ]


def _others(statuses: dict[str, int]) -> str:
    """Return how many have no result, by reason; nothing where all have one."""
    said = [
        f"{count} {STATUSES.get(status, status)}"
        for status, count in sorted(statuses.items())
        if status != "ok"
    ]
    return f"; {', '.join(said)}" if said else ""


def _rows(lake: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return lake.execute(sql).fetchall()


_HEADLINES: dict[Table, Callable[[duckdb.DuckDBPyConnection, str], list[str]]] = {
    MOOD_CLUSTER_PROFILES: _clusters,
    WELLBEING_INDICATORS: _indicators,
    MOOD_DRIVERS: _drivers,
    MOOD_FORECAST: _forecast,
    RECOMMENDATION_QUALITY: _quality,
    TRACK_RECOMMENDATIONS: _recommendations,
}
HEADLINE_TABLES = tuple(_HEADLINES)
"""All that ``headlines`` reads."""
