"""Listening in one go."""

from collections.abc import Sequence

from report.page import words
from report.page.charts.axes import hour_label
from report.page.charts.when import length_label, session_lengths_chart
from report.page.listening import Listening
from report.page.parts import Block, Column, Numbers, View
from report.page.questions.sessions import (
    LongSession,
    Opener,
    SessionLength,
    Sessions,
    SessionStart,
    longest_sessions,
    openers,
    session_lengths,
    session_starts,
    sessions,
)
from report.page.sections.choices import by_period, too_few
from report.page.words import plural

_LEAST_SESSIONS = 10
_NO_SESSION = "No session in this period."


def session_blocks(listening: Listening) -> tuple[Block, ...]:
    """Return how long sessions are, the longest ones, and how they begin."""
    periods = listening.periods
    typical, lengths = sessions(listening, periods), session_lengths(listening, periods)
    starts, begun = session_starts(listening, periods), openers(listening, periods)
    return (
        Block(
            id="sessions",
            title="How long do I listen in one go?",
            views=by_period(
                typical, listening, lambda found, period: _lengths(found, lengths[period.id])
            ),
            note="Thirty silent minutes end a session. It belongs to the day on which it began.",
            label="Bars of sessions by how many plays they have",
        ),
        Block(
            id="beginnings",
            title="How do my sessions begin?",
            views=by_period(
                starts, listening, lambda found, period: _beginnings(found, begun[period.id])
            ),
        ),
        Block(
            id="longest-sessions",
            title="Which were the longest?",
            views=by_period(
                longest_sessions(listening, periods),
                listening,
                lambda found, _: _longest(found, listening.redact),
            ),
        ),
    )


def _lengths(typical: Sessions, lengths: Sequence[SessionLength]) -> View:
    if typical.total < _LEAST_SESSIONS:
        return too_few(
            f"{plural(typical.total, 'session')} in this period; {_LEAST_SESSIONS} are needed to "
            "say what is typical."
        )
    sentence = f"{words.count(typical.total)} sessions. The typical one has "
    sentence += plural(typical.median_plays or 0, "play")
    if None not in (typical.median_minutes, typical.low_minutes, typical.high_minutes):
        sentence += (
            f" and lasts {words.minutes(typical.median_minutes or 0)}; half of them last from "
            f"{words.minutes(typical.low_minutes or 0)} to "
            f"{words.minutes(typical.high_minutes or 0)}"
        )
    return View(
        option=session_lengths_chart(lengths),
        table=Numbers(
            (Column("Plays"), Column("Sessions", "count"), Column("Share", "percent")),
            [(length_label(row), row.sessions, row.sessions / typical.total) for row in lengths],
        ),
        sentence=f"{sentence}.",
    )


def _beginnings(starts: Sequence[SessionStart], rows: Sequence[Opener]) -> View:
    total = sum(row.sessions for row in starts)
    if total < _LEAST_SESSIONS:
        return too_few(
            f"{plural(total, 'session')} in this period; {_LEAST_SESSIONS} are needed to say how "
            "they begin."
        )
    most = max(starts, key=lambda row: row.sessions)
    sentence = (
        f"Most often between {hour_label(most.hour)}: "
        f"{words.percent(most.sessions / total)} of {words.count(total)} sessions."
    )
    if not rows:
        return View(sentence=f"{sentence} No track began more than one of them.")
    return View(
        table=Numbers(
            (
                Column("Begins with", "name", "track"),
                Column("Artist", "name", "artist"),
                Column("Sessions", "count"),
            ),
            [(row.track_name, row.artist_name, row.sessions) for row in rows],
        ),
        sentence=sentence,
    )


def _longest(rows: Sequence[LongSession], redact: bool) -> View:
    if not rows:
        return too_few(_NO_SESSION)
    dated = () if redact else (Column("Day", "date"),)
    return View(
        table=Numbers(
            (
                *dated,
                Column("Heard", "minutes"),
                Column("Plays", "count"),
                Column("Began with", "name", "track"),
                Column("Artist", "name", "artist"),
            ),
            [
                (
                    *(() if redact else (row.local_date,)),
                    row.minutes,
                    row.plays,
                    row.track_name,
                    row.artist_name,
                )
                for row in rows
            ],
        )
    )
