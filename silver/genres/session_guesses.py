"""Guess genres of artists from their sessions, where such guesses prove right in this lake.

Every artist of known genre is guessed from the others of its sessions. A level of evidence is used
where such guesses are right more often than wrong and more often than the largest genre would be.
"""

from typing import TYPE_CHECKING

from engines.models import PythonModel
from schemas.table import column
from schemas.types import BIGINT, DOUBLE, STRING
from silver.names.exact_numbers import MILLION

if TYPE_CHECKING:
    import pandas as pd

LEVELS = 5
SIGNIFICANCE = 0.05
MIN_ACCURACY = 0.5
DOUBT_IN_SESSIONS = 2.0
"""Added to the number of sessions by which weight is divided, so that few are not certainty."""


def session_guesses(scores: "pd.DataFrame") -> "pd.DataFrame":
    """Return the guesses for artists of unknown genre whose level of evidence is used.

    ``scores`` are the rows of ``session_scores``: five values for each artist of the lake, no more.
    """
    levels = session_levels(scores)
    used = levels[levels["is_used"]]
    unknown = scores[scores["genre"].isna()].assign(level=_level)
    found = unknown[unknown["level"].isin(used.index)]
    accuracy = used["right"] / used["known"]
    return found.assign(confidence=found["level"].map(accuracy))[
        ["artist_key", "guess", "confidence", "sessions"]
    ]


def session_levels(scores: "pd.DataFrame") -> "pd.DataFrame":
    """Measure by level of evidence how often the sessions predict the genre of a known artist.

    ``scores`` are the rows of ``session_scores``. The evidence for a guess is weight / (sessions +
    2), from 0 to 1, in five equal levels: one session says little, and many that disagree as well.
    Returns by ``level`` (0-4): known (artists), right (guesses), largest_right (how many the
    largest genre of all these artists would have right), only_guess and only_largest (right where
    the other is wrong), p_value (one-sided exact test of these two, McNemar 1947) and is_used:
    p_value < 0.05 / 5 (Bonferroni) and at least half of the guesses right.
    """
    # Most commands classify nothing, and these take a while to import.
    import pandas as pd

    known = scores[scores["genre"].notna()]
    right = known["guess"] == known["genre"]
    largest = known["genre"].mode()  # sorted, so that ties go to the first by name
    by_largest = known["genre"] == (largest.iloc[0] if len(largest) else "")
    levels = pd.DataFrame(
        {
            "known": 1,
            "right": right,
            "largest_right": by_largest,
            "only_guess": right & ~by_largest,
            "only_largest": ~right & by_largest,
        }
    )
    levels = levels.astype(int).groupby(_level(known).to_numpy()).sum().rename_axis("level")
    p_values = [*map(_p_value, levels["only_guess"], levels["only_largest"])]
    is_better = pd.Series(p_values, index=levels.index, dtype=float) < SIGNIFICANCE / LEVELS
    is_right = levels["right"] >= MIN_ACCURACY * levels["known"]
    return levels.assign(p_value=p_values, is_used=is_better & is_right)


def _level(scores: "pd.DataFrame") -> "pd.Series[int]":
    evidence = scores["weight"] / MILLION / (scores["sessions"] + DOUBT_IN_SESSIONS)
    return (evidence * LEVELS).astype(int)


def _p_value(wins: int, losses: int) -> float:
    """Return the probability of at least so many wins in fair coin tosses."""
    # A third of the time that scipy.stats takes to import.
    from scipy.special import bdtrc

    return float(bdtrc(wins - 1, wins + losses, 0.5)) if wins else 1.0


MODEL = PythonModel(
    name="session_guesses",
    function=session_guesses,
    reads=("session_scores",),
    columns=(
        column("artist_key", STRING, "the artist's name, normalised"),
        column("guess", STRING, "the genre that most of its sessions suggest"),
        column("confidence", DOUBLE, "share of known artists with such evidence guessed rightly"),
        column("sessions", BIGINT, "sessions with another artist of known genre"),
    ),
    per="once",
)
