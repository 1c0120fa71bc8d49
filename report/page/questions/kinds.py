"""The kinds of sound: what each is like, how real they are, how much of each was heard."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lake.reader import has_table
from report.page.questions.asking import IN_PERIOD, MINUTES, PLAYS, ask_once
from report.page.questions.mood import prepare_sounds
from schemas.gold_schemas import MOOD_CLUSTER_PROFILES

if TYPE_CHECKING:
    from report.page.listening import Listening, Period


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
    """A kind of sound, its centre, and what was heard of it; ``made_up_…`` are parts of these."""

    number: int
    label: str
    purity: float | None
    valence: float | None
    energy: float | None
    tracks: int
    plays: int
    minutes: float
    made_up_plays: int
    made_up_minutes: float


def kinds_model(listening: Listening) -> KindsModel | None:
    """Return the model behind the kinds; None where the lake has none of the person."""
    if not has_table(listening.connection, MOOD_CLUSTER_PROFILES.full_name):
        return None
    found = listening.connection.execute(
        f"""
        SELECT k, n_fitted, silhouette, null_silhouette, stability, null_stability, status, reason
        FROM {MOOD_CLUSTER_PROFILES.full_name} WHERE user_id = ?
        ORDER BY status = 'ok' DESC, cluster_id LIMIT 1
        """,
        [listening.user_id],
    ).fetchone()
    return None if found is None else KindsModel(*found)


def kinds(listening: Listening, period: Period) -> list[Kind]:
    """Return the kinds of which something was heard, what was played most first."""
    has_profiles = has_table(listening.connection, MOOD_CLUSTER_PROFILES.full_name)
    if not (has_profiles and prepare_sounds(listening)):
        return []
    return ask_once(
        listening,
        Kind,
        f"""
        WITH heard AS (
            SELECT cluster_id, count(DISTINCT track_key) AS tracks,
                   {PLAYS} AS plays, coalesce({MINUTES}, 0) AS minutes,
                   count_if(is_counted AND sounds.feature_source = 'synthetic') AS made_up_plays,
                   coalesce(sum(ms_played) FILTER (sounds.feature_source = 'synthetic'), 0)
                       / 60000.0 AS made_up_minutes
            FROM plays JOIN sounds USING (track_key)
            WHERE {IN_PERIOD} GROUP BY cluster_id
        )
        SELECT cluster_id, label, label_purity, mean_valence, mean_energy, heard.tracks,
               heard.plays, heard.minutes, made_up_plays, made_up_minutes
        FROM {MOOD_CLUSTER_PROFILES.full_name} JOIN heard USING (cluster_id)
        WHERE user_id = $user AND status = 'ok' AND label IS NOT NULL AND heard.plays > 0
        ORDER BY heard.plays DESC, cluster_id
        """,
        period,
        user=listening.user_id,
    )
