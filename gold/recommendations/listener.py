"""One person whose lists are made: their tracks, last days, and the models shipped to them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from gold.recommendations.known_tracks import KnownTracks, sums_of_rows
from gold.recommendations.ranking_metrics import Flags, Floats
from gold.recommendations.ranking_models import DECAYED_FREQUENCY, Past
from gold.recommendations.sound_steps import SOUND
from gold.statistics.feature_shares import GROUNDED_SOURCES
from gold.statistics.reasons import mostly_synthetic
from schemas.shared_numbers import MIN_GROUNDED_SHARE
from schemas.statuses import NO_SKILL, OK, TOO_FEW_DATA, WITHHELD, Status

CURRENT_DAYS = 7
MIN_CURRENT_PLAYS = 20
SHOWN_SOUND = ("valence", "energy")


class NoListError(Exception):
    """A purpose has no list: its status, and the reason as text."""

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True)
class Person:
    """One person's tracks and the songs that may be new to them, in the order of their keys.

    ``heard`` has one row per recording, ``tracks`` one per work; ``quality`` are their rows of
    ``gold.recommendation_quality``.
    """

    user_id: str
    heard: pd.DataFrame
    tracks: pd.DataFrame
    songs: pd.DataFrame
    quality: pd.DataFrame

    @cached_property
    def known(self) -> KnownTracks:
        return KnownTracks.of(self.tracks)

    @cached_property
    def past(self) -> Past:
        return self.known.past(sums_of_rows(self.tracks), self.known.codes(self.tracks))

    @cached_property
    def is_offered(self) -> Flags:
        """Whether each of ``tracks`` may be recommended: the person did not refuse it."""
        offered: Flags = ~self.tracks["is_refused"].to_numpy(dtype=np.bool_)
        return offered

    @cached_property
    def is_grounded(self) -> Flags:
        return _is_grounded(self.tracks)

    @cached_property
    def current(self) -> Floats:
        """The mean of ``SOUND`` over the last 7 days' counted plays that have features."""
        has_features = self.heard["feature_source"].notna() & self.heard[list(SOUND)].notna().all(
            axis=1
        )
        recent = self.heard[has_features]
        plays = recent["plays_7"].to_numpy(dtype=np.int64)
        if plays.sum() < MIN_CURRENT_PLAYS:
            raise NoListError(
                TOO_FEW_DATA,
                f"features of {plays.sum()} plays in the last {CURRENT_DAYS} days; "
                f"{MIN_CURRENT_PLAYS} needed",
            )
        share = plays[_is_grounded(recent)].sum() / plays.sum()
        if share < MIN_GROUNDED_SHARE:
            raise NoListError(
                WITHHELD,
                mostly_synthetic(share, f"of the features of the last {CURRENT_DAYS} days' plays"),
            )
        # Whole millionths add up to the same in any order.
        millionths = (recent[list(SOUND)].to_numpy(dtype=np.float64) * 1e6).round()
        mean: Floats = (plays @ millionths) / plays.sum() / 1e6
        return mean

    @cached_property
    def shown_current(self) -> Floats:
        """The current valence and energy; NaN where too few features are known."""
        try:
            return self.current[: len(SHOWN_SOUND)]
        except NoListError:
            return np.full(len(SHOWN_SOUND), np.nan)

    def shipped(self, task: str) -> tuple[str, Status, str | None]:
        """Return the model that ships for a task, and status and reason of its lists."""
        found = self.quality[self.quality["ships"] & (self.quality["task"] == task)]
        if len(found) == 0:
            return (
                DECAYED_FREQUENCY,
                NO_SKILL,
                "how well these lists predict what you play could not be tested",
            )
        model, status, reason = found[["model", "status", "reason"]].iloc[0]
        if status == OK:
            return model, OK, None
        return model, NO_SKILL, f"not shown to be better than a random list: {reason}"


def _is_grounded(tracks: pd.DataFrame) -> Flags:
    grounded: Flags = tracks["feature_source"].isin(GROUNDED_SOURCES).to_numpy()
    return grounded
