"""Titles of works: titles without the version, the guests and the film.

One work has many titles: ``Song``, ``Song (feat. Somebody)``, ``Song - 2011 Remaster``,
``Song - From "Film"``. Remixes, covers, instrumentals, parts and numbers are works of their own.
"""

import re

_GUESTS = r"(?:feat|ft|featuring|with)\b"
_KINDS = (
    r"radio|single|album|original|extended|mono|stereo|short|full|film|movie|soundtrack|explicit|"
    r"clean|video|lp|acoustic|live|demo|studio|alternate|rerecorded|re-recorded|\d{4}|\S+'s"
)
# Of a part of a title, all of it.
_VERSION = re.compile(
    rf"{_GUESTS}.*"
    r"|from\b.*"
    r"|(?:.*\b)?(?:remaster|remastered|remastering)\b.*"
    rf"|(?:.*\s)?(?:{_KINDS})\b(?:\s.*)?\s(?:version|edit|mix|take|recording|session)\b.*"
    r"|(?:radio |single )?edit|mono|stereo|explicit|clean|acoustic|demo|unplugged|single|rerecorded"
    r"|bonus(?: track)?|deluxe(?: edition| version)?|(?:.*\s)?anniversary(?: edition| version)?"
    r"|live\b.*|(?:.*\s)?live(?:\s\d{4})?|(?:.*\s)?(?:soundtrack|ost)"
)
_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]")
_UNBRACKETED_GUESTS = re.compile(r"\s(?:feat|ft|featuring)(?:\.\s?|\s)(?:(?!\s-\s).)*")


def work_title(title: str) -> str:
    """Return a normalised title without what names the version, the guests and the film.

    A title of nothing else stays as it is.
    """
    bare = _BRACKETS.sub(lambda found: "" if _is_version(found[1]) else found[0], title)
    bare = _UNBRACKETED_GUESTS.sub("", bare)
    first, *parts = bare.split(" - ")
    while parts and _is_version(parts[-1]):
        parts.pop()
    return " - ".join([first, *parts]).strip() or title


def _is_version(part: str) -> bool:
    return _VERSION.fullmatch(part.strip()) is not None
