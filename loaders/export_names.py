"""What the names of files and folders say about them before anything is opened."""

import re
from pathlib import PurePosixPath
from typing import Literal

FileType = Literal["zip", "tar", "packed", "json", "unreadable", "unfinished", "unknown", "other"]

WHERE_EXPORTS_ARE = "Account privacy → Download your data → Extended streaming history"
"""Where at Spotify a person asks for years of their plays, in the page's own words."""

HISTORY_NAME = re.compile(r"(endsong|streaming_?history)", re.IGNORECASE)

# Files that operating systems leave in folders and zips.
_SYSTEM_NAME = re.compile(
    r"(\..*|__MACOSX|desktop\.ini|(eh)?thumbs\.db|icon\r)", re.IGNORECASE | re.DOTALL
)
_IN_THE_CLOUD_ONLY = re.compile(r"^\..+\.icloud$", re.IGNORECASE)
_JSON_NAME = re.compile(r"\.(json|jsonl|ndjson)(\.txt|\.bak|\.old|\.\d+|[ _]?\(\d+\))?$", re.I)
_TAR_NAME = re.compile(r"\.(tar(\.(gz|bz2|xz))?|tgz|tbz2?|txz)$", re.IGNORECASE)
_PACKED_NAME = re.compile(r"\.(gz|bz2|xz)$", re.IGNORECASE)
_UNREADABLE = {
    ".rar": "a RAR archive",
    ".7z": "a 7-Zip archive",
    ".zipx": "a zip of a newer kind",
    ".zst": "a Zstandard archive",
    ".lz4": "an LZ4 archive",
    ".sitx": "a StuffIt archive",
    ".dmg": "a disk image",
    ".iso": "a disk image",
}
_TABLES = (".csv", ".tsv", ".xlsx", ".xls", ".html", ".parquet")
_UNFINISHED = {".crdownload", ".part", ".partial", ".download", ".opdownload"}

# Files that Spotify puts beside the history, by their names over the years; "Technical Log
# Information" has some 150 more, recognised by their folder.
_COMPANION_NAME = re.compile(
    r"^(accountactivity|account_?data|addressbook|banappeals?|blocked.*|carthing|comments?|"
    r"connected.*|customerservice.*|deviceinfo.*|duonewfamily|familyplan|follow(ing|ers)?|"
    r"identifiers|identity|inferences|invites?|livevents?|marquee|messagedata|offlinedevices?|"
    r"partners?|payments?|playlist\d*|playlistinabottle|podcast.*|search(queries|history)|"
    r"socialconnect.*|spotify_?wrapped.*|student.*|taste.*|user(address|attributes|data|prompts|"
    r"profile|settings)|usaddress|voiceinput|wrapped.*|your(library|soundcapsule|.*))"
    r"([ _]?\d+|[ _]?\(\d+\))?$",
    re.IGNORECASE,
)
_SPOTIFY_FOLDER = re.compile(
    r"^(my[ _.-]?(spotify[ _.-]?)?data.*|spotify[ _-]?(account|extended|technical|data).*|"
    r".*technical[ _-]?log.*|.*account[ _-]?data.*)$",
    re.IGNORECASE,
)
_USER_FOLDER = re.compile(r"^[A-Za-z0-9_.-]{1,64}$")
# The words in names of folders that Spotify, an archiver or a tidy person makes.
_PACKING_WORDS = re.compile(
    r"^(my|spotify|data|extended|account|streaming|history|listening|audio|video|music|songs?|"
    r"podcasts?|audiobooks?|endsong|exports?|exported|technical|logs?|information|info|json|zips?|"
    r"rar|tar|gz|backups?|archives?|bak|copy|kopie|copie|copia|old|new|older|newer|latest|current|"
    r"downloads?|unzipped|unpacked|extracted|request|privacy|gdpr|takeout|files?|folder|dir|"
    r"macosx|tmp|temp|misc|raw|input|inbox|parts?|years?|lossless|all|of)+$"
)
_DATE = re.compile(r"^(19|20)\d\d(\D?\d\d){0,2}(\D+(19|20)\d\d(\D?\d\d){0,2})?$")


def is_of_the_system(parts: tuple[str, ...]) -> bool:
    """Return whether a path, below the given folder, is one that only operating systems create."""
    return any(
        _SYSTEM_NAME.fullmatch(each) and not _IN_THE_CLOUD_ONLY.match(each) for each in parts
    )


def file_type(name: str) -> FileType:
    """Return how to read a file; ``unknown`` where only its content can show that."""
    suffix = PurePosixPath(name).suffix.lower()
    if _IN_THE_CLOUD_ONLY.match(name) or suffix in _UNFINISHED:
        return "unfinished"
    if suffix == ".zip":
        return "zip"
    if _TAR_NAME.search(name):
        return "tar"
    if _PACKED_NAME.search(name):
        return "packed"
    if _JSON_NAME.search(name):
        return "json"
    if suffix in _UNREADABLE or (suffix in _TABLES and HISTORY_NAME.search(name)):
        return "unreadable"
    return "unknown" if suffix in ("", ".txt") else "other"


def refusal_of(name: str) -> str:
    """Return why a file (``unreadable`` or ``unfinished``) cannot be imported, and the fix."""
    if file_type(name) == "unreadable":
        kind = _UNREADABLE.get(PurePosixPath(name).suffix.lower())
        if kind is None:
            return "is not JSON: give the zip that Spotify sent, or the JSON files in it"
        return f"is {kind}, which cannot be read: unpack it and give the folder"
    if _IN_THE_CLOUD_ONLY.match(name):
        return "is in iCloud only: open it once, so that it is downloaded"
    return "is a download that has not finished: download it again"


def is_companion(name: str, folders: tuple[str, ...]) -> bool:
    """Return whether a file is one that Spotify puts beside the history."""
    stem = _JSON_NAME.sub("", name)
    return _COMPANION_NAME.match(stem) is not None or any(map(_SPOTIFY_FOLDER.match, folders))


def names_a_person(folder: str) -> bool:
    """Return whether a folder of exports is named after a person, not after its content."""
    if not _USER_FOLDER.match(folder) or is_of_the_system((folder,)):
        return False
    words = re.sub(r"[^a-z]", "", folder.lower())
    return not (_PACKING_WORDS.match(words) or _DATE.match(folder))
