"""How the music sounds: its map, its kinds, its days and its hours.

Means are over counted plays that have features. As in the gold tables they are shown where there is
enough to say, and where at least half of the features are the tracks' own.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from engines.models import literal
from gold.statistics.thresholds import MIN_DAY_PLAYS, MIN_MONTH_PLAYS
from lake.reader import has_table
from report.page.questions.asking import ask, make_once, run
from schemas.gold_schemas import MOOD_CLUSTERS
from schemas.shared_numbers import MIN_DAYS, MIN_GROUNDED_SHARE, MIN_PLAYS

if TYPE_CHECKING:
    from report.page.listening import Listening
    from report.page.questions.asking import Periods

MAP_TRACKS = 75
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
    """The mean sound of a day or month; ``status`` says whether it is known."""

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


def mood_map(
    listening: Listening, periods: Periods, tracks: int = MAP_TRACKS
) -> dict[str, list[MapTrack]]:
    """Return the tracks played most that have features."""
    if not prepare_sounds(listening):
        return {period.id: [] for period in periods}
    return ask(
        listening,
        MapTrack,
        f"""
        WITH known AS (
            SELECT period, track, sum(plays)::BIGINT AS plays,
                   coalesce(sum(ms_played), 0) / 60000.0 AS minutes
            FROM period_counts
            SEMI JOIN (FROM sounds WHERE valence IS NOT NULL AND energy IS NOT NULL) USING (track)
            WHERE NOT is_before GROUP BY period, track HAVING sum(plays) > 0
        ), edge AS (
            SELECT period, list_min(max(plays, {tracks})) AS least FROM known GROUP BY period
        )
        SELECT t.period, s.track_name, s.artist_name, s.valence, s.energy, s.feature_source,
               s.cluster_id, s.label, t.plays, t.minutes
        FROM known AS t JOIN edge AS e ON e.period = t.period AND t.plays >= e.least
        JOIN sounds AS s USING (track)
        QUALIFY row_number() OVER (
            PARTITION BY t.period ORDER BY t.plays DESC, t.minutes DESC, s.track_key
        ) <= {tracks}
        ORDER BY t.period, t.plays DESC, t.minutes DESC, s.track_key
        """,
        periods,
    )


def mood_days(listening: Listening) -> list[Sound]:
    """Return the sound of each day with a counted play, whatever the period."""
    _prepare_days(listening)
    found = run(
        listening,
        f"""
        WITH known AS (SELECT local_date, {_MEANS} FROM sound_days GROUP BY local_date)
        SELECT *, {_status(f"n < {MIN_DAY_PLAYS}")} FROM known ORDER BY local_date
        """,
    ).fetchall()
    return [Sound(*row) for row in found]


def mood_months(listening: Listening, periods: Periods) -> dict[str, list[Sound]]:
    """Return the sound of each calendar month with a counted play in the period."""
    _prepare_days(listening)
    return ask(
        listening,
        Sound,
        f"""
        WITH known AS (
            SELECT d.period, date_trunc('month', local_date)::DATE AS first, {_MEANS}
            FROM sound_days JOIN asked_days AS d USING (local_date)
            WHERE NOT d.is_before GROUP BY ALL
        )
        SELECT *, {_status(f"n < {MIN_MONTH_PLAYS}")} FROM known ORDER BY period, first
        """,
        periods,
    )


def mood_hours(listening: Listening, periods: Periods) -> dict[str, list[HourSound]]:
    """Return the sound of each local hour with a counted play that has features."""
    make_once(
        listening,
        "sound_hours",
        """
        SELECT local_date, hour_of_day AS hour, count(*) AS n, sum(valence) AS valence,
               sum(energy) AS energy, count_if(feature_source = 'synthetic') AS synthetic
        FROM plays WHERE is_counted AND valence IS NOT NULL AND energy IS NOT NULL
        GROUP BY ALL
        """,
    )
    return ask(
        listening,
        HourSound,
        f"""
        WITH mean AS (
            SELECT d.period, s.*,
                   sum(s.valence) OVER of_hour / sum(s.n) OVER of_hour AS mean_valence,
                   sum(s.energy) OVER of_hour / sum(s.n) OVER of_hour AS mean_energy
            FROM sound_hours AS s JOIN asked_days AS d USING (local_date) WHERE NOT d.is_before
            WINDOW of_hour AS (PARTITION BY d.period, s.hour)
        ), known AS (
            SELECT period, hour, sum(n)::BIGINT AS n, count(*) AS days,
                   any_value(mean_valence) AS valence,
                   sqrt(sum((valence - n * mean_valence) ** 2) * count(*) / nullif(count(*) - 1, 0))
                       / sum(n) AS valence_error,
                   any_value(mean_energy) AS energy,
                   sqrt(sum((energy - n * mean_energy) ** 2) * count(*) / nullif(count(*) - 1, 0))
                       / sum(n) AS energy_error,
                   sum(synthetic) / sum(n) AS synthetic_share
            FROM mean GROUP BY period, hour
        )
        SELECT *, {_status(f"n < {MIN_PLAYS} OR days < {MIN_DAYS}")} FROM known
        ORDER BY period, hour
        """,
        periods,
    )


_MEANS = """
    sum(valences)::BIGINT AS n,
    sum(valence) / nullif(sum(valences), 0) AS valence,
    sum(energy) / nullif(sum(energies), 0) AS energy,
    sum(synthetic) / nullif(sum(valences), 0) AS synthetic_share
"""


def _prepare_days(listening: Listening) -> None:
    """Make ``sound_days``: what the means of each day with a counted play are made of."""
    make_once(
        listening,
        "sound_days",
        """
        SELECT local_date, count(valence) AS valences, sum(valence) AS valence,
               count(energy) AS energies, sum(energy) AS energy,
               count_if(feature_source = 'synthetic') AS synthetic
        FROM plays WHERE is_counted GROUP BY local_date
        """,
    )


def prepare_sounds(listening: Listening) -> bool:
    """Make ``sounds``, the person's rows of ``gold.mood_clusters``, once; return whether it is."""
    if not has_table(listening.connection, MOOD_CLUSTERS.full_name):
        return False
    make_once(
        listening,
        "sounds",
        f"""
        SELECT hash(track_key) AS track, track_key, track_name, artist_name, valence, energy,
               feature_source, cluster_id, label
        FROM {MOOD_CLUSTERS.full_name} WHERE user_id = {literal(listening.user_id)}
        """,
    )
    return True


def _status(is_too_few: str) -> str:
    return (
        f"CASE WHEN {is_too_few} THEN 'too_few_data' "
        f"WHEN 1 - synthetic_share < {MIN_GROUNDED_SHARE} THEN 'withheld' ELSE 'ok' END"
    )
