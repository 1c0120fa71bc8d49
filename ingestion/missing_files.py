"""Find missing files of an extended history by the numbers in names and by long silences."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import duckdb

from engines.models import literal
from ingestion.play_gaps import Gap, define_file_coverage
from lake.reader import open_lake
from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.ops_schemas import IMPORTED_FILES
from schemas.play_sources import EXTENDED

_UNSORTED = "endsong"


@dataclass(frozen=True)
class HistoryFile:
    """A file of the extended history, with the time span of its records."""

    archive: str
    series: str
    number: int | None
    begins_at: datetime
    ends_at: datetime


Span = tuple[datetime, datetime]


def missing_files(data_dir: Path) -> dict[str, list[Gap]]:
    """Return by person the times for which a file of the extended history is missing.

    Times that other files cover are left out, and so are people without missing files.
    """
    if not (IMPORTED_FILES.exists(data_dir) and LISTENING_HISTORY.exists(data_dir)):
        return {}
    with open_lake(data_dir, [IMPORTED_FILES, LISTENING_HISTORY]) as lake:
        files = _files(lake)
        define_file_coverage(lake)
        covered: dict[str, list[Span]] = {}
        whole: dict[str, list[Span]] = {}
        for user_id, is_whole, begins_at, ends_at in lake.execute(
            "SELECT user_id, is_whole, begins_at, ends_at FROM file_coverage"
        ).fetchall():
            covered.setdefault(user_id, []).append((begins_at, ends_at))
            if is_whole:
                whole.setdefault(user_id, []).append((begins_at, ends_at))
    found = {
        user_id: [
            *gaps_between(of_person, covered[user_id]),
            *gaps_of_unsorted(of_person, whole.get(user_id, [])),
        ]
        for user_id, of_person in files.items()
    }
    return {user_id: gaps for user_id, gaps in found.items() if gaps}


def gaps_between(files: Sequence[HistoryFile], covered: Sequence[Span]) -> Iterator[Gap]:
    """Yield the times between files in order of time that no source covers, where one is missing.

    One is missing where the numbers leave some out, or where the silence is too long to be one.
    """
    unsorted = {each.archive for each in _unsorted(files)}
    in_order = sorted(
        (each for each in files if not (each.series == _UNSORTED and each.archive in unsorted)),
        key=lambda each: (each.begins_at, each.ends_at),
    )
    if not in_order:
        return
    before = in_order[0]
    if before.number and not any(begins < before.begins_at for begins, _ in covered):
        yield _gap(None, before.begins_at, before.series, range(before.number))
    for each in in_order[1:]:
        if each.begins_at > before.ends_at and not _is_covered(
            before.ends_at, each.begins_at, covered
        ):
            left_out = _between(before, each)
            if left_out or each.begins_at - before.ends_at > EXTENDED.longest_silence:
                yield _gap(before.ends_at, each.begins_at, each.series, left_out)
        before = max(before, each, key=lambda file: file.ends_at)


def gaps_of_unsorted(files: Sequence[HistoryFile], whole: Sequence[Span]) -> Iterator[Gap]:
    """Yield the times of incomplete archives in which each file has records of all years."""
    by_archive: dict[str, list[HistoryFile]] = {}
    for each in _unsorted(files):
        by_archive.setdefault(each.archive, []).append(each)
    for of_archive in by_archive.values():
        numbers = {each.number for each in of_archive if each.number is not None}
        left_out = sorted({*range(max(numbers, default=-1) + 1)} - numbers)
        first = min(each.begins_at for each in of_archive)
        last = max(each.ends_at for each in of_archive)
        if left_out and not _is_covered(first, last, whole):
            yield _gap(first, last, _UNSORTED, left_out)


def _unsorted(files: Sequence[HistoryFile]) -> Iterator[HistoryFile]:
    """Yield the files of old archives, except those whose files follow each other in time."""
    old = [each for each in files if each.series == _UNSORTED]
    for archive in sorted({each.archive for each in old}):
        of_archive = sorted(
            (each for each in old if each.archive == archive), key=lambda each: each.begins_at
        )
        follow = all(one.ends_at <= other.begins_at for one, other in pairwise(of_archive))
        if len(of_archive) == 1 or not follow:
            yield from of_archive


def _between(before: HistoryFile, after: HistoryFile) -> range:
    if before.series != after.series or before.number is None or after.number is None:
        return range(0)
    return range(before.number + 1, after.number)


def _is_covered(lost_from: datetime, lost_until: datetime, spans: Iterable[Span]) -> bool:
    return any(begins <= lost_from and lost_until <= ends for begins, ends in spans)


def _gap(
    lost_from: datetime | None, lost_until: datetime, series: str, numbers: Iterable[int]
) -> Gap:
    form = "{}_{}.json" if series == _UNSORTED else "{}_…_{}.json"
    names = ", ".join(form.format(series, each) for each in numbers)
    return Gap("missing_file", lost_from, lost_until, EXTENDED, names or None)


def _files(lake: duckdb.DuckDBPyConnection) -> dict[str, list[HistoryFile]]:
    files: dict[str, list[HistoryFile]] = {}
    for user_id, *values in lake.execute(
        "SELECT user_id, archive, series, file_number, min(first_played_at), max(last_played_at) "
        f"FROM {IMPORTED_FILES.full_name} "
        f"WHERE kind = {literal(EXTENDED.name)} AND first_played_at IS NOT NULL "
        "GROUP BY user_id, archive, series, file_number, fingerprint ORDER BY ALL"
    ).fetchall():
        files.setdefault(user_id, []).append(HistoryFile(*values))
    return files
