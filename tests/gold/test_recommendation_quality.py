"""The rolling hold-out against simulated listeners, and the sums against plays one by one."""

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gold.recommendations import rolling_holdout
from gold.recommendations.ranking_models import MODELS
from gold.recommendations.ranking_terms import BILLION, HALF_LIVES
from gold.recommendations.rolling_holdout import evaluate
from schemas.recommendation_schemas import RECOMMENDATION_QUALITY
from tests.gold.recommendations.ranking_samples import (
    MONDAY,
    NO_SONGS,
    complete_plays,
    listener,
    plays_frame,
    song,
    weekly_rows,
)
from tests.models import compute
from tests.properties import at_most

pytestmark = pytest.mark.heavy

Row = dict[str, Any]
Rows = list[Row]

MONDAY_OF_WEEK_0 = date(1970, 1, 5)


def recommendation_quality(plays: pd.DataFrame, catalogue: Rows, *users: str) -> Rows:
    return compute(
        "recommendation_quality",
        {"complete_plays": complete_plays(plays, *users), "silver.catalogue_tracks": catalogue},
    )


def holdout_songs(plays: pd.DataFrame | pa.Table, catalogue: Rows) -> Rows:
    rows = plays if isinstance(plays, pa.Table) else complete_plays(plays)
    inputs = {"complete_plays": rows, "silver.catalogue_tracks": catalogue}
    return compute("holdout_songs", inputs)


def of_task(result: pd.DataFrame | Rows, task: str) -> pd.DataFrame:
    rows = pd.DataFrame(result)
    return rows[rows["task"] == task].set_index("model")


def favourites(seed: int, weeks: int = 30) -> pd.DataFrame:
    """Somebody with new favourites every five weeks among 400 tracks."""
    parts = []
    for phase in range(weeks // 5):
        weights = np.full(400, 0.2)
        weights[np.random.default_rng(1000 * seed + phase).choice(400, 30, replace=False)] = 10
        part = listener(weights, 5, 120, 50 * seed + phase)
        parts.append(part.assign(day=part["day"] + 35 * phase))
    return pd.concat(parts, ignore_index=True)


# How well each model ranks.


def test_favourites_that_come_and_go_are_predicted_by_what_decays() -> None:
    repeat = of_task(evaluate(weekly_rows(favourites(1)), NO_SONGS), "repeat")
    assert set(repeat["status"]) == {"ok"}
    ndcg = repeat["ndcg_50"]
    assert ndcg["decayed_frequency_28"] > ndcg["popularity"] > ndcg["random"]
    assert repeat["over_random_ci_low"]["decayed_frequency_28"] > 0.2
    assert repeat["ships"].sum() == 1
    assert ndcg[repeat["ships"]].iloc[0] == ndcg.max()


def test_who_always_plays_the_same_is_predicted_by_popularity() -> None:
    """With weights that never change, all plays count alike and forgetting loses."""
    steady = listener(1 / np.arange(1, 401), 40, 150, 3)
    repeat = of_task(evaluate(weekly_rows(steady), NO_SONGS), "repeat")
    assert repeat.loc["popularity", "ships"]
    assert not repeat.loc["decayed_frequency_28", "ships"]


def test_noise_has_no_skill() -> None:
    """Of 100 listeners who draw at random at most 8 (5 expected) have a model that beats chance."""
    found = []
    for seed in range(100):
        plays = listener(np.ones(200), 24, 80, seed)
        repeat = of_task(evaluate(weekly_rows(plays, f"p{seed}"), NO_SONGS), "repeat")
        skilled = (repeat["status"] == "ok").drop("random")
        found.append(bool(skilled.any()))
        if not skilled.any():
            assert repeat.index[repeat["ships"]].tolist() == ["decayed_frequency_28"]
            assert repeat["ndcg_50"].notna().all()
    assert sum(found) <= 8


def test_too_little_to_test_gives_no_numbers() -> None:
    three_weeks = listener(np.ones(20), 5, 100, 1)  # the first has no past, the newest may go on
    result = evaluate(weekly_rows(three_weeks), NO_SONGS)
    assert set(result["status"]) == {"too_few_data"}
    repeat = of_task(result, "repeat")
    assert set(repeat["weeks"]) == {3}
    plays = repeat["n_test_plays"].iloc[0]
    assert repeat["reason"].iloc[0] == (
        f"{plays} plays of tracks heard before in 3 weeks; 50 in 4 needed"
    )
    assert "ndcg_50" not in result or result["ndcg_50"].isna().all()


def test_a_week_by_hand() -> None:
    """One hit at the first and one at the third place, four weeks running."""
    plays = [(0, "a"), (0, "a"), (0, "a"), (0, "b"), (0, "b"), (0, "c"), (0, "d")]
    # Every week the same two: popularity ranks a, b, c at first; c passes b later.
    plays += [(7 * week, track) for week in range(1, 7) for track in "ac" for _ in range(10)]
    frame = plays_frame(np.array([day for day, _ in plays]), [f"x|{track}" for _, track in plays])
    result = of_task(evaluate(weekly_rows(frame), NO_SONGS), "repeat")
    first_week = (1 + 1 / 2) / (1 + 1 / np.log2(3))
    assert set(result["weeks"]) == {5}
    assert set(result["n_test_plays"]) == {100}
    assert result.loc["popularity", "ndcg_50"] == pytest.approx((first_week + 4) / 5, abs=1e-6)
    assert set(result["recall_50"]) == {1.0}
    assert set(result["intra_list_distance"]) == {0.0}  # one artist
    assert set(result["artist_coverage"]) == {1.0}


def lists_of(
    plays: pd.DataFrame, catalogue: Rows, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[list[int]], list[list[int]]]:
    """Return every list that an evaluation makes, of both tasks."""
    made: dict[str, list[list[int]]] = {"repeat_list": [], "novel_list": []}

    def recorded(name: str) -> Any:
        original = getattr(rolling_holdout, name)

        def record(*given: Any) -> Any:
            tracks, scores = original(*given)
            made[name].append(tracks.tolist())
            return tracks, scores

        return record

    with monkeypatch.context() as patched:
        for name in made:
            patched.setattr(rolling_holdout, name, recorded(name))
        recommendation_quality(plays, catalogue)
    return made["repeat_list"], made["novel_list"]


def test_nothing_of_the_future_is_in_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """With other plays from week 12 on, the lists for weeks up to 12 are the same."""
    titles = [f"title {number:04d}" for number in range(400)]
    plays = favourites(2, weeks=20)
    # Every other track is in the catalogue, among twice as many that nobody plays.
    catalogue = [
        song(f"artist {number % 40}", titles[number], popularity=number % 90)
        for number in range(0, 400, 2)
    ] + [song(f"artist {number % 60}", f"other {number}", popularity=30) for number in range(400)]
    changed = plays.copy()
    is_later = changed["day"] >= 12 * 7
    # The same tracks, so that codes mean the same; who plays what when is another matter.
    changed.loc[is_later, "track_key"] = (
        plays.loc[is_later, "track_key"].sample(frac=1, random_state=3).to_numpy()
    )
    repeat, novel = lists_of(plays, catalogue, monkeypatch)
    repeat_changed, novel_changed = lists_of(changed, catalogue, monkeypatch)
    until = 12 * len(MODELS)
    assert repeat[:until] == repeat_changed[:until]
    assert repeat[until : until + len(MODELS)] != repeat_changed[until : until + len(MODELS)]
    assert len(novel) >= 8 * len(MODELS)
    early = 8 * len(MODELS)
    assert novel[:early] == novel_changed[:early]


def test_new_tracks_of_a_favourite_artist_are_predicted() -> None:
    """Each week somebody hears three tracks of artist a for the first time, of 20 artists."""
    catalogue = [
        song(artist, f"{number:02d}", popularity=70 - number)
        for artist in ("a", *(f"b{other}" for other in range(19)))
        for number in range(60)
    ]
    days, tracks = [0] * 19, [f"b{other}|old" for other in range(19)]
    for week in range(20):
        new = [f"a|{number:02d}" for number in range(3 * week, 3 * week + 3)]
        days += [7 * week] * 9
        tracks += new * 3
    novel = of_task(recommendation_quality(plays_frame(np.array(days), tracks), catalogue), "novel")
    assert (novel["weeks"] == 18).all()
    assert novel.loc["decayed_frequency_28", "status"] == "ok"
    # The three most popular of the artist, unheard so far, stand first: all is predicted.
    assert novel.loc["decayed_frequency_28", "ndcg_50"] == 1
    assert novel["ndcg_50"]["random"] < 0.6
    assert novel.loc["decayed_frequency_28", "ships"]


def test_a_track_heard_for_seconds_is_not_new() -> None:
    catalogue = [song("a", f"{number}") for number in range(30)]
    glimpsed = plays_frame(np.zeros(30), [f"a|{number}" for number in range(30)], counted=False)
    later = plays_frame(
        np.repeat(np.arange(7, 77, 7), 10), [f"a|{number % 30}" for number in range(100)]
    )
    result = recommendation_quality(pd.concat([glimpsed, later]), catalogue)
    assert set(of_task(result, "novel")["n_test_plays"]) == {0}
    # Heard for the first time in weeks 1 to 3; the newest, week 10, is not tested.
    assert set(of_task(result, "repeat")["n_test_plays"]) == {60}


def test_the_order_of_the_rows_changes_nothing() -> None:
    rows = weekly_rows(favourites(4, weeks=15))
    once = evaluate(rows, NO_SONGS)
    again = evaluate(rows.sample(frac=1, random_state=9), NO_SONGS)
    pd.testing.assert_frame_equal(once, again)


def test_people_are_evaluated_by_themselves() -> None:
    plays = favourites(1, weeks=10)
    found = recommendation_quality(plays, [], "me", "you")
    assert {tuple(row) for row in found} == {tuple(RECOMMENDATION_QUALITY.given_names)}
    assert len(found) == 2 * 2 * len(MODELS)
    alone = recommendation_quality(plays.sample(frac=1, random_state=2), [], "me")
    assert [row for row in found if row["user_id"] == "me"] == alone
    # Who listens alike is predicted alike, but for chance.
    by_user = {
        user: {
            (row["task"], row["model"]): row["ndcg_50"]
            for row in found
            if row["user_id"] == user and row["model"] != "random"
        }
        for user in ("me", "you")
    }
    assert by_user["me"] == by_user["you"]
    novel = [row for row in found if row["task"] == "novel"]
    assert {(row["status"], row["ndcg_50"], row["novelty"]) for row in novel} == {
        ("too_few_data", None, None)
    }


# The sums over plays.


def holdout_plays(plays: pd.DataFrame) -> Rows:
    rows = compute("holdout_plays", {"complete_plays": complete_plays(plays)})
    keys = {(row["user_id"], row["track_key"], row["track_id"], row["week"]) for row in rows}
    assert len(keys) == len(rows)
    return rows


def test_sums_are_what_single_plays_say() -> None:
    """40 weeks: the newest and 26 by themselves, all before as one, remembered to its end."""
    plays = listener(np.ones(30), 40, 12, 5)
    plays.loc[::7, "counted"] = 0
    first_week = plays["day"].max() // 7 - 26
    monday = (MONDAY - MONDAY_OF_WEEK_0).days
    rows = [row | {"week": row["week"] - monday // 7} for row in holdout_plays(plays)]
    assert min(row["week"] for row in rows) == first_week - 1
    assert sum(row["plays"] for row in rows) == plays["counted"].sum()
    assert {(row["track_key"], row["week"]) for row in rows} == {
        (track, max(day // 7, first_week - 1))
        for track, day in zip(plays["track_key"], plays["day"], strict=True)
    }
    for row in rows:
        week = row["week"]
        of_track = plays[(plays["track_key"] == row["track_key"]) & (plays["counted"] == 1)]
        weeks = of_track["day"] // 7
        of_row = of_track[weeks <= week] if week < first_week else of_track[weeks == week]
        assert row["plays"] == len(of_row)
        if len(of_row):
            assert row["last_day"] - monday == of_row["day"].max()
        else:
            assert row["last_day"] is None
        for half_life in HALF_LIVES:
            expected = (0.5 ** (((week + 1) * 7 - of_row["day"]) / half_life)).sum()
            memory = row[f"memory_{half_life}"] / BILLION
            assert memory == pytest.approx(expected, abs=1e-6)


def test_weeks_without_plays_are_none_of_the_tested_ones() -> None:
    """Of 30 weeks with plays, every third of the calendar, 27 stand by themselves."""
    plays = plays_frame(np.arange(0, 30 * 21, 21), ["a|b"] * 30)
    weeks = sorted(row["week"] for row in holdout_plays(plays))
    monday = (MONDAY - MONDAY_OF_WEEK_0).days // 7
    tested = [monday + 3 * number for number in range(3, 30)]
    assert weeks == [tested[0] - 1, *tested]


def test_a_week_begins_on_monday() -> None:
    sunday_and_monday = plays_frame(np.array([6, 7]), ["a|b"] * 2)
    assert [row["plays"] for row in holdout_plays(sunday_and_monday)] == [1, 1]
    monday_and_sunday = plays_frame(np.array([7, 13]), ["a|b"] * 2)
    (row,) = holdout_plays(monday_and_sunday)
    assert row["memory_7"] == round(BILLION * (0.5 + 0.5 ** (1 / 7)))


def test_the_last_local_day_is_not_evaluated() -> None:
    plays = [
        {
            "user_id": "me",
            "play_id": f"{day}",
            "track_key": "a|b",
            "played_at": datetime(2024, 1, day, 12, tzinfo=UTC),
            "local_date": date(2024, 1, day),
            "is_counted": True,
        }
        for day in (1, 2, 3)
    ]
    (row,) = compute("holdout_plays", {"silver.listening_with_features": plays})
    assert row["plays"] == 2


# The songs to choose from.


def test_the_catalogue_is_matched_by_name_and_id() -> None:
    """Week by week another two tracks are met, one under the catalogue's name, one by its id."""
    catalogue = [song("a", f"{number}", track_id=f"c{number}") for number in range(40)]
    plays = plays_frame(
        np.repeat(np.arange(0, 140, 7), 4),
        [f"a|{week if half else f'{week} (live)'}" for week in range(20) for half in (0, 0, 1, 1)],
    )
    plays["track_id"] = [
        f"c{20 + int(key[2:-7])}" if key.endswith("(live)") else None for key in plays["track_key"]
    ]
    novel = of_task(recommendation_quality(plays, catalogue), "novel")
    # 18 weeks between the first and the newest, two tracks of two plays each.
    assert set(novel["weeks"]) == {18}
    assert set(novel["n_test_plays"]) == {72}


def test_songs_are_by_heard_artists_or_well_known() -> None:
    plays = plays_frame(np.array([0]), ["a|heard"])
    catalogue = [
        song("a", "old", popularity=None),
        song("b", "known", popularity=75),
        song("b", "unknown", popularity=74),
    ]
    assert {(row["name_key"], row["popularity"]) for row in holdout_songs(plays, catalogue)} == {
        ("a|old", 0),
        ("b|known", 75),
    }


def test_of_each_artist_the_three_most_popular_unheard_songs_are_kept_and_all_heard_ones() -> None:
    catalogue = [song("a", f"{number}", popularity=10 + number // 2) for number in range(8)]
    plays = plays_frame(np.array([0, 0]), ["a|7", "a|0"])
    assert {(row["name_key"], row["track_key"]) for row in holdout_songs(plays, catalogue)} == {
        ("a|7", "a|7"),
        ("a|0", "a|0"),
        # 6 is the most popular; 4 and 5 are equally so.
        ("a|6", None),
        ("a|4", None),
        ("a|5", None),
    }


def test_a_song_is_heard_by_any_of_its_releases_names_and_ids() -> None:
    catalogue = [
        song("a", "one", name_keys=["a|one", "b|one"]),
        *(song("a", "two", track_id=each, popularity=10) for each in ("w", "x", "y")),
        song("a", "three", track_id="z"),
        song("nobody", "unnamed", name_keys=[]),
    ]
    plays = plays_frame(np.array([0, 0, 0]), ["b|one", "b|deux", "a|other"])
    plays["track_id"] = [None, "x", "unknown"]
    found = holdout_songs(plays, catalogue)
    assert {(row["name_key"], row["track_key"]) for row in found} == {
        ("a|one", "b|one"),
        ("a|two", "b|deux"),
        ("a|three", None),
    }
    assert len(found) == 3


def test_what_one_person_heard_is_unheard_by_another() -> None:
    catalogue = [song("a", "1"), song("a", "2"), song("b", "hit", popularity=80)]
    one, two = (
        complete_plays(plays_frame(np.array([0]), [track]), user)
        for user, track in (("one", "a|1"), ("two", "b|hit"))
    )
    found = holdout_songs(pa.concat_tables([one, two]), catalogue)
    assert {(row["user_id"], row["name_key"], row["track_key"]) for row in found} == {
        ("one", "a|1", "a|1"),
        ("one", "a|2", None),
        ("one", "b|hit", None),
        ("two", "b|hit", "b|hit"),
    }
    assert len(found) == 4


def test_of_several_releases_of_a_song_the_most_popular_stands() -> None:
    catalogue = [
        song("a", "b", popularity=10, track_genre="rock"),
        song("a", "b", popularity=30, track_id="2", track_genre="pop"),
        song("a", "b", popularity=30, track_id="1", track_genre="soul"),
    ]
    (row,) = holdout_songs(plays_frame(np.array([0]), ["a|c"]), catalogue)
    assert (row["popularity"], row["track_genre"]) == (30, "soul")


@at_most(8)
@given(st.integers(0, 10_000))
def test_songs_that_are_left_out_would_change_nothing(seed: int) -> None:
    random = np.random.default_rng(seed)
    catalogue = [
        song(f"artist {number % 9}", f"{number}", popularity=int(random.integers(0, 101)))
        for number in range(150)
    ]
    days = np.sort(random.integers(0, 84, 400))
    numbers = random.integers(0, 300, 400)
    plays = plays_frame(days, [f"artist {number % 9}|{number}" for number in numbers])
    heard = set(plays["track_key"])
    all_songs = pd.DataFrame(
        {
            "name_key": each["name_keys"][0],
            "artist": each["artist_keys"][0],
            "popularity": each["popularity"],
            "track_genre": "pop",
            "track_key": each["name_keys"][0] if each["name_keys"][0] in heard else None,
        }
        for each in catalogue
    )
    rows = pd.DataFrame(holdout_plays(plays))
    kept = pd.DataFrame(holdout_songs(plays, catalogue))
    assert len(kept) < len(all_songs)
    pd.testing.assert_frame_equal(evaluate(rows, kept), evaluate(rows, all_songs))
