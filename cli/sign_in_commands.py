"""Commands about accounts: whether every service can be reached, and signing in."""

from functools import partial

import typer
from rich.markup import escape

from cli.console import console, exit_codes, settings_of_command, sign_in_here
from cli.exit_codes import ExitCode
from cli.lakes import DataDir
from config.clock import utc_now
from config.settings import load_settings


def check_connections(data_dir: DataDir = None) -> None:
    """Check every setting and every connection; no table is changed.

    Ends with 1 where something essential fails, else with 0.
    """
    from report.connection_checks import Verdict, checks

    failed = 0
    marks = {Verdict.OK: "[green]✓[/]", Verdict.NOTE: "[yellow]·[/]", Verdict.FAILED: "[red]✗[/]"}
    with exit_codes(data_dir):
        for check in checks(partial(load_settings, data_dir=data_dir), utc_now):
            said = escape(f"{check.subject:15}  {check.said}")
            console.print(f"{marks[check.verdict]} {said}", soft_wrap=True, highlight=False)
            failed += check.verdict is Verdict.FAILED
    if failed:
        console.print(f"[red]{failed} of these must be fixed[/]", highlight=False)
        raise typer.Exit(ExitCode.FAILED)


def login(data_dir: DataDir = None) -> None:
    """Sign in to Spotify; needed again every six months."""
    from clients.auth.spotify_auth import CONSENT_LASTS

    with settings_of_command(data_dir) as settings:
        tokens = sign_in_here(settings)
    until = (tokens.consented_at or utc_now()) + CONSENT_LASTS
    console.print(f"[green]✓[/] signed in until {until:%Y-%m-%d}", highlight=False)
