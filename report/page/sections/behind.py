"""What lies behind the cells of the calendars: each day's plays and its most played tracks."""

from typing import Any

from report.page import words
from report.page.listening import Listening
from report.page.questions.day_tops import day_tops
from report.page.questions.days import days
from report.page.words import plural


def days_behind(listening: Listening) -> dict[str, Any]:
    """Return the days with music for the script: names once, each day with places among them.

    ``days`` has by its date what a day is called, what was heard, and pairs of a track's place in
    ``tracks`` and its plays.
    """
    tracks: dict[str, int] = {}
    shown: dict[str, list[Any]] = {}
    for day in days(listening):
        if day.plays:
            heard = plural(day.plays, "play")
            if day.minutes is not None:
                heard = f"{heard}, {words.minutes(day.minutes)}"
            title = f"{day.local_date:%A} {words.day(day.local_date)}"
            shown[day.local_date.isoformat()] = [title, heard]
    for top in day_tops(listening):
        name = top.track_name or words.NOTHING
        name = f"{name} · {top.artist_name}" if top.artist_name else name
        place = tracks.setdefault(name, len(tracks))
        shown[top.local_date.isoformat()].append([place, top.plays])
    return {"tracks": list(tracks), "days": shown}
