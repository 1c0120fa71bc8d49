"""Tracks of a simulated library that Spotify stops to play in time, as it does of real ones."""

from collections import defaultdict
from datetime import timedelta

from demo.spotify_account import Account, Withdrawn

_EVERY = 20
_AFTER = timedelta(days=200)
_ELSEWHERE = frozenset({"GB", "US"})


def withdraw_some(account: Account) -> None:
    """Have some saved tracks end some months after they were saved.

    Some cannot be played anywhere, some in other countries alone, and some ids become unknown. Of
    the first two that came out twice, one can still be played under its other id, and in place of
    the other one Spotify plays it so.
    """
    editions = defaultdict(list)
    for track in account.music.tracks.values():
        editions[track.isrc].append(track.track_id)
    twice: list[str] = []
    for number, kept in enumerate(account.saved_tracks):
        since = kept.added_at + _AFTER
        track = account.music.tracks[kept.item_id]
        others = [each for each in editions[track.isrc] if each != track.track_id]
        if others and len(twice) < 2:
            instead = others[0] if twice else None
            account.withdrawn[track.track_id] = Withdrawn(since, instead=instead)
            twice.append(track.track_id)
        elif number % _EVERY == 0:
            account.withdrawn[track.track_id] = Withdrawn(since)
        elif number % _EVERY == 1:
            account.withdrawn[track.track_id] = Withdrawn(since, _ELSEWHERE)
        elif number % _EVERY == 2:
            account.deleted[track.track_id] = since
