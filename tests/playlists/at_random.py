"""Libraries and rules at random."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from playlists.fields import FIELDS
from playlists.values import operators_of
from schemas.silver_schemas import SEASONS
from tests.playlists.libraries import TODAY, Row, at, track

OWN_PLAYLISTS = [
    {"user_id": "me", "playlist_id": each, "playlist_name": f"Name {each}", "is_own": True}
    for each in ("p1", "p2")
]
TEXTS = st.text("aAéÉbß %_'", max_size=3)
COUNTS = st.integers(0, 6)
UNIT = st.sampled_from([None, 0.0, 0.25, 0.5, 0.75, 1.0])


def _maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


@st.composite
def libraries(draw: st.DrawFn) -> list[Row]:
    instants = st.integers(0, 60 * 24).map(lambda hours: at(2024, 4, 17) + timedelta(hours=hours))
    rows = []
    for number in range(draw(st.integers(0, 12))):
        known = draw(COUNTS)
        played: list[datetime] = sorted(draw(st.lists(instants, max_size=2)))
        row = track(
            draw(TEXTS),
            track_key=f"key {number}",
            track_id=draw(st.sampled_from([f"id {number}"] * 5 + [None])),
            artist_name=draw(_maybe(TEXTS)),
            album_name=draw(_maybe(TEXTS)),
            work_key=draw(_maybe(st.sampled_from(["w1", "w2"]))),
            genre=draw(_maybe(TEXTS)),
            duration_ms=draw(_maybe(st.integers(1_000, 400_000))),
            counted_plays=len(played),
            heard_ms=draw(st.integers(0, 600_000)),
            skip_known_plays=known,
            skipped_plays=draw(st.integers(0, known)),
            first_played_at=played[0] if played else None,
            last_played_at=played[-1] if played else None,
            played_hours=draw(st.integers(0, 2**24 - 1)) if played else 0,
            played_seasons=draw(st.integers(0, 15)) if played else 0,
            saved_at=draw(_maybe(instants)),
            saved_albums=draw(st.integers(0, 2)),
            playlist_ids=sorted(draw(st.sets(st.sampled_from(["p1", "p2"])))),
            is_excluded=draw(st.sampled_from([False, False, True])),
            valence=draw(UNIT),
            energy=draw(UNIT),
            tempo=draw(_maybe(st.sampled_from([60.0, 120.5]))),
            feature_source=draw(st.sampled_from([None, "real", "synthetic"])),
        )
        rows.append(row)
    return rows


DAYS = st.integers(-70, 5).map(lambda days: str(TODAY + timedelta(days=days)))
NUMBERS = {
    "plays": COUNTS,
    "minutes": st.floats(0, 10, allow_nan=False),
    "skips": COUNTS,
    "skipRate": st.sampled_from([0, 0.5, 1, 1 / 3]),
    "tempo": st.sampled_from([60, 100, 120.5]),
    "duration": st.integers(0, 400),
}
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXTS,
    "date": DAYS,
    "truth": st.booleans(),
    "hours": st.integers(0, 23),
    "seasons": st.sampled_from(SEASONS),
    "key": st.integers(0, 11).map(lambda number: f"key {number}"),
    "playlist": st.sampled_from(["p1", "p2"]),
}


@st.composite
def comparisons(draw: st.DrawFn) -> Any:
    if draw(st.integers(0, 12)) == 0:
        return {draw(st.sampled_from(operators_of("playlist"))): {"id": draw(VALUES["playlist"])}}
    field = draw(st.sampled_from([each for each in FIELDS.values() if each.name != "cluster"]))
    operator = draw(st.sampled_from(operators_of(field.kind)))
    numbers = NUMBERS.get(field.name, st.sampled_from([0, 0.25, 0.5, 1]))
    values = VALUES.get(field.kind, numbers)
    if operator in ("isMissing", "isPresent"):
        value: Any = draw(st.booleans())
    elif operator in ("inTheLast", "notInTheLast"):
        value = draw(st.integers(0, 70))
    elif operator == "inTheRange":
        value = [draw(values), draw(values)]
        value = value if field.kind == "hours" else sorted(value)
    elif operator in ("is", "isNot"):
        value = draw(st.one_of(values, st.lists(values, min_size=1, max_size=3)))
    else:
        value = draw(values)
    return {operator: {field.name: value}}


CONDITIONS = st.recursive(
    comparisons(),
    lambda inner: st.dictionaries(
        st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=3), min_size=1
    ),
    max_leaves=5,
)
SORTABLE = [each.name for each in FIELDS.values() if each.kind not in ("hours", "seasons")]


@st.composite
def rules(draw: st.DrawFn) -> Any:
    names = st.sampled_from([*SORTABLE, "random"])
    keys = draw(st.lists(st.tuples(st.sampled_from(["", "+", "-"]), names), max_size=3))
    return {
        draw(st.sampled_from(["all", "any"])): draw(st.lists(CONDITIONS, min_size=1, max_size=3)),
        "sort": ",".join(sign + name for sign, name in keys),
        "order": draw(st.sampled_from(["asc", "desc"])),
        "dedupe": draw(st.booleans()),
        "seed": draw(st.integers(0, 3)),
        "offset": draw(st.integers(0, 2)),
        **draw(
            st.sampled_from(
                [{}, {"limit": 2}, {"limitPercent": 40}, {"limit": 1, "limitPercent": 9}]
            )
        ),
    }
