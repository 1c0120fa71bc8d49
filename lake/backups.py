"""A backup as it lies in its folder: a whole lake, and a manifest that names it and its files.

The manifest is written last and replaced at once, so that a backup that is interrupted leaves the
former one valid. The lake in it is a folder like ``DATA_DIR`` and opens by itself.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from config.settings import SettingsError
from config.version import VERSION
from lake.checksums import checksum

MANIFEST_FILE = "backup.json"
LAKE_PREFIX = "lake-"
UNFINISHED_PREFIX = ".unfinished-"
FORMAT = 1


class BackupError(RuntimeError):
    """A backup is damaged or cannot be used; the message is one line."""


@dataclass(frozen=True)
class CopiedFile:
    """A file of a backup: its size in bytes and its SHA-256."""

    size: int
    sha256: str

    def is_held_by(self, file: Path) -> bool:
        """Return whether a file is there and holds what was copied, byte for byte."""
        if not file.is_file() or file.stat().st_size != self.size:
            return False
        return checksum(file) == self.sha256


@dataclass(frozen=True)
class CopiedTable:
    """A table of a backup: the version that was pinned, the id that Delta gave it, its rows."""

    version: int
    table_id: str
    rows: int | None


@dataclass(frozen=True)
class Backup:
    """A complete backup in ``folder``; tables and files by their paths below ``lake``."""

    folder: Path
    lake_name: str
    made_at: str
    tables: Mapping[str, CopiedTable]
    files: Mapping[str, CopiedFile]

    @property
    def lake(self) -> Path:
        """The folder of the lake, which opens as ``DATA_DIR``."""
        return self.folder / self.lake_name

    def write(self) -> None:
        """Write the manifest: from then on this is the backup in ``folder``."""
        stored = asdict(self)
        del stored["folder"]
        scratch = self.folder / f"{MANIFEST_FILE}.new"
        written = json.dumps({"format": FORMAT, "soundlake": VERSION, **stored}, indent=1)
        scratch.write_text(written, encoding="utf-8")
        scratch.replace(self.folder / MANIFEST_FILE)

    def faults(self) -> Iterator[str]:
        """Yield what is wrong with the files of the backup, a line a file."""
        for name, copied in self.files.items():
            file = self.lake / name
            if not file.is_file():
                yield f"{file} is missing"
            elif not copied.is_held_by(file):
                yield f"{file} is damaged"


def read_backup(folder: Path) -> Backup:
    """Return the backup in ``folder``.

    Raises SettingsError where there is none, BackupError where its manifest cannot be used.
    """
    file = folder / MANIFEST_FILE
    try:
        stored = json.loads(file.read_bytes())
    except FileNotFoundError:
        raise SettingsError(
            f"no backup in {folder}: name the folder that `main.py backup` was given"
        ) from None
    except ValueError:
        raise BackupError(f"{file} is damaged: use another backup") from None
    try:
        if stored["format"] != FORMAT:
            raise BackupError(
                f"the backup in {folder} was made by Soundlake {stored['soundlake']}: "
                "update Soundlake to use it"
            )
        return Backup(
            folder,
            stored["lake_name"],
            stored["made_at"],
            {name: CopiedTable(**each) for name, each in stored["tables"].items()},
            {name: CopiedFile(**each) for name, each in stored["files"].items()},
        )
    except (KeyError, TypeError, AttributeError):
        raise BackupError(f"{file} is damaged: use another backup") from None
