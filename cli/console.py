"""What all commands share: the console, exit codes, one-line errors."""

import logging
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Self

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from cli.exit_codes import ExitCode
from cli.messages import in_one_line, is_failure, keep_traceback, with_log
from cli.run_log import log_step
from clients.errors import ApiError, SignInError
from config.clock import utc_now
from config.run_id import given_run_id, new_run_id
from config.settings import Settings, SettingsError, load_settings
from engines.spark_java import DeltaJarsError, JavaError
from lake.backups import BackupError
from lake.replacement import HalfReplacedError
from lake.table_rows import UnreadableTableError
from writers.lake_lock import LakeBusyError, LakeUnwritableError

if TYPE_CHECKING:  # commands that run no step need not import what steps need
    from clients.auth.token_file import Tokens
    from incremental.results import StepResult

WIDTH_WITHOUT_TERMINAL = 110
QUIET_SECONDS = 2.0

console = Console()
if not console.is_terminal:
    console = Console(width=WIDTH_WITHOUT_TERMINAL)


class Watcher:
    """Shows every step while it runs, with its seconds, and its result.

    A context manager. Without a terminal a step is named once it has run for two seconds, so that
    a log shows what is under way.
    """

    def __init__(self) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    @contextmanager
    def working(self, title: str) -> Iterator[None]:
        shown = self._progress.add_task(title)
        still_working = Timer(QUIET_SECONDS, console.print, [f"  {title} …"])
        if not console.is_terminal:
            still_working.start()
        try:
            yield
        finally:
            still_working.cancel()
            self._progress.remove_task(shown)

    def finished(self, result: "StepResult") -> None:
        log_step(result)
        if result.status == "failed":
            console.print(f"[red]✗ {result.step}[/]  {escape(result.error or '')}", soft_wrap=True)
        elif result.status == "written":
            console.print(
                f"[green]✓[/] {result.step:44}{result.rows_out:>11,} rows {result.seconds:>7.1f} s",
                highlight=False,
            )


@contextmanager
def exit_codes(data_dir: Path | None = None, run_id: str | None = None) -> Iterator[None]:
    """Turn every error into one line on stderr and an exit code.

    The traceback of unexpected errors goes to the log of ``run_id`` (by default a new one) in
    ``data_dir`` (by default that of the settings), and the line names that file.
    """
    try:
        yield
    except (typer.Exit, typer.Abort, BrokenPipeError):
        raise
    except KeyboardInterrupt:
        _fail("interrupted: everything written before is complete", ExitCode.INTERRUPTED)
    except (
        SettingsError,
        JavaError,
        DeltaJarsError,
        LakeUnwritableError,
        UnreadableTableError,
        SignInError,
    ) as error:
        _fail(str(error), ExitCode.WRONG_USE)
    except ApiError as error:
        _fail(str(error), ExitCode.FAILED)
    except LakeBusyError as error:
        _fail(str(error), ExitCode.LAKE_BUSY)
    except (BackupError, HalfReplacedError) as error:
        _fail(str(error), ExitCode.FAILED)
    except BaseException as error:
        if not is_failure(error):
            raise
        folder = data_dir or _data_dir()
        file = keep_traceback(folder, run_id or given_run_id() or new_run_id(utc_now()), error)
        _fail(with_log(in_one_line(error), file), ExitCode.FAILED)


@contextmanager
def settings_of_command(data_dir: Path | None) -> Iterator[Settings]:
    """Read the settings of a command, log to stderr, and turn errors into exit codes."""
    with exit_codes(data_dir):
        settings = load_settings(data_dir=data_dir)
        log_to_stderr(settings)
        yield settings


def exit_code_from(command: Callable[[], int]) -> int:
    """Return the exit code of a program outside typer, as ``exit_codes`` sets it."""
    try:
        with exit_codes():
            return command()
    except typer.Exit as ended:
        return int(ended.exit_code)


def exit_code_of(results: Sequence["StepResult"]) -> ExitCode:
    """Return the exit code of a command that ran these steps."""
    failed = any(each.status == "failed" for each in results)
    return ExitCode.FAILED if failed else ExitCode.DONE


def log_to_stderr(settings: Settings) -> None:
    """Send log lines of this process to stderr, at the level that ``LOG_LEVEL`` names."""
    handler = RichHandler(console=Console(stderr=True), show_path=False)
    logging.basicConfig(level=settings.log_level, format="%(message)s", handlers=[handler])
    for noisy in ("py4j", "filelock", "asyncio", "sqlglot"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def say(text: str) -> None:
    """Print a text without markup."""
    console.print(text, soft_wrap=True, markup=False, highlight=False)


def sign_in_here(settings: Settings) -> "Tokens":
    """Let the person at this console sign in to Spotify; raises as ``sign_in`` does."""
    from clients.auth.spotify_auth import sign_in

    return sign_in(settings, say, console.input if sys.stdin.isatty() else None, utc_now)


def require_existing(paths: list[Path]) -> None:
    """Raise SettingsError for the first path that is not there."""
    for path in paths:
        if not path.exists():
            raise SettingsError(f"{path} does not exist: give a zip, a folder or a file that does")


def _data_dir() -> Path:
    try:
        return load_settings().data_dir
    except Exception:  # an error in the settings has been or is being reported
        return Path(tempfile.gettempdir()) / "soundlake"


def _fail(message: str, code: ExitCode) -> None:
    Console(stderr=True).print(message, style="red", markup=False, soft_wrap=True, highlight=False)
    raise typer.Exit(code)
