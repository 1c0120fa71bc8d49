"""The pages of a day and of a session: their plays in the order and at the time of the clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from report.page import words
from report.page.listening import Listening
from report.page.parts import ANY, Block, Column, Figure, Numbers, Section, View
from report.page.sections.choices import too_few
from report.page.words import plural
from report.spotify_links import track_link
from web.charts import HOURS_OF_A_DAY, day_chart
from web.choice import WrongChoiceError
from web.links import To, page_of, table
from web.questions.days import (
    Beside,
    Play,
    days_beside,
    plays_of_day,
    plays_of_session,
    sessions_beside,
)

_MILLISECONDS_OF_A_MINUTE = 60_000
_NOTE = "A play stands at the time at which it ended. One of less than 30 seconds is not counted."
_SKIPPED = {True: "skipped", False: "", None: ""}


@dataclass(frozen=True)
class Dated:
    """A section, the day it begins on, and the pages before and after it, None at the ends."""

    section: Section
    day: date
    before: str | None
    after: str | None


def day_section(listening: Listening, day: date) -> Dated:
    """Return what was heard on a day.

    Raises WrongChoiceError where the lake does not reach as far.
    """
    first, last = listening.periods[0].first, listening.today
    if not first <= day <= last:
        raise WrongChoiceError(f"no plays on {day}: the lake has {first} to {last}")
    found = plays_of_day(listening, day)
    title = f"{day:%A}, {day.day} {day:%B %Y}"
    if not found:
        blocks = [Block("figures", "What was heard?", {(ANY, ANY): too_few("No music that day.")})]
    else:
        sessions = [list(each) for _, each in groupby(found, key=lambda play: play.session_id)]
        blocks = [
            _figures(found, len(sessions)),
            _hours(found),
            *(_session(plays, place) for place, plays in enumerate(sessions, 1)),
        ]
    return _dated(Section("day", title, blocks), day, days_beside(listening, day), "day")


def session_section(listening: Listening, session_id: str) -> Dated:
    """Return what was heard in a session.

    Raises WrongChoiceError where there is none of this id.
    """
    found = plays_of_session(listening, session_id)
    if not found:
        raise WrongChoiceError("there is no session of this id")
    day = found[0].local_date
    title = f"{day:%A}, {words.day(day)}, {_span(found)}"
    blocks = [
        _figures(found, None),
        Block(
            "plays",
            "What was played?",
            {(ANY, ANY): View(table=_table(found, to="day"))},
            _NOTE,
            is_wide=True,
        ),
    ]
    beside = sessions_beside(listening, session_id)
    return _dated(Section("session", title, blocks), day, beside, "session")


def _dated(section: Section, day: date, beside: Beside, kind: str) -> Dated:
    before, after = (
        None if each is None else page_of(kind, str(each)) for each in (beside.before, beside.after)
    )
    return Dated(section, day, before, after)


def _figures(plays: Sequence[Play], sessions: int | None) -> Block:
    counted = [play for play in plays if play.is_counted]
    known = [play.skipped for play in plays if play.skipped is not None]
    short = len(plays) - len(counted)
    figures = [
        Figure("plays", len(counted), note=f"and {short} shorter than 30 s" if short else ""),
        Figure("heard", _minutes(plays), "minutes"),
        Figure("tracks", len({play.track_key for play in counted})),
        Figure("artists", len({play.artist_key for play in counted if play.artist_key})),
    ]
    if sessions is not None:
        figures.append(Figure("sessions", sessions))
    if known:
        figures.append(Figure("skipped", sum(known), note=f"of {plural(len(known), 'play')}"))
    figures.append(
        Figure("from", f"{plays[0].ended:%H:%M}", "text", note=f"to {plays[-1].ended:%H:%M}")
    )
    return Block("figures", "How much was it?", {(ANY, ANY): View(figures=figures)}, is_wide=True)


def _hours(plays: Sequence[Play]) -> Block:
    heard = [0.0] * HOURS_OF_A_DAY
    for play in plays:
        heard[play.ended.hour] += (play.ms_played or 0) / _MILLISECONDS_OF_A_MINUTE
    numbers = table(
        (Column("Hour"), Column("Heard", "minutes")),
        [(f"{hour}:00", minutes) for hour, minutes in enumerate(heard) if minutes],
    )
    view = View(option=day_chart(heard), table=numbers)
    if not any(heard):
        view = too_few("What was read of this day does not tell how long plays were heard.")
    return Block(
        "hours",
        "At which hours?",
        {(ANY, ANY): view},
        label="Bars of hours",
        height=200,
        is_wide=True,
    )


def _session(plays: Sequence[Play], place: int) -> Block:
    counted = sum(play.is_counted for play in plays)
    minutes = _minutes(plays)
    said = plural(counted, "play")
    if minutes is not None:
        said += f", {words.minutes(minutes)}"
    return Block(
        id=f"session-{place}",
        title=_span(plays),
        views={(ANY, ANY): View(table=_table(plays, to="session"), sentence=f"{said}.")},
        note=_NOTE if place == 1 else "",
        is_wide=True,
    )


def _table(plays: Sequence[Play], to: str) -> Numbers:
    """Return the plays; times lead to their day or session."""
    can_hide = any(play.play_id is not None for play in plays)
    return table(
        (
            Column("At"),
            Column("Track", "name"),
            Column("Artist", "name"),
            Column("Album", "name"),
            Column("Heard"),
            Column(""),
            Column("Open", "link"),
            *([Column("", "hide")] if can_hide else []),
        ),
        [
            (
                To(
                    f"{play.ended:%H:%M}",
                    page_of(to, str(play.local_date) if to == "day" else play.session_id),
                ),
                To(play.track, page_of("track", play.track_key)),
                To(play.artist, page_of("artist", play.artist_key)),
                To(play.album, page_of("album", play.album, play.artist_key)),
                None if play.ms_played is None else clock(play.ms_played),
                _SKIPPED[play.skipped],
                track_link(play.track_id),
                *([play.play_id] if can_hide else []),
            )
            for play in plays
        ],
    )


def clock(milliseconds: int) -> str:
    """Return a length of time as '3:24'."""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    return f"{minutes}:{seconds:02}"


def _span(plays: Sequence[Play]) -> str:
    first, last = (f"{plays[place].ended:%H:%M}" for place in (0, -1))
    return first if first == last else f"{first} to {last}"


def _minutes(plays: Sequence[Play]) -> float | None:
    known = [play.ms_played for play in plays if play.ms_played is not None]
    return sum(known) / _MILLISECONDS_OF_A_MINUTE if known else None
