"""What is heard: tops, artists over time, what is new, skipped, long unheard or unavailable."""

from collections.abc import Sequence

from report.page import words
from report.page.charts.axes import month_label, step_label, value
from report.page.charts.what import SHOWN_ARTISTS, artists_chart, discovery_chart, shown_artists
from report.page.listening import Listening, Period
from report.page.parts import Block, Column, Measure, Numbers, Section, View
from report.page.questions.asking import grain
from report.page.questions.discovery import (
    Discovery,
    DiscoveryStep,
    discovery,
    discovery_steps,
)
from report.page.questions.over_time import (
    ArtistShare,
    NumberOne,
    artists_over_time,
    numbers_one,
)
from report.page.sections.availability import availability_block
from report.page.sections.choices import NO_TIMES, by_choice, by_period, too_few
from report.page.sections.favourites import favourite_blocks
from report.page.sections.tops import top_blocks
from report.page.words import plural

_LEAST_PLAYS = 30
_LEAST_STEPS = 2


def section(listening: Listening) -> Section:
    """Return the tops, artists over time, discovery, skips, what to hear again and what is gone."""
    periods = listening.periods
    steps = discovery_steps(listening, periods)
    return Section(
        id="what",
        title="What",
        blocks=(
            *top_blocks(listening),
            Block(
                id="artists-over-time",
                title="Who was it, as time went by?",
                views=by_choice(
                    artists_over_time(listening, periods, SHOWN_ARTISTS),
                    listening,
                    _artists,
                ),
                note="The seven most heard artists of the period.",
                label="Stacked bars of the most heard artists",
                is_wide=True,
                height=320,
            ),
            Block(
                id="numbers-one",
                title="Who was number one?",
                views=by_period(numbers_one(listening, periods), listening, _numbers_one),
                note="By plays, of whole calendar months; over several years, of years.",
                is_wide=True,
            ),
            Block(
                id="discovery",
                title="How much of it is new to me?",
                views=by_period(
                    discovery(listening, periods),
                    listening,
                    lambda found, period: _discovery(found, steps[period.id], period),
                ),
                note="New is what was never heard before in the whole history that was read. At "
                "its beginning everything is new to it.",
                label="Bars of new tracks, line of new artists",
                is_wide=True,
            ),
            *favourite_blocks(listening),
            availability_block(listening),
        ),
    )


def _artists(rows: Sequence[ArtistShare], period: Period, measure: Measure) -> View:
    if sum(row.plays for row in rows) < _LEAST_PLAYS:
        return too_few("The period has too few plays with a named artist.")
    if measure == "minutes" and all(row.minutes is None for row in rows):
        return too_few(NO_TIMES)
    names, step = shown_artists(rows, measure), grain(period)
    begins = sorted({row.begins for row in rows})
    if len(begins) < _LEAST_STEPS:
        return too_few(f"All of it was heard in one {step}.")
    heard = {(row.artist_name, row.begins): value(row, measure) for row in rows}
    form = "count" if measure == "plays" else "minutes"
    return View(
        option=artists_chart(rows, measure, step),
        table=Numbers(
            (
                Column(step.capitalize()),
                *(Column(name, "count" if form == "count" else "minutes") for name in names),
            ),
            [
                (step_label(at, step), *(heard.get((name, at)) or 0 for name in names))
                for at in begins
            ],
        ),
    )


def _numbers_one(rows: Sequence[NumberOne], period: Period) -> View:
    if len(rows) < 2:
        return too_few("The period has no two months to tell apart.")
    by_year = grain(period) == "quarter"
    return View(
        table=Numbers(
            (
                Column("Year") if by_year else Column("Month", names="month"),
                Column("Artist", "name", "artist"),
                Column("Plays", "count"),
                Column("Track", "name", "track"),
                Column("By", "name", "artist"),
                Column("Plays", "count"),
            ),
            [
                (
                    str(row.begins.year) if by_year else month_label(row.begins),
                    row.artist_name,
                    row.artist_plays,
                    row.track_name,
                    row.track_artist,
                    row.track_plays,
                )
                for row in rows
            ],
        )
    )


def _discovery(found: Discovery, steps: Sequence[DiscoveryStep], period: Period) -> View:
    if found.plays < _LEAST_PLAYS:
        return too_few(
            f"{plural(found.plays, 'play')} of 30 seconds and more in this period; "
            f"{_LEAST_PLAYS} are needed to tell new from known."
        )
    step = grain(period)
    once = words.percent(found.played_once / found.tracks)
    sentence = (
        f"{plural(found.tracks_of_half, 'track')} of {words.count(found.tracks)} make up half of "
        f"all plays; {once} of the tracks were played once."
    )
    if period.id != "all":
        share = words.percent(found.plays_of_new_tracks / found.plays)
        sentence = (
            f"{plural(found.new_tracks, 'track')} and {plural(found.new_artists, 'artist')} for "
            f"the first time; {share} of the plays were of those new tracks. {sentence}"
        )
    return View(
        option=discovery_chart(steps, step) if len(steps) >= _LEAST_STEPS else None,
        table=Numbers(
            (
                Column(step.capitalize()),
                Column("New tracks", "count"),
                Column("New artists", "count"),
                Column("Plays", "count"),
            ),
            [
                (
                    step_label(row.begins, step),
                    row.new_tracks,
                    row.new_artists,
                    row.plays,
                )
                for row in steps
            ],
        ),
        sentence=sentence,
    )
