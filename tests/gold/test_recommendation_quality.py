"""The rolling hold-out against simulated listeners, and Spark's sums against plays one by one."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import DataFrame, Row, SparkSession

from gold import rolling_holdout
from gold.ranking_models import MODELS
from gold.ranking_terms import BILLION, HALF_LIVES
from gold.recommendation_quality import _by_track_and_week, recommendation_quality
from gold.rolling_holdout import evaluate
from schemas.recommendation_schemas import RECOMMENDATION_QUALITY
from schemas.silver_schemas import CATALOGUE_TRACKS, LISTENING_WITH_FEATURES
from tests.gold.ranking_samples import (
    NO_CATALOGUE,
    listener,
    offered,
    plays_frame,
    weekly_rows,
)

MONDAY = date(2024, 1, 1)


def of_task(result: pd.DataFrame, task: str) -> pd.DataFrame:
    return result[result["task"] == task].set_index("model")


def favourites(seed: int, weeks: int = 30) -> pd.DataFrame:
    """Somebody with new favourites every five weeks among 400 tracks."""
    parts = []
    for phase in range(weeks // 5):
        weights = np.full(400, 0.2)
        weights[np.random.default_rng(1000 * seed + phase).choice(400, 30, replace=False)] = 10
        part = listener(weights, 5, 120, 50 * seed + phase)
        parts.append(part.assign(day=part["day"] + 35 * phase))
    return pd.concat(parts, ignore_index=True)


def test_favourites_that_come_and_go_are_foretold_by_what_decays() -> None:
    repeat = of_task(evaluate(weekly_rows(favourites(1)), NO_CATALOGUE, "me"), "repeat")
    assert set(repeat["status"]) == {"ok"}
    ndcg = repeat["ndcg_50"]
    assert ndcg["decayed_frequency_28"] > ndcg["popularity"] > ndcg["random"]
    assert repeat["over_random_ci_low"]["decayed_frequency_28"] > 0.2
    assert repeat["ships"].sum() == 1
    assert ndcg[repeat["ships"]].iloc[0] == ndcg.max()


def test_who_always_plays_the_same_is_foretold_by_popularity() -> None:
    """With weights that never change, all plays count alike and forgetting loses."""
    steady = listener(1 / np.arange(1, 401), 40, 150, 3)
    repeat = of_task(evaluate(weekly_rows(steady), NO_CATALOGUE, "me"), "repeat")
    assert repeat.loc["popularity", "ships"]
    assert not repeat.loc["decayed_frequency_28", "ships"]


def test_noise_has_no_skill() -> None:
    """Of 100 listeners who draw at random at most 8 (5 expected) have a model that beats chance."""
    found = []
    for seed in range(100):
        plays = listener(np.ones(200), 24, 80, seed)
        repeat = of_task(evaluate(weekly_rows(plays), NO_CATALOGUE, f"p{seed}"), "repeat")
        skilled = (repeat["status"] == "ok").drop("random")
        found.append(bool(skilled.any()))
        if not skilled.any():
            assert repeat.index[repeat["ships"]].tolist() == ["decayed_frequency_28"]
            assert repeat["ndcg_50"].notna().all()
    assert sum(found) <= 8


def test_too_little_to_test_gives_no_numbers() -> None:
    three_weeks = listener(np.ones(20), 5, 100, 1)  # the first has no past, the newest may go on
    result = evaluate(weekly_rows(three_weeks), NO_CATALOGUE, "me")
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
    result = of_task(evaluate(weekly_rows(frame), NO_CATALOGUE, "me"), "repeat")
    first_week = (1 + 1 / 2) / (1 + 1 / np.log2(3))
    assert set(result["weeks"]) == {5}
    assert set(result["n_test_plays"]) == {100}
    assert result.loc["popularity", "ndcg_50"] == pytest.approx((first_week + 4) / 5, abs=1e-6)
    assert set(result["recall_50"]) == {1.0}
    assert set(result["intra_list_distance"]) == {0.0}  # one artist
    assert set(result["artist_coverage"]) == {1.0}


def lists_of(
    rows: pd.DataFrame, catalogue: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[list[int]], list[list[int]]]:
    """Give every list that an evaluation makes, of both tasks."""
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
        evaluate(rows, catalogue, "me")
    return made["repeat_list"], made["novel_list"]


def test_nothing_of_the_future_is_in_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """With other plays from week 12 on, the lists for weeks up to 12 are the same."""
    titles = [f"title {number:04d}" for number in range(400)]
    plays = favourites(2, weeks=20)
    # Every other track is in the catalogue, among twice as many that nobody plays.
    catalogue = offered(
        [
            {"artist": f"artist {number % 40}", "title": titles[number], "popularity": number % 90}
            for number in range(0, 400, 2)
        ]
        + [
            {"artist": f"artist {number % 60}", "title": f"other {number}", "popularity": 30}
            for number in range(400)
        ]
    )
    changed = plays.copy()
    is_later = changed["day"] >= 12 * 7
    # The same tracks, so that codes mean the same; who plays what when is another matter.
    changed.loc[is_later, "track_key"] = (
        plays.loc[is_later, "track_key"].sample(frac=1, random_state=3).to_numpy()
    )
    repeat, novel = lists_of(weekly_rows(plays), catalogue, monkeypatch)
    repeat_changed, novel_changed = lists_of(weekly_rows(changed), catalogue, monkeypatch)
    until = 12 * len(MODELS)
    assert repeat[:until] == repeat_changed[:until]
    assert repeat[until : until + len(MODELS)] != repeat_changed[until : until + len(MODELS)]
    assert len(novel) >= 8 * len(MODELS)
    early = 8 * len(MODELS)
    assert novel[:early] == novel_changed[:early]


def test_new_tracks_of_a_favourite_artist_are_foretold() -> None:
    """Each week somebody hears three tracks of artist a for the first time, of 20 artists."""
    catalogue = offered(
        [
            {"artist": artist, "title": f"{number:02d}", "popularity": 70 - number}
            for artist in ("a", *(f"b{other}" for other in range(19)))
            for number in range(60)
        ]
    )
    days, tracks = [0] * 19, [f"b{other}|old" for other in range(19)]
    for week in range(20):
        new = [f"a|{number:02d}" for number in range(3 * week, 3 * week + 3)]
        days += [7 * week] * 9
        tracks += new * 3
    result = evaluate(weekly_rows(plays_frame(np.array(days), tracks)), catalogue, "me")
    novel = of_task(result, "novel")
    assert (novel["weeks"] == 18).all()
    assert novel.loc["decayed_frequency_28", "status"] == "ok"
    # The three most popular of the artist, unheard so far, stand first: all is foretold.
    assert novel.loc["decayed_frequency_28", "ndcg_50"] == 1
    assert novel["ndcg_50"]["random"] < 0.6
    assert novel.loc["decayed_frequency_28", "ships"]


def test_a_track_heard_for_seconds_is_not_new() -> None:
    catalogue = offered([{"artist": "a", "title": f"{number}"} for number in range(30)])
    glimpsed = plays_frame(np.zeros(30), [f"a|{number}" for number in range(30)], counted=False)
    later = plays_frame(
        np.repeat(np.arange(7, 77, 7), 10), [f"a|{number % 30}" for number in range(100)]
    )
    result = evaluate(weekly_rows(pd.concat([glimpsed, later])), catalogue, "me")
    assert set(of_task(result, "novel")["n_test_plays"]) == {0}


def test_the_order_of_the_rows_changes_nothing() -> None:
    rows = weekly_rows(favourites(4, weeks=15))
    once = evaluate(rows, NO_CATALOGUE, "me")
    again = evaluate(rows.sample(frac=1, random_state=9), NO_CATALOGUE, "me")
    pd.testing.assert_frame_equal(once, again)


def listening(spark: SparkSession, plays: pd.DataFrame, users: tuple[str, ...]) -> DataFrame:
    """Make rows of silver of plays whose days count from a Monday."""
    names = ("user_id", "track_key", "track_id", "genre", "local_date", "is_counted", "played_at")
    fields = [LISTENING_WITH_FEATURES.schema[name] for name in names]
    rows = []
    for user in users:
        for day, track, counted in plays[["day", "track_key", "counted"]].itertuples(index=False):
            when = MONDAY + timedelta(days=int(day))
            played_at = datetime(when.year, when.month, when.day, 12, tzinfo=UTC)
            rows.append((user, track, None, None, when, bool(counted), played_at))
    return spark.createDataFrame(rows, type(LISTENING_WITH_FEATURES.schema)(fields))


def no_catalogue(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame([], CATALOGUE_TRACKS.schema)


def test_spark_adds_up_what_single_plays_say(spark: SparkSession) -> None:
    """40 weeks: the newest and 26 by themselves, all before as one, remembered to its end."""
    plays = listener(np.ones(30), 40, 12, 5)
    first_week = plays["day"].max() // 7 - 26
    end_of_past = first_week * 7
    rows = _by_track_and_week(listening(spark, plays, ("me",))).toPandas()
    monday = (MONDAY - date(1970, 1, 5)).days
    rows["week"] -= monday // 7
    assert rows["week"].min() == first_week - 1
    assert rows["plays"].sum() == len(plays)
    for row in rows.to_dict("records"):
        track, week = row["track_key"], int(row["week"])
        of_track = plays[plays["track_key"] == track]
        weeks = of_track["day"] // 7
        of_row = of_track[weeks <= week] if week < first_week else of_track[weeks == week]
        end = end_of_past if week < first_week else (week + 1) * 7
        assert row["plays"] == len(of_row)
        assert row["last_day"] - monday == of_row["day"].max()
        for half_life in HALF_LIVES:
            expected = (0.5 ** ((end - of_row["day"]) / half_life)).sum()
            memory = row[f"memory_{half_life}"] / BILLION
            assert memory == pytest.approx(expected, abs=1e-6)


def test_rows_are_the_same_on_any_number_of_partitions(spark: SparkSession) -> None:
    plays = listening(spark, favourites(1, weeks=10), ("me", "you"))
    results: list[list[Row]] = []
    for partitions in (1, 7):
        parted = plays.repartition(partitions)
        made = recommendation_quality(parted, no_catalogue(spark))
        assert made.columns == RECOMMENDATION_QUALITY.given.names
        results.append(sorted(made.collect(), key=str))
    assert results[0] == results[1]
    # Who listens alike is told alike, but for chance.
    by_user = {
        user: {
            (row["task"], row["model"]): row["ndcg_50"]
            for row in results[0]
            if row["user_id"] == user and row["model"] != "random"
        }
        for user in ("me", "you")
    }
    assert by_user["me"] == by_user["you"]
    assert len(results[0]) == 2 * 2 * len(MODELS)
    novel = [row for row in results[0] if row["task"] == "novel"]
    assert {(row["status"], row["ndcg_50"], row["novelty"]) for row in novel} == {
        ("too_few_data", None, None)
    }


def test_the_catalogue_is_matched_by_name_and_id(spark: SparkSession) -> None:
    """Week by week another two tracks are met, one under the catalogue's name, one by its id."""
    catalogue = [
        {
            "track_id": f"c{number}",
            "track_genre": "pop",
            "popularity": 50,
            "name_keys": [f"a|{number}"],
            "artist_keys": ["a"],
        }
        for number in range(40)
    ]
    plays = plays_frame(
        np.repeat(np.arange(0, 140, 7), 4),
        [f"a|{week if half else f'{week} (live)'}" for week in range(20) for half in (0, 0, 1, 1)],
    )
    silver = listening(spark, plays, ("me",)).toPandas()
    is_live = silver["track_key"].str.endswith("(live)")
    silver["track_id"] = None
    silver.loc[is_live, "track_id"] = [
        f"c{20 + int(key[2:-7])}" for key in silver.loc[is_live, "track_key"]
    ]
    frame = spark.createDataFrame(silver, listening(spark, plays[:1], ("me",)).schema)
    offered_rows = [
        tuple(row.get(name) for name in CATALOGUE_TRACKS.column_names) for row in catalogue
    ]
    made = recommendation_quality(
        frame, spark.createDataFrame(offered_rows, CATALOGUE_TRACKS.schema)
    )
    novel = [row for row in made.collect() if row["task"] == "novel"]
    # 18 weeks between the first and the newest, two tracks of two plays each.
    assert {(row["weeks"], row["n_test_plays"]) for row in novel} == {(18, 72)}
