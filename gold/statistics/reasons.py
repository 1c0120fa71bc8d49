"""Why there is no value: the reasons that several models give, worded once.

``gold/temporal_patterns.sql`` gives the same in SQL; a test compares the two.
"""

from schemas.shared_numbers import MIN_DAYS, MIN_GROUNDED_SHARE, MIN_PLAYS


def few_plays(plays: int, days: int) -> str:
    """Return the reason for ``too_few_data`` of plays with features on local dates."""
    return f"features of {plays} plays on {days} days; {MIN_PLAYS} plays on {MIN_DAYS} days needed"


def mostly_synthetic(share: float, of_what: str = "of the features") -> str:
    """Return the reason for ``withheld`` where ``share`` (0-1) are the tracks' own features."""
    return (
        f"{share * 100:.0f}% {of_what} measured or from the catalogue; "
        f"{MIN_GROUNDED_SHARE * 100:.0f}% needed"
    )
