"""Why there is no value: the reasons that several models return, worded once.

``gold/temporal_patterns.sql`` and ``gold/mood_cluster_profiles.sql`` have the same in SQL; their
tests compare the two.
"""

from schemas.shared_numbers import MIN_DAYS, MIN_GROUNDED_SHARE, MIN_PLAYS

NO_FEATURES = "no play has audio features"


def few_plays(plays: int, days: int) -> str:
    """Return the reason for ``too_few_data`` of plays with features on local dates."""
    return f"features of {plays} plays on {days} days; {MIN_PLAYS} plays on {MIN_DAYS} days needed"


def mostly_synthetic(share: float, of_what: str = "of the features") -> str:
    """Return the reason for ``withheld`` where ``share`` (0-1) are the tracks' own features."""
    return (
        f"{share * 100:.0f}% {of_what} measured or from the catalogue; "
        f"{MIN_GROUNDED_SHARE * 100:.0f}% needed"
    )


def few_grounded_plays(grounded: int, plays: int, of_what: str = "of the plays") -> str:
    """Return the reason for ``withheld`` where so many of ``plays`` have the tracks' own features.

    Percent are rounded down, for just under half is not half.
    """
    return (
        f"{100 * grounded // plays} % {of_what} have measured or catalogue features, "
        f"under {MIN_GROUNDED_SHARE * 100:.0f} %"
    )
