"""How much listening an indicator needs, and what is missing, in words."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gold.indicators.day_values import MIN_PLAYS_A_DAY, DayPlays
from gold.indicators.indicator_days import DaySums
from gold.statistics.burn_in import BURN_IN_DAYS


@dataclass(frozen=True)
class Requirements:
    """The least that a period must hold; of the plays that count for the indicator.

    ``full_days`` have five plays; ``neighbouring_days`` are pairs of these. ``covered_days`` are
    days with plays in times that sources cover; ``weekends`` as many weekends, and weeks with
    weekdays. ``lengths``: how long plays were heard is known on half of the days.
    """

    plays: int = 0
    days: int = 0
    full_days: int = 0
    neighbouring_days: int = 0
    days_after_burn_in: int = 0
    covered_days: int = 0
    weekends: int = 0
    lengths: bool = False

    def missing(self, days: DaySums, counted: DayPlays) -> str | None:
        """Return what there is and what is needed, or None where there is enough."""
        return next(self._all_missing(days, counted), None)

    def _all_missing(self, days: DaySums, counted: DayPlays) -> Iterator[str]:
        if self.covered_days:
            covered = np.count_nonzero(np.isin(days.day, days.calendar))
            if covered < self.covered_days <= counted.days:
                yield (
                    f"{covered} days with plays in times that sources tell of; "
                    f"{self.covered_days} needed"
                )
        if self.weekends:
            ends = len(np.unique(days.weeks[days.is_weekend]))
            weeks = len(np.unique(days.weeks[~days.is_weekend]))
            if min(ends, weeks) < self.weekends:
                yield (
                    f"{ends} weekends and weekdays of {weeks} weeks with plays; "
                    f"{self.weekends} each needed"
                )
        if self.lengths and 2 * np.count_nonzero(days.heard) < counted.days:
            yield "how long the plays were heard is not known on most days"
        if counted.days < self.days or counted.plays < self.plays:
            needed = [f"{self.plays} plays"] * (self.plays > 0)
            needed += [f"{self.days} days"] * (self.days > 0)
            yield f"{counted.plays} plays on {counted.days} days; {' on '.join(needed)} needed"
        if counted.full_days < self.full_days:
            yield (
                f"{counted.full_days} days with {MIN_PLAYS_A_DAY} plays; {self.full_days} needed"
            )
        if counted.pairs < self.neighbouring_days:
            yield (
                f"{counted.pairs} pairs of neighbouring days with {MIN_PLAYS_A_DAY} plays each; "
                f"{self.neighbouring_days} needed"
            )
        if counted.days < self.days_after_burn_in:
            yield (
                f"{counted.days} days with plays after the first {BURN_IN_DAYS} days of the "
                f"history; {self.days_after_burn_in} needed"
            )
