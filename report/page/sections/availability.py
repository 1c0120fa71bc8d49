"""Favourites that Spotify no longer plays."""

from report.page import words
from report.page.listening import Listening
from report.page.parts import ANY, Block, Column, Numbers, View
from report.page.questions.availability import Checks, checks, unavailable
from report.page.questions.favourites import LEAST_LOVED_PLAYS
from report.page.sections.choices import too_few
from report.plain_words import UNAVAILABLE_REASONS
from report.spotify_links import track_link


def availability_block(listening: Listening) -> Block:
    """Return the favourites that cannot be played any more, and where they moved."""
    return Block(
        id="unavailable",
        title="Which favourites does Spotify no longer play?",
        views={(ANY, ANY): _unavailable(listening, checks(listening))},
        note=f"Favourites are saved, or heard {LEAST_LOVED_PLAYS} times or more. Since is the day "
        "of the check that found it. Moved to is the same recording (ISRC) under another id. Of "
        "the whole history.",
    )


def _unavailable(listening: Listening, found: Checks) -> View:
    if found.last is None:
        return too_few(
            "No favourite was checked yet. Runs that are signed in to Spotify do so, some tracks "
            "at a time."
        )
    sentence = (
        f"{words.count(found.checked)} of {words.plural(found.favourites, 'favourite')} checked, "
        f"last on {words.day(found.last)}: "
    )
    if not found.unavailable:
        return View(sentence=f"{sentence}all of these can be played.")
    rows = unavailable(listening)
    return View(
        table=Numbers(
            (
                Column("Track", "name", "track"),
                Column("Artist", "name", "artist"),
                Column("Plays", "count"),
                Column("Since"),
                Column("Why"),
                Column("Moved to", "link"),
            ),
            [
                (
                    row.track_name,
                    row.artist_name,
                    row.plays,
                    words.day(row.since),
                    UNAVAILABLE_REASONS.get(row.reason or "", row.reason),
                    track_link(row.moved_to_track_id),
                )
                for row in rows
            ],
        ),
        sentence=f"{sentence}{words.count(found.unavailable)} cannot be played.",
    )
