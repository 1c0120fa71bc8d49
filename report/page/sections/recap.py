"""The recap of the last full year and month: a card to print, to keep and to send."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from report.page import words
from report.page.charts.axes import WEEKDAYS, hour_label
from report.page.listening import Listening, Period
from report.page.parts import ANY, Block, Column, Numbers, Section, View
from report.page.questions.days import Day, days, months
from report.page.questions.discovery import discovery
from report.page.questions.genres import share_with_genre
from report.page.questions.hours import hours, week_hours
from report.page.questions.recap import last_full_month, last_full_year
from report.page.questions.streaks import streaks
from report.page.questions.tops import Kind, Top, tops
from report.page.questions.totals import Totals, totals
from report.page.sections.choices import plural, too_few
from report.page.sections.overview import change, comparable_totals

_LEAST_PLAYS = 30
_LINES = 5
# Below it the genre of most plays is not known, and a first genre would say little.
_LEAST_GENRED_SHARE = 0.5


@dataclass(frozen=True)
class Amount:
    """A number in large type, and its change to the period before in words, empty if unknown."""

    label: str
    value: str
    change: str = ""


@dataclass(frozen=True)
class Line:
    """One place of a list: ``name`` and ``by`` are cut to fit, ``full`` is not."""

    name: str
    by: str
    full: str
    plays: str


@dataclass(frozen=True)
class Bar:
    """One bar of the small chart: its height as a share of the highest, and its label."""

    share: float
    label: str


@dataclass(frozen=True)
class Card:
    """What a recap shows, as words."""

    title: str
    subtitle: str
    amounts: Sequence[Amount]
    artists: Sequence[Line]
    tracks: Sequence[Line]
    bars: Sequence[Bar]
    facts: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class RecapSection(Section):
    """A section whose blocks are cards, by the id of the block; a block without one says why."""

    template: str = "recap.html.j2"
    cards: dict[str, Card] = field(default_factory=dict)


def section(listening: Listening) -> RecapSection:
    """Return the recap of the last full year and of the last full month."""
    blocks, cards = [], {}
    for block_id, title, find in _RECAPS:
        period = find(listening)
        now = totals(listening, period) if period else None
        if period is None or now is None or now.plays < _LEAST_PLAYS:
            view = too_few(
                f"No full {title} with {_LEAST_PLAYS} plays or more has been read so far; a recap "
                "comes with the first one."
            )
            blocks.append(Block(block_id, f"The last full {title}", {(ANY, ANY): view}))
            continue
        card = _card(listening, period, now)
        cards[block_id] = card
        blocks.append(Block(block_id, f"{period.label} in music", {(ANY, ANY): _numbers(card)}))
    return RecapSection(
        id="recap",
        title="Recap",
        lead="The last full year and month on a card each, to print or to send.",
        blocks=blocks,
        cards=cards,
    )


_RECAPS: tuple[tuple[str, str, Callable[[Listening], Period | None]], ...] = (
    ("recap-year", "year", last_full_year),
    ("recap-month", "month", last_full_month),
)


def fitted(text: str, ems: float) -> str:
    """Return ``text`` cut so that it is about as wide as ``ems`` squares of its size, or all."""
    width = 0.0
    for place, letter in enumerate(text):
        width += _width(letter)
        if width > ems:
            return f"{text[: max(place - 1, 1)].rstrip()}…"
    return text


def _width(letter: str) -> float:
    """Return about how wide a letter is drawn, as a share of its height."""
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    if letter in " .,:;!|'’()[]-ijlftrI":
        return 0.42
    if letter in "mwMW@":
        return 0.98
    return 0.74 if letter.isupper() else 0.64


def _card(listening: Listening, period: Period, now: Totals) -> Card:
    before = comparable_totals(listening, period)
    return Card(
        title=period.label,
        subtitle=_subtitle(listening, period, before),
        amounts=_amounts(now, before),
        artists=_lines(listening, period, "artists"),
        tracks=_lines(listening, period, "tracks"),
        bars=_bars(listening, period),
        facts=_facts(listening, period),
    )


def _subtitle(listening: Listening, period: Period, before: Totals | None) -> str:
    begin = listening.periods[0].first
    if begin > period.first:
        return f"in music, from {words.day(begin)}"
    if before and before.plays and period.before:
        return f"in music, against {period.before.label}"
    return "in music"


def _amounts(now: Totals, before: Totals | None) -> list[Amount]:
    def compared(name: str) -> str:
        share = change(getattr(now, name), getattr(before, name)) if before else None
        return "" if share is None else words.change(share)

    return [
        Amount(
            "heard",
            words.NOTHING if now.minutes is None else words.minutes(now.minutes),
            compared("minutes"),
        ),
        Amount("plays", words.count(now.plays), compared("plays")),
        Amount("tracks", words.count(now.tracks), compared("tracks")),
        Amount("artists", words.count(now.artists), compared("artists")),
    ]


def _lines(listening: Listening, period: Period, kind: Kind) -> list[Line]:
    def line(row: Top) -> Line:
        name, by = row.name or words.NOTHING, row.by or ""
        return Line(
            name=fitted(name, 11.2),
            by=fitted(by, 10.2),
            full=f"{name}, {by}" if by else name,
            plays=words.count(row.plays),
        )

    return [
        line(row)
        for row in tops(listening, period, None, kind, _LINES)
        if row.rank_by_plays <= _LINES
    ]


def _bars(listening: Listening, period: Period) -> list[Bar]:
    """Return the months of a year, or the days of a month."""
    found: dict[date, int]
    if period.id == "recap_year":
        found = {row.begins: row.plays for row in months(listening, period)}
        places = [date(period.first.year, month, 1) for month in range(1, 13)]
        labels = [f"{place:%b}"[0] for place in places]
    else:
        found = {row.local_date: row.plays for row in days(listening, period)}
        places = [period.first.replace(day=day) for day in range(1, period.last.day + 1)]
        labels = [
            str(place.day) if place.day in (1, 10, 20, period.last.day) else "" for place in places
        ]
    highest = max(found.values(), default=0) or 1
    return [
        Bar(found.get(place, 0) / highest, label)
        for place, label in zip(places, labels, strict=True)
    ]


def _facts(listening: Listening, period: Period) -> list[tuple[str, str]]:
    """Return up to six things worth telling, a label and its answer each."""
    heard = days(listening, period)
    fullest = max(heard, key=lambda row: row.plays)
    week = week_hours(listening, period)
    hour = max(hours(week), key=lambda row: row.plays)
    by_weekday = [sum(row.plays for row in week if row.weekday == day) for day in range(1, 8)]
    longest = streaks(listening, period).longest
    new = discovery(listening, period)
    facts = [
        (
            "fullest day",
            _fullest(fullest, listening.redact),
        ),
        ("fullest hour", hour_label(hour.hour)),
        ("fullest weekday", WEEKDAYS[by_weekday.index(max(by_weekday))]),
        ("days in a row", plural(longest.days, "day") if longest else words.NOTHING),
    ]
    if listening.periods[0].first < period.first:
        facts.append(("heard for the first time", plural(new.new_artists, "artist")))
    genre_share = share_with_genre(listening, period)
    genres = tops(listening, period, None, "genres", 1)
    if genres and genre_share is not None and genre_share >= _LEAST_GENRED_SHARE:
        facts.append(("first genre", fitted(str(genres[0].name), 13)))
    return facts


def _fullest(day: Day, redact: bool) -> str:
    shown = f"{day.local_date:%B}" if redact else f"{day.local_date.day} {day.local_date:%b}"
    return f"{shown}, {plural(day.plays, 'play')}"


def _numbers(card: Card) -> View:
    """Return all that a card shows as a table."""
    rows = [
        *((each.label, each.value, each.change) for each in card.amounts),
        *(
            (f"artist {n}", each.full, f"{each.plays} plays")
            for n, each in enumerate(card.artists, 1)
        ),
        *(
            (f"track {n}", each.full, f"{each.plays} plays")
            for n, each in enumerate(card.tracks, 1)
        ),
        *((label, answer, "") for label, answer in card.facts),
    ]
    return View(table=Numbers((Column("What"), Column("Answer", "name"), Column("")), rows))
