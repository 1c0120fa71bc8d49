"""The files of a person beside the tables of a lake: which a purge deletes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cli.messages import LOG_FOLDER
from clients.auth.token_file import TOKEN_FILE
from config.settings import DEMO_FOLDER, EXPORTS_FOLDER, Settings
from engines.engine import SPILL_FOLDER
from engines.models import literal
from ingestion.api_state import people_with_state
from lake.people import people_of, rows_about
from lake.reader import open_lake
from loaders.export_names import names_a_person
from playlists.rule_files import FOLDER as RULES_FOLDER
from report.ask import HISTORY_FILE
from report.export_table import EXPORTED_FOLDER, KEY_FILE
from report.page.write import page_of
from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.library_schemas import TABLES as LIBRARY_TABLES
from schemas.ops_schemas import IMPORTED_FILES
from schemas.play_sources import API
from schemas.playlist_schemas import PLAYLIST_MAPPINGS
from writers.purge import Purge
from writers.restore import REPLACED_PREFIX, STAGED_PREFIX


@dataclass(frozen=True)
class PersonFiles:
    """The files that a purge deletes, with the reason to delete each, and the exports that stay.

    ``is_known`` says whether any is there by the person's name.
    """

    deleted: dict[Path, str]
    exports_left: list[Path]
    is_signed_in_as_other: bool
    is_known: bool


def person_files(settings: Settings, purged: Purge, *, with_exports: bool) -> PersonFiles:
    """Return what lies beside the tables of the lake and is the person's, or may name them."""
    data_dir = settings.data_dir
    pages, demo = page_of(data_dir, purged.user_id).parent, data_dir / DEMO_FOLDER
    deleted = {
        pages: "pages of the person",
        data_dir / LOG_FOLDER: "details of errors, which may name anybody",
        data_dir / EXPORTED_FOLDER: "tables written to files, with everybody's rows",
        data_dir / HISTORY_FILE: "queries that were typed",
        data_dir / SPILL_FOLDER: "left by an interrupted run",
        **dict.fromkeys(data_dir.glob(f"{STAGED_PREFIX}*"), "left by an interrupted restore"),
        **dict.fromkeys(
            data_dir.glob(f"{REPLACED_PREFIX}*"), "a lake that a restore put aside, with everybody"
        ),
    }
    is_other = False
    if purged.before is None:
        deleted |= dict.fromkeys(_rules_of(data_dir, purged.user_id), "rules of playlists")
        deleted[data_dir / KEY_FILE] = "key by which exported pseudonyms could be resolved"
        if purged.user_id in people_of(demo):
            deleted[demo] = "a simulated account under the person's name"
        is_other = not _is_signed_in(settings, purged.user_id)
        if not is_other:
            deleted |= dict.fromkeys(data_dir.glob(f"{TOKEN_FILE}*"), "the sign-in at Spotify")
    of_person = [] if purged.before is not None else [*_exports_of(settings, purged.user_id)]
    is_known = bool(of_person) or pages.exists() or demo in deleted
    if with_exports:
        deleted |= dict.fromkeys(of_person, "exports of the person")
        of_person = []
    there = {path: why for path, why in deleted.items() if path.is_symlink() or path.exists()}
    is_other = is_other and (data_dir / TOKEN_FILE).exists()
    return PersonFiles(there, of_person, is_other, is_known)


def exports_elsewhere(settings: Settings, user_id: str) -> list[Path]:
    """Return the files outside of the lake that the person's records were imported from."""
    folder = (settings.data_dir / EXPORTS_FOLDER).resolve()
    named = (each for each in _imported(settings.data_dir).get(user_id, ()))
    return sorted(
        each for each in named if not each.resolve().is_relative_to(folder) and each.exists()
    )


def _is_signed_in(settings: Settings, user_id: str) -> bool:
    """Return whether the sign-in is the person's: they are ``USER_ID``, or alone were asked of."""
    if user_id == settings.user_id:
        return True
    data_dir = settings.data_dir
    asked = {
        person
        for person in {*people_of(data_dir), *people_with_state(data_dir)}
        if person in people_with_state(data_dir)
        or rows_about(data_dir, person, [LISTENING_HISTORY], f"source = {literal(API.name)}")
        or rows_about(data_dir, person, LIBRARY_TABLES)
    }
    return asked == {user_id}


def _rules_of(data_dir: Path, user_id: str) -> Iterator[Path]:
    """Yield the rules by which a playlist of the person alone is kept; all where nobody is left."""
    folder = data_dir / RULES_FOLDER
    if {*people_of(data_dir)} <= {user_id}:
        yield folder
        return
    slugs: dict[str, set[str]] = {}
    with open_lake(data_dir, [PLAYLIST_MAPPINGS]) as lake:
        if PLAYLIST_MAPPINGS.exists(data_dir):
            query = f"SELECT user_id, slug FROM {PLAYLIST_MAPPINGS.full_name}"
            for person, slug in lake.execute(query).fetchall():
                slugs.setdefault(person, set()).add(slug)
    theirs = slugs.pop(user_id, set()).difference(*slugs.values())
    if folder.is_dir():
        yield from (each for each in folder.iterdir() if each.stem in theirs)


def _exports_of(settings: Settings, user_id: str) -> Iterator[Path]:
    """Yield what lies in ``exports`` and is the person's alone.

    That is the folder of their name, whatever only their records were imported from and, for
    ``USER_ID``, everything that is nobody else's. Of what several people share, their files.
    """
    folder = settings.data_dir / EXPORTS_FOLDER
    imported = _imported(settings.data_dir)
    if not folder.is_dir():
        return
    for entry in sorted(folder.iterdir()):
        within = {
            person: {each for each in files if each == entry or entry in each.parents}
            for person, files in imported.items()
        }
        theirs = within.get(user_id, set())
        others = set().union(*(files for person, files in within.items() if person != user_id))
        is_folder_of_person = entry.is_dir() and (
            entry.name in imported or names_a_person(entry.name)
        )
        is_by_name = is_folder_of_person and entry.name == user_id
        is_by_default = user_id == settings.user_id and not is_folder_of_person
        if not others and (theirs or is_by_name or is_by_default):
            yield entry
        else:
            yield from sorted(each for each in theirs - others if each.exists())


def _imported(data_dir: Path) -> dict[str, set[Path]]:
    """Return by person the zips and files that their records were imported from."""
    found: dict[str, set[Path]] = {}
    if not IMPORTED_FILES.exists(data_dir):
        return found
    with open_lake(data_dir, [IMPORTED_FILES]) as lake:
        rows = lake.execute(
            f"SELECT DISTINCT user_id, source_file FROM {IMPORTED_FILES.full_name} "
            "WHERE kind <> 'catalogue'"
        ).fetchall()
    folder = data_dir / EXPORTS_FOLDER
    for user_id, name in rows:
        # As it is now, wherever the lake lay when it was imported.
        path = Path(name.partition("!")[0])
        if EXPORTS_FOLDER in path.parts and not path.exists():
            place = path.parts.index(EXPORTS_FOLDER)
            path = folder.joinpath(*path.parts[place + 1 :])
        found.setdefault(user_id, set()).add(path)
    return found
