"""How the music sounds: its map, its kinds, its days and its hours.

Means are over counted plays that have features. As in the gold tables they are told where there is
enough to say, and where at least half of the features are the tracks' own.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from gold.statistics.feature_shares import MIN_GROUNDED_SHARE
from gold.statistics.thresholds import MIN_DAY_PLAYS, MIN_DAYS, MIN_MONTH_PLAYS, MIN_PLAYS
from lake.reader import has_table
from report.page.questions.asking import IN_PERIOD, MINUTES, PLAYS, ask_once
from schemas.gold_schemas import MOOD_CLUSTERS

if TYPE_CHECKING:
    from report.page.listening import Listening, Period

MAP_TRACKS = 100
"""Tracks on the map: those played most."""


class MapTrack(NamedTuple):
    """A track that was heard, where it lies, and the kind of sound that it belongs to."""

    track: str | None
    artist: str | None
    valence: float
    energy: float
    source: str
    kind: int | None
    label: str | None
    plays: int
    minutes: float


class Sound(NamedTuple):
    """The mean sound of a day or month; ``status`` says whether it can be told."""

    first: date
    n: int
    valence: float | None
    energy: float | None
    synthetic_share: float | None
    status: str


class HourSound(NamedTuple):
    """The mean sound of an hour of the day, with standard errors that take days as clusters."""

    hour: int
    n: int
    days: int
    valence: float | None
    valence_error: float | None
    energy: float | None
    energy_error: float | None
    synthetic_share: float | None
    status: str


def mood_map(listening: Listening, period: Period, tracks: int = MAP_TRACKS) -> list[MapTrack]:
    """Return the tracks heard most, by plays or by minutes, that have features."""
    if not prepare_sounds(listening):
        return []
    return ask_once(
        listening,
        MapTrack,
        f"""
        WITH heard AS (
            SELECT track_key, {PLAYS} AS plays, coalesce({MINUTES}, 0) AS minutes
            FROM plays WHERE {IN_PERIOD} GROUP BY track_key
        )
        SELECT track_name, artist_name, valence, energy, feature_source, cluster_id, label,
               heard.plays, heard.minutes
        FROM heard JOIN sounds USING (track_key)
        WHERE valence IS NOT NULL AND energy IS NOT NULL AND heard.plays > 0
        WINDOW by_plays AS (ORDER BY heard.plays DESC, heard.minutes DESC, track_key),
               by_minutes AS (ORDER BY heard.minutes DESC, heard.plays DESC, track_key)
        QUALIFY row_number() OVER by_plays <= $most OR row_number() OVER by_minutes <= $most
        ORDER BY heard.plays DESC, heard.minutes DESC, track_key
        """,
        period,
        most=tracks,
    )


def mood_days(listening: Listening, period: Period) -> list[Sound]:
    """Return the sound of each day with a counted play."""
    return _sounds_by(listening, period, "local_date", MIN_DAY_PLAYS)


def mood_months(listening: Listening, period: Period) -> list[Sound]:
    """Return the sound of each calendar month with a counted play."""
    return _sounds_by(
        listening, period, "CAST(date_trunc('month', local_date) AS DATE)", MIN_MONTH_PLAYS
    )


def mood_hours(listening: Listening, period: Period) -> list[HourSound]:
    """Return the sound of each local hour with a counted play that has features."""
    return ask_once(
        listening,
        HourSound,
        f"""
        WITH of_day AS (
            SELECT hour_of_day AS hour, local_date, count(*) AS n, sum(valence) AS valence,
                   sum(energy) AS energy,
                   count_if(feature_source = 'synthetic') AS synthetic
            FROM plays
            WHERE is_counted AND valence IS NOT NULL AND energy IS NOT NULL
              AND {IN_PERIOD}
            GROUP BY ALL
        ), mean AS (
            SELECT *, sum(valence) OVER of_hour / sum(n) OVER of_hour AS mean_valence,
                   sum(energy) OVER of_hour / sum(n) OVER of_hour AS mean_energy
            FROM of_day WINDOW of_hour AS (PARTITION BY hour)
        ), told AS (
            SELECT hour, sum(n)::bigint AS n, count(*) AS days, any_value(mean_valence) AS valence,
                   sqrt(sum((valence - n * mean_valence) ** 2) * days / nullif(days - 1, 0))
                       / sum(n) AS valence_error,
                   any_value(mean_energy) AS energy,
                   sqrt(sum((energy - n * mean_energy) ** 2) * days / nullif(days - 1, 0))
                       / sum(n) AS energy_error,
                   sum(synthetic) / sum(n) AS synthetic_share
            FROM mean GROUP BY hour
        )
        SELECT *, {_status(f"n < {MIN_PLAYS} OR days < {MIN_DAYS}")} FROM told ORDER BY hour
        """,
        period,
    )


def prepare_sounds(listening: Listening) -> bool:
    """Make ``sounds``, the person's rows of ``gold.mood_clusters``, once; return whether it is."""
    if not has_table(listening.connection, MOOD_CLUSTERS.full_name):
        return False
    listening.connection.execute(
        f"""
        CREATE TEMP TABLE IF NOT EXISTS sounds AS
        SELECT track_key, track_name, artist_name, valence, energy, feature_source, cluster_id,
               label
        FROM {MOOD_CLUSTERS.full_name} WHERE user_id = ?
        """,
        [listening.user_id],
    )
    return True


def _sounds_by(listening: Listening, period: Period, first: str, least: int) -> list[Sound]:
    return ask_once(
        listening,
        Sound,
        f"""
        WITH told AS (
            SELECT {first} AS first, count(valence) AS n, avg(valence) AS valence,
                   avg(energy) AS energy,
                   count_if(feature_source = 'synthetic') / nullif(count(valence), 0)
                       AS synthetic_share
            FROM plays WHERE is_counted AND {IN_PERIOD} GROUP BY 1
        )
        SELECT *, {_status(f"n < {least}")} FROM told ORDER BY first
        """,
        period,
    )


def _status(is_too_few: str) -> str:
    return (
        f"CASE WHEN {is_too_few} THEN 'too_few_data' "
        f"WHEN 1 - synthetic_share < {MIN_GROUNDED_SHARE} THEN 'withheld' ELSE 'ok' END"
    )
