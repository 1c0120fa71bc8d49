"""The inputs of a run, and the message where none of them can be used."""

from dataclasses import dataclass
from pathlib import Path

from config.settings import EXPORTS_FOLDER, Settings
from loaders.export_names import WHERE_EXPORTS_ARE, is_of_the_system
from loaders.privacy_export import Discovery
from schemas.bronze_schemas import LISTENING_HISTORY

_FILES_NAMED = 3


@dataclass(frozen=True)
class Inputs:
    """The exports and the catalogue that a person names; by default those in the lake."""

    exports: list[Path] | None = None
    catalogue: Path | None = None


def own_catalogue(settings: Settings) -> Path | None:
    """Return the catalogue in the lake's folder, if any."""
    path = settings.data_dir / "kaggle" / "dataset.csv"
    return path if path.exists() else None


def has_no_input(settings: Settings, given: Inputs) -> bool:
    """Return whether a person has no input: no file, no account and no plays yet."""
    return (
        not given.exports
        and given.catalogue is None
        and not settings.has_credentials
        and not LISTENING_HISTORY.exists(settings.data_dir)
        and not _files_below([_exports_folder(settings)])
    )


def left_out_of_demo(settings: Settings, given: Inputs) -> list[str]:
    """Return a line for each input that is not used because the account is simulated."""
    why = "not used: the simulated account brings its own"
    named = [*(given.exports or []), given.catalogue or own_catalogue(settings)]
    return [f"{each} {why}" for each in named if each is not None]


def nothing_to_import(
    settings: Settings, given: Inputs, found: Discovery, *, api_was_asked: bool
) -> str:
    """Return the line for a lake still without plays after a run: what was found, what to add.

    ``found`` is the result of the search for exports; ``api_was_asked`` says that Spotify answered.
    """
    folder = _exports_folder(settings)
    if found.files:
        there = f"{len(found.files)} file(s) of history without any music"
    else:
        there = _in_words(_files_below(given.exports or [folder]))
    of_api = ", and the Web API showed no play" if api_was_asked else ""
    return (
        f"nothing to import: found {there}{of_api}; put the zip that Spotify sent you "
        f"({WHERE_EXPORTS_ARE}) into {folder}, or name it with --exports"
    )


def _exports_folder(settings: Settings) -> Path:
    return settings.data_dir / EXPORTS_FOLDER


def _files_below(paths: list[Path]) -> list[Path]:
    """Return the files that a person put there, by their paths below the folder."""
    files = []
    for path in paths:
        if path.is_file():
            files.append(Path(path.name))
            continue
        below = (each.relative_to(path) for each in path.rglob("*") if each.is_file())
        files += [each for each in sorted(below) if not is_of_the_system(each.parts)]
    return files


def _in_words(files: list[Path]) -> str:
    if not files:
        return "no file"
    named = ", ".join(str(each) for each in files[:_FILES_NAMED])
    more = f" and {len(files) - _FILES_NAMED:,} more" if len(files) > _FILES_NAMED else ""
    return f"no streaming history in {named}{more}"
