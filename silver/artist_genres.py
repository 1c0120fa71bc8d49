"""The genre of every artist, from the first source that knows it.

1. *Spotify*, where it still gives genres: with a person's top artists.
2. *The catalogue's tracks of the artist*. Each track weighs the same, shared between the genres
   that it stands under; of equal genres the least by name comes first.
3. *The artists heard in the same sessions*, but only where this lake shows that they tell:
   every artist of known genre is guessed from the others of its sessions, and a level of evidence
   is used where such guesses are right more often than wrong and more often than the largest genre
   would be (``session_levels``).

Names ("DJ", "Orchestra", …) tell no more than the largest genre and are no source; the measured
accuracy of each stands in docs/GENRES.md, made by ``bench.genre_accuracy``.

Longer than two screens: the sources stand in their order, each with how it is weighed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from features.name_key import normalised
from schemas.genre_schemas import ARTIST_GENRES
from silver.exact_numbers import DECIMALS, MILLION

if TYPE_CHECKING:
    import pandas as pd

UNCLASSIFIED = "unclassified"
# Evidence is divided by what there is of it and this, so that little of it is no certainty. Half a
# track makes the catalogue's confidence what it says, see docs/GENRES.md.
DOUBT_IN_TRACKS = 0.5
DOUBT_IN_SESSIONS = 2.0
LEVELS = 5
SIGNIFICANCE = 0.05
LEAST_ACCURACY = 0.5
_GUESS_SCHEMA = "artist_key string, guess string, confidence double, sessions long"


def artist_genres(listening: DataFrame, catalogue: DataFrame, top_items: DataFrame) -> DataFrame:
    """Give ``silver.artist_genres``, one row an artist whom anybody played or has among the top.

    ``listening``: ``silver.listening_with_features``, ``catalogue``: ``silver.catalogue_tracks``,
    ``top_items``: ``bronze.top_items_bronze``, each of everybody. No artist's genre depends on
    whose plays tell of it.
    """
    known = known_genres(catalogue, top_items)
    # One row of five values for each artist of the lake, whoever heard it and however often.
    guesses = session_scores(listening, known).groupBy().applyInPandas(_guesses, _GUESS_SCHEMA)
    guessed = guesses.select(
        "artist_key",
        _genre_struct(
            F.array("guess"), "sessions", F.round("confidence", DECIMALS), F.col("sessions")
        ).alias("guessed"),
    )
    return (
        _artists(listening, top_items)
        .join(known, on="artist_key", how="left")
        .join(guessed, on="artist_key", how="left")
        .withColumn("best", F.coalesce("known", "guessed", _nothing()))
        .select("artist_key", "artist_name", "best.*")
        .select(*ARTIST_GENRES.column_names)
    )


def known_genres(catalogue: DataFrame, top_items: DataFrame) -> DataFrame:
    """Give the artists whose genres Spotify tells or, of the others, the catalogue.

    Result: artist_key and ``known``, a struct of genre, genres, genre_source, confidence and
    evidence; one row an artist, whether anybody heard it or not.
    """
    told, found = _told_by_spotify(top_items), _found_in_catalogue(catalogue)
    return (
        told.withColumn("rank", F.lit(0))
        .unionByName(found.withColumn("rank", F.lit(1)))
        .groupBy("artist_key")
        .agg(F.min_by("known", "rank").alias("known"))
    )


def session_scores(listening: DataFrame, known: DataFrame) -> DataFrame:
    """Guess each artist's genre from the other artists of the sessions in which it was heard.

    ``known`` comes from ``known_genres``. Counted plays only, and an artist counts once in a
    session. There every other artist of known genre has one vote, and all their votes together
    weigh 1; an artist's own genre never has a part in its guess. Result, for every artist that was
    ever heard beside one of known genre: artist_key, genre (its own, null where unknown), guess (of
    equal genres the least by name), weight (millionths of a session that speak for the guess) and
    sessions.

    At most the distinct (session, artist) pairs times the genres of a session are added up: a
    session of n artists is never n² pairs.
    """
    own_genres = known.select("artist_key", F.col("known.genre").alias("genre"))
    sessions = (
        listening.where("is_counted")
        .select("session_id", normalised(F.col("artist_name")).alias("artist_key"))
        .where(F.col("artist_key") != "")
        .join(F.broadcast(own_genres), on="artist_key", how="left")
        .groupBy("session_id")
        .agg(F.collect_set(F.struct("artist_key", "genre")).alias("artists"))
        .withColumn("genres", F.array_compact("artists.genre"))
        .where((F.size("genres") > 0) & (F.size("artists") > 1))
    )
    votes_for = F.transform(
        F.array_distinct("genres"),
        lambda genre: F.struct(
            genre.alias("guess"),
            F.size(F.filter("genres", lambda each: each == genre)).alias("votes"),
        ),
    )
    is_own = F.coalesce(F.col("genre") == F.col("guess"), F.lit(False)).cast("int")
    is_known = F.col("genre").isNotNull().cast("int")
    weight = F.round(MILLION * (F.col("votes") - is_own) / (F.col("known_artists") - is_known))
    return (
        sessions.withColumn("votes_for", votes_for)
        # Neither is ever empty; a plain inline would look into both once more to see that.
        .select("votes_for", F.size("genres").alias("known_artists"), F.inline_outer("artists"))
        .select("artist_key", "genre", "known_artists", F.inline_outer("votes_for"))
        .where(F.col("votes") > is_own)
        .groupBy("artist_key", "genre", "guess")
        .agg(F.sum(weight.cast("long")).alias("weight"))
        .groupBy("artist_key", "genre")
        .agg(
            F.min_by("guess", F.struct(-F.col("weight"), "guess")).alias("guess"),
            F.max("weight").alias("weight"),
            # The votes of each session weigh 1, so that their sum is the number of sessions.
            F.round(F.sum("weight") / MILLION).cast("long").alias("sessions"),
        )
    )


def session_levels(scores: pd.DataFrame) -> pd.DataFrame:
    """Measure by level of evidence how often the sessions tell the genre of a known artist.

    ``scores`` as ``session_scores`` gives them. The evidence for a guess is weight / (sessions +
    2), from 0 to 1, in five equal levels: one session says little, and many that disagree as well.
    Result, by ``level`` (0-4): known (artists), right (guesses), largest_right (how many the
    largest genre of all these artists would have right), only_guess and only_largest (right where
    the other is wrong), p_value (one-sided exact test of these two, McNemar 1947) and is_used:
    p_value < 0.05 / 5 (Bonferroni) and at least half of the guesses right.
    """
    # Most commands classify nothing, and these take a second to import.
    import pandas as pd
    from scipy.stats import binomtest

    known = scores[scores["genre"].notna()]
    right = known["guess"] == known["genre"]
    largest = known["genre"].mode()  # sorted, so that the least of equals comes first
    by_largest = known["genre"] == (largest.iloc[0] if len(largest) else "")
    levels = pd.DataFrame(
        {
            "known": 1,
            "right": right,
            "largest_right": by_largest,
            "only_guess": right & ~by_largest,
            "only_largest": ~right & by_largest,
        }
    )
    levels = levels.astype(int).groupby(_level(known).to_numpy()).sum().rename_axis("level")
    p_values = [
        binomtest(guess, guess + other, alternative="greater").pvalue if guess + other else 1.0
        for guess, other in zip(levels["only_guess"], levels["only_largest"], strict=True)
    ]
    is_better = pd.Series(p_values, index=levels.index, dtype=float) < SIGNIFICANCE / LEVELS
    is_right = levels["right"] >= LEAST_ACCURACY * levels["known"]
    return levels.assign(p_value=p_values, is_used=is_better & is_right)


def _guesses(scores: pd.DataFrame) -> pd.DataFrame:
    """Give the guesses for unknown artists whose level of evidence is used.

    ``scores`` are a row of five values for each artist of the lake, no more.
    """
    levels = session_levels(scores)
    used = levels[levels["is_used"]]
    unknown = scores[scores["genre"].isna()].assign(level=_level)
    found = unknown[unknown["level"].isin(used.index)]
    accuracy = used["right"] / used["known"]
    return found.assign(confidence=found["level"].map(accuracy))[
        ["artist_key", "guess", "confidence", "sessions"]
    ]


def _level(scores: pd.DataFrame) -> pd.Series[int]:
    evidence = scores["weight"] / MILLION / (scores["sessions"] + DOUBT_IN_SESSIONS)
    return (evidence * LEVELS).astype(int)


def _artists(listening: DataFrame, top_items: DataFrame) -> DataFrame:
    """Give artist_key and artist_name of everybody's artists."""
    top = _top_artists(top_items).select("artist_name")
    most_plays = F.struct(-F.col("plays"), "artist_name")
    return (
        listening.select("artist_name")
        .unionByName(top)
        .groupBy("artist_name")
        .agg(F.count("*").alias("plays"))
        .groupBy(normalised(F.col("artist_name")).alias("artist_key"))
        .agg(F.min_by("artist_name", most_plays).alias("artist_name"))
        .where(F.col("artist_key") != "")
    )


def _top_artists(top_items: DataFrame) -> DataFrame:
    return top_items.where(F.col("kind") == "artists").withColumn("artist_name", F.col("item_name"))


def _told_by_spotify(top_items: DataFrame) -> DataFrame:
    """Give Spotify's genres in its order, with dashes for spaces, as the catalogue writes them.

    Of several answers about one artist that tell genres the newest stands.
    """
    told = F.from_json("item", "genres array<string>").getField("genres")
    spelled = F.transform(told, lambda genre: F.translate(normalised(genre), " ", "-"))
    genres = F.col("genres")
    return (
        _top_artists(top_items)
        .withColumn("artist_key", normalised(F.col("artist_name")))
        .withColumn("genres", F.array_distinct(F.array_remove(F.array_compact(spelled), "")))
        .where((F.col("artist_key") != "") & (F.size("genres") > 0))
        .groupBy("artist_key")
        .agg(F.max_by("genres", F.struct("last_seen", "genres")).alias("genres"))
        .select(
            "artist_key",
            _genre_struct(genres, "spotify", F.lit(1.0), F.size(genres).cast("long")).alias(
                "known"
            ),
        )
    )


def _found_in_catalogue(catalogue: DataFrame) -> DataFrame:
    """Give the genres of the artists of the catalogue, most tracks first."""
    of_track = Window.partitionBy("artist_key", "track_id")
    weight = F.round(MILLION / F.count("*").over(of_track)).cast("long")
    by_weight = F.array_sort(F.collect_list(F.struct((-F.col("weight")).alias("less"), "genre")))
    tracks = F.round(F.col("all") / MILLION).cast("long")
    confidence = F.round(F.col("most") / (F.col("all") + DOUBT_IN_TRACKS * MILLION), DECIMALS)
    return (
        catalogue.select(
            "track_id",
            F.col("track_genre").alias("genre"),
            F.explode(F.array_distinct("artist_keys")).alias("artist_key"),
        )
        # One exchange serves all that follows.
        .repartition("artist_key")
        .withColumn("weight", weight)
        .groupBy("artist_key", "genre")
        .agg(F.sum("weight").alias("weight"))
        .groupBy("artist_key")
        .agg(
            by_weight.alias("by_weight"),
            F.max("weight").alias("most"),
            F.sum("weight").alias("all"),
        )
        .select(
            "artist_key",
            _genre_struct(F.col("by_weight.genre"), "catalogue", confidence, tracks).alias("known"),
        )
    )


def _genre_struct(genres: Column, source: str, confidence: Column, evidence: Column) -> Column:
    return F.struct(
        genres[0].alias("genre"),
        genres.alias("genres"),
        F.lit(source).alias("genre_source"),
        confidence.alias("confidence"),
        evidence.alias("evidence"),
    )


def _nothing() -> Column:
    return F.struct(
        F.lit(UNCLASSIFIED).alias("genre"),
        F.array().cast("array<string>").alias("genres"),
        F.lit(UNCLASSIFIED).alias("genre_source"),
        F.lit(0.0).alias("confidence"),
        F.lit(0).cast("long").alias("evidence"),
    )
