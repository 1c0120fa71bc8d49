"""Blocks of what a thing consists of, what it stands beside in sessions, and how it sounds."""

from typing import Any

from report.page.listening import Listening, Period
from report.page.parts import ANY, MEASURES, Block, Column, Figure, Measure, View
from report.page.sections.choices import too_few
from report.plain_words import FEATURE_SOURCES
from report.spotify_links import track_link
from web.days import clock
from web.links import To, page_of, table
from web.questions.made import Named
from web.questions.things import Kind, Thing
from web.questions.within import (
    Neighbour,
    Part,
    Side,
    companions,
    features,
    neighbours,
    parts,
)

_HEADINGS: dict[Kind, str] = {"artist": "Artist", "track": "Track", "album": "Album"}
_DONORS = {
    "artist": "taken from a track of the same artist",
    "genre": "taken from a track of the same genre",
    "global": "taken from a track like any",
}


def part_block(listening: Listening, thing: Thing, period: Period, kind: Kind) -> Block:
    """Return the tracks, albums or artists of a thing."""
    rows = parts(listening, thing, period, kind)
    titles = {
        "track": "Which tracks were heard most?",
        "album": "Which albums did it come from?"
        if thing.kind == "track"
        else "Which albums were heard most?",
        "artist": "Which artists were heard most?",
    }
    return Block(
        id=f"parts-{kind}s",
        title=titles[kind],
        views={(ANY, measure): _parts(rows, kind, measure) for measure in MEASURES},
        is_wide=kind == "track",
    )


def _parts(rows: list[Part], kind: Kind, measure: Measure) -> View:
    if not rows:
        return too_few(f"No play of a known {kind} in this period.")
    is_track = kind == "track"

    def rank(row: Part) -> int:
        return row.by_plays if measure == "plays" else row.by_minutes

    columns = (
        Column("", "count"),
        Column(_HEADINGS[kind], "name"),
        Column("Plays", "count"),
        Column("Heard", "minutes"),
        Column("First", "date"),
        Column("Last", "date"),
        *([Column("Skipped", "percent"), Column("Open", "link")] if is_track else []),
    )
    return View(
        table=table(
            columns,
            [
                (
                    rank(row),
                    _to(row.kind, row.named),
                    row.plays,
                    row.minutes,
                    To(row.first, page_of("day", str(row.first))),
                    To(row.last, page_of("day", str(row.last))),
                    *([row.skip_rate, track_link(row.named.track_id)] if is_track else []),
                )
                for row in sorted(rows, key=rank)
            ],
        )
    )


def _to(kind: Kind, named: Named) -> To:
    return To(named.name, page_of(kind, named.key, named.artist_key))


def neighbour_blocks(listening: Listening, thing: Thing, period: Period) -> list[Block]:
    """Return what comes before it and what after, in the same sessions."""
    sides: tuple[Side, Side] = ("before", "after")
    return [
        Block(
            id=f"{side}-it",
            title=f"What comes {side} it?",
            views={
                (ANY, ANY): _neighbours(neighbours(listening, thing, period, side), thing, side)
            },
            note=f"Other {thing.kind}s directly {side} it in a session, twice or more often.",
        )
        for side in sides
    ]


def _neighbours(rows: list[Neighbour], thing: Thing, side: Side) -> View:
    if not rows:
        return too_few(f"No {thing.kind} came {side} it more than once.")
    has_artist = thing.kind == "track"
    return View(
        table=table(
            (
                Column(_HEADINGS[thing.kind], "name"),
                *([Column("Artist", "name")] if has_artist else []),
                Column("Times", "count"),
                Column("Share", "percent"),
            ),
            [
                (
                    _to(row.kind, row.named),
                    *(
                        [To(row.named.artist, page_of("artist", row.named.artist_key))]
                        if has_artist
                        else []
                    ),
                    row.times,
                    row.share,
                )
                for row in rows
            ],
        )
    )


def companion_block(listening: Listening, thing: Thing, period: Period) -> Block:
    """Return the other artists of its sessions."""
    rows = companions(listening, thing, period)
    view = too_few("No other artist was in more than one of its sessions.")
    if rows:
        view = View(
            table=table(
                (
                    Column("Artist", "name"),
                    Column("Sessions", "count"),
                    Column("Of its sessions", "percent"),
                    Column("Times chance", "number"),
                ),
                [
                    (
                        _to("artist", row.named),
                        row.sessions,
                        row.share,
                        row.times_chance,
                    )
                    for row in rows
                ],
            )
        )
    return Block(
        id="companions",
        title="Who else is in the same sessions?",
        views={(ANY, ANY): view},
        note="By chance an artist is in as large a share of these sessions as of all (1 times).",
    )


def sound_block(listening: Listening, thing: Thing) -> Block:
    """Return how a track sounds, and where that is known from."""
    return Block(
        id="sound",
        title="How does it sound?",
        views={(ANY, ANY): _sound(listening, thing)},
        note="From 0 to 1. A synthetic value is that of a similar track, not measured on this one.",
    )


def _sound(listening: Listening, thing: Thing) -> View:
    found = features(listening, thing)
    if found is None or found.valence is None or found.source is None:
        return too_few("Nothing is known of how this track sounds.")
    amounts: list[tuple[str, Any]] = [
        ("brightness", found.valence),
        ("energy", found.energy),
        ("danceability", found.danceability),
        ("acousticness", found.acousticness),
        ("instrumentalness", found.instrumentalness),
    ]
    figures = [Figure(label, amount, "number") for label, amount in amounts]
    if found.tempo is not None:
        figures.append(Figure("beats a minute", found.tempo))
    if found.duration_ms is not None:
        figures.append(Figure("long", clock(found.duration_ms), "text"))
    said = f"Features: {FEATURE_SOURCES[found.source]}"
    if found.source == "synthetic" and found.donor_level in _DONORS:
        said += f", {_DONORS[found.donor_level]}"
    if found.cluster:
        said += f". Kind of sound: {found.cluster}"
    return View(figures=figures, sentence=f"{said}.")
