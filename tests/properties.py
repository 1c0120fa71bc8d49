"""How many examples a property is tried on."""

from hypothesis import settings

FAST_PROFILE = "fast"
settings.register_profile(FAST_PROFILE, max_examples=3, deadline=None)


def at_most(examples: int) -> settings:
    """Return settings of so many examples, or of the profile's where those are fewer."""
    of_profile = settings.default
    assert of_profile is not None
    return settings(max_examples=min(examples, of_profile.max_examples), deadline=None)
