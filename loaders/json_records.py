"""Read the records of a JSON file, as far as they are readable.

Real files come as one list, as several lists behind each other, as one object a line, in UTF-8,
UTF-16 or a Windows code page, padded with NUL bytes, cut off, or damaged in the middle. What is
readable without loss is read; the rest is reported as a ``Damage`` in place of the record, and
reading continues with the next record that can be found.
"""

import codecs
import json
import lzma
import re
import struct
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import IO, Any

CHUNK_BYTES = 1024**2
# No record of an export comes close; a longer one has lost its end.
_MAX_RECORD_CHARACTERS = 4 * 1024**2
_MAX_DIGITS = 400
# So many characters that are done may stay before those that are tried.
_MOST_DONE = 16 * 1024
# White space between two records.
_MAX_GAP = 1_000

_BETWEEN = re.compile(r"[\s\0\ufeff,]*")
# Strings, which may end with the text, and the brackets outside of them.
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
# The place behind which a record may begin; within an inner object there is a colon.
# Of white space each line is looked at once: there may be megabytes of it.
_NEXT_RECORD = re.compile(r'[\[\],}\0\n](?:(?<!\n)\s*+|(?<=\n)[^\S\n]*+)(?=\{\s*+")')
# What is found after damage must look like a record; an inner object does not.
_SIGNS_OF_A_RECORD = ("ts", "endTime")
_NOT_UTF_8 = re.compile("[\udc80-\udcff]")
_OF_UTF_8 = re.compile("[^\0-\x7f\udc80-\udcff]")
_WINDOWS = {
    0xDC00 + byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(128, 256)
}
# The longer mark first: that of UTF-32 begins like that of UTF-16.
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

# The errors of reading a damaged or unreachable file.
# A damaged archive may have negative places, lengths beyond its end or methods that nobody knows.
READ_ERRORS = (
    OSError,
    EOFError,
    ValueError,
    OverflowError,
    NotImplementedError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    tarfile.TarError,
)
BREAKS_OFF = "breaks off in the middle: download it again; the part before is kept"


@dataclass(frozen=True)
class Damage:
    """Unreadable content in place of a record: why it cannot be read, and the fix."""

    detail: str


def records_of(stream: IO[bytes], chunk_bytes: int = CHUNK_BYTES) -> Iterator[Any]:
    """Yield the records of a file in their order, a ``Damage`` for each that cannot be read.

    NaN and infinite numbers are null, whole numbers of hundreds of digits are text.
    """
    text = _Text(stream, chunk_bytes)
    open_lists = 0
    while text.skip_to_value():
        match text.character:
            case "[":
                open_lists += 1
                text.place += 1
            case "]":
                open_lists -= 1
                text.place += 1
            case _:
                yield from text.next_records()
    if not text.ends_in_damage and (text.failure is not None or open_lists > 0):
        yield Damage(text.failure or BREAKS_OFF)


def without_surrogates(value: Any) -> Any:
    """Replace lone surrogates, which are not text and could not be stored."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case dict():
            return {without_surrogates(name): without_surrogates(value[name]) for name in value}
        case list():
            return [without_surrogates(each) for each in value]
        case _:
            return value


def _whole_number(text: str) -> int | str:
    return int(text) if len(text) <= _MAX_DIGITS else text


def _number(text: str) -> float | None:
    value = float(text)
    return value if isfinite(value) else None


_DECODER = json.JSONDecoder(
    strict=False, parse_int=_whole_number, parse_float=_number, parse_constant=lambda _: None
)


class _Text:
    """The text of a file, read as needed; the part before ``place`` is done."""

    def __init__(self, stream: IO[bytes], chunk_bytes: int) -> None:
        self._stream = stream
        self._chunk_bytes = chunk_bytes
        self._held = ""
        self._is_utf_8 = False
        self.place = 0
        self.ends_in_damage = False
        self.failure: str | None = None
        first = self._read_bytes()
        encoding = _encoding(first)
        errors = "surrogateescape" if encoding.startswith("utf-8") else "replace"
        self._decoder = codecs.getincrementaldecoder(encoding)(errors)
        self._hold(first)

    @property
    def character(self) -> str:
        return self._held[self.place]

    def skip_to_value(self) -> bool:
        """Go to the next list or record; False at the end of the file."""
        while True:
            found = _BETWEEN.match(self._held, self.place)
            self.place = found.end() if found else self.place
            if self.place < len(self._held):
                return True
            if not self._read_on():
                return False

    def next_records(self) -> Iterator[Any]:
        """Yield the record that begins here, or what is wrong with it and the next one."""
        while True:
            try:
                record, end = _DECODER.raw_decode(self._held, self.place)
            except json.JSONDecodeError as error:
                if self._may_be_longer(self.place) and self._read_on():
                    continue
                detail = f"is damaged here ({error.msg.lower()}): download it again"
                yield from self._next_after(BREAKS_OFF if self._is_cut(error) else None, detail)
                return
            except RecursionError:
                yield from self._next_after(None, "is nested too deep here: skipped")
                return
            # A number may continue in text that is not read yet.
            if end == len(self._held) and not isinstance(record, dict) and self._read_on():
                continue
            start, self.place = self.place, end
            yield _checked(record, self._held[start:end])
            return

    def _next_after(self, at_the_end: str | None, elsewhere: str) -> Iterator[Any]:
        """Yield the damage here, described by whether another record follows, and that record."""
        self.place += 1
        found = self._find_record()
        if found is None:
            self.ends_in_damage = True
            yield Damage(self.failure or at_the_end or elsewhere)
            return
        yield Damage(elsewhere)
        yield found

    def _find_record(self) -> Any:
        while True:
            if self.place > _MOST_DONE:
                # An error of json counts the lines from the beginning to itself.
                self._held, self.place = self._held[self.place :], 0
            found = _NEXT_RECORD.search(self._held, self.place)
            if found is None:
                self.place = max(self.place, len(self._held) - _MAX_GAP)
                if not self._read_on():
                    self.place = len(self._held)
                    return None
                continue
            self.place = found.start()
            try:
                record, end = _DECODER.raw_decode(self._held, found.end())
            except json.JSONDecodeError:
                if not (self._may_be_longer(found.end()) and self._read_on()):
                    self.place = found.end() + 1
                continue
            except RecursionError:
                self.place = self._past_levels(found.end())
                continue
            self.place = end
            if isinstance(record, dict) and any(each in record for each in _SIGNS_OF_A_RECORD):
                return _checked(record, self._held[found.end() : end])

    def _past_levels(self, start: int) -> int:
        """Return where to go on after a value nested too deep: past the levels above its deepest.

        What begins in those is nested too deep as well, and to try each takes a while each.
        """
        opened: list[int] = []
        limit = sys.getrecursionlimit()
        for token in _TOKENS.finditer(self._held, start):
            if token.group() in ("{", "["):
                opened.append(token.start())
            elif token.group() in ("}", "]"):
                if len(opened) >= limit or not opened:
                    break
                opened.pop()
        return max(start + 1, opened[-limit] if len(opened) > limit else 0)

    def _may_be_longer(self, start: int) -> bool:
        return len(self._held) - start < _MAX_RECORD_CHARACTERS

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        """Return whether the text ends before the record does."""
        end = len(self._held.rstrip("\0 \t\r\n"))
        return error.msg.startswith("Unterminated string") or error.pos >= end

    def _read_on(self) -> bool:
        """Read more text and drop what is done; False at the end."""
        content = self._read_bytes()
        if not content:
            return False
        self._hold(content)
        return True

    def _read_bytes(self) -> bytes:
        if self.failure is not None:
            return b""
        try:
            return self._stream.read(self._chunk_bytes)
        except READ_ERRORS as error:
            self.failure = failure_of(error)
            return b""

    def _hold(self, content: bytes) -> None:
        text = self._decoder.decode(content)
        if not text.isascii():
            self._is_utf_8 = self._is_utf_8 or _OF_UTF_8.search(text) is not None
            if not self._is_utf_8:
                text = text.translate(_WINDOWS)
        self._held = self._held[self.place :] + text
        self.place = 0


def _checked(record: Any, text: str) -> Any:
    """Return a record; a ``Damage`` where it holds text that is invalid."""
    if "\0" in text:
        return Damage("is damaged here (NUL bytes within a record): download it again")
    if not text.isascii() and _NOT_UTF_8.search(text):
        return Damage("is damaged here (bytes that are not UTF-8 text): download it again")
    if "\\u" not in text:
        return record
    try:
        return without_surrogates(record)
    except RecursionError:
        return Damage("is nested too deep here: skipped")


def _encoding(first: bytes) -> str:
    for mark, encoding in _MARKS.items():
        if first.startswith(mark):
            return encoding
    zeros = [byte == 0 for byte in first[:4]]
    if zeros == [False, True, False, True]:
        return "utf-16-le"
    return "utf-16-be" if zeros == [True, False, True, False] else "utf-8"


def failure_of(error: Exception) -> str:
    """Return as text that a file cannot be read, or not to its end, and the fix."""
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read ({error.strerror}): check its permissions"
    detail = str(error).splitlines()[0] if str(error).strip() else type(error).__name__
    return f"is damaged ({detail}): download it again; the part before is kept"
