"""How much was heard."""

from collections.abc import Sequence
from datetime import date

from report.page import words
from report.page.listening import Listening, Period
from report.page.parts import Block, Column, Figure, Numbers, Section, View
from report.page.questions.days import Day, Streak, covered_share, days, days_of, streaks
from report.page.questions.totals import Compared, EdgePlay, Totals, edge_plays, totals
from report.page.sections.choices import by_period, too_few
from report.page.words import plural
from report.spotify_links import track_link

# A period whose days are known less than that is no measure for another one.
COMPARABLE_SHARE = 0.9


def section(listening: Listening) -> Section:
    """Return totals with their change, the first and last play, and streaks."""
    covered = days(listening)
    periods = listening.periods
    return Section(
        id="overview",
        title="Overview",
        blocks=(
            Block(
                id="totals",
                title="How much music was it?",
                views=by_period(
                    totals(listening, periods),
                    listening,
                    lambda found, period: _totals(known_well(found, period, covered), period),
                ),
                note="A play counts from 30 seconds. Time is what is known to have been heard, of "
                "shorter plays too.",
                is_wide=True,
            ),
            Block(
                id="streaks",
                title="How many days in a row?",
                views=by_period(
                    {period.id: days_of(covered, period) for period in periods},
                    listening,
                    lambda found, _: _streaks(found, listening.redact),
                ),
            ),
            Block(
                id="edges",
                title="What came first, and what last?",
                views=by_period(
                    edge_plays(listening, periods),
                    listening,
                    lambda found, _: _edges(found, listening.redact),
                ),
            ),
        ),
    )


def known_well(found: Compared, period: Period, covered: Sequence[Day]) -> Compared:
    """Return the totals without those of a period before that is not known well enough."""
    if period.before is None or covered_share(covered, period.before) < COMPARABLE_SHARE:
        return found._replace(before=None)
    return found


def change(now: float | None, before: float | None) -> float | None:
    """Return by what share ``now`` differs; None where one is unknown or before was nothing."""
    return now / before - 1 if now is not None and before else None


def day_or_month(day: date, redact: bool) -> str:
    """Return a date in words; of a page to be shared only its month."""
    return f"{day:%B %Y}" if redact else words.day(day)


def _totals(found: Compared, period: Period) -> View:
    now, before = found
    if not now.plays:
        return too_few("No play of 30 seconds or more in this period.")

    def figure(label: str, name: str, form: str = "count", note: str = "") -> Figure:
        value = getattr(now, name)
        return Figure(
            label,
            value,
            "minutes" if form == "minutes" else "count",
            change(value, getattr(before, name)) if before else None,
            note,
        )

    untimed = now.plays_without_time
    return View(
        figures=(
            figure("plays", "plays"),
            figure(
                "heard",
                "minutes",
                "minutes",
                f"{plural(untimed, 'play')} of unknown length not among it" if untimed else "",
            ),
            figure("tracks", "tracks"),
            figure("artists", "artists"),
            figure("days with music", "days", note=f"of {plural(period.days, 'day')}"),
            figure("a day with music", "minutes_a_day", "minutes"),
        ),
        sentence=_compared(period, before),
    )


def _compared(period: Period, before: Totals | None) -> str:
    if period.before is None:
        return ""
    if before is None:
        return f"Not compared with {period.before.label}: too many of its days are not known."
    if not before.plays:
        return f"Nothing was heard in {period.before.label}."
    same_part = period.id.isdigit() and (period.last.month, period.last.day) != (12, 31)
    part = f"the same part of {period.before.label}" if same_part else period.before.label
    return f"Changes are against {part}."


def _streaks(covered: Sequence[Day], redact: bool) -> View:
    longest, current = streaks(covered)
    if longest is None:
        return too_few("No day with music in this period.")

    def note(run: Streak) -> str:
        first, last = (day_or_month(day, redact) for day in (run.first, run.last))
        return first if first == last else f"{first} to {last}"

    figures = [Figure("days in a row at most", longest.days, note=note(longest))]
    if current and current != longest:
        figures.append(Figure("days up to the last one", current.days, note=note(current)))
    elif current:
        figures[0] = Figure("days in a row, and it goes on", longest.days, note=note(longest))
    return View(figures=figures)


def _edges(edges: tuple[EdgePlay, EdgePlay] | None, redact: bool) -> View:
    if edges is None:
        return too_few("No play of 30 seconds or more in this period.")
    return View(
        table=Numbers(
            (
                Column(""),
                Column("Track", "name", "track"),
                Column("Artist", "name", "artist"),
                Column("When"),
                Column("Open", "link"),
            ),
            _edge_rows(edges, redact),
        )
    )


def _edge_rows(edges: Sequence[EdgePlay], redact: bool) -> list[tuple[str | None, ...]]:
    return [
        (
            word,
            edge.track_name,
            edge.artist_name,
            day_or_month(edge.local_date, redact),
            track_link(edge.track_id),
        )
        for word, edge in zip(("First", "Last"), edges, strict=True)
    ]
