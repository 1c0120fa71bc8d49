"""The most heard tracks, artists, albums and genres."""

from collections.abc import Sequence
from typing import Any

from report.page import words
from report.page.listening import Listening, Period
from report.page.parts import Block, Column, Measure, Names, Numbers, View
from report.page.questions.tops import FAR, Kind, Top, shares_with_genre, tops
from report.page.sections.choices import NO_TIMES, by_choice, too_few
from report.spotify_links import track_link

# How many rows a list has: of the whole history, and of any shorter period.
_ROWS: dict[Kind, tuple[int, int]] = {
    "tracks": (50, 20),
    "artists": (50, 20),
    "albums": (30, 10),
    "genres": (20, 10),
}
_ONE: dict[Kind, Names] = {
    "tracks": "track",
    "artists": "artist",
    "albums": "album",
    "genres": "genre",
}
# Where so few plays have a genre, a list of genres is one of what is known.
_LEAST_GENRED_SHARE = 0.2


def top_blocks(listening: Listening) -> tuple[Block, ...]:
    """Return a block for each kind of thing, ranked by the measure chosen."""
    return tuple(_block(listening, kind) for kind in _ROWS)


def movement(now: int, before: int | None) -> str:
    """Return how a rank moved: '▲ 2' up, '▼ 1' down, '=' not at all, '▲ 99+' from far, 'new'."""
    if before is None:
        return "new"
    if before == now:
        return "="
    if before < now:
        return f"▼ {now - before}"
    return f"▲ {before - now}" if before - now < FAR else f"▲ {FAR - 1}+"


def _block(listening: Listening, kind: Kind) -> Block:
    whole, part = _ROWS[kind]
    shares = shares_with_genre(listening, listening.periods) if kind == "genres" else {}

    def view(rows: list[Top], period: Period, measure: Measure) -> View:
        if not rows:
            return too_few(f"No play of a known {_ONE[kind]} in this period.")
        if measure == "minutes" and all(row.minutes is None for row in rows):
            return too_few(NO_TIMES)
        share = shares.get(period.id)
        if share is not None and share < _LEAST_GENRED_SHARE:
            return too_few(
                f"The genre of only {words.percent(share)} of the plays of this period is known."
            )
        sentence = (
            "" if share is None else f"The genre of {words.percent(share)} of the plays is known."
        )
        limit = whole if period.id == "all" else part
        return View(table=_table(rows, period, measure, kind, limit), sentence=sentence)

    return Block(
        id=f"top-{kind}",
        title=f"Which {kind} were heard most?",
        views=by_choice(tops(listening, listening.periods, kind, whole), listening, view),
        note=_note(kind),
        is_wide=True,
    )


def _note(kind: Kind) -> str:
    note = "Skipped is the share of the plays, short ones too, of which that is known; five at "
    note += "least. Moved is against the period before."
    if kind == "genres":
        note += " A play has the genre of its track, else of its artist."
    return note


def _table(
    rows: Sequence[Top], period: Period, measure: Measure, kind: Kind, limit: int
) -> Numbers:
    """Return the first ``limit`` by the measure."""
    has_maker, has_link, moves = (
        kind in ("tracks", "albums"),
        kind == "tracks",
        period.before is not None,
    )
    columns = [
        Column("", "count"),
        *[Column("Moved")] * moves,
        Column(_ONE[kind].capitalize(), "text" if kind == "genres" else "name", _ONE[kind]),
        *[Column("Artist", "name", "artist")] * has_maker,
        Column("Plays", "count"),
        Column("Heard", "minutes"),
        Column("First", "date"),
        Column("Last", "date"),
        Column("Skipped", "percent"),
        *[Column("Open", "link")] * has_link,
    ]
    ranked = sorted((_ranks(row, measure), row) for row in rows)
    lines: list[tuple[Any, ...]] = [
        (
            rank,
            *[movement(rank, None if before < 0 else before)] * moves,
            row.name,
            *[row.by] * has_maker,
            row.plays,
            row.minutes,
            row.first,
            row.last,
            row.skip_rate,
            *[track_link(row.track_id)] * has_link,
        )
        for (rank, before), row in ranked
        if rank <= limit
    ]
    return Numbers(tuple(columns), lines)


def _ranks(row: Top, measure: Measure) -> tuple[int, int]:
    """Return the rank now and before, -1 where there was none."""
    if measure == "plays":
        return row.rank_by_plays, row.before_by_plays or -1
    return row.rank_by_minutes, row.before_by_minutes or -1
