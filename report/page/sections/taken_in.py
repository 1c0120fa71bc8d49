"""What each source gave, which files were read, and what was not taken."""

from collections.abc import Sequence

from report.page.listening import Listening
from report.page.parts import ANY, Block, Column, Numbers, View
from report.page.questions.provenance import sources
from report.page.questions.taken_in import FilesRead, Rejected, files_read, not_plays, rejected
from report.page.sections.overview import day_or_month
from report.plain_words import SOURCES


def taken_in_blocks(listening: Listening) -> tuple[Block, ...]:
    """Return the sources, the files, and what was not read."""
    return (
        Block(
            id="data-sources",
            title="What did each source give?",
            views={(ANY, ANY): _sources(listening)},
            is_wide=True,
        ),
        Block(
            id="data-files",
            title="Which files were read?",
            views={(ANY, ANY): _files(files_read(listening))},
            is_wide=True,
        ),
        Block(
            id="data-rejected",
            title="What was not read, and why?",
            views={(ANY, ANY): _rejected(listening)},
            is_wide=True,
        ),
    )


def _sources(listening: Listening) -> View:
    found = sources(listening)
    return View(
        table=Numbers(
            (
                Column("Source"),
                Column("Plays", "count"),
                Column("No other told", "count"),
                Column("Time", "minutes"),
                Column("First"),
                Column("Last"),
            ),
            [
                (
                    SOURCES.get(each.source, each.source),
                    each.plays,
                    each.alone,
                    each.minutes,
                    day_or_month(each.first, listening.redact),
                    day_or_month(each.last, listening.redact),
                )
                for each in found
            ],
        )
    )


def _files(found: Sequence[FilesRead]) -> View:
    if not found:
        return View(sentence="No file was read: what there is comes from the Spotify Web API.")
    return View(
        table=Numbers(
            (
                Column("Kind"),
                Column("Files", "count"),
                Column("Records", "count"),
                Column("New", "count"),
                Column("Known already", "count"),
                Column("Not taken", "count"),
            ),
            [(each.kind.replace("_", " "), *each[1:]) for each in found],
        )
    )


def _rejected(listening: Listening) -> View:
    found = rejected(listening)
    kinds = not_plays(listening)
    no_plays = (
        [
            ("has no name of its own", kinds.untitled),
            ("spoken: podcasts and audiobooks", kinds.spoken),
            ("told by another source too: counts once", kinds.duplicates),
        ]
        if kinds is not None
        else []
    )
    left_out = (
        ("excluded", listening.excluded - listening.hidden),
        ("hidden", listening.hidden),
    )
    rows = [
        *(
            (each.reason, each.records, "not taken", None if listening.redact else _place(each))
            for each in found
        ),
        *(
            (why, number, "kept, but no play of its own", None)
            for why, number in no_plays
            if number
        ),
        *((why, number, "kept, but in no statistic", None) for why, number in left_out if number),
    ]
    taken = "Every record was taken." if not found else ""
    return View(
        sentence=taken,
        table=Numbers(
            (
                Column("Why"),
                Column("Records", "count"),
                Column("What became of it"),
                Column("First"),
            ),
            rows,
        )
        if rows
        else None,
    )


def _place(row: Rejected) -> str | None:
    if row.file is None:
        return None
    # Where the lake lies on this machine is nothing to tell.
    name = row.file.rpartition("/exports/")[2]
    return name if row.position is None else f"{name}, record {row.position}"
