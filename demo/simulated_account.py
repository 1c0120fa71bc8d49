"""The account of a simulated listener: the plays that their exports hold, and a library."""

from collections import Counter
from datetime import timedelta

import pandas as pd

from demo.draws import Draws
from demo.listener import Listener, simulate
from demo.music import Music, music_of
from demo.plays import Play
from demo.spotify_account import Account
from demo.withdrawals import withdraw_some

_OFFLINE_LASTS = timedelta(hours=4)
_FROM_ALBUM, _FROM_ARTIST = 0.55, 0.65
_PLAYS_UNTIL_SAVED = 12
_ALBUM_PLAYS_UNTIL_SAVED = 60
_PLAYLISTS = ("Kept", "Morning", "Late")


def simulated_account(listener: Listener, catalogue: pd.DataFrame) -> Account:
    """Make the account of a simulated person.

    ``listener``: who. ``catalogue``: what ``demo.catalogue.make_catalogue`` returned.

    Returns their account with every play of theirs, as ``demo.listener.simulate`` makes them, and a
    library that grows as they listen.
    """
    plays = simulate(listener, catalogue)
    account = Account(music_of(catalogue))
    account.plays = plays_of(plays, account.music)
    _fill_library(account)
    withdraw_some(account)
    return account


def plays_of(plays: pd.DataFrame, music: Music) -> list[Play]:
    """Return the plays of a simulated person as their account holds them.

    Those of a time offline arrive hours late.

    ``plays``: from ``demo.listener.simulate``; an export of them has the same plays.
    ``music``: what can be played.

    Returns one play a row, ``play_id`` its number.
    """
    source = Draws(0, 6).uniform(len(plays)).tolist()
    return [
        Play(
            play_id=number,
            track_id=row["track_id"],
            ended_at=row["played_at"].to_pydatetime(),
            ms_played=row["ms_played"],
            started_at=row["started_at"].to_pydatetime(),
            context_uri=_context(music, row["track_id"], source[number]),
            media_type=row["media_type"],
            reached_end=row["reason_end"] == "trackdone",
            is_private=row["incognito"],
            visible_at=row["played_at"].to_pydatetime() + _OFFLINE_LASTS
            if row["offline"]
            else None,
        )
        for number, row in enumerate(plays.to_dict("records"))
    ]


def _context(music: Music, track_id: str, source: float) -> str | None:
    track = music.tracks.get(track_id)
    if track is None or source >= _FROM_ARTIST:
        return None
    if source < _FROM_ALBUM:
        return f"spotify:album:{track.album.album_id}"
    return f"spotify:artist:{track.artists[0].artist_id}"


def _fill_library(account: Account) -> None:
    """Save what is played often, and put each saved track on a playlist."""
    tracks: Counter[str] = Counter()
    albums: Counter[str] = Counter()
    playlists = [account.add_playlist(name) for name in _PLAYLISTS]
    for play in account.plays:
        if play.media_type == "episode":
            continue
        album_id = account.music.tracks[play.track_id].album.album_id
        tracks[play.track_id] += 1
        albums[album_id] += 1
        if tracks[play.track_id] == _PLAYS_UNTIL_SAVED:
            account.save_track(play.track_id, play.ended_at)
            playlist = playlists[len(account.saved_tracks) % len(playlists)]
            playlist.add(play.track_id, play.ended_at)
        if albums[album_id] == _ALBUM_PLAYS_UNTIL_SAVED:
            account.save_album(album_id, play.ended_at)
