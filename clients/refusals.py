"""Why Spotify refuses (403), for its known messages, and what a person can do about it."""

import re

from clients.errors import HOW_TO_SIGN_IN

_DASHBOARD = "https://developer.spotify.com/dashboard"
_CURES = (
    # Without Spotify's extended quota an app serves only the users on its list.
    (
        r"not registered|not approved|may not be registered|not allow-?listed",
        f"in {_DASHBOARD} open your app, Settings, User Management, and add the name and e-mail "
        "address of this Spotify account",
    ),
    (
        r"premium",
        "the account that owns the app needs Spotify Premium; after it was bought Spotify takes "
        f"some hours (or set CLIENT_ID and CLIENT_SECRET of an app in {_DASHBOARD} whose owner "
        "has it)",
    ),
    (r"scope", HOW_TO_SIGN_IN),
    (
        r"unavailable in (this|your) (country|region)|country",
        "Spotify does not answer from this country: run where it does, or use privacy exports",
    ),
)


def cure_of(message: str) -> str | None:
    """Return the fix for a refusal with Spotify's ``message``; None where it is not known."""
    return next((cure for text, cure in _CURES if re.search(text, message, re.IGNORECASE)), None)
