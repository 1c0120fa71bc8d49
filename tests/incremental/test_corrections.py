"""Corrections change what they touch, as a rebuild would, and their undo brings all back."""

import shutil
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engines.engine import Engine
from lake.commit_log import newest_commit
from lake.provenance import provenance_of
from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.silver_schemas import LISTENING_WITH_FEATURES, TRACKS
from schemas.summary_schemas import ARTIST_SUMMARY
from schemas.unified_schemas import UNIFIED_TRACKS
from tests.export_samples import account, extended, write_json
from tests.lakes import NOW, query, rows_of, run, statuses, steps_to
from tests.properties import at_most
from writers.corrections import MergeRefusedError, hide_play, merge, undo_correction

STEPS = steps_to(TRACKS, ARTIST_SUMMARY, UNIFIED_TRACKS)
COMPUTED = [each.table.full_name for each in STEPS]
PLAYS = LISTENING_WITH_FEATURES.full_name
BRONZE = LISTENING_HISTORY.full_name
SONGS = [("One", "Ada"), ("One!", "Ada"), ("Two", "Ada"), ("Two", "A. D. A."), ("Three", "Bob")]
TRACK_KEYS = [f"{artist.lower()}|{title.lower()}" for title, artist in SONGS]
ARTIST_KEYS = sorted({artist.lower() for _, artist in SONGS})
ORDER = [0, 1, 2, 3, 4, 0, 3, 1]
BEGIN = datetime.fromisoformat("2024-03-01T18:00:00")


def ended(place: int) -> datetime:
    return BEGIN + timedelta(hours=5 * place)


@pytest.fixture(scope="module")
def first_lake(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Path:
    """Return a lake of two people who heard the same."""
    folder = tmp_path_factory.mktemp("corrected")
    plays = [
        extended(f"{ended(place):%Y-%m-%dT%H:%M:%SZ}", *SONGS[song], f"{song}" * 22)
        for place, song in enumerate(ORDER)
    ]
    for person in ("me", "you"):
        write_json(folder / "exports" / person / "endsong_0.json", plays)
    statuses(run(engine, folder / "lake", [folder / "exports"], steps=STEPS))
    return folder / "lake"


def of(lake: Path, *people: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return the computed rows of people, and tables that are of nobody."""
    found = {name: rows_of(lake, name) for name in COMPUTED}
    return {
        name: [row for row in rows if row[0] in people or row[0] not in ("me", "you")]
        for name, rows in found.items()
    }


def end_of(key: str, choices: Mapping[str, str]) -> str:
    return end_of(choices[key], choices) if key in choices else key


def in_python(
    hidden: set[int], tracks: Mapping[str, str], artists: Mapping[str, str]
) -> tuple[list[Any], Counter[str], Counter[str]]:
    """Return what plays are of, and the plays of tracks and artists, without SQL."""
    plays = []
    known: set[str] = set()
    for place, song in enumerate(ORDER):
        track = end_of(TRACK_KEYS[song], tracks)
        artist = end_of(SONGS[song][1].lower(), artists)
        is_first = place not in hidden and track not in known
        known |= {track} if is_first else set()
        plays.append((track, artist, place in hidden, is_first))
    counted = [each for each in plays if not each[2]]
    return plays, Counter(each[0] for each in counted), Counter(each[1] for each in counted)


MADE = st.one_of(
    st.tuples(st.just("hide"), st.integers(0, len(ORDER) - 1)),
    st.tuples(st.just("track"), st.sampled_from(TRACK_KEYS), st.sampled_from(TRACK_KEYS)),
    st.tuples(st.just("artist"), st.sampled_from(ARTIST_KEYS), st.sampled_from(ARTIST_KEYS)),
    st.tuples(st.just("undo"), st.integers(0, 9)),
    st.tuples(st.just("run")),
)


@pytest.mark.long
@pytest.mark.timeout(600)
@given(made=st.lists(MADE, min_size=2, max_size=9))
@settings(at_most(4), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_of_corrections_and_undos_is_as_if_made_at_once(
    first_lake: Path, engine: Engine, tmp_path: Path, made: list[Any]
) -> None:
    lake = tmp_path / "lake"
    shutil.rmtree(lake, ignore_errors=True)
    shutil.copytree(first_lake, lake)
    before = of(lake, "me", "you")
    bronze = rows_of(lake, BRONZE)
    ids = [
        play
        for (play,) in query(
            lake, f"SELECT play_id FROM {PLAYS} WHERE user_id = 'me' ORDER BY played_at"
        )
    ]
    hidden: set[int] = set()
    choices: dict[str, dict[str, str]] = {"track": {}, "artist": {}}

    def undo(kind: str, key: Any) -> None:
        assert undo_correction(lake, "me", kind, ids[key] if kind == "play" else key, NOW)
        hidden.discard(key) if kind == "play" else choices[kind].pop(key)

    def standing() -> list[tuple[str, Any]]:
        return [("play", each) for each in sorted(hidden)] + [
            (kind, key) for kind, chosen in choices.items() for key in chosen
        ]

    for what, *details in made:
        match what:
            case "hide":
                hide_play(lake, "me", ids[details[0]], None, None, NOW)
                hidden.add(details[0])
            case "run":
                statuses(run(engine, lake, [], steps=STEPS))
            case "undo":
                if there := standing():
                    undo(*there[details[0] % len(there)])
            case _:
                item, into = details
                others = {key: to for key, to in choices[what].items() if key != item}
                if end_of(into, others) == item:
                    with pytest.raises(MergeRefusedError):
                        merge(lake, "me", what, item, into, NOW)
                else:
                    merge(lake, "me", what, item, into, NOW)
                    choices[what][item] = into
    statuses(run(engine, lake, [], steps=STEPS))
    corrected = of(lake, "me", "you")

    plays, tracks, artists = in_python(hidden, choices["track"], choices["artist"])
    mine = "WHERE user_id = 'me'"
    columns = "track_key, artist_key, is_hidden, first_play"
    assert query(lake, f"SELECT {columns} FROM {PLAYS} {mine} ORDER BY played_at") == plays
    for table, key, count, expected in (
        (TRACKS, "track_key", "plays", tracks),
        (UNIFIED_TRACKS, "track_key", "plays", tracks),
        (ARTIST_SUMMARY, "artist_key", "total_plays", artists),
    ):
        found = query(lake, f"SELECT {key}, {count} FROM {table.full_name} {mine}")
        assert (len(found), dict(found)) == (len(expected), dict(expected)), table.full_name
    yours = {name: [row for row in rows if row[0] == "you"] for name, rows in before.items()}
    assert {
        name: [row for row in rows if row[0] == "you"] for name, rows in corrected.items()
    } == yours
    assert rows_of(lake, BRONZE) == bronze

    statuses(run(engine, lake, [], steps=STEPS, rebuild=True))
    assert of(lake, "me", "you") == corrected
    for each in standing():
        undo(*each)
    statuses(run(engine, lake, [], steps=STEPS))
    assert of(lake, "me", "you") == before


def test_a_hidden_play_stays_hidden_when_a_better_source_comes(
    engine: Engine, tmp_path: Path
) -> None:
    lake, exports = tmp_path / "lake", tmp_path / "exports"
    write_json(exports / "StreamingHistory0.json", [account("2024-03-01 12:00")])
    statuses(run(engine, lake, [exports], steps=STEPS))
    play = f"SELECT play_id, sources, is_hidden FROM {PLAYS}"
    ((former, _, _),) = query(lake, play)

    hide_play(lake, "me", former, "Song", None, NOW)
    write_json(exports / "endsong_0.json", [extended("2024-03-01T12:00:31Z")])
    statuses(run(engine, lake, [exports], steps=STEPS))

    ((play_id, sources, is_hidden),) = query(lake, play)
    assert (play_id != former, sources, is_hidden) == (True, ["account", "extended"], True)
    assert rows_of(lake, TRACKS.full_name) == rows_of(lake, UNIFIED_TRACKS.full_name) == []


def test_only_the_person_who_corrects_is_computed_again(
    first_lake: Path, engine: Engine, tmp_path: Path
) -> None:
    lake = tmp_path / "lake"
    shutil.copytree(first_lake, lake)

    merge(lake, "me", "track", TRACK_KEYS[1], TRACK_KEYS[0], NOW)
    after = statuses(run(engine, lake, [], steps=STEPS))

    assert after[PLAYS] == "written"
    provenance = provenance_of(newest_commit(LISTENING_WITH_FEATURES.path(lake)))
    assert provenance is not None and provenance.affected is not None
    assert provenance.affected.keys() == {"me"}
    assert set(statuses(run(engine, lake, [], steps=STEPS)).values()) == {"nothing_new"}
