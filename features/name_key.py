"""How two spellings of one track or artist name are told to be the same.

Exports, the Web API and the catalogue write one title with different quotation marks, dashes and
spaces. Every table that goes by name goes by these expressions.
"""

from functools import reduce
from operator import and_

from pyspark.sql import Column
from pyspark.sql import functions as F

# One plain character for each typographic one, in pairs.
_APOSTROPHES = "‘’‚‛′`´ʼ＇"
_QUOTATION_MARKS = "“”„‟″«»＂"
_DASHES = "‐‑‒–—―−－"
_TYPOGRAPHIC = _APOSTROPHES + _QUOTATION_MARKS + _DASHES
_PLAIN = "'" * len(_APOSTROPHES) + '"' * len(_QUOTATION_MARKS) + "-" * len(_DASHES)
# \s alone is ASCII white space in Java; \p{Z} adds the no-break, narrow and ideographic spaces.
_WHITE_SPACE = r"[\s\p{Z}]+"
# What of it can stand in a name of ASCII characters.
_UNCLEAN_ASCII = ("`", "  ", "\t", "\n", "\x0b", "\f", "\r")


def normalised(name: Column) -> Column:
    """Give ``name`` in lower case, with plain quotes and dashes and single spaces, trimmed.

    Null stays null; a name of white space only becomes the empty string.
    """
    lowered = F.lower(name)
    cleaned = F.regexp_replace(F.translate(lowered, _TYPOGRAPHIC, _PLAIN), _WHITE_SPACE, " ")
    # Most names are plain, and telling so costs a tenth of cleaning them.
    is_ascii = F.octet_length(name) == F.char_length(name)
    is_plain = reduce(and_, (~F.contains(name, F.lit(each)) for each in _UNCLEAN_ASCII), is_ascii)
    return F.trim(F.when(is_plain, lowered).otherwise(cleaned))


def genre_key(genre: Column) -> Column:
    """Give ``genre`` as one key: the catalogue writes 'hip-hop' where others write 'hip hop'."""
    return F.translate(normalised(genre), "-", " ")


def name_key(artist: Column, title: Column) -> Column:
    """Give the key ``artist|title`` of a track, both normalised.

    Null where the title is null or empty, since an artist alone names no track; a null artist
    counts as the empty string.
    """
    normalised_title = normalised(title)
    key = F.concat(F.coalesce(normalised(artist), F.lit("")), F.lit("|"), normalised_title)
    return F.when(normalised_title != "", key)
