"""Simulated people and every play of theirs: the truth that exports and the Web API show parts of.

A person has a day and a week, sessions, artists they discover, obsessions of a few weeks, skips,
repeats, holidays, and homes in time zones with their own summer time. Lively tracks are likelier by
day and calm, low ones late at night. Park et al. 2019 (Nature Human Behaviour 3:230) measured a
daily range of 0.24 standard deviations of valence and 0.40 of intensity over a million people; here
it is about twice that, so that it shows in one person's three years.

Everything of a person is drawn at once in arrays; nothing loops over plays. A play is an entry in
arrays that run over the person's plays in order of time. The module is longer than others because
putting a person together is one thing: the parts stand in ``rhythm``, ``taste`` and ``outcomes``.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from demo.catalogue import distinct_tracks
from demo.draws import Draws, Flags, Floats, Integers
from demo.outcomes import NO_SKIP, draw_outcomes
from demo.podcasts import SHOWS, make_episodes
from demo.rhythm import (
    DAY_MS,
    Sessions,
    Stay,
    plan_sessions,
    tilt_by_hour,
    to_utc_ms,
    without_overlap,
)
from demo.taste import Taste, World, make_taste, world_of

MAX_PLAYS_PER_DAY = 200.0
SESSION_PAUSE_MS = 31 * 60_000
"""Sessions are at least this far apart; pauses within one are shorter than 30 minutes."""

_GAPS_MS = (0.0, 0.0, 20.0, 60.0, 150.0, 300.0, 600.0, 1_500.0)
_CIRCADIAN_STRENGTH = 0.7
_PHONE, _COMPUTER, _WEB, _SPEAKER = range(4)
# One row a device; the names change as apps and hardware do, one column an era.
_PLATFORMS = np.array(
    [
        ["Android OS 11 API 30 (samsung, SM-G973F)", "android", "ios"],
        ["Windows 10 (10.0.19045; x64)", "windows", "osx"],
        ["web_player windows 10;chrome 114.0.0.0;desktop", "web_player", "web_player"],
        ["Partner sonos_imx6 Sonos;Play1", "cast", "cast"],
    ],
    dtype=object,
)
_ERA_STARTS = (0.0, 0.3, 0.62)


@dataclass(frozen=True)
class Listener:
    """One person.

    ``user_id``: what their rows are marked with. ``seed``: of everything about them. ``start``:
    first local day. ``end``: the local day after the last. ``plays_per_day``: mean number of plays
    on a day at home, above 0, at most 200. ``stays``: where they are by day, in order; the first
    begins on ``start`` or before.
    """

    user_id: str
    seed: int
    start: dt.date
    end: dt.date
    plays_per_day: float = 33.0
    stays: tuple[Stay, ...] = field(default=(Stay(dt.date.min, "Europe/Berlin", "DE"),))

    def __post_init__(self) -> None:
        """Refuse what cannot be simulated.

        Raises ValueError: naming the wrong attribute.
        """
        if self.end <= self.start:
            raise ValueError("end must be after start")
        if not 0.0 < self.plays_per_day <= MAX_PLAYS_PER_DAY:
            raise ValueError(f"plays_per_day must be above 0 and at most {MAX_PLAYS_PER_DAY:g}")
        since = [stay.since for stay in self.stays]
        if not since or since[0] > self.start or since != sorted(set(since)):
            raise ValueError("stays must be in order, the first on start or before")

    @property
    def home_zone(self) -> str:
        """The time zone in which the person spends most days of the history."""
        bounds = [max(stay.since, self.start) for stay in self.stays] + [self.end]
        days: dict[str, int] = {}
        for stay, first, after in zip(self.stays, bounds[:-1], bounds[1:], strict=True):
            days[stay.zone] = days.get(stay.zone, 0) + max((min(after, self.end) - first).days, 0)
        return max(days, key=lambda zone: days[zone])


def make_listeners(
    count: int, seed: int, start: dt.date, end: dt.date, plays_per_day: float = 33.0
) -> list[Listener]:
    """Draw people for a study: ``user_0000`` and so on, of several countries.

    ``count``: how many. ``seed``: of all of them; person i is the same whatever the count.
    ``start``: first day of everybody's history. ``end``: the day after the last. ``plays_per_day``:
    mean over people; a person's own is 0.3 to 2 times that.

    Raises ValueError: from ``Listener``.
    """
    homes = (
        *(("Europe/Berlin", "DE"), ("America/Denver", "US"), ("America/Sao_Paulo", "BR")),
        *(("Asia/Kolkata", "IN"), ("Australia/Sydney", "AU"), ("Europe/London", "GB")),
    )
    people = []
    for number in range(count):
        draws = Draws(seed, 3, number)
        zone, country = homes[int(draws.below(len(homes), 1)[0])]
        factor = float(draws.quantiles((0.3, 0.7, 1.0, 1.3, 2.0), 1)[0]) / 1.0375
        people.append(
            Listener(
                user_id=f"user_{number:04d}",
                seed=int(draws.below(1 << 40, 1)[0]),
                start=start,
                end=end,
                plays_per_day=min(plays_per_day * factor, MAX_PLAYS_PER_DAY),
                stays=(Stay(start, zone, country),),
            )
        )
    return people


def simulate(listener: Listener, catalogue: pd.DataFrame) -> pd.DataFrame:
    """Return every play of one person.

    ``listener``: who. ``catalogue``: what ``demo.catalogue.make_catalogue`` returned.

    Returns one row per play in order of time, never two at once: ``user_id``, ``played_at`` (end,
    UTC, ms), ``started_at`` (UTC, ms), ``media_type`` (``track``, ``episode``, or ``video`` for a
    track's video), ``track_id``, ``track_name``, ``artist_name`` (the album's artist; of an episode
    the show), ``album_name`` (null for episodes), ``duration_ms``, ``ms_played``, ``reason_start``,
    ``reason_end``, ``shuffle``, ``skipped``, ``offline``, ``incognito``, ``platform``,
    ``conn_country``. A few plays lasted 0 ms. ``played_at`` - ``started_at`` is ``ms_played`` and
    any pause within the play.
    """
    return next(simulate_all([listener], catalogue))


def simulate_all(listeners: Iterable[Listener], catalogue: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """As ``simulate``, one table a person, for many people of one world."""
    tracks = distinct_tracks(catalogue)
    world = world_of(tracks)
    columns = ["track_id", "track_name", "album_artist_name", "album_name", "duration_ms"]
    for listener in listeners:
        weeks = ((listener.end - listener.start).days + 6) // 7
        items = pd.concat([tracks[columns], make_episodes(weeks)[columns]], ignore_index=True)
        yield _simulate(listener, world, items, weeks)


def _simulate(listener: Listener, world: World, items: pd.DataFrame, weeks: int) -> pd.DataFrame:
    days = (listener.end - listener.start).days
    seed, stays = listener.seed, listener.stays
    sessions = plan_sessions(Draws(seed, 10), listener.start, days, stays, listener.plays_per_day)
    draws = Draws(seed, 11)
    total = len(sessions.day)
    is_podcast = draws.happens(0.025, total)
    size = np.where(is_podcast, 1 + draws.below(2, total), sessions.plays)
    ends = np.cumsum(size)
    session = np.repeat(np.arange(total), size)
    position = np.arange(len(session)) - (ends - size)[session]

    taste = make_taste(Draws(seed, 12), world, weeks)
    track, by_chance, repeats, in_order = _choose_tracks(
        Draws(seed, 13), world, taste, sessions, session, position
    )
    episode = len(world.artist) + (sessions.day[session] // 7) * SHOWS
    item = np.where(is_podcast[session], episode + (session + position) % SHOWS, track)
    duration_ms = items["duration_ms"].to_numpy(dtype=np.int64)[item]
    skip_factor = np.where(by_chance, 2.0, 1.0) * np.where(repeats, 0.3, 1.0)
    skip_factor[is_podcast[session]] = NO_SKIP
    outcomes = draw_outcomes(Draws(seed, 14), session, position, duration_ms, skip_factor, repeats)

    draws = Draws(seed, 15)
    gap_ms = draws.quantiles(_GAPS_MS, len(session))
    gap_ms += draws.happens(0.02, len(session)) * draws.quantiles((9e3, 5e4, 4e5), len(session))
    slot_ms = outcomes.ms_played + outcomes.paused_ms + np.floor(gap_ms).astype(np.int64)
    elapsed_ms = np.cumsum(slot_ms) - slot_ms
    elapsed_ms -= elapsed_ms[ends - size][session]
    session_ms = np.bincount(session, slot_ms, total).astype(np.int64)
    pause_ms = SESSION_PAUSE_MS + draws.below(1_800_000, total)
    session_start = without_overlap(sessions.start_ms, session_ms, pause_ms)
    started_ms = session_start[session] + elapsed_ms
    played_ms = started_ms + outcomes.ms_played + outcomes.paused_ms

    device, offline = _devices(Draws(seed, 16), listener, sessions)
    era = np.searchsorted(np.array(_ERA_STARTS), sessions.day / days, side="right") - 1
    draws = Draws(seed, 17)
    is_video = draws.happens(0.03, total) & (sessions.day > 0.45 * days) & (device == _PHONE)
    media = np.where(is_podcast, "episode", "track").astype(object)[session]
    media[is_video[session] & (position == 0) & ~is_podcast[session]] = "video"
    shuffle = draws.happens(np.where(in_order, 0.08, 0.6), total) & ~is_podcast
    incognito = draws.happens(0.015, total)
    country = np.array([stay.country for stay in stays], dtype=object)[sessions.stay]
    names = {column: items[column].to_numpy(dtype=object)[item] for column in items.columns[:4]}
    plays = pd.DataFrame(
        {
            "user_id": np.full(len(session), listener.user_id, dtype=object),
            "played_at": _instants(played_ms),
            "started_at": _instants(started_ms),
            "media_type": media,
            "track_id": names["track_id"],
            "track_name": names["track_name"],
            "artist_name": names["album_artist_name"],
            "album_name": names["album_name"],
            "duration_ms": duration_ms,
            "ms_played": outcomes.ms_played,
            "reason_start": outcomes.reason_start,
            "reason_end": outcomes.reason_end,
            "shuffle": shuffle[session],
            "skipped": outcomes.skipped,
            "offline": offline[session],
            "incognito": incognito[session],
            "platform": _PLATFORMS[device, era][session],
            "conn_country": country[session],
        }
    )
    # Sessions that were moved later may run over the last midnight.
    last_zone = stays[int(sessions.stay[-1])].zone if total else listener.home_zone
    midnight = np.array([days * DAY_MS], dtype=np.int64)
    end_ms = int(to_utc_ms(last_zone, listener.start, days + 2, midnight)[0])
    inside: Flags = played_ms < end_ms
    return plays.loc[inside].reset_index(drop=True)


def _instants(milliseconds: Integers) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(milliseconds.view("datetime64[ms]")).tz_localize("UTC")


def _mood_of_days(draws: Draws, days: int) -> Floats:
    """Return how much livelier than usual each day's music is, by mood and daily whims."""
    running = np.cumsum(draws.normal(days + 14))
    return (running[14:] - running[:-14]) * 0.08 + 0.2 * draws.normal(days)


def _choose_tracks(
    draws: Draws,
    world: World,
    taste: Taste,
    sessions: Sessions,
    session: Integers,
    position: Integers,
) -> tuple[Integers, Flags, Flags, Flags]:
    """Return the track of each play.

    Two tracks come to mind for each play; the likelier choice is the livelier or the calmer of
    them, by the hour and the day's mood. Some sessions play an album from there on, some get stuck
    on a track.

    Returns track, whether it was met by chance, whether it repeats the one before, one entry a
    play; and whether a session plays an album in order, one entry a session.
    """  # fmt: skip
    total, count = len(sessions.day), len(session)
    mood = _mood_of_days(draws, int(sessions.day.max(initial=0)) + 1)
    tilt = np.clip(tilt_by_hour(sessions.local_hour) + mood[sessions.day], -1.25, 1.25)
    prefers_lively = draws.happens(0.5 + 0.5 * _CIRCADIAN_STRENGTH * tilt[session], count)
    week = sessions.day[session] // 7
    by_chance = draws.happens(0.13, count)
    first, second = (
        np.where(
            by_chance,
            taste.chance_finds(draws.uniform(count)),
            taste.tracks(week, draws.uniform(count)),
        )
        for _ in range(2)
    )
    first_is_livelier = world.liveliness[first] > world.liveliness[second]
    track = np.where(first_is_livelier == prefers_lively, first, second)

    album_first = np.searchsorted(world.album, world.album, side="left")
    album_size = np.bincount(world.album)[world.album]
    anchor = track[np.flatnonzero(position == 0)]
    in_order = draws.happens(0.16, total) & (album_size[anchor] >= 4)
    start = album_first[anchor][session]
    along = start + (anchor[session] - start + position) % album_size[anchor][session]
    track = np.where(in_order[session], along, track)
    by_chance &= ~in_order[session]

    stuck = np.where(draws.happens(0.06, total), 0.45, 0.02)[session]
    repeats = draws.happens(stuck, count) & (position > 0) & ~in_order[session]
    source = np.maximum.accumulate(np.where(repeats, 0, np.arange(count)))
    return track[source], by_chance[source], repeats, in_order


def _devices(draws: Draws, listener: Listener, sessions: Sessions) -> tuple[Integers, Flags]:
    """Return the device of each session, and whether it was offline: in transit, or on holiday."""
    total = len(sessions.day)
    hour = sessions.local_hour
    at_work = ~sessions.is_day_off & (hour >= 9) & (hour < 17)
    on_the_way = ~sessions.is_day_off & ((hour == 7) | (hour == 8) | (hour == 17))
    away = np.array([stay.listening < 1.0 for stay in listener.stays])[sessions.stay]
    at_home = draws.weighted((0.5, 0.22, 0.03, 0.25), total)
    device = np.where(at_work, draws.weighted((0.25, 0.6, 0.15, 0.0), total), at_home)
    device[on_the_way | away] = _PHONE
    chance = np.where(away, 0.3, np.where(on_the_way, 0.12, 0.02))
    return device, draws.happens(chance, total) & (device == _PHONE)
