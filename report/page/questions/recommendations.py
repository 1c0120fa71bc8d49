"""What to play next, and how well such lists predicted past weeks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from engines.models import literal
from lake.reader import has_table
from report.page.questions.asking import run
from schemas.recommendation_schemas import PURPOSES, RECOMMENDATION_QUALITY, TRACK_RECOMMENDATIONS

if TYPE_CHECKING:
    from report.page.listening import Listening


class Recommendation(NamedTuple):
    """A track of a list, and why it is there; rank 0 is a list that there is not, and why.

    Shifts are from the mean of the last seven days' plays to the track.
    """

    rank: int
    track_id: str | None
    track: str | None
    artist: str | None
    explanation: str | None
    valence: float | None
    energy: float | None
    valence_shift: float | None
    energy_shift: float | None
    random_valence_shift: float | None
    random_energy_shift: float | None
    habit_valence_shift: float | None
    habit_energy_shift: float | None
    feature_source: str | None
    status: str
    reason: str | None


class RankingQuality(NamedTuple):
    """How well one way of ranking predicted the weeks that were held out; NDCG of the first 50."""

    task: str
    model: str
    weeks: int
    n_test_plays: int
    ndcg: float | None
    low: float | None
    high: float | None
    over_random: float | None
    over_random_low: float | None
    over_random_high: float | None
    recall: float | None
    ships: bool
    status: str
    reason: str | None


def recommendations(listening: Listening) -> dict[str, list[Recommendation]]:
    """Return the list of each purpose, in the order of ``PURPOSES`` and of rank."""
    if not has_table(listening.connection, TRACK_RECOMMENDATIONS.full_name):
        return {}
    found = run(
        listening,
        f"""
        SELECT purpose, rank, track_id, track_name, artist_name, explanation, valence, energy,
               predicted_valence_shift, predicted_energy_shift,
               random_valence_shift, random_energy_shift,
               relevance_valence_shift, relevance_energy_shift, feature_source, status, reason
        FROM {TRACK_RECOMMENDATIONS.full_name} WHERE user_id = {literal(listening.user_id)}
        ORDER BY purpose, rank
        """,
    ).fetchall()
    lists: dict[str, list[Recommendation]] = {}
    for purpose, *row in found:
        lists.setdefault(purpose, []).append(Recommendation(*row))
    return {purpose: lists[purpose] for purpose in PURPOSES if purpose in lists}


def ranking_quality(listening: Listening) -> list[RankingQuality]:
    """Return how well each way of ranking did, the best of each task first."""
    if not has_table(listening.connection, RECOMMENDATION_QUALITY.full_name):
        return []
    found = run(
        listening,
        f"""
        SELECT task, model, weeks, n_test_plays, ndcg_50, ndcg_50_ci_low, ndcg_50_ci_high,
               ndcg_50_over_random, over_random_ci_low, over_random_ci_high, recall_50, ships,
               status, reason
        FROM {RECOMMENDATION_QUALITY.full_name} WHERE user_id = {literal(listening.user_id)}
        ORDER BY task DESC, ndcg_50 DESC NULLS LAST, ships DESC, model
        """,
    ).fetchall()
    return [RankingQuality(*row) for row in found]
