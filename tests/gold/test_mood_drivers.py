"""Levels counted from plays, what is said of them, and what is not."""

import zlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gold.mood_drivers import mood_drivers
from schemas.mood_schemas import DRIVERS, MOOD_DRIVERS
from tests.models import compute
from tests.simulated.drivers import listener, part_of_day, plays_of, sums_of

pytestmark = pytest.mark.heavy

MONDAY = date(2024, 4, 1)
Row = dict[str, Any]
KEY = ["user_id", "feature", "driver", "level"]


def play(number: int, **values: Any) -> Row:
    """Return a counted play on a Monday morning in spring, to vary."""
    artist = values.get("artist_name", "A")
    return {
        "user_id": "me",
        "play_id": str(number),
        "played_at": datetime(2024, 4, 1, 7, tzinfo=UTC) + timedelta(minutes=4 * number),
        "track_key": f"a|{number}",
        "artist_name": artist,
        "artist_key": artist and artist.lower(),
        "session_id": "s",
        "local_date": MONDAY,
        "part_of_day": "morning",
        "is_weekend": False,
        "season": "spring",
        "shuffle": False,
        "is_counted": True,
        "first_play": True,
        "valence": 0.5,
        "energy": 0.25,
        "feature_source": "real",
    } | values


def table(plays: Iterable[Row]) -> pd.DataFrame:
    rows = compute("mood_drivers", {"silver.listening_with_features": with_day_under_way(plays)})
    found = pd.DataFrame(rows, columns=MOOD_DRIVERS.given_names)
    return found.sort_values(KEY, ignore_index=True)


def with_day_under_way(plays: Iterable[Row]) -> list[Row]:
    """Return the plays and, of each person, one on a day that may not be over: it says nothing."""
    plays = list(plays)
    tomorrow = max(each["local_date"] for each in plays) + timedelta(days=1)
    under_way = {"local_date": tomorrow, "session_id": "under way", "part_of_day": "under way"}
    people = {each["user_id"]: each for each in plays}
    return plays + [each | under_way | {"play_id": f"{name} last"} for name, each in people.items()]


def counts(rows: pd.DataFrame, driver: str) -> dict[str, int]:
    of_driver = rows[(rows["driver"] == driver) & (rows["feature"] == "valence")]
    return dict(zip(of_driver["level"], of_driver["n_plays"], strict=True))


def test_every_play_is_at_one_level_of_each_driver() -> None:
    """Twelve plays in one session and two in the next; one is too short, one has no features."""
    first = [play(number) for number in range(12)]
    first[3] |= {"is_counted": False, "ms_played": 1000}
    first[5] |= {"valence": None, "energy": None, "feature_source": None}
    evening = {"part_of_day": "evening", "is_weekend": True, "season": "winter", "session_id": "t"}
    second = [
        play(12, **evening, shuffle=True, first_play=False, artist_name="B"),
        play(13, **evening, shuffle=None, artist_name="b"),
    ]

    rows = table(first + second)

    assert counts(rows, "hour_block") == {"morning": 10, "evening": 2}
    assert counts(rows, "weekend") == {"weekday": 10, "weekend": 2}
    assert counts(rows, "season") == {"spring": 10, "winter": 2}
    # Of eleven counted plays in the first session one, at place 5, has no features.
    assert counts(rows, "session_length") == {"11 to 25": 10, "1 to 3": 2}
    assert counts(rows, "session_position") == {"1 to 3": 5, "4 to 10": 6, "11 to 25": 1}
    assert counts(rows, "repeat_or_new") == {"new": 11, "repeat": 1}
    assert counts(rows, "artist") == {"A": 10, "B": 2}
    assert counts(rows, "shuffle") == {"off": 10, "on": 1}
    assert set(rows["status"]) == {"too_few_data"}
    assert set(rows["reason"]) == {"features of 12 plays on 1 days; 100 plays on 14 days needed"}


def test_the_ten_artists_most_played_have_a_row() -> None:
    plays = [
        play(100 * artist + number, artist_name=f"artist {artist:02}")
        for artist in range(12)
        for number in range(2 if artist in (3, 7) else 1)
    ]

    found = counts(table(plays), "artist")

    # Of those played once the first by name.
    assert sorted(found) == [f"artist {artist:02}" for artist in range(10)]


@pytest.fixture(scope="module")
def bright_evenings() -> pd.DataFrame:
    return half_and_half()


def half_and_half(**evening: Any) -> pd.DataFrame:
    """Return plays, each day four in the morning and four brighter ones in the evening."""
    plays = []
    random = np.random.default_rng(8)
    for number in range(60 * 8):
        bright = number % 8 >= 4
        values: dict[str, Any] = {"valence": float(0.4 + 0.2 * bright + random.normal(0, 0.05))}
        values |= {"part_of_day": "evening", **evening} if bright else {}
        plays.append(play(number, local_date=MONDAY + timedelta(number // 8), **values))
    return table(plays)


def row_of(rows: pd.DataFrame, feature: str, driver: str, level: str) -> "pd.Series[Any]":
    keys = {"feature": feature, "driver": driver, "level": level}
    (found,) = (row for _, row in rows.iterrows() if all(row[key] == keys[key] for key in keys))
    return found


def test_what_is_found_is_said_without_a_cause(bright_evenings: pd.DataFrame) -> None:
    rows = bright_evenings

    found = row_of(rows, "valence", "hour_block", "evening")
    assert found["status"] == "ok"
    assert found["effect"] == pytest.approx(0.2, abs=0.02)
    assert found["effect_sd"] == pytest.approx(0.2 / np.hypot(0.05, 0.1), rel=0.1)
    assert found["effect_ci_low"] < found["effect"] < found["effect_ci_high"]
    assert found["goes_with"] == "higher"
    assert found["q_value"] < 0.001
    assert found["statement"] == (
        "Listening in the evening goes with music that sounds brighter: valence "
        f"+{found['effect']:.3f} on its scale from 0 to 1, against your other plays (95% interval "
        f"+{found['effect_ci_low']:.3f} to +{found['effect_ci_high']:.3f})."
    )
    mirrored = row_of(rows, "valence", "hour_block", "morning")
    assert (mirrored["effect"], mirrored["goes_with"]) == (-found["effect"], "lower")
    assert found["population_effect_sd"] == 0.24
    assert row_of(rows, "energy", "hour_block", "evening")["population_effect_sd"] == 0.40
    # A constant is the same everywhere.
    energy = row_of(rows, "energy", "hour_block", "evening")
    assert (energy["effect"], energy["goes_with"]) == (0, "no_evidence")
    assert energy["statement"] == (
        "No evidence that listening in the evening goes with music that sounds more energetic or "
        "calmer (energy)."
    )
    assert not rows["statement"].str.contains("because", na=False).any()


def test_a_level_without_another_to_compare_with_says_nothing(
    bright_evenings: pd.DataFrame,
) -> None:
    always = row_of(bright_evenings, "valence", "shuffle", "off")
    assert always["status"] == "too_few_data"
    assert np.isnan(always["effect"])
    assert always["reason"] == (
        "0 plays on 0 days in 0 weeks to compare with; 30 plays on 10 days in 4 weeks needed"
    )


def test_synthetic_evenings_withhold_both_sides() -> None:
    """Half made up: mornings are measured, but what they are compared with is not."""
    made_up = {"feature_source": "synthetic", "feature_donor_level": "artist"}
    rows = half_and_half(**made_up)

    for level, synthetic in (("evening", 1.0), ("morning", 0.0)):
        row = row_of(rows, "valence", "hour_block", level)
        assert (row["status"], row["synthetic_share"]) == ("withheld", synthetic)
        assert row[["mean", "effect", "effect_ci_low", "p_value", "statement"]].isna().all()
        assert row["contrast_kept"] == 0.40
        assert row["reason"].startswith("0% of the features at the level, or of those it is comp")


def test_without_measured_features_every_number_is_withheld() -> None:
    random = np.random.default_rng(9)
    person = listener(random)
    plays = plays_of(person, 150, random, habits=False)
    days, tracks = sums_of(plays, person, person.z_scores, "me")
    made_up = days.assign(real=0, synthetic=days["n"])

    before, after = mood_drivers(days, tracks), mood_drivers(made_up, tracks)

    assert set(after["status"]) == {"withheld", "too_few_data"}
    assert (after["status"] == "withheld").equals(before["status"] == "ok")
    numbers = ["mean", "effect", "effect_ci_low", "effect_ci_high", "effect_sd", "p_value"]
    assert after[[*numbers, "q_value", "goes_with", "statement"]].isna().all(axis=None)
    assert before["n_plays"].equals(after["n_plays"])


def test_a_person_without_any_features_has_rows_that_say_so() -> None:
    silent = {"valence": None, "energy": None, "feature_source": None}

    rows = table([play(number, **silent) for number in range(120)])

    assert set(rows["status"]) == {"too_few_data"}
    assert set(rows["reason"]) == {"features of 0 plays on 0 days; 100 plays on 14 days needed"}
    assert rows["measured_share"].isna().all()


def test_a_season_must_have_been_there_twice() -> None:
    random = np.random.default_rng(10)
    person = listener(random)

    def seasons(days: int) -> dict[str, Any]:
        plays = plays_of(person, days, random, habits=False)
        rows = mood_drivers(*sums_of(plays, person, person.z_scores, "me"))
        of_valence = rows[(rows["driver"] == "season") & (rows["feature"] == "valence")]
        return dict(zip(of_valence["level"], of_valence["reason"], strict=True))

    # From the first of January 2020 on: winter comes again in December.
    assert seasons(360) == {
        "winter": None,
        "spring": "1 such season with 10 days; 2 needed",
        "summer": "1 such season with 10 days; 2 needed",
        "autumn": "1 such season with 10 days; 2 needed",
    }
    assert set(seasons(725).values()) == {None}


def test_plays_add_up_as_pandas_adds_them_whatever_their_order() -> None:
    people, expected = [], []
    for name in ("one", "two"):
        random = np.random.default_rng(zlib.crc32(name.encode()))
        person = listener(random)
        plays = plays_of(person, 60, random, habits=True).reset_index(drop=True)
        expected.append(mood_drivers(*sums_of(plays, person, person.z_scores, name)))
        people += list(as_listened(name, plays, person.z_scores, person.artist))

    rows, again = table(people), table(reversed(people))

    pd.testing.assert_frame_equal(rows, again)
    assert set(rows["driver"]) == set(DRIVERS)
    wanted = pd.concat(expected).sort_values(KEY, ignore_index=True)
    pd.testing.assert_frame_equal(
        rows.convert_dtypes(), wanted.convert_dtypes(), check_dtype=False, atol=1e-9
    )


def test_places_in_a_session_follow_the_clock_and_then_the_key() -> None:
    """Four plays end in one instant: the third place of the session is that of the third key."""
    at = datetime(2024, 4, 1, 7, tzinfo=UTC)
    same_time = [play(number, played_at=at, shuffle=number > 2) for number in (2, 4, 1, 3)]
    earlier = play(9, played_at=at - timedelta(minutes=1))
    features = dict.fromkeys(["valence", "energy", "feature_source"])
    # Only plays with features are counted at a level: those in the first and the fourth place.
    silent = {"1", "2", "4"}
    plays = [each | (features if each["play_id"] in silent else {}) for each in same_time]

    found = counts(table([*plays, earlier]), "session_position")

    assert found == {"1 to 3": 1, "4 to 10": 1}


def test_a_track_is_as_often_played_at_a_level_as_its_plays_there() -> None:
    """Of track a two of three plays are in the morning, and shuffle is known of two."""
    plays = [
        play(1, track_key="a", shuffle=None),
        play(2, track_key="a", shuffle=True),
        play(3, track_key="a", part_of_day="evening"),
        play(4, track_key="b", valence=0.25),
        play(5, track_key="b", valence=None),
    ]

    rows = compute("driver_tracks", {"silver.listening_with_features": with_day_under_way(plays)})

    found = {(row["driver"], row["level"]): row for row in rows}
    columns = ("tracks", "track_squares", "track_products", "track_valence")
    expected = {
        ("hour_block", "morning"): (2, 2 * 2 + 1, 2 * 3 + 1, 750_000),
        ("hour_block", "evening"): (1, 1, 3, 500_000),
        ("shuffle", "on"): (1, 1, 2, 500_000),
        ("shuffle", "off"): (2, 1 + 1, 2 + 1, 750_000),
    }
    for key, numbers in expected.items():
        assert tuple(found[key][name] for name in columns) == numbers, key
    assert found["hour_block", "morning"]["track_valence_squares"] == 250_000**2 + 500_000**2


def test_squares_of_sums_may_be_larger_than_whole_numbers_are() -> None:
    """A library of 16,000 tracks: the square of their summed valences does not fit into 64 bits."""
    random = np.random.default_rng(11)
    person = listener(random)
    days, tracks = sums_of(plays_of(person, 120, random, habits=False), person, person.z_scores, "")
    numbers = [str(name) for name in tracks if str(name).startswith("track")]
    larger = tracks.assign(**{name: tracks[name] * 40 for name in numbers})
    as_floats = larger.astype(dict.fromkeys(numbers, float))

    assert (larger["track_valence"].astype(float) ** 2).max() > 2**63
    pd.testing.assert_frame_equal(mood_drivers(days, larger), mood_drivers(days, as_floats))


def as_listened(
    name: str, plays: pd.DataFrame, z_scores: np.ndarray, artist: np.ndarray
) -> Iterable[dict[str, Any]]:
    """Return simulated plays as rows of silver."""
    session = (plays["position"] == 1).cumsum()
    is_new = ~plays["track"].duplicated()
    parts = part_of_day(plays["hour"].to_numpy())
    for number, each in enumerate(plays.to_dict("records")):
        day = date(1970, 1, 1) + timedelta(each["day"])
        valence, energy = (0.5 + z_scores[each["track"]] * 0.08).clip(0, 1)
        yield play(
            number,
            user_id=name,
            play_id=f"{name} {number}",
            session_id=f"{name} {session[number]}",
            track_key=f"track {each['track']}",
            artist_name=f"artist {artist[each['track']]}",
            local_date=day,
            part_of_day=str(parts[number]),
            is_weekend=day.weekday() >= 5,
            season=["winter", "spring", "summer", "autumn"][day.month % 12 // 3],
            shuffle=each["shuffle"],
            first_play=bool(is_new[number]),
            valence=float(valence),
            energy=float(energy),
        )
