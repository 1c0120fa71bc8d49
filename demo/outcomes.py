"""How plays begin and end: finished, skipped, broken off, and the reasons Spotify writes down."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from demo.draws import Draws, Flags, Floats, Integers

NO_SKIP = 0.0
"""The skip factor of what is never skipped."""

_USUAL_SKIPS = 0.15
_RESTLESS = (0.1, 0.3, 0.5, 0.7, 1.0, 1.4, 2.2, 4.5)
_SKIPPED_AFTER_MS = (350.0, 900.0, 1_700.0, 3_500.0, 8_000.0, 18_000.0, 45_000.0, 140_000.0)
_PAUSES_MS = (4_000.0, 20_000.0, 90_000.0, 600_000.0)
_SESSION_ENDS = ("endplay", "logout", "unexpected-exit-while-paused", "unexpected-exit", "remote")
_SESSION_STARTS = ("clickrow", "playbtn", "appload", "remote")
# What newer exports call skipped.
_LEFT = ("fwdbtn", "backbtn", "endplay")
# What a play's end says about the start of the next.
_STARTS_AFTER = {
    "trackdone": "trackdone",
    "fwdbtn": "fwdbtn",
    "backbtn": "backbtn",
    "endplay": "clickrow",
    "trackerror": "trackerror",
}


@dataclass(frozen=True)
class Outcomes:
    """How each play went; arrays of one entry a play.

    ``ms_played``: how long it sounded, ms; at most the track's length. ``paused_ms``: silence
    within it, ms. ``reason_start``: Spotify's word for why it began. ``reason_end``: and why it
    ended. ``skipped``: it was left before its end, by a button or by ending playback.
    """

    ms_played: Integers
    paused_ms: Integers
    reason_start: npt.NDArray[np.object_]
    reason_end: npt.NDArray[np.object_]
    skipped: Flags


def draw_outcomes(
    draws: Draws,
    session: Integers,
    position: Integers,
    duration_ms: Integers,
    skip_factor: Floats,
    repeats: Flags,
) -> Outcomes:
    """Draw how each play went.

    ``draws``: the person's stream for this. ``session``: number of the session, one entry a play,
    ascending. ``position``: place within the session, 0 = first. ``duration_ms``: length of the
    track, ms. ``skip_factor``: how much likelier than usual a skip is; ``NO_SKIP`` for never.
    ``repeats``: the play repeats the track before it in the session.

    Returns one entry a play.
    """
    count = len(session)
    is_last = np.ones(count, dtype=np.bool_)
    is_last[:-1] = session[1:] != session[:-1]
    sessions = int(session[-1]) + 1 if count else 0
    restless = draws.quantiles(_RESTLESS, sessions)[session]
    is_skip = draws.happens(np.minimum(_USUAL_SKIPS * restless * skip_factor, 0.9), count)
    is_skip &= ~is_last
    repeated_next = np.append(repeats[1:], False)[:count]
    goes_back = repeated_next & draws.happens(0.3, count)
    breaks_off = is_last & draws.happens(0.55, count)
    fails = draws.happens(0.002, count) & ~is_last

    skipped_after = draws.quantiles(_SKIPPED_AFTER_MS, count)
    share = draws.uniform(count)
    ms_played = duration_ms.copy()
    part = goes_back | breaks_off
    ms_played[part] = np.floor(duration_ms * share)[part].astype(np.int64)
    skip_ms = np.minimum(skipped_after, 0.9 * duration_ms)
    ms_played[is_skip] = np.floor(skip_ms)[is_skip].astype(np.int64)
    ms_played[fails] = 0

    by_click = draws.happens(0.12, count)
    reason_end = np.full(count, "trackdone", dtype=object)
    reason_end[goes_back] = "backbtn"
    how = draws.weighted((0.5, 0.2, 0.2, 0.04, 0.06), count)
    reason_end[breaks_off] = np.array(_SESSION_ENDS, dtype=object)[how[breaks_off]]
    reason_end[is_skip] = np.where(by_click, "endplay", "fwdbtn").astype(object)[is_skip]
    reason_end[fails] = "trackerror"

    is_first = position == 0
    opened = np.array(_SESSION_STARTS, dtype=object)[draws.weighted((5, 3, 1.5, 0.5), count)]
    reason_start = opened.copy()
    for end, start in _STARTS_AFTER.items():
        follows = np.append(False, reason_end[:-1] == end)[:count]
        reason_start[follows & ~is_first] = start
    pauses = draws.happens(0.015, count) & ~is_skip
    return Outcomes(
        ms_played=ms_played,
        paused_ms=np.floor(pauses * draws.quantiles(_PAUSES_MS, count)).astype(np.int64),
        reason_start=reason_start,
        reason_end=reason_end,
        skipped=np.isin(reason_end, _LEFT),
    )
