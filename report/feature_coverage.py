"""Where the audio features of the plays come from, as a table for people."""

import duckdb
from rich.console import Console

from engines.models import literal
from report.layout import titled_table
from schemas.feature_providers import FEATURE_PROVIDERS

_PROVIDER_WORDS = {
    **{each.name: each.in_words for each in FEATURE_PROVIDERS},
    "hot_deck": "synthetic (a donor track's)",
    "copula": "synthetic (drawn from averages)",
}


def print_coverage(
    console: Console, lake: duckdb.DuckDBPyConnection, user_id: str | None = None
) -> None:
    """Print how many plays and tracks have features of which provider.

    Of ``user_id``, or of everybody. ``silver.tracks`` must be there.
    """
    whose = "true" if user_id is None else f"user_id = {literal(user_id)}"
    rows = lake.execute(
        f"""
        SELECT coalesce(feature_provider, 'none'), feature_match, sum(plays)::bigint,
               count(DISTINCT track_key), sum(plays) / sum(sum(plays)) OVER ()
        FROM silver.tracks WHERE {whose}
        GROUP BY ALL ORDER BY 3 DESC, 1, 2
        """
    ).fetchall()
    table = titled_table("Where the audio features come from")
    for heading in ("features", "found by"):
        table.add_column(heading)
    for heading in ("plays", "tracks", "share of plays"):
        table.add_column(heading, justify="right")
    for provider, match, plays, tracks, share in rows:
        table.add_row(
            _PROVIDER_WORDS.get(provider, "none"),
            match or "",
            f"{plays:,}",
            f"{tracks:,}",
            f"{share:.1%}",
        )
    console.print(table)
