"""Rules as they are written: Navidrome's files work, and what is wrong is one line."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playlists.fields import FIELDS
from playlists.rule_files import read_rule
from playlists.rules import Group, Rule, RuleError, parse_rule
from playlists.values import operators_of
from tests.playlists.at_random import rules
from tests.properties import at_most


def rule(data: Any) -> Rule:
    return parse_rule(data, "x", "x.nsp")


def wrong(data: Any) -> str:
    with pytest.raises(RuleError) as error:
        rule(data)
    return str(error.value)


PLAYED = [{"gt": {"plays": 0}}]


def test_a_rule_as_navidrome_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "recently-played.nsp"
    path.write_text(
        """/*
  Top "level" comment
*/
{
  "name": "Recently // Played",
  "comment": "Recently played tracks",
  "public": false,
  "refreshDelay": "1h",
  "all": [
    // This is an inline comment
    {"inTheLast": {"lastPlayed": 30}},
    {"any": [{"is": {"loved": true}}, {"contains": {"title": "http://a"}}]}
  ],
  "sort": "-lastPlayed,title",
  "order": "desc",
  "limit": 100
}""",
        encoding="utf-8-sig",
    )
    found = read_rule(path)

    assert (found.slug, found.name) == ("recently-played", "Recently // Played")
    assert (found.comment, found.limit) == ("Recently played tracks", 100)
    assert [(each.field and each.field.name, each.descending) for each in found.sort] == [
        ("lastPlayed", False),
        ("title", True),
    ]
    assert [
        (each.operator, each.field.name, each.value, each.place)
        for each in found.where.comparisons()
    ] == [
        ("inTheLast", "lastPlayed", 30, "all[0]"),
        ("is", "saved", (True,), "all[1].any[0]"),
        ("contains", "title", "http://a", "all[1].any[1]"),
    ]


def test_names_are_read_in_any_case_and_by_their_synonyms() -> None:
    found = rule(
        {
            "NAME": "A",
            "Any": [{"GT": {"PlayCount": 1}, "notinthelast": {"LASTPLAYED": 3}}],
            "LimitPercent": 10,
            "separateartists": True,
        }
    )

    assert (found.name, found.where.kind, found.limit_percent) == ("A", "any", 10)
    assert [each.field.name for each in found.where.comparisons()] == ["plays", "lastPlayed"]
    assert found.separate_artists == 1


def test_what_is_not_said() -> None:
    found = rule({"all": PLAYED})

    assert (found.name, found.comment, found.source) == ("x", "", "x.nsp")
    assert [(each.field and each.field.name, each.descending) for each in found.sort] == [
        ("title", False)
    ]
    assert (found.limit, found.limit_percent, found.offset) == (None, None, 0)
    assert (found.separate_artists, found.dedupe, found.seed, found.sync) == (0, False, "0", None)


def test_a_rule_in_yaml(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_text(
        "name: Ein Abend\nsync: every run\nall:\n"
        "  - before: {lastPlayed: 2024-01-31}\n  - is: {saved: yes}\nseed: daily\n"
    )
    found = read_rule(path)
    before, saved = found.where.comparisons()

    assert (found.name, found.sync, found.seed) == ("Ein Abend", "every run", "daily")
    assert (str(before.value), saved.value) == ("2024-01-31", (True,))


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ([], "x.nsp: a rule is an object with the key all or any"),
        (
            {"all": PLAYED, "any": []},
            "x.nsp: all or any: both stand at the top; one is needed, others stand inside it",
        ),
        (
            {"name": "x"},
            "x.nsp: all or any: neither stands at the top; one is needed, others stand inside it",
        ),
        ({"al": PLAYED}, "x.nsp: there is no key al: the nearest is all"),
        ({"all": PLAYED, "limt": 1}, "x.nsp: there is no key limt: the nearest is limit"),
        ({"all": PLAYED, "ALL": PLAYED}, "x.nsp: all: stands twice"),
        (
            {"all": []},
            "x.nsp: all: a list of conditions is needed, such as [{gt: {plays: 5}}]",
        ),
        (
            {"all": [1]},
            "x.nsp: all[0]: a condition is an object such as {gt: {plays: 5}}",
        ),
        (
            {"all": [*PLAYED, {"any": [{"gt": {"plajs": 5}}]}]},
            "x.nsp: all[1].any[0]: there is no field plajs: the nearest is plays",
        ),
        (
            {"all": [{"??": {"plays": 5}}]},
            "x.nsp: all[0]: there is no operator ??: there are all, any, is, isNot, gt, lt, "
            "inTheRange, isMissing, isPresent, before, after, inTheLast, notInTheLast, contains, "
            "notContains, startsWith, endsWith, inPlaylist, notInPlaylist",
        ),
        (
            {"all": [{"inTheLsat": {"lastPlayed": 5}}]},
            "x.nsp: all[0]: there is no operator inTheLsat: the nearest is inTheLast",
        ),
        (
            {"all": [{"gt": {"rating": 3}}]},
            "x.nsp: all[0]: there is no field rating here: Navidrome has it, this lake does not",
        ),
        (
            {"all": [{"contains": {"plays": 3}}]},
            "x.nsp: all[0]: contains cannot be asked of plays: is, isNot, gt, lt, inTheRange, "
            "isMissing, isPresent can",
        ),
        (
            {"all": [{"gt": 5}]},
            "x.nsp: all[0]: gt needs a field and a value, such as {plays: 5}",
        ),
        ({"all": [{"gt": {"plays": "many"}}]}, "x.nsp: all[0]: gt of plays needs a number"),
        ({"all": [{"gt": {"plays": True}}]}, "x.nsp: all[0]: gt of plays needs a number"),
        (
            {"all": [{"gt": {"plays": float("nan")}}]},
            "x.nsp: all[0]: gt of plays needs a number",
        ),
        ({"all": [{"is": {"plays": []}}]}, "x.nsp: all[0]: is of plays needs at least one value"),
        (
            {"all": [{"inTheRange": {"plays": [1]}}]},
            "x.nsp: all[0]: inTheRange of plays needs a pair such as [1, 5]",
        ),
        (
            {"all": [{"inTheRange": {"plays": [5, 1]}}]},
            "x.nsp: all[0]: inTheRange of plays needs a pair whose first is not above its second",
        ),
        (
            {"all": [{"before": {"lastPlayed": "31.1.2024"}}]},
            "x.nsp: all[0]: before of lastPlayed needs a date such as 2024-01-31",
        ),
        (
            {"all": [{"inTheLast": {"lastPlayed": -1}}]},
            "x.nsp: all[0]: inTheLast of lastPlayed needs a whole number of days, 0 to 100,000",
        ),
        (
            {"all": [{"is": {"playedInHour": 24}}]},
            "x.nsp: all[0]: is of playedInHour needs a whole hour of the day, 0 to 23",
        ),
        (
            {"all": [{"is": {"playedInSeason": "fall"}}]},
            "x.nsp: all[0]: is of playedInSeason needs a season: winter, spring, summer, autumn",
        ),
        ({"all": [{"is": {"saved": "maybe"}}]}, "x.nsp: all[0]: is of saved needs true or false"),
        ({"all": [{"is": {"title": None}}]}, "x.nsp: all[0]: is of title needs a text"),
        (
            {"all": [{"is": {"title": "\ud800"}}]},
            "x.nsp: all[0]: is of title needs a text without halves of characters",
        ),
        (
            {"all": [{"inPlaylist": {"path": "a.nsp"}}]},
            "x.nsp: all[0]: inPlaylist needs the id or the name of a playlist",
        ),
        (
            {"all": PLAYED, "sort": "titel"},
            "x.nsp: sort: there is no field titel: the nearest is title",
        ),
        (
            {"all": PLAYED, "sort": "playedInHour"},
            "x.nsp: sort: playedInHour has several values: sort by another field",
        ),
        ({"all": PLAYED, "order": "up"}, "x.nsp: order: asc or desc, not up"),
        ({"all": PLAYED, "limit": -1}, "x.nsp: limit: a whole number from 0 is needed"),
        ({"all": PLAYED, "limit": "ten"}, "x.nsp: limit: a whole number from 0 is needed"),
        ({"all": PLAYED, "dedupe": "recording"}, "x.nsp: dedupe: true or false"),
        ({"all": PLAYED, "sync": "hourly"}, "x.nsp: sync: every run or daily, not hourly"),
        ({"all": PLAYED, "name": ["x"]}, "x.nsp: name: a text is needed"),
    ],
)
def test_what_is_wrong_is_one_line_with_its_place(data: Any, line: str) -> None:
    assert wrong(data) == line


def test_a_message_is_one_line_of_bounded_length() -> None:
    assert wrong({"all": [{"gt": {"a\nb\x1b[31m": 1}}]}).startswith(
        "x.nsp: all[0]: there is no field a b [31m: there are plays, minutes"
    )
    assert len(wrong({"all": [{"gt": {"x" * 90_000: 1}}]})) < 500


def test_a_rule_is_of_bounded_size() -> None:
    deep: Any = PLAYED
    for _ in range(19):
        deep = [{"all": deep}]

    assert isinstance(rule({"all": deep}).where, Group)
    assert "at most 20 deep" in wrong({"all": [{"any": deep}]})
    assert len(rule({"all": PLAYED * 500}).where.comparisons()) == 500
    assert wrong({"all": PLAYED * 501}).endswith("a rule has at most 500 conditions")


def test_every_field_can_be_asked() -> None:
    asked = {"text": "a", "date": "2024-01-01", "seasons": "winter", "truth": True}
    for field in FIELDS.values():
        value = asked.get(field.kind, 1)
        assert "is" in operators_of(field.kind)
        found = rule({"all": [{"is": {field.name.upper(): value}}]})
        assert found.fields[0] is field


ANYTHING = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(["plays", "2024-01-01", "-title", "daily", "\ud800", "\x00"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(
                st.sampled_from(
                    [
                        *("all", "any", "is", "gt", "inTheRange", "inTheLast", "plays", "title"),
                        *("lastPlayed", "playedInHour", "sort", "limit", "order", "name", "seed"),
                        *("sync", "dedupe", "inPlaylist", "id"),
                    ]
                ),
                st.text(max_size=4),
            ),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=12,
)


@at_most(300)
@given(st.one_of(ANYTHING, st.tuples(rules(), ANYTHING).map(lambda both: _spoilt(*both))))
def test_whatever_a_file_holds_is_a_rule_or_one_line(data: Any) -> None:
    try:
        found = rule(data)
    except RuleError as error:
        assert len(str(error).splitlines()) == 1
        assert str(error).isprintable()
    else:
        assert found.where.comparisons()


def _spoilt(data: dict[str, Any], other: Any) -> dict[str, Any]:
    return {**data, **other} if isinstance(other, dict) else {**data, "all": [other]}
