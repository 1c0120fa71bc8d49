"""What is skipped, and what to hear again."""

from collections.abc import Sequence

from report.page import words
from report.page.charts.axes import month_label
from report.page.listening import Listening
from report.page.parts import ANY, Block, Column, Numbers, View
from report.page.questions.favourites import (
    LEAST_KNOWN,
    LEAST_LOVED_DAYS,
    LEAST_LOVED_PLAYS,
    SILENT_DAYS,
    Skipped,
    SkipTotals,
    most_skipped,
    rediscover,
    skip_totals,
)
from report.page.sections.choices import by_period, too_few
from report.spotify_links import track_link


def favourite_blocks(listening: Listening) -> tuple[Block, ...]:
    """Return the most skipped tracks, and those loved once and silent for months."""
    skipped = most_skipped(listening, listening.periods)
    return (
        Block(
            id="most-skipped",
            title="What do I skip most?",
            views=by_period(
                skip_totals(listening, listening.periods),
                listening,
                lambda found, period: _skipped(found, skipped[period.id]),
            ),
            note=f"Tracks with {LEAST_KNOWN} plays or more of which it is known whether they were "
            "skipped, in the order of the share that is certain (lower end of the 95% interval).",
        ),
        Block(
            id="rediscover",
            title="What did I love and forget?",
            views={(ANY, ANY): _rediscover(listening)},
            note=f"Heard {LEAST_LOVED_PLAYS} times or more on {LEAST_LOVED_DAYS} days or more, and "
            f"not once in the last {SILENT_DAYS} days. Of the whole history.",
        ),
    )


def _skipped(known: SkipTotals, rows: Sequence[Skipped]) -> View:
    if known.rate is None:
        return too_few("What was read of this period does not tell what was skipped.")
    share = words.percent(known.known / known.plays)
    of_known = "" if share == "100%" else f", of the {share} for which that is known"
    sentence = f"{words.percent(known.rate)} of the plays were skipped{of_known}."
    if not rows:
        return View(sentence=f"{sentence} No track was skipped often enough to be listed.")
    return View(
        table=Numbers(
            (
                Column("Track", "name", "track"),
                Column("Artist", "name", "artist"),
                Column("Skipped", "percent"),
                Column("Skips", "count"),
                Column("of plays", "count"),
            ),
            [(row.track_name, row.artist_name, row.rate, row.skips, row.known) for row in rows],
        ),
        sentence=sentence,
    )


def _rediscover(listening: Listening) -> View:
    rows = rediscover(listening)
    if not rows:
        return too_few(
            f"No track was heard {LEAST_LOVED_PLAYS} times or more and then not for "
            f"{SILENT_DAYS} days."
        )
    return View(
        table=Numbers(
            (
                Column("Track", "name", "track"),
                Column("Artist", "name", "artist"),
                Column("Plays", "count"),
                Column("Best month"),
                Column("Silent for"),
                Column("Open", "link"),
            ),
            [
                (
                    row.track_name,
                    row.artist_name,
                    row.plays,
                    month_label(row.best_month),
                    f"{(listening.today - row.last).days // 30} months",
                    track_link(row.track_id),
                )
                for row in rows
            ],
        )
    )
