"""What the gold tables say of one person, a line each; where one says nothing, why."""

from collections.abc import Callable
from typing import Any

import duckdb
from rich.console import Console
from rich.markup import escape

from engines.models import literal
from report.lake_reader import has_table
from schemas.gold_schemas import MOOD_CLUSTER_PROFILES
from schemas.indicator_schemas import WELLBEING_INDICATORS
from schemas.mood_schemas import MOOD_DRIVERS, MOOD_FORECAST
from schemas.recommendation_schemas import RECOMMENDATION_QUALITY, TRACK_RECOMMENDATIONS
from schemas.table import Table

_SHOWN = 3
_NOT_OK = {"too_few_data": "too few data", "withheld": "withheld", "no_skill": "no skill"}


def headlines(lake: duckdb.DuckDBPyConnection, user_id: str) -> list[str]:
    """Give a line or more on each of ``HEADLINE_TABLES`` that the lake has, for one person."""
    return [
        line
        for table, told in _TOLD.items()
        if has_table(lake, table.full_name)
        for line in told(lake, user_id)
    ]


def print_headlines(console: Console, lake: duckdb.DuckDBPyConnection, user_id: str) -> None:
    """Print what ``headlines`` gives."""
    if lines := headlines(lake, user_id):
        console.print("[bold]What the music shows[/] [dim](of the music, not of a mood)[/]")
    for line in lines:
        console.print(f"[dim]·[/] {escape(line)}", soft_wrap=True, highlight=False)


def _clusters(lake: duckdb.DuckDBPyConnection, user_id: str) -> list[str]:
    rows = _rows(
        lake,
        f"""
        SELECT coalesce(label, reason), share_of_plays FROM {MOOD_CLUSTER_PROFILES.full_name}
        WHERE user_id = {literal(user_id)} ORDER BY share_of_plays DESC NULLS LAST, cluster_id
        LIMIT {_SHOWN}
        """,
    )
    named = (name if share is None else f"{name} {share:.0%}" for name, share in rows)
    return [f"sound clusters: {'; '.join(named)}"] if rows else []


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
        SELECT indicator, change, change_ci_low, change_ci_high {newest}
        AND (change_ci_low > 0 OR change_ci_high < 0) ORDER BY indicator
        """,
    )
    lines = [f"indicators of the 8 weeks to {until}: {_said({row[0]: row[1] for row in counted})}"]
    if changed:
        named = (f"{name} {by:+.3g} ({low:+.3g} to {high:+.3g})" for name, by, low, high in changed)
        lines.append(
            f"other than in the 8 weeks before, of {sum(row[1] for row in counted)} looked at: "
            f"{'; '.join(named)}"
        )
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
        WHERE user_id = {literal(user_id)} AND goes_with IN ('higher', 'lower')
        ORDER BY q_value, abs(effect_sd) DESC, feature, driver, level LIMIT {_SHOWN}
        """,
    )
    found = sum(row[2] or 0 for row in rows)
    statuses = _said({row[0]: row[1] for row in rows})
    return [
        f"what valence and energy go with: {found} found; looked at: {statuses}",
        *(f"  {statement}" for (statement,) in statements),
    ]


def _forecast(lake: duckdb.DuckDBPyConnection, user_id: str) -> list[str]:
    rows = _rows(
        lake,
        f"""
        SELECT measure, any_value(status), any_value(skill) FROM {MOOD_FORECAST.full_name}
        WHERE user_id = {literal(user_id)} GROUP BY measure ORDER BY measure
        """,
    )
    said = (
        f"{measure} {skill:.0%} better than the best simple mean"
        if status == "ok"
        else f"{measure} {_NOT_OK[status]}"
        for measure, status, skill in rows
    )
    return [f"the next 7 days: {', '.join(said)}"] if rows else []


def _quality(lake: duckdb.DuckDBPyConnection, user_id: str) -> list[str]:
    rows = _rows(
        lake,
        f"""
        SELECT task, model, status, ndcg_50 FROM {RECOMMENDATION_QUALITY.full_name}
        WHERE user_id = {literal(user_id)} AND ships ORDER BY task DESC
        """,
    )
    said = (
        f"{task} by {model}, NDCG@50 {ndcg:.2f}" if status == "ok" else f"{task} {_NOT_OK[status]}"
        for task, model, status, ndcg in rows
    )
    return [f"recommendations in the weeks held out: {'; '.join(said)}"] if rows else []


def _recommendations(lake: duckdb.DuckDBPyConnection, user_id: str) -> list[str]:
    rows = _rows(
        lake,
        f"""
        SELECT purpose, track_name, artist_name, status, explanation
        FROM {TRACK_RECOMMENDATIONS.full_name}
        WHERE user_id = {literal(user_id)} AND rank <= 1 ORDER BY purpose
        """,
    )
    return [
        f"{purpose}: {_NOT_OK[status]}"
        if track is None
        else f"{purpose}: {track} by {artist} ({explanation})"
        + (f"; {_NOT_OK[status]}" if status in _NOT_OK else "")
        for purpose, track, artist, status, explanation in rows
    ]


def _said(statuses: dict[str, int]) -> str:
    return ", ".join(
        f"{count} {_NOT_OK.get(status, status)}" for status, count in sorted(statuses.items())
    )


def _rows(lake: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return lake.execute(sql).fetchall()


_TOLD: dict[Table, Callable[[duckdb.DuckDBPyConnection, str], list[str]]] = {
    MOOD_CLUSTER_PROFILES: _clusters,
    WELLBEING_INDICATORS: _indicators,
    MOOD_DRIVERS: _drivers,
    MOOD_FORECAST: _forecast,
    RECOMMENDATION_QUALITY: _quality,
    TRACK_RECOMMENDATIONS: _recommendations,
}
HEADLINE_TABLES = tuple(_TOLD)
"""All that ``headlines`` reads."""
