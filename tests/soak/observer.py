"""A process that reads a lake all the while that others write it, and says what it saw."""

import json
import time
from collections.abc import Collection, Mapping
from pathlib import Path

import duckdb

from lake.reader import has_table, open_lake
from lake.replacement import HalfReplacedError
from tests.soak.lake_digest import COMPARED, broken_keys, digest, unsound

STOP = "stop"
_PAUSE, _LONGEST_PAUSE = 0.03, 1.0  # seconds


def observe(
    lake: Path,
    counts: Mapping[str, Collection[int]],
    result: Path,
    *,
    is_replaced: bool,
    compared: Collection[Path],
    proves: bool,
) -> int:
    """Look at the lake until the file ``stop`` is beside it; write to ``result`` what was seen.

    ``counts`` are those that a table may have, by its name; other tables are not looked at.
    ``is_replaced`` says that the lake is replaced as a whole meanwhile. At the end the digest of
    every lake ``compared`` is taken, and where it ``proves`` what is wrong with it: to look at
    every file and row takes as long as a run.
    """
    looks, problems, is_last = 0, [], False
    while not is_last:
        is_last = (lake.parent / STOP).exists()
        state = _state(lake)
        try:
            problems += _look(lake, counts, looks)
            looks += 1
        except (HalfReplacedError, duckdb.IOException) as error:
            # Files that a query was about to read may be in the former lake by then.
            if not is_replaced or is_last:
                problems.append(f"{type(error).__name__}: {error}")
        except Exception as error:  # whatever a reader meets is what this is about
            problems.append(f"{type(error).__name__}: {error}")
        until = time.monotonic() + _LONGEST_PAUSE
        while not is_last and _state(lake) == state and time.monotonic() < until:
            time.sleep(_PAUSE)
    ends = {str(each): [digest(each), unsound(each) if proves else []] for each in compared}
    report = {"looks": looks, "problems": problems[:5], "ends": ends}
    result.write_text(json.dumps(report), encoding="utf-8")
    return 0


def _state(lake: Path) -> list[str]:
    """Return what changes with every commit, and as the end is asked for."""
    try:
        commits = [*lake.glob("[!.]*/[!.]*/_delta_log/*.json")]
    except OSError:  # a folder was replaced meanwhile
        commits = []
    return [str(each) for each in (*commits, *lake.parent.glob(STOP))]


def _look(lake: Path, counts: Mapping[str, Collection[int]], turn: int) -> list[str]:
    """Return what a reader sees of a lake that no whole version shows, a line each."""
    found = []
    with open_lake(lake) as tables:
        there = [each for each in COMPARED if has_table(tables, each.full_name)]
        for place, table in enumerate(there):
            name = table.full_name
            if name in counts:
                ((rows,),) = tables.execute(f"SELECT count(*) FROM {name}").fetchall()
                if rows not in counts[name]:
                    found.append(f"{name} had {rows} rows, never one of {sorted(counts[name])}")
            # One table a look: to look at the keys of all would take longer than a run.
            if (turn + place) % 5 == 0 and broken_keys(tables, table):
                found.append(f"{name} had keys that were not unique")
    return found
