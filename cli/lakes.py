"""The lake that a command is about, and what it must hold."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from cli.console import say
from config.settings import Settings, SettingsError, load_settings
from schemas import ALL_TABLES
from schemas.lakes import find_lake

DataDir = Annotated[Path | None, typer.Option(help="Folder of the lake (setting DATA_DIR).")]

_PEOPLE_NAMED = 5


def settings_of_lake(data_dir: Path | None, tell: Callable[[str], None] = say) -> Settings:
    """Return the settings with the existing lake: the person's, else the simulated account's."""
    settings = load_settings(data_dir=data_dir)
    folder = settings.data_dir if settings.has_credentials else find_lake(settings.data_dir)
    if not any(table.exists(folder) for table in ALL_TABLES):
        raise SettingsError(f"no lake in {folder} yet: start a run (make run), or set DATA_DIR")
    if folder != settings.data_dir:
        tell(f"There is only the simulated account, in {folder}: these are not real plays.")
    return settings.model_copy(update={"data_dir": folder})


def require_plays(settings: Settings, known: Sequence[str]) -> None:
    """Raise SettingsError where the lake has no plays of the person; ``known`` have some."""
    if not known:
        raise SettingsError(f"no plays in {settings.data_dir} yet: start a run (make run)")
    if settings.user_id not in known:
        others = ", ".join(known[:_PEOPLE_NAMED])
        raise SettingsError(
            f"no plays of USER_ID={settings.user_id} in {settings.data_dir}: set it to one of "
            f"{len(known):,} people, such as {others}"
        )
