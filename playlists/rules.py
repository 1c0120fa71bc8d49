"""A rule: which tracks a playlist holds and in which order, as read from a file and checked.

The format is that of Navidrome's smart playlists (.nsp): ``all`` or ``any`` of conditions, nested,
then ``sort``, ``order``, ``limit``, ``limitPercent``, ``offset``. ``separateArtists``, ``dedupe``,
``seed`` and ``sync`` are ours. Names are read in any case.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from config.settings import SettingsError
from playlists.fields import FIELDS, PLAYLIST, SYNONYMS, Field, UnknownFieldError, find_field
from playlists.nearest import nearest
from playlists.values import OPERATORS, WrongValueError, operators_of, read_value

SYNC_TIMES = ("every run", "daily")
RANDOM = "random"
_DEEPEST = 20
_MOST_CONDITIONS = 500
_MOST_LETTERS = 400
_GROUPS: Mapping[str, Literal["all", "any"]] = {"all": "all", "any": "any"}
# Navidrome's that have no meaning here are allowed, so that its files can be used as they are.
_KEYS = (
    "name",
    "comment",
    "public",
    "all",
    "any",
    "sort",
    "order",
    "limit",
    "limitPercent",
    "offset",
    "refreshDelay",
    "separateArtists",
    "dedupe",
    "seed",
    "sync",
)


class RuleError(SettingsError):
    """A rule cannot be used; the text is one line that names file, place and cure."""

    def __init__(self, source: str, place: str, text: str) -> None:
        line = ": ".join(each for each in (source, place, text) if each)
        plain = "".join(each if each.isprintable() else " " for each in line)
        super().__init__(plain if len(plain) <= _MOST_LETTERS else f"{plain[:_MOST_LETTERS]} …")


@dataclass(frozen=True)
class Comparison:
    """One condition: an operator of ``playlists.values``, a field, a value that suits both.

    ``place`` says where in the rule it stands, as in ``all[2].any[0]``.
    """

    operator: str
    field: Field
    value: Any
    place: str


@dataclass(frozen=True)
class Group:
    """Conditions of which all must hold, or any."""

    kind: Literal["all", "any"]
    parts: tuple["Comparison | Group", ...]

    def comparisons(self) -> list[Comparison]:
        """Return all conditions in their order, those of inner groups too."""
        found: list[Comparison] = []
        for part in self.parts:
            found += part.comparisons() if isinstance(part, Group) else [part]
        return found


@dataclass(frozen=True)
class SortKey:
    """What to sort by; None: at random, in an order that the seed fixes."""

    field: Field | None
    descending: bool


@dataclass(frozen=True)
class Rule:
    """A rule as it was read; ``source`` is the file, as messages name it.

    ``slug`` is the name of the file without its suffix. ``separate_artists`` is how many other
    tracks stand between two of one artist where possible. ``dedupe``: each work once. ``sync``
    says when the playlist at Spotify follows by itself: one of ``SYNC_TIMES``, or None.
    """

    slug: str
    name: str
    source: str
    where: Group
    comment: str = ""
    sort: tuple[SortKey, ...] = (SortKey(FIELDS["title"], False),)
    limit: int | None = None
    limit_percent: int | None = None
    offset: int = 0
    separate_artists: int = 0
    dedupe: bool = False
    seed: str = "0"
    sync: str | None = None

    @property
    def fields(self) -> list[Field]:
        """The fields that conditions and sort name, each once, in their order; no playlists."""
        named = [each.field for each in self.where.comparisons()]
        named += [each.field for each in self.sort if each.field is not None]
        return [each for each in dict.fromkeys(named) if each is not PLAYLIST]

    @property
    def named_keys(self) -> list[str]:
        """The tracks that the rule names by their keys, each once, in its order."""
        named = [
            each.value
            for each in self.where.comparisons()
            if each.field.kind == "key" and each.operator == "is"
        ]
        return [*dict.fromkeys(key for keys in named for key in keys)]


def parse_rule(data: Any, slug: str, source: str) -> Rule:
    """Return the rule that a file holds, of its parsed JSON or YAML.

    Raises RuleError, which names ``source`` and the place.
    """
    return _Reader(source).rule(data, slug)


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.conditions = 0

    def wrong(self, place: str, text: str) -> NoReturn:
        raise RuleError(self.source, place, text)

    def rule(self, data: Any, slug: str) -> Rule:
        given = self._by_name(data)
        sort = self._sort(given.get("sort"), self._order(given.get("order")))
        limit = self._whole(given, "limit") or None
        percent = self._whole(given, "limitPercent") or None
        public = given.get("public")
        if public is not None and not isinstance(public, bool):
            self.wrong("public", "true or false")
        return Rule(
            slug=slug,
            name=self._text(given, "name") or slug,
            source=self.source,
            where=self._top(given),
            comment=self._text(given, "comment"),
            sort=sort,
            limit=limit,
            limit_percent=None if percent is None else min(percent, 100),
            offset=self._whole(given, "offset"),
            separate_artists=self._separate(given),
            dedupe=self._flag(given, "dedupe"),
            seed=self._seed(given.get("seed")),
            sync=self._sync(given.get("sync")),
        )

    def _by_name(self, data: Any) -> dict[str, Any]:
        """Return what stands at the top by its name as we write it."""
        if not isinstance(data, dict):
            self.wrong("", "a rule is an object with the key all or any")
        names = {each.lower(): each for each in _KEYS}
        given: dict[str, Any] = {}
        for key, value in data.items():
            name = names.get(str(key).lower())
            if name is None:
                self.wrong("", f"there is no key {key}: {nearest(str(key), _KEYS)}")
            if name in given:
                self.wrong(name, "stands twice")
            given[name] = value
        return given

    def _top(self, given: Mapping[str, Any]) -> Group:
        present = [each for each in _GROUPS if each in given]
        if len(present) != 1:
            said = "both stand at the top" if present else "neither stands at the top"
            self.wrong("", f"all or any: {said}; one is needed, others stand inside it")
        (kind,) = present
        return self._group(_GROUPS[kind], given[kind], kind, depth=1)

    def _group(self, kind: Literal["all", "any"], parts: Any, place: str, depth: int) -> Group:
        if not isinstance(parts, list) or not parts:
            self.wrong(place, "a list of conditions is needed, such as [{gt: {plays: 5}}]")
        if depth > _DEEPEST:
            self.wrong(place, f"groups stand inside each other at most {_DEEPEST} deep")
        found: list[Comparison | Group] = []
        for number, part in enumerate(parts):
            found += self._part(part, f"{place}[{number}]", depth)
        return Group(kind, tuple(found))

    def _part(self, part: Any, place: str, depth: int) -> list[Comparison | Group]:
        """Return the conditions that an object holds: one as a rule, all of several."""
        if not isinstance(part, dict) or not part:
            self.wrong(place, "a condition is an object such as {gt: {plays: 5}}")
        found: list[Comparison | Group] = []
        for key, value in part.items():
            kind = _GROUPS.get(str(key).lower())
            if kind is not None:
                found.append(self._group(kind, value, f"{place}.{kind}", depth + 1))
            else:
                found += self._comparisons(str(key), value, place)
        return found

    def _comparisons(self, key: str, given: Any, place: str) -> list[Comparison]:
        operator = OPERATORS.get(key.lower())
        if operator is None:
            known = [*_GROUPS, *OPERATORS.values()]
            self.wrong(place, f"there is no operator {key}: {nearest(key, known)}")
        if not isinstance(given, dict) or not given:
            self.wrong(place, f"{operator} needs a field and a value, such as {{plays: 5}}")
        self.conditions += len(given)
        if self.conditions > _MOST_CONDITIONS:
            self.wrong(place, f"a rule has at most {_MOST_CONDITIONS} conditions")
        return [self._comparison(operator, str(name), given[name], place) for name in given]

    def _comparison(self, operator: str, name: str, value: Any, place: str) -> Comparison:
        if operator in operators_of("playlist"):
            if name.lower() not in ("id", "name"):
                self.wrong(place, f"{operator} needs the id or the name of a playlist")
            field = PLAYLIST
        else:
            field = self._field(name, place)
        known = operators_of(field.kind)
        if operator not in known:
            self.wrong(place, f"{operator} cannot be asked of {field.name}: {', '.join(known)} can")
        try:
            return Comparison(operator, field, read_value(operator, field.kind, value), place)
        except WrongValueError as error:
            self.wrong(place, f"{operator} of {field.name} needs {error}")

    def _field(self, name: str, place: str) -> Field:
        try:
            return find_field(name)
        except UnknownFieldError as error:
            self.wrong(place, str(error))

    def _order(self, given: Any) -> bool:
        """Return whether the order is reversed."""
        if given is None or given == "":
            return False
        name = str(given).strip().lower()
        if name not in ("asc", "desc"):
            self.wrong("order", f"asc or desc, not {given}")
        return name == "desc"

    def _sort(self, given: Any, is_reversed: bool) -> tuple[SortKey, ...]:
        if given is None or given == "" or given == []:
            return (SortKey(FIELDS["title"], is_reversed),)
        names = given if isinstance(given, list) else str(given).split(",")
        keys = []
        for each in names:
            name = str(each).strip()
            descending = name.startswith("-")
            name = name[1:].strip() if name[:1] in ("+", "-") else name
            if name.lower() == RANDOM:
                keys.append(SortKey(None, False))
                continue
            field = self._sort_field(name)
            keys.append(SortKey(field, descending is not is_reversed))
        return tuple(keys)

    def _sort_field(self, name: str) -> Field:
        if name.lower() not in {each.lower() for each in (*FIELDS, *SYNONYMS)}:
            self._unsortable(name)
        field = self._field(name, "sort")
        if field.kind in ("hours", "seasons"):
            self.wrong("sort", f"{field.name} has several values: sort by another field")
        return field

    def _unsortable(self, name: str) -> NoReturn:
        self.wrong("sort", f"there is no field {name}: {nearest(name, [*FIELDS, RANDOM])}")

    def _whole(self, given: Mapping[str, Any], name: str) -> int:
        value = given.get(name)
        if value is None:
            return 0
        is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if not is_whole or isinstance(value, bool) or not 0 <= value < 2**31:
            self.wrong(name, "a whole number from 0 is needed")
        return int(value)

    def _text(self, given: Mapping[str, Any], name: str) -> str:
        value = given.get(name)
        if value is None:
            return ""
        try:
            return str(read_value("contains", "text", value)).strip()
        except WrongValueError:
            self.wrong(name, "a text is needed")

    def _flag(self, given: Mapping[str, Any], name: str) -> bool:
        value = given.get(name, False)
        if not isinstance(value, bool):
            self.wrong(name, "true or false")
        return value

    def _separate(self, given: Mapping[str, Any]) -> int:
        name = "separateArtists"
        value = given.get(name)
        return int(value) if isinstance(value, bool) else self._whole(given, name)

    def _seed(self, given: Any) -> str:
        if given is None:
            return "0"
        try:
            return str(read_value("contains", "text", given))
        except WrongValueError:
            self.wrong("seed", "a number or a text is needed; daily and weekly change it")

    def _sync(self, given: Any) -> str | None:
        if given is None or given is False:
            return None
        if given not in SYNC_TIMES:
            self.wrong("sync", f"{' or '.join(SYNC_TIMES)}, not {given}")
        return str(given)
