"""Addresses at which Spotify opens what a page names."""


def track_link(track_id: str | None) -> str | None:
    """Return the address of a track, None for one without an id."""
    return f"https://open.spotify.com/track/{track_id}" if track_id else None


def playlist_link(playlist_id: str) -> str:
    """Return the address of a playlist."""
    return f"https://open.spotify.com/playlist/{playlist_id}"
