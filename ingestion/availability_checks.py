"""How checks of availability are kept: a row for each time that the answer was another one."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from incremental.lake import Lake
from mappers.availability_mapper import availability_row
from mappers.library_mapper import shown_track
from mappers.values import Json
from schemas.availability_schemas import AVAILABILITY_CHECKS

Row = dict[str, Any]

SAME_AGAIN = timedelta(days=7)
"""How old a check is at least before the same answer is noted again."""


class PageChecks:
    """What the pages of a person's library say on whether tracks can be played.

    ``kept`` counts those that brought news.
    """

    def __init__(self, lake: Lake, user_id: str, step: str) -> None:
        self.kept = 0
        self._lake, self._user_id, self._step = lake, user_id, step
        self._noted: list[Row] = []

    def note(self, track_id: str | None, entry: Json) -> None:
        """Note what an item says of a track; it need not say anything."""
        if track_id is None:
            return
        market, now = self._lake.settings.market, self._lake.now
        check = availability_row(track_id, shown_track(entry), self._user_id, market, now)
        if check["is_playable"] is not None:
            self._noted.append(check)

    def keep(self) -> None:
        """Keep what was noted; to be called before a list is: it is not read again then."""
        if self._noted:
            self.kept += keep_checks(self._lake, self._noted, self._step)
        self._noted = []


def keep_checks(lake: Lake, checks: Iterable[Row], step: str) -> int:
    """Have the table hold these checks too, in one commit; return how many brought news."""
    held = lake.rows(AVAILABILITY_CHECKS)
    rows, news = with_checks(held, checks)
    if news:
        lake.replace_rows(AVAILABILITY_CHECKS, rows, step)
    return news


def with_checks(held: Sequence[Row], checks: Iterable[Row]) -> tuple[list[Row], int]:
    """Return the rows of the table with more checks, and how many of these brought news.

    The same answer as the last one only moves ``last_checked_at``, and that once a week, so that a
    track that is checked for years has one row; so do checks without an answer among themselves. Of
    several checks of a track the first counts.
    """
    rows = [*held]
    last: dict[tuple[Any, ...], int] = {}
    for place, row in enumerate(rows):
        known = last.get(_of(row))
        if known is None or rows[known]["last_checked_at"] < row["last_checked_at"]:
            last[_of(row)] = place
    news = 0
    for check in checks:
        place = last.get(_of(check), -1)
        before = rows[place] if place >= 0 else None
        if before is None or _says_otherwise(before, check):
            last[_of(check)] = len(rows)
            rows.append(check)
        elif _is_due(before, check["last_checked_at"]):
            isrc = check["isrc"] or before["isrc"]
            rows[place] = {**before, "last_checked_at": check["last_checked_at"], "isrc": isrc}
        else:
            continue
        news += 1
    return rows, news


def _of(row: Row) -> tuple[Any, ...]:
    return row["user_id"], row["track_id"], row["market"], row["is_playable"] is None


def _says_otherwise(before: Row, check: Row) -> bool:
    if check["last_checked_at"] <= before["last_checked_at"]:
        return False
    # Pages give no reason for a track that is deleted.
    has_other_reason = check["reason"] is not None and check["reason"] != before["reason"]
    names = ("is_playable", "other_track_id")
    return has_other_reason or any(before[name] != check[name] for name in names)


def _is_due(before: Row, checked_at: datetime) -> bool:
    last: datetime = before["last_checked_at"]
    return checked_at - last >= SAME_AGAIN
