"""The recap of the last full year and month: a card to print, to keep and to send."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from report.page import words
from report.page.charts.axes import WEEKDAYS, hour_label
from report.page.listening import Listening, Period
from report.page.parts import ANY, Block, Column, Numbers, Section, View
from report.page.questions.days import Day, days, days_of, months, streaks
from report.page.questions.discovery import discovery
from report.page.questions.hours import hours, week_hours
from report.page.questions.recap import last_full_month, last_full_year
from report.page.questions.tops import Kind, Top, shares_with_genre, tops
from report.page.questions.totals import Totals, totals
from report.page.sections.choices import too_few
from report.page.sections.overview import change, known_well
from report.page.words import plural

_LEAST_PLAYS = 30
_LINES = 5
# A bar is a day, a month or a year, so that there are neither too few nor too many.
_MOST_DAYS, _MOST_DAYS_BY_MONTH = 62, 3 * 366
_KINDS: tuple[Kind, ...] = ("artists", "tracks", "genres")
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
    periods = {"year": last_full_year(listening), "month": last_full_month(listening)}
    answers = _Answers(listening, [period for period in periods.values() if period])
    blocks, cards = [], {}
    for word, period in periods.items():
        block_id = f"recap-{word}"
        if period is None or answers.totals[period.id].now.plays < _LEAST_PLAYS:
            view = too_few(
                f"No full {word} with {_LEAST_PLAYS} plays or more has been read so far; a recap "
                "comes with the first one."
            )
            blocks.append(Block(block_id, f"The last full {word}", {(ANY, ANY): view}))
            continue
        cards[block_id] = _card(answers, period)
        title = f"{period.label} in music"
        blocks.append(Block(block_id, title, {(ANY, ANY): _numbers(cards[block_id])}))
    return RecapSection(
        id="recap",
        title="Recap",
        lead="The last full year and month on a card each, to print or to send.",
        blocks=blocks,
        cards=cards,
    )


def section_of(listening: Listening, period: Period) -> RecapSection:
    """Return the recap of one period."""
    answers = _Answers(listening, [period])
    plays = answers.totals[period.id].now.plays
    if plays < _LEAST_PLAYS:
        view = too_few(
            f"{plural(plays, 'play')} of 30 seconds and more in this period; a recap needs "
            f"{_LEAST_PLAYS}."
        )
        blocks, cards = [Block("recap-span", period.label, {(ANY, ANY): view})], {}
    else:
        cards = {"recap-span": _card(answers, period)}
        numbers = _numbers(cards["recap-span"])
        blocks = [Block("recap-span", f"{period.label} in music", {(ANY, ANY): numbers})]
    return RecapSection(
        id="recap",
        title="Recap",
        lead="What was chosen on a card, to print or to send.",
        blocks=blocks,
        cards=cards,
    )


class _Answers:
    """What the recaps tell, asked of their periods at once."""

    def __init__(self, listening: Listening, periods: Sequence[Period]) -> None:
        self.redact, self.begin = listening.redact, listening.periods[0].first
        self.covered = days(listening)
        self.totals = totals(listening, periods) if periods else {}
        self.tops: dict[Kind, dict[str, list[Top]]] = (
            {kind: tops(listening, periods, kind, _LINES) for kind in _KINDS} if periods else {}
        )
        self.genred = shares_with_genre(listening, periods) if periods else {}
        self.weeks = week_hours(listening, periods) if periods else {}
        self.new = discovery(listening, periods) if periods else {}


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


def _card(answers: _Answers, period: Period) -> Card:
    now, before = known_well(answers.totals[period.id], period, answers.covered)
    return Card(
        title=period.label,
        subtitle=_subtitle(answers.begin, period, before),
        amounts=_amounts(now, before),
        artists=_lines(answers.tops["artists"][period.id]),
        tracks=_lines(answers.tops["tracks"][period.id]),
        bars=_bars(period, days_of(answers.covered, period)),
        facts=_facts(answers, period),
    )


def _subtitle(begin: date, period: Period, before: Totals | None) -> str:
    if begin > period.first:
        return f"in music, from {words.day(begin)}"
    if before and before.plays and period.before:
        return f"in music, against {period.before.label}"
    return "in music"


def _amounts(now: Totals, before: Totals | None) -> list[Amount]:
    def compared(name: str) -> str:
        share = change(getattr(now, name), getattr(before, name)) if before else None
        return "" if share is None else words.change(share)

    heard = words.NOTHING if now.minutes is None else words.minutes(now.minutes)
    return [
        Amount("heard", heard, compared("minutes")),
        Amount("plays", words.count(now.plays), compared("plays")),
        Amount("tracks", words.count(now.tracks), compared("tracks")),
        Amount("artists", words.count(now.artists), compared("artists")),
    ]


def _lines(rows: Sequence[Top]) -> list[Line]:
    def line(row: Top) -> Line:
        name, by = row.name or words.NOTHING, row.by or ""
        return Line(
            name=fitted(name, 10.6),
            by=fitted(by, 10.2),
            full=f"{name}, {by}" if by else name,
            plays=words.count(row.plays),
        )

    return [line(row) for row in rows if row.rank_by_plays <= _LINES]


def _bars(period: Period, covered: Sequence[Day]) -> list[Bar]:
    """Return the days of a time of up to two months, else its months, else its years."""
    found: dict[date, int]
    if period.days <= _MOST_DAYS:
        found = {row.local_date: row.plays for row in covered}
        places = [period.first + timedelta(day) for day in range(period.days)]
        ends = (period.first, period.last)
        labels = [
            str(place.day) if place.day in (10, 20) or place in ends else "" for place in places
        ]
    elif period.days <= _MOST_DAYS_BY_MONTH:
        found = {row.begins: row.plays for row in months(covered)}
        begins = (period.first + timedelta(day) for day in range(period.days))
        places = list(dict.fromkeys(day.replace(day=1) for day in begins))
        labels = [f"{place:%b}"[0] for place in places]
    else:
        found = {}
        for row in covered:
            year = row.local_date.replace(month=1, day=1)
            found[year] = found.get(year, 0) + row.plays
        places = [date(year, 1, 1) for year in range(period.first.year, period.last.year + 1)]
        labels = [str(place.year) for place in places]
    highest = max(found.values(), default=0) or 1
    return [
        Bar(found.get(place, 0) / highest, label)
        for place, label in zip(places, labels, strict=True)
    ]


def _facts(answers: _Answers, period: Period) -> list[tuple[str, str]]:
    """Return up to six things worth telling, a label and its answer each."""
    covered, week = days_of(answers.covered, period), answers.weeks[period.id]
    fullest = max(covered, key=lambda row: row.plays)
    hour = max(hours(week), key=lambda row: row.plays)
    by_weekday = [sum(row.plays for row in week if row.weekday == day) for day in range(1, 8)]
    longest = streaks(covered).longest
    facts = [
        ("fullest day", _fullest(fullest, answers.redact)),
        ("fullest hour", hour_label(hour.hour)),
        ("fullest weekday", WEEKDAYS[by_weekday.index(max(by_weekday))]),
        ("days in a row", plural(longest.days, "day") if longest else words.NOTHING),
    ]
    if answers.begin < period.first:
        new = answers.new[period.id].new_artists
        facts.append(("heard for the first time", plural(new, "artist")))
    share, genres = answers.genred[period.id], answers.tops["genres"][period.id]
    if genres and share is not None and share >= _LEAST_GENRED_SHARE:
        facts.append(("first genre", fitted(str(genres[0].name), 11)))
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
