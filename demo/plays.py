"""A play as Spotify knows it, and times at which it reports plays in an unusual way."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_SHORT_MS = 30_000


@dataclass(frozen=True)
class Play:
    """Something that the listener played.

    ``play_id``: tells plays apart; a repeat of a track is another play. ``track_id``: as an export
    names the track; the Web API may name another (``Account.relink``). ``ended_at``: when it
    stopped, aware of its zone. ``ms_played``: how long it sounded. ``started_at``: when it began;
    ``ms_played`` before its end unless given. ``context_uri``: the album, artist or playlist that
    it was played from. ``media_type``: ``track``, ``video`` (of a track) or ``episode``.
    ``reached_end``: it stopped because the track was over. ``is_private``: it was played in a
    private session. ``reports_start``: its ``played_at`` is its start, whenever it is asked for.
    ``visible_at``: when the Web API learns of it; its end unless given.
    """

    play_id: int
    track_id: str
    ended_at: datetime
    ms_played: int
    started_at: datetime | None = None
    context_uri: str | None = None
    media_type: str = "track"
    reached_end: bool = False
    is_private: bool = False
    reports_start: bool = False
    visible_at: datetime | None = None

    @property
    def is_listed(self) -> bool:
        """Whether the Web API ever shows it: no podcasts, private sessions or quick skips."""
        is_quick_skip = self.ms_played < _SHORT_MS and not self.reached_end
        return self.media_type != "episode" and not self.is_private and not is_quick_skip

    @property
    def start(self) -> datetime:
        """When it began."""
        return self.started_at or self.ended_at - timedelta(milliseconds=self.ms_played)

    @property
    def known_from(self) -> datetime:
        """When the Web API learns of it."""
        return self.visible_at or self.ended_at


@dataclass(frozen=True)
class Period:
    """The instants from ``start`` to before ``until``."""

    start: datetime
    until: datetime

    def __contains__(self, instant: datetime) -> bool:
        """Return whether an instant lies in it."""
        return self.start <= instant < self.until


@dataclass(frozen=True)
class Outage:
    """A time in which nothing new appears; afterwards it catches up, or has lost those plays."""

    period: Period
    loses_plays: bool = False


def in_ms(instant: datetime) -> int:
    """Return an instant as ms since 1970, cut to whole ones."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
