"""Words that no engine has, or that engines define differently for some text: defined in Python.

Neither engine has Unicode's normal forms in SQL, and their ``lower`` differ (``İ``, the final
``Σ``). A model calls these once for each distinct value, not once a play.
"""

import hashlib
import re
import unicodedata
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

from engines import work_titles
from schemas.types import DOUBLE, INTEGER, STRING, array

PERSON_GROUPS = 64
UNIFORMS = 16
"""Numbers that ``hash_uniforms`` returns."""

_HEX_DIGITS = 8  # 32 bits each: far finer than any catalogue is long

# One plain character for each typographic one.
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´ʼ＇", "'"),
        **dict.fromkeys("“”„‟″«»＂", '"'),
        **dict.fromkeys("‐‑‒–—―−－", "-"),
    }
)
# ASCII white space, and the separators of Unicode: no-break, narrow and ideographic spaces.
_WHITE_SPACE = re.compile("[\t\n\x0b\f\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")


def normalised(name: str) -> str:
    """Return a name in lower case and composed form, with plain quotes, dashes and single spaces.

    So two spellings of one artist or title by exports, the Web API and the catalogue are equal. A
    name of white space only becomes the empty string.
    """
    if name.isascii():
        plain = name.lower().replace("`", "'")
    else:
        # Composed again: a letter may have a composed form in lower case only.
        lower = unicodedata.normalize("NFC", name).lower()
        plain = unicodedata.normalize("NFC", lower).translate(_PLAIN)
    return _WHITE_SPACE.sub(" ", plain).strip(" ")


def name_key(artist: str | None, title: str | None) -> str | None:
    """Return a recording's key by its names, as models' word of this name; None without a title."""
    title_key = normalised(title or "")
    return f"{normalised(artist or '')}|{title_key}" if title_key else None


def work_title(title: str) -> str:
    """Return the title of the work, normalised: see ``engines.work_titles``."""
    return work_titles.work_title(normalised(title))


def person_group(user_id: str) -> int:
    """Return the partition of a person's rows, 0-63, in tables about whole people."""
    return zlib.crc32(user_id.encode()) % PERSON_GROUPS


def hash_uniforms(seed: str, purpose: str) -> list[float]:
    """Return 16 numbers in the open interval (0, 1) that the seed fixes.

    They are the sixteen 32-bit words w of SHA-512('purpose|seed'), each as (w + 0.5) / 2³².
    Different purposes give independent numbers.
    """
    digest = hashlib.sha512(f"{purpose}|{seed}".encode()).hexdigest()
    words = (digest[n * _HEX_DIGITS : (n + 1) * _HEX_DIGITS] for n in range(UNIFORMS))
    return [(int(word, 16) + 0.5) / 2.0**32 for word in words]


class PythonWord(NamedTuple):
    """A function that models may call; null arguments return null without calling it."""

    function: Callable[..., Any]
    parameters: tuple[str, ...]
    returns: str


PYTHON_WORDS = {
    "normalised": PythonWord(normalised, (STRING,), STRING),
    "work_title": PythonWord(work_title, (STRING,), STRING),
    "person_group": PythonWord(person_group, (STRING,), INTEGER),
    "hash_uniforms": PythonWord(hash_uniforms, (STRING, STRING), array(DOUBLE)),
}
