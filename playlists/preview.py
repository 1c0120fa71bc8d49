"""A rule's tracks and why each is in: the values of the fields that the rule names, in words."""

from typing import Any

from playlists.conditions import bits_asked
from playlists.fields import FIELDS, said
from playlists.rules import Rule
from playlists.selection import ChosenTrack, Selection
from report.page.words import plural

_SHOWN_ANYWAY = ("title", "artist")


def why(rule: Rule, track: ChosenTrack) -> str:
    """Return why a track is in: ``12 plays, last played 3 May 2024, saved``.

    Title and artist are not said again, nor one thing twice; of hours and seasons those are named
    that the rule asks for.
    """
    words = [
        said(FIELDS[name], _as_asked(rule, name, value))
        for name, value in track.values.items()
        if name not in _SHOWN_ANYWAY
    ]
    return ", ".join(dict.fromkeys(words))


def _as_asked(rule: Rule, name: str, value: Any) -> Any:
    if FIELDS[name].kind not in ("hours", "seasons"):
        return value
    asked = 0
    for each in rule.where.comparisons():
        if each.field.name == name and each.operator != "isNot":
            asked |= bits_asked(each)
    return value & asked or value


def in_short(selection: Selection) -> str:
    """Return how many tracks there are of how many, as a sentence."""
    shown, matching = len(selection.tracks), selection.matching
    text = plural(shown, "track")
    if matching != shown:
        text += f" of {matching:,} that the rule matches"
    if selection.without_id:
        text += f" ({selection.without_id:,} without a Spotify id left out)"
    return text
