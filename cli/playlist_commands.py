"""Commands about smart playlists: the rules there are, and what one chooses.

What only these need is imported when they are called.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.console import console, exit_codes, say
from cli.lakes import DataDir, require_plays, settings_of_lake
from config.clock import utc_now
from config.settings import SettingsError, load_settings
from report.layout import titled_table
from schemas.lakes import find_lake

if TYPE_CHECKING:
    from playlists.rule_files import RuleFile
    from playlists.selection import Selection

playlists_app = typer.Typer(
    no_args_is_help=True, help="Smart playlists: rules in files, what they choose."
)
PreviewFormat = Literal["table", "json", "csv", "m3u8", "xspf"]
RuleName = Annotated[
    str, typer.Argument(help="A rule: its file without suffix, a path, or its own name.")
]
_NO_LIMIT = 100_000


def folders_of_rules(data_dir: Path | None) -> list[Path]:
    """Return where rules are: in DATA_DIR, with a simulated account's lake, and along with us."""
    from playlists.rule_files import rule_folders

    base = load_settings(data_dir=data_dir).data_dir
    return rule_folders(base, find_lake(base))


@playlists_app.command("list")
def list_rules(data_dir: DataDir = None) -> None:
    """List the rules: those in DATA_DIR/playlists and those that come along."""
    from playlists.rule_files import rule_files
    from playlists.rules import RuleError

    with exit_codes(data_dir):
        folders = folders_of_rules(data_dir)
        table = titled_table("Rules of playlists")
        for heading in ("rule", "name", "what it chooses", "file"):
            table.add_column(heading, overflow="fold")
        broken = []
        for each in rule_files(folders):
            try:
                rule = each.read()
            except RuleError as error:
                broken.append(str(error))
                table.add_row(each.slug, "", "cannot be used, see below", _place(each))
            else:
                cells = (each.slug, rule.name, rule.comment, _place(each))
                table.add_row(*map(escape, cells))
        print_table(table)
        for line in broken:
            say(line)
        say(f"A rule of your own is a file in {folders[0]}; docs/PLAYLISTS.md says how.")


@playlists_app.command("preview")
def preview(
    rule: RuleName,
    preview_format: Annotated[
        PreviewFormat, typer.Option("--format", help="Format of the tracks.")
    ] = "table",
    out: Annotated[Path | None, typer.Option(help="File to write instead.")] = None,
    user: Annotated[str | None, typer.Option(help="Whose library (setting USER_ID).")] = None,
    data_dir: DataDir = None,
) -> None:
    """Show which tracks a rule chooses and why; nothing is written at Spotify."""
    from playlists.files import write_file
    from playlists.library import open_library, people_with_tracks
    from playlists.preview import in_short
    from playlists.rule_files import find_rule
    from playlists.selection import select

    with exit_codes(data_dir):
        # Not among the tracks: another program may read them.
        settings = settings_of_lake(data_dir, lambda text: typer.echo(text, err=True))
        user_id = user or settings.user_id
        found = find_rule(folders_of_rules(data_dir), rule)
        with open_library(settings.data_dir) as lake:
            people = people_with_tracks(lake)
            require_plays(settings.model_copy(update={"user_id": user_id}), people)
            today = utc_now().astimezone(settings.zone).date()
            selection = select(lake, found, user_id, settings.timezone, today)
        if out is not None:
            write_file(out, _as_text(selection, _format_of(preview_format, out)))
            say(f"{in_short(selection)} in {out}")
        elif preview_format == "table":
            _print_table(selection)
        else:
            sys.stdout.write(_as_text(selection, preview_format))
            sys.stdout.flush()
            typer.echo(in_short(selection), err=True)


def print_table(table: Table) -> None:
    """Print a table; where the output is no terminal, nothing is cut or wrapped."""
    wide = console if console.is_terminal else Console(file=console.file, width=_NO_LIMIT)
    wide.print(table)


def _place(file: "RuleFile") -> str:
    return "comes along" if file.comes_along else str(file.path)


def _format_of(asked: PreviewFormat, out: Path) -> PreviewFormat:
    """Return the format of a file: as asked, else by its name; raises SettingsError."""
    from playlists.files import FORMATS

    if asked != "table":
        return asked
    for each in FORMATS:
        if out.suffix.lower() == f".{each}":
            return each
    raise SettingsError(f"{out}: give --format, or a name that ends in .{', .'.join(FORMATS)}")


def _as_text(selection: "Selection", chosen: PreviewFormat) -> str:
    from playlists.files import as_file, listed, selection_as_json

    if chosen == "json":
        return selection_as_json(selection)
    assert chosen != "table"
    rule = selection.rule
    return as_file(chosen, rule.name, rule.comment, listed(selection))


def _print_table(selection: "Selection") -> None:
    from playlists.preview import in_short, why

    table = titled_table(escape(selection.rule.name))
    table.add_column("", justify="right")
    for heading in ("track", "artist", "why"):
        table.add_column(heading, overflow="fold")
    for place, track in enumerate(selection.tracks, start=1):
        cells = (track.track_name or "", track.artist_name or "", why(selection.rule, track))
        table.add_row(str(place), *map(escape, cells))
    print_table(table)
    say(in_short(selection))
