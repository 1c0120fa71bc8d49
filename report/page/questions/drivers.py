"""What the sound of the music goes with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from engines.models import literal
from lake.reader import has_table
from report.page.questions.asking import run
from report.plain_words import DRIVERS, LEVELS
from schemas.mood_schemas import MOOD_DRIVERS

if TYPE_CHECKING:
    from report.page.listening import Listening


class Driver(NamedTuple):
    """One level of a driver against the person's other plays; see ``gold.mood_drivers``."""

    driver: str
    level: str
    n_plays: int
    n_days: int
    mean: float | None
    effect: float | None
    low: float | None
    high: float | None
    effect_sd: float | None
    goes_with: str | None
    published: float | None
    published_sd: float | None
    published_source: str | None
    synthetic_share: float | None
    contrast_kept: float | None
    statement: str | None
    status: str
    reason: str | None

    @property
    def words(self) -> str:
        """The level as a person would say it."""
        return LEVELS.get((self.driver, self.level), self.level)


def drivers(listening: Listening, feature: str) -> list[Driver]:
    """Return every level of every driver of valence or energy, in the order of reading."""
    if not has_table(listening.connection, MOOD_DRIVERS.full_name):
        return []
    found = run(
        listening,
        f"""
        SELECT driver, level, n_plays, n_days, mean, effect, effect_ci_low, effect_ci_high,
               effect_sd, goes_with, population_effect, population_effect_sd, population_source,
               synthetic_share, contrast_kept, statement, status, reason
        FROM {MOOD_DRIVERS.full_name}
        WHERE user_id = {literal(listening.user_id)} AND feature = {literal(feature)}
        """,
    ).fetchall()
    kinds, levels = list(DRIVERS), list(LEVELS)

    def order(row: Driver) -> tuple[int, int, int, str]:
        key = (row.driver, row.level)
        place = levels.index(key) if key in LEVELS else len(levels)
        return kinds.index(row.driver), place, -row.n_plays, row.level

    return sorted((Driver(*row) for row in found), key=order)
