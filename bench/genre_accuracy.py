"""How often each rule for an artist's genre is right, against known genres that are hidden from it.

    python -m bench.genre_accuracy --data ../shared/data [--lake FOLDER] [--json out.json]

Imports the exports and the catalogue below ``--data`` into a lake (or takes the one in ``--lake``)
and measures on the artists that were played, beside the genre that is largest among them:

- *catalogue*: of every artist with two tracks or more, one is hidden and told from the others;
- *sessions*: every artist of known genre is told from its sessions, itself left out;
- *names*: the genre of a pattern, or of a word, is learned from the catalogue's artists that nobody
  played, and told of those that somebody did.

A rule is kept where it is right more often than the largest genre on the same artists: one-sided
exact test of the artists that only one of the two has right (McNemar 1947), p < 0.05; for the
levels of the sessions, one of which would be enough, p < 0.05 / 5.

Longer than two screens, as a bench is one file with its whole method in sight.
"""

import json
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from rich.box import ASCII2
from rich.console import Console
from rich.table import Table as RichTable
from scipy.stats import binomtest

from config.clock import utc_now
from config.settings import load_settings
from features.name_key import normalised
from file_imports import import_catalogue, import_exports
from loaders.privacy_export import find_exports
from mappers.library_mapper import top_item_rows
from pipeline import STEPS
from schemas.library_schemas import TOP_ITEMS
from schemas.silver_schemas import CATALOGUE_TRACKS, LISTENING_WITH_FEATURES, TRACK_NAMES
from silver.artist_genres import LEVELS, known_genres, session_levels, session_scores
from writers.steps import Lake

# What a name might tell; which genre each tells is learned, not guessed.
NAME_PATTERNS = {
    "DJ": r"\bdj\b",
    "MC": r"\bmc\b",
    "Lil, Young": r"\blil\b|\byoung\b|\byung\b",
    "Orchestra": r"orchestra|orquesta|orchester|philharmonic|symphony",
    "Quartet, Ensemble": r"quartet|quintet|\btrio\b|ensemble|chamber",
    "Choir": r"\bchoir\b|\bchorus\b|\bcoro\b",
    "Cast": r"\bcast\b|broadway",
    "Kids": r"\bkids\b|\bbaby\b|nursery|lullab|children",
    "Sleep, Rain": r"sleep|noise|\brain\b|meditation|relax",
    "Worship": r"worship|hillsong|church|gospel",
    "Jazz": r"jazz",
    "String Band": r"bluegrass|string band|mountain",
    "Los, Grupo": r"^(los|la|el|grupo|banda) ",
    "Band, Brothers": r"\bband\b|\bbrothers\b",
}
LEAST_ARTISTS_OF_WORD, LEAST_SHARE_OF_WORD = 8, 0.3
CONFIDENCES = (0.0, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True)
class Accuracy:
    """One rule on the artists that it says something of."""

    rule: str
    artists: int
    right: float
    largest_right: float
    only_rule: int
    only_largest: int
    p_value: float

    @classmethod
    def of(cls, rule: str, told: pd.DataFrame, largest: str) -> "Accuracy":
        """Compare ``told`` (guess, truth: a set of genres; a row an artist) with ``largest``."""
        right = [guess in truth for guess, truth in zip(told["guess"], told["truth"], strict=True)]
        by_largest = [largest in truth for truth in told["truth"]]
        pairs = list(zip(right, by_largest, strict=True))
        only, other = pairs.count((True, False)), pairs.count((False, True))
        p_value = binomtest(only, only + other, alternative="greater").pvalue if only + other else 1
        n = max(len(told), 1)
        return cls(
            rule, len(told), sum(right) / n, sum(by_largest) / n, only, other, float(p_value)
        )


def main(
    data: Annotated[Path, typer.Option(help="folder with exports, catalogue, recorded answers")],
    lake: Annotated[Path | None, typer.Option(help="a lake made from them before")] = None,
    json_path: Annotated[Path | None, typer.Option("--json", help="write all numbers here")] = None,
) -> None:
    """Measure every rule and print one table."""
    with ExitStack() as stack:
        is_new = lake is None
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) if lake is None else lake
        held = stack.enter_context(Lake(load_settings(data_dir=folder), utc_now()))
        if is_new:
            import_data(held, data)
        spark, listening = held.spark, held.read(LISTENING_WITH_FEATURES)
        catalogue, told_by_nobody = held.read(CATALOGUE_TRACKS), held.read(TOP_ITEMS)

        known = genres_by_artist(known_genres(catalogue, told_by_nobody))
        plays = plays_by_artist(listening)
        known_heard = known.loc[known.index.intersection(plays.index)]
        largest = known_heard.str[0].mode().iloc[0]
        hidden = hidden_tracks(catalogue, told_by_nobody, plays.index)
        scores = session_scores(listening, known_genres(catalogue, told_by_nobody)).toPandas()
        recorded = json.loads((data / "api" / "top_artists.json").read_text(encoding="utf-8"))
        spotify = genres_by_artist(
            known_genres(catalogue.limit(0), top_artists(spark, recorded["items"]))
        )

    found = [
        Accuracy.of("catalogue", hidden, largest),
        *session_accuracies(scores, largest),
        *name_accuracies(known, known_heard, largest),
    ]
    both = spotify.index.intersection(known.index)
    agreeing = sum(known[each][0] in spotify[each] for each in both)
    console = Console(width=100)
    console.print(
        f"{len(plays):,} artists played; of known genre are {len(known_heard)}, with "
        f"{plays[known_heard.index].sum() / plays.sum():.1%} of the plays. The largest genre is "
        f"{largest}: {(known_heard.str[0] == largest).mean():.1%} of them"
    )
    console.print(accuracies_table(found))
    console.print(confidences_table(hidden))
    console.print(
        f"Spotify told genres of {len(spotify)} of {len(recorded['items'])} recorded top artists; "
        f"the catalogue knows {len(both)} of these, and its first genre is among Spotify's "
        f"for {agreeing}"
    )
    if json_path is not None:
        figures = {"rules": [asdict(each) for each in found], "both": len(both), "agree": agreeing}
        json_path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def import_data(lake: Lake, data: Path) -> None:
    """Import the exports and the catalogue below ``data`` and compute what is measured on."""
    exports = find_exports([data / "exports"], lake.settings.user_id)
    import_exports(lake, exports, rebuild=False)
    import_catalogue(lake, data / "kaggle" / "dataset.csv", rebuild=False)
    for step in STEPS:
        if step.table in (CATALOGUE_TRACKS, TRACK_NAMES, LISTENING_WITH_FEATURES):
            step.run(lake, rebuild=False)


def top_artists(spark: SparkSession, items: list[dict[str, Any]]) -> DataFrame:
    """Give rows of ``bronze.top_items_bronze`` for the items of a recorded answer."""
    seen = {"first_seen": datetime(2026, 2, 1, tzinfo=UTC), "last_seen": datetime.now(UTC)}
    rows = [each | seen for each in top_item_rows(items, "artists", "medium_term", "me")]
    names = TOP_ITEMS.column_names
    return spark.createDataFrame(
        [tuple(row.get(name) for name in names) for row in rows], TOP_ITEMS.schema
    )


def genres_by_artist(known: DataFrame) -> "pd.Series[Any]":
    """Give the genres of each artist, the first one first."""
    rows = known.select("artist_key", "known.genres").toPandas().set_index("artist_key")
    return rows["genres"].map(list).sort_index()


def plays_by_artist(listening: DataFrame) -> "pd.Series[int]":
    """Give how often each artist was played, by artist_key."""
    plays = listening.groupBy(normalised(F.col("artist_name")).alias("artist_key")).count()
    found = plays.where(F.col("artist_key") != "").toPandas().set_index("artist_key")
    return found["count"].sort_index()


def hidden_tracks(
    catalogue: DataFrame, told_by_nobody: DataFrame, heard: Iterable[str]
) -> pd.DataFrame:
    """Hide one track of each played artist that has several and tell its genre from the others.

    Result: a row an artist; guess, truth (the genres that the hidden track stands under) and
    confidence.
    """
    of_artist = catalogue.select("track_id", "track_genre", F.explode("artist_keys").alias("key"))
    tracks = of_artist.toPandas()
    tracks = tracks[tracks["key"].isin(set(heard))]
    several = tracks.groupby("key")["track_id"].nunique()
    tracks = tracks[tracks["key"].isin(several[several > 1].index)]
    # A Spotify id has no order that goes with a genre: the least is as good as a drawn one.
    tracks = tracks[tracks["track_id"] == tracks.groupby("key")["track_id"].transform("min")]
    truth = tracks.groupby("key")["track_genre"].agg(set)
    hidden = catalogue.sparkSession.createDataFrame(tracks[["track_id", "key"]]).groupBy("track_id")
    rest = (
        catalogue.join(hidden.agg(F.collect_set("key").alias("keys")), "track_id", "left")
        .withColumn("keys", F.coalesce("keys", F.array().cast("array<string>")))
        .withColumn("artist_keys", F.array_except("artist_keys", "keys"))
        .drop("keys")
    )
    genres = known_genres(rest, told_by_nobody).select(
        "artist_key", "known.genre", "known.confidence"
    )
    told = genres.toPandas().set_index("artist_key").loc[truth.index]
    return pd.DataFrame({"guess": told["genre"], "truth": truth, "confidence": told["confidence"]})


def session_accuracies(scores: pd.DataFrame, largest: str) -> list[Accuracy]:
    """Give the accuracy of the sessions, over all evidence and by level."""
    known = scores[scores["genre"].notna()]
    told = pd.DataFrame({"guess": known["guess"], "truth": known["genre"].map(lambda each: {each})})
    levels = session_levels(scores)
    by_level = [
        Accuracy(
            f"- evidence {level / LEVELS:.1f} to {(level + 1) / LEVELS:.1f}",
            int(row["known"]),
            float(row["right"] / row["known"]),
            float(row["largest_right"] / row["known"]),
            int(row["only_guess"]),
            int(row["only_largest"]),
            float(row["p_value"]),
        )
        for level, (_, row) in zip(levels.index.astype(int), levels.iterrows(), strict=True)
    ]
    return [Accuracy.of("sessions, all evidence", told, largest), *by_level]


def name_accuracies(
    known: "pd.Series[Any]", known_heard: "pd.Series[Any]", largest: str
) -> list[Accuracy]:
    """Give the accuracy of patterns and of words in the names of artists.

    What a pattern or word tells is learned from the artists that nobody played: the commonest
    genre. Of several that a name has, the one that is surest of its genre tells.
    """
    learned_from = known.drop(known_heard.index).str[0]
    rules = {"names: patterns": (_patterns, 0.0), "names: words": (_words, LEAST_SHARE_OF_WORD)}
    found = []
    for rule, (parts_of, least_share) in rules.items():
        genres: dict[str, Counter[str]] = defaultdict(Counter)
        for name, genre in learned_from.items():
            for part in parts_of(str(name)):
                genres[part][genre] += 1
        telling: dict[str, tuple[float, str]] = {}
        for part, counts in genres.items():
            ((genre, artists),) = counts.most_common(1)
            share = artists / counts.total()
            if counts.total() >= LEAST_ARTISTS_OF_WORD and share >= least_share:
                telling[part] = (share, genre)
        guesses: dict[str, str] = {}
        for name in known_heard.index:
            told = [telling[part] for part in parts_of(name) if part in telling]
            guesses |= {name: max(told)[1]} if told else {}
        frame = pd.DataFrame({"guess": list(guesses.values()), "truth": known_heard[list(guesses)]})
        found.append(Accuracy.of(rule, frame, largest))
    return found


def _patterns(name: str) -> set[str]:
    return {title for title, pattern in NAME_PATTERNS.items() if re.search(pattern, name)}


def _words(name: str) -> set[str]:
    return set(re.findall(r"\w+", name))


def accuracies_table(found: Iterable[Accuracy]) -> RichTable:
    """Put every rule beside the largest genre on the same artists."""
    table = RichTable(title="Each rule beside the largest genre, on the same artists", box=ASCII2)
    for title in ("rule", "artists", "right", "largest", "only rule", "only largest", "p"):
        table.add_column(title, justify="left" if title == "rule" else "right")
    for each in found:
        table.add_row(
            each.rule,
            str(each.artists),
            f"{each.right:.1%}",
            f"{each.largest_right:.1%}",
            str(each.only_rule),
            str(each.only_largest),
            f"{each.p_value:.2g}",
        )
    return table


def confidences_table(hidden: pd.DataFrame) -> RichTable:
    """Put the confidence of the catalogue's genres beside how many of them were right."""
    table = RichTable(title="The catalogue's confidence beside its accuracy", box=ASCII2)
    for title in ("confidence", "artists", "mean confidence", "right"):
        table.add_column(title, justify="right")
    right = pd.Series(
        [guess in truth for guess, truth in zip(hidden["guess"], hidden["truth"], strict=True)],
        index=hidden.index,
    )
    edges = list(pairwise(CONFIDENCES))
    for low, high in [*edges, (CONFIDENCES[0], CONFIDENCES[-1])]:
        is_in = (hidden["confidence"] > low) & (hidden["confidence"] <= high)
        if is_in.any():
            mean = hidden["confidence"][is_in].mean()
            table.add_row(
                f"{low:.1f} to {high:.1f}",
                str(is_in.sum()),
                f"{mean:.2f}",
                f"{right[is_in].mean():.2f}",
            )
    return table


if __name__ == "__main__":
    typer.run(main)
