"""Conditions of a rule with what the lake knows in place of what the rule says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import duckdb

from lake.decisions import corrections_of
from lake.reader import has_table
from playlists.fields import PLAYLIST
from playlists.nearest import nearest
from playlists.rules import Comparison, Group, Rule, RuleError
from schemas.decision_schemas import CORRECTIONS
from schemas.library_schemas import PLAYLISTS
from schemas.table import Table

TABLES: tuple[Table, ...] = (PLAYLISTS, CORRECTIONS)
"""The tables that it reads, where the lake has them."""


def resolved(lake: duckdb.DuckDBPyConnection, rule: Rule, user_id: str) -> Group:
    """Return the conditions of a rule as they are asked of a person's library.

    Names and addresses of playlists become ids. Next to the key of a track that the person says is
    the same as another (ops.corrections) comes the key of that one.

    Raises RuleError where the rule names a playlist that is not one of the person's own.
    """
    where = rule.where
    asked = where.comparisons()
    if any(each.field is PLAYLIST for each in asked):
        known = _own_playlists(lake, user_id)
        where = _changed(where, lambda each: _with_playlist_id(rule, each, known))
    if any(each.field.kind == "key" for each in asked):
        merged = {
            each.item_key: each.into_key
            for each in corrections_of(lake, user_id)
            if each.kind == "track" and each.into_key is not None
        }
        where = _changed(where, lambda each: _with_merged_keys(each, merged))
    return where


def _changed(group: Group, change: Callable[[Comparison], Comparison]) -> Group:
    return Group(
        group.kind,
        tuple(
            _changed(part, change) if isinstance(part, Group) else change(part)
            for part in group.parts
        ),
    )


def _own_playlists(lake: duckdb.DuckDBPyConnection, user_id: str) -> Mapping[str, str]:
    """Return the ids of the person's own playlists by their names in small letters, and by ids."""
    if not has_table(lake, PLAYLISTS.full_name):
        return {}
    own = lake.execute(
        f"SELECT playlist_name, playlist_id FROM {PLAYLISTS.full_name} WHERE user_id = ? "
        "AND is_own AND removed_at IS NULL ORDER BY first_seen DESC",
        (user_id,),
    ).fetchall()
    return {(name or "").lower(): each for name, each in own} | {each: each for _, each in own}


def _with_playlist_id(rule: Rule, part: Comparison, known: Mapping[str, str]) -> Comparison:
    if part.field is not PLAYLIST:
        return part
    last = part.value.strip().split("?")[0].replace("/", ":").split(":")[-1]
    playlist_id = known.get(part.value.strip().lower()) or known.get(last)
    if playlist_id is None:
        said = nearest(part.value, list(known)) if known else "the lake has none"
        raise RuleError(rule.source, part.place, f"no own playlist is {part.value}: {said}")
    return replace(part, value=playlist_id)


def _with_merged_keys(part: Comparison, merged: Mapping[str, str]) -> Comparison:
    """Return a condition on keys with those that count next to those that they are merged into.

    Both, as the library has the former key until the next run.
    """
    if part.field.kind != "key":
        return part
    keys: Sequence[str] = part.value
    both = [each for key in keys for each in (key, merged.get(key, key))]
    return replace(part, value=tuple(dict.fromkeys(both)))
