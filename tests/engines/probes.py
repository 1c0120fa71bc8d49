"""Every allowed function and form, over values that bring differences between engines to light.

A probe is an expression over ``nasty`` or a query of its own. They run in few queries, so that
both engines answer all of them within seconds; a difference names its probe.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from engines.engine import Engine
from tests.engines.both import differing_rows

ROWS = 120
_FILE = Path(__file__).with_name("probes.sql")

# Letter case beyond ASCII, normal forms, other widths and scripts, both directions of writing,
# emoji of several code points, characters that other dialects take for patterns; 🎧 and U+FFFD
# stand in another order in UTF-16 than in UTF-8.
_TEXTS = (
    None, "", " ", "İSTANBUL", "ıI", "ΟΔΥΣΣΕΥΣ", "é", "e\u0301", "Straße", "STRASSE", "ﬁ", "ǅ",
    "\u212a", "Ｆｕｌｌ　Ｗｉｄｔｈ", "夜に駆ける", "🎧", "\ufffd", "🏳\ufe0f\u200d🌈 mix", "مرحبا",
    "שלום עולם", "a|b;c", "O'Neil", "Don’t", "back\\slash", "\\Q.\\E", "a%b_c", "$1",
    "tab\tline\n", "\u00a0 x \u00a0", "a;;b;", ";", "Z", "a", "a ", "2024-01-02", "id:x", "z",
)  # fmt: skip
_WHOLES = (None, 0, 1, -1, 7, -7, 2, 2, 10, -3, 5, 1_000_003, 86_399)
_DOUBLES = (
    None, 0.0, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 1.005, 2.675, 0.1, 0.30000000000000004, 123_456.789,
    -1e-7, 4.4999999, 1e12 + 0.5, 0.0000005, 100.0, 0.125, -0.375,
)  # fmt: skip
_DAYS = (
    None, date(1970, 1, 1), date(1969, 12, 31), date(2024, 2, 29), date(2023, 2, 28),
    date(2024, 12, 30), date(2024, 12, 31), date(2025, 1, 1), date(2023, 1, 1), date(2026, 11, 25),
    date(1900, 3, 1),
)  # fmt: skip
# Around changes of clocks: Denver, Berlin, Lord Howe (half an hour), Apia (a day left out).
_INSTANTS = tuple(
    None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)
    for text in (
        None, "1969-12-31T23:59:59.999999", "2024-03-10T08:59:59.999999", "2024-03-10T09:00:00",
        "2024-11-03T07:30:00", "2024-11-03T08:30:00", "2024-03-31T00:59:59", "2024-03-31T01:00:00",
        "2024-10-27T00:30:00", "2024-10-27T01:30:00", "2024-04-06T14:59:00", "2024-04-06T15:00:00",
        "2024-10-05T15:30:00", "2011-12-30T09:59:59", "2011-12-30T10:00:00", "2023-12-31T23:30:00",
        "2024-01-01T00:00:00.000001", "2024-02-29T18:29:59.999", "2000-06-15T12:34:56.789012",
    )
)  # fmt: skip
_TRUTHS = (None, True, False, True)
_LISTS: tuple[list[str | None] | None, ...] = (
    None,
    [],
    ["b", "a", None],
    ["🎧", "\ufffd", "z"],
    ["x", "x"],
    [None],
    ["é", "e\u0301"],
    ["one"],
)
_JSONS = (
    None, "{}", '{"genres": []}', '{"genres": ["b c", "a"]}', '{"genres": null}',
    '{"genres": ["Ü", "\\u0130"], "x": 1}', '{"other": ["a"]}', '{"genres": ["a", null]}',
)  # fmt: skip
# The values of 'void' are all null, and 'one' has a single row.
_GROUPS = ("a", "b", "c", None, "a", "b", "void")
_ZONES = (
    "UTC", "America/Denver", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns",
    "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham",
)  # fmt: skip


def nasty() -> pa.Table:
    """Return the rows that the probes are about: no column's period has that of the groups."""

    def filled(values: Sequence[Any]) -> list[Any]:
        return list(islice(cycle(values), ROWS))

    columns: dict[str, tuple[list[Any], pa.DataType]] = {
        "s": (filled(_TEXTS), pa.string()),
        "t": (filled((*_TEXTS[::-1], "b")), pa.string()),
        "n": (filled(_WHOLES), pa.int64()),
        "k": (filled((*_WHOLES[::-1], 3, None)), pa.int32()),
        "x": (filled(_DOUBLES), pa.float64()),
        "y": (filled((*_DOUBLES[::-1], 1.0, None)), pa.float64()),
        "d": (filled(_DAYS), pa.date32()),
        "ts": (filled(_INSTANTS), pa.timestamp("us", "UTC")),
        "b": (filled(_TRUTHS), pa.bool_()),
        "c": (filled((*_TRUTHS[::-1], None)), pa.bool_()),
        "tags": (filled(_LISTS), pa.list_(pa.string())),
        "json": (filled(_JSONS), pa.string()),
    }
    groups = ["one", *filled(_GROUPS)][:ROWS]
    for values, _ in columns.values():
        values[:] = [
            None if group == "void" else value for value, group in zip(values, groups, strict=True)
        ]
    arrays = {name: pa.array(values, kind) for name, (values, kind) in columns.items()}
    return pa.table({"id": pa.array(range(ROWS), pa.int64()), "g": pa.array(groups), **arrays})


WINDOW_NAMES = """
WINDOW by_group AS (PARTITION BY g ORDER BY n NULLS FIRST, id),
    by_text AS (PARTITION BY g ORDER BY s, id DESC),
    with_ties AS (PARTITION BY g ORDER BY k DESC)
"""


def probes(section: str) -> list[str]:
    """Return the probes of a section of ``probes.sql``."""
    text = _FILE.read_text(encoding="utf-8")
    (own,) = re.findall(rf"^-- {section}.*?\n(.*?)(?=^-- [A-Z ]+(?:: .*)?\n|\Z)", text, re.M | re.S)
    lines = [line for line in own.splitlines() if line and not line.startswith("--")]
    if "{zone}" not in own:
        return lines
    return [line.replace("{zone}", zone) for zone in _ZONES for line in lines]


def batches() -> list[tuple[str, Sequence[str]]]:
    """Return the queries that run the probes, with the text of the probe for each column."""
    found: list[tuple[str, Sequence[str]]] = []
    for key, expressions, source in _sections():
        shown = ", ".join(f"{probe} AS p{number}" for number, probe in enumerate(expressions))
        found.append((f"SELECT {key}, {shown} {source}", (key, *expressions)))
    return [*found, *((query, ()) for query in probes("QUERIES"))]


def all_probes() -> list[str]:
    """Return every probe as a query of its own."""
    single = [
        f"SELECT {key}, {each} AS it {source}" for key, own, source in _sections() for each in own
    ]
    return [*single, *probes("QUERIES")]


def _sections() -> list[tuple[str, list[str], str]]:
    return [
        ("id", [*probes("EACH ROW"), *probes("EACH ZONE")], "FROM nasty"),
        ("g", probes("GROUPS"), "FROM nasty GROUP BY g"),
        ("id", probes("WINDOWS"), f"FROM nasty {WINDOW_NAMES}"),
    ]


def differences(
    one: Engine, other: Engine, asked: Callable[[], list[tuple[str, Sequence[str]]]] = batches
) -> list[str]:
    """Run the probes on both engines and return the ones that differ, with examples."""
    for engine in (one, other):
        engine.register("nasty", nasty())
    found = []
    for query, probes in asked():
        key = [probes[0]] if probes else []
        for each in differing_rows(query, one.fetch_arrow(query), other.fetch_arrow(query), key):
            name = each.what.removeprefix("type of ")
            is_numbered = name.startswith("p") and name[1:].isdigit()
            probe = probes[int(name[1:]) + 1] if probes and is_numbered else query
            found.append(f"{probe}: {each.what}: {each.count} rows ({each.examples})")
    return found
