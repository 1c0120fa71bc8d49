"""The kinds of sound: what each is like, how real they are, how much of each was heard."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from engines.models import literal
from lake.reader import has_table
from report.page.questions.asking import ask, run
from report.page.questions.mood import prepare_sounds
from schemas.gold_schemas import MOOD_CLUSTER_PROFILES

if TYPE_CHECKING:
    from report.page.listening import Listening
    from report.page.questions.asking import Periods


class KindsModel(NamedTuple):
    """How real the kinds are: each score beside that of features that were shuffled."""

    k: int | None
    n_fitted: int | None
    silhouette: float | None
    null_silhouette: float | None
    stability: float | None
    null_stability: float | None
    status: str
    reason: str | None


class Kind(NamedTuple):
    """A kind of sound, its centre, and what was heard of it; ``synthetic_…`` are parts of these."""

    number: int
    label: str
    purity: float | None
    valence: float | None
    energy: float | None
    tracks: int
    plays: int
    minutes: float
    synthetic_plays: int
    synthetic_minutes: float


def kinds_model(listening: Listening) -> KindsModel | None:
    """Return the model behind the kinds; None where the lake has none of the person."""
    if not has_table(listening.connection, MOOD_CLUSTER_PROFILES.full_name):
        return None
    found = run(
        listening,
        f"""
        SELECT k, n_fitted, silhouette, null_silhouette, stability, null_stability, status, reason
        FROM {MOOD_CLUSTER_PROFILES.full_name} WHERE user_id = {literal(listening.user_id)}
        ORDER BY status = 'ok' DESC, cluster_id LIMIT 1
        """,
    ).fetchone()
    return None if found is None else KindsModel(*found)


def kinds(listening: Listening, periods: Periods) -> dict[str, list[Kind]]:
    """Return the kinds of which something was heard, what was played most first."""
    has_profiles = has_table(listening.connection, MOOD_CLUSTER_PROFILES.full_name)
    if not (has_profiles and prepare_sounds(listening)):
        return {period.id: [] for period in periods}
    return ask(
        listening,
        Kind,
        f"""
        WITH known AS (
            SELECT c.period, s.cluster_id, count(DISTINCT track) AS tracks,
                   sum(c.plays)::BIGINT AS plays,
                   coalesce(sum(c.ms_played), 0) / 60000.0 AS minutes,
                   coalesce(sum(c.plays) FILTER (s.feature_source = 'synthetic'), 0)::BIGINT
                       AS synthetic_plays,
                   coalesce(sum(c.ms_played) FILTER (s.feature_source = 'synthetic'), 0) / 60000.0
                       AS synthetic_minutes
            FROM period_counts AS c JOIN sounds AS s USING (track)
            WHERE NOT c.is_before GROUP BY c.period, s.cluster_id
        )
        SELECT t.period, cluster_id, p.label, p.label_purity, p.mean_valence, p.mean_energy,
               t.tracks, t.plays, t.minutes, t.synthetic_plays, t.synthetic_minutes
        FROM {MOOD_CLUSTER_PROFILES.full_name} AS p JOIN known AS t USING (cluster_id)
        WHERE p.user_id = {literal(listening.user_id)} AND p.status = 'ok'
          AND p.label IS NOT NULL AND t.plays > 0
        ORDER BY t.period, t.plays DESC, cluster_id
        """,
        periods,
    )
