"""What ``stats`` prints of a person's plays."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from lake.decisions import LeftOut
from report.layout import titled_table
from report.page.words import plural
from report.statistics import SourcePlays, Statistics, Totals, UnknownTime

_REASONS_SHOWN = 10
_TIMES_SHOWN = 5


def print_statistics(console: Console, found: Statistics) -> None:
    """Print everything but the coverage of features."""
    _print_totals(console, found.totals)
    _print_left_out(console, found.left_out)
    _print_favourites(console, found)
    _print_sources(console, found.sources)
    _print_unknown(console, found.unknown)
    _print_errors(console, found)


def _print_totals(console: Console, totals: Totals) -> None:
    table = titled_table("All plays")
    for heading in ("plays", "of 30 s and more", "hours", "tracks", "artists"):
        table.add_column(heading, justify="right")
    table.add_column("from")
    table.add_column("to")
    table.add_row(
        f"{totals.plays:,}",
        f"{totals.counted:,}",
        f"{totals.hours:,.0f}",
        f"{totals.tracks:,}",
        f"{totals.artists:,}",
        str(totals.first),
        str(totals.last),
    )
    console.print(table)
    if totals.untimed:
        console.print(
            f"[dim]for {totals.untimed:,} plays no source has a listening time: they count with "
            f"the track's length; {totals.unknown:,} of unknown length count as 0[/]",
            highlight=False,
        )


def _print_left_out(console: Console, plays: LeftOut) -> None:
    for number, why, table in (
        (plays.excluded, "excluded", "ops.exclusions"),
        (plays.hidden, "hidden", "ops.corrections"),
    ):
        if number:
            console.print(
                f"[dim]{plural(number, 'play')} {why}: in none of these numbers ({table})[/]",
                highlight=False,
            )


def _print_favourites(console: Console, found: Statistics) -> None:
    tracks = titled_table("Most played tracks")
    for heading in ("track", "artist"):
        tracks.add_column(heading, overflow="ellipsis", no_wrap=True, max_width=40)
    for heading in ("plays", "hours"):
        tracks.add_column(heading, justify="right")
    for track in found.tracks:
        names = (escape(each or "-") for each in (track.track, track.artist))
        tracks.add_row(*names, f"{track.plays:,}", f"{track.hours:,.1f}")
    console.print(tracks)
    artists = titled_table("Most played artists")
    artists.add_column("artist", overflow="ellipsis", no_wrap=True, max_width=40)
    for heading in ("plays", "hours", "tracks"):
        artists.add_column(heading, justify="right")
    for artist in found.artists:
        numbers = (f"{artist.plays:,}", f"{artist.hours:,.1f}", f"{artist.tracks:,}")
        artists.add_row(escape(artist.artist), *numbers)
    console.print(artists)


def _print_sources(console: Console, sources: Sequence[SourcePlays]) -> None:
    table = titled_table("Sources of plays")
    table.add_column("source")
    for heading in ("plays", "in no other source"):
        table.add_column(heading, justify="right")
    for heading in ("from", "to"):
        table.add_column(heading)
    for each in sources:
        numbers = (f"{each.plays:,}", f"{each.alone:,}")
        table.add_row(each.source, *numbers, str(each.first), str(each.last))
    console.print(table)


def _print_unknown(console: Console, unknown: Sequence[UnknownTime]) -> None:
    if not unknown:
        return
    times = ", ".join(f"{each.first} to {each.last}" for each in unknown[:_TIMES_SHOWN])
    more = len(unknown) - _TIMES_SHOWN
    console.print(
        f"[yellow]no source covers[/] {times}{f' and {more:,} other times' if more > 0 else ''}: "
        "these days count neither as music nor as silence",
        soft_wrap=True,
        highlight=False,
    )


def _print_errors(console: Console, found: Statistics) -> None:
    if not found.rejections and not found.failures:
        console.print("[green]✓[/] no rejected records and no failed steps")
    for rejected in found.rejections[:_REASONS_SHOWN]:
        console.print(
            f"[yellow]rejected[/] {rejected.records:,}: {escape(rejected.reason)}",
            soft_wrap=True,
            highlight=False,
        )
    if len(found.rejections) > _REASONS_SHOWN:
        others = found.rejections[_REASONS_SHOWN:]
        console.print(
            f"[yellow]rejected[/] {sum(each.records for each in others):,} for {len(others):,} "
            "other reasons; all of them in ops.rejected_records",
            highlight=False,
        )
    for failed in found.failures:
        console.print(
            f"[red]failed[/] {failed.step}, {failed.times} time(s), the last on "
            f"{failed.last_at:%Y-%m-%d %H:%M} UTC: {escape(failed.error or '')}",
            soft_wrap=True,
            highlight=False,
        )
