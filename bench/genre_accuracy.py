"""How often each rule for an artist's genre is right, against known genres that are hidden from it.

    python -m bench.genre_accuracy --data ../shared/data [--lake FOLDER] [--json out.json]

Imports the exports and the catalogue below ``--data`` into a lake (or takes the one in ``--lake``)
and measures on the artists that were played, beside the genre that is largest among them:

- *catalogue*: of every artist with two tracks or more, one is hidden and predicted from the others;
- *sessions*: every artist of known genre is predicted from its sessions, itself left out;
- *names*: the genre of a pattern, or of a word, is learned from the catalogue's artists that nobody
  played, and predicted for those that somebody did.

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
from rich.box import ASCII2
from rich.console import Console
from rich.table import Table as RichTable
from scipy.stats import binomtest

from config.clock import utc_now
from config.settings import load_settings
from engines import models
from engines.arrow import arrow_of_frame, arrow_rows
from engines.engine import Engine
from incremental.lake import Lake
from ingestion.catalogue import import_catalogue
from ingestion.exports import import_exports
from loaders.privacy_export import find_exports
from mappers.library_mapper import top_item_rows
from pipeline import STEPS
from schemas.library_schemas import TOP_ITEMS
from schemas.silver_schemas import CATALOGUE_TRACKS, LISTENING_WITH_FEATURES, TRACK_NAMES
from schemas.table import column
from schemas.types import STRING
from silver.genres.session_guesses import LEVELS, session_levels

# What a name might show; which genre each stands for is learned, not guessed.
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
MIN_ARTISTS_OF_WORD, MIN_SHARE_OF_WORD = 8, 0.3
CONFIDENCES = (0.0, 0.4, 0.6, 0.8, 1.0)
TRACK_OF_ARTIST = (column("track_id", STRING, ""), column("artist_key", STRING, ""))
# Guesses are measured on all plays, those of the last day too.
ALL_PLAYS = f"SELECT session_id, artist_key, is_counted FROM {LISTENING_WITH_FEATURES.full_name}"


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
    def of(cls, rule: str, predicted: pd.DataFrame, largest: str) -> "Accuracy":
        """Compare ``predicted`` (guess, truth: a set; one row an artist) with ``largest``."""
        right = [
            guess in truth
            for guess, truth in zip(predicted["guess"], predicted["truth"], strict=True)
        ]
        by_largest = [largest in truth for truth in predicted["truth"]]
        pairs = list(zip(right, by_largest, strict=True))
        only, other = pairs.count((True, False)), pairs.count((False, True))
        p_value = binomtest(only, only + other, alternative="greater").pvalue if only + other else 1
        n = max(len(predicted), 1)
        return cls(
            rule, len(predicted), sum(right) / n, sum(by_largest) / n, only, other, float(p_value)
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
        for table in (LISTENING_WITH_FEATURES, CATALOGUE_TRACKS):
            held.bind(table)
        engine = held.engine
        register_top_artists(engine, [])
        known = genres_by_artist(engine)
        scores = computed(engine, "session_scores")
        plays = plays_by_artist(engine)
        known_heard = known.loc[known.index.intersection(plays.index)]
        largest = known_heard.str[0].mode().iloc[0]
        hidden = hidden_tracks(engine, plays.index)
        engine.register(CATALOGUE_TRACKS.full_name, arrow_rows([], CATALOGUE_TRACKS.columns))
        recorded = json.loads((data / "api" / "top_artists.json").read_text(encoding="utf-8"))
        register_top_artists(engine, recorded["items"])
        spotify = genres_by_artist(engine)

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
        f"Spotify has genres of {len(spotify)} of {len(recorded['items'])} recorded top artists; "
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


def computed(engine: Engine, model: str) -> pd.DataFrame:
    """Return the rows of a model, computed of the tables that the engine knows."""
    models.compute(engine, model, {}, {"complete_plays": ALL_PLAYS})
    rows: pd.DataFrame = engine.fetch_arrow(f"FROM {model}").to_pandas()
    return rows


def register_top_artists(engine: Engine, items: list[dict[str, Any]]) -> None:
    """Let the engine know the items of a recorded answer as ``bronze.top_items_bronze``."""
    seen = {"first_seen": datetime(2026, 2, 1, tzinfo=UTC), "last_seen": datetime.now(UTC)}
    rows = [each | seen for each in top_item_rows(items, "artists", "medium_term", "me")]
    engine.register(TOP_ITEMS.full_name, arrow_rows(rows, TOP_ITEMS.columns))


def genres_by_artist(engine: Engine) -> "pd.Series[Any]":
    """Return the genres of each artist of known genre, the first one first."""
    rows = computed(engine, "known_genres").set_index("artist_key")
    return rows["genres"].map(list).sort_index()


def plays_by_artist(engine: Engine) -> "pd.Series[int]":
    """Return how often each artist was played, by artist_key."""
    rows = engine.fetch(
        f"SELECT artist_key, count(*) FROM {LISTENING_WITH_FEATURES.full_name} "
        "WHERE artist_key IS NOT NULL GROUP BY artist_key"
    )
    return pd.Series(dict(rows), dtype="int64").sort_index()


def hidden_tracks(engine: Engine, heard: Iterable[str]) -> pd.DataFrame:
    """Hide one track of each played artist that has several and predict its genre by the others.

    The engine then knows the catalogue without the hidden tracks only. Returns a row an artist:
    guess, truth (the genres that the hidden track stands under) and confidence.
    """
    engine.run(
        "credits",
        "SELECT DISTINCT track_id, track_genre, unnest(artist_keys) AS artist_key "
        f"FROM {CATALOGUE_TRACKS.full_name}",
    )
    tracks = engine.fetch_arrow("FROM credits").to_pandas()
    tracks = tracks[tracks["artist_key"].isin(set(heard))]
    several = tracks.groupby("artist_key")["track_id"].nunique()
    tracks = tracks[tracks["artist_key"].isin(several[several > 1].index)]
    # A Spotify id has no order that goes with a genre: the least is as good as a drawn one.
    least = tracks.groupby("artist_key")["track_id"].transform("min")
    tracks = tracks[tracks["track_id"] == least]
    truth = tracks.groupby("artist_key")["track_genre"].agg(set)
    engine.register("hidden", arrow_of_frame(tracks, TRACK_OF_ARTIST))
    engine.run(
        CATALOGUE_TRACKS.full_name,
        "SELECT track_id, track_genre, list(artist_key) AS artist_keys "
        "FROM credits ANTI JOIN hidden USING (track_id, artist_key) GROUP BY track_id, track_genre",
    )
    predicted = computed(engine, "known_genres").set_index("artist_key").loc[truth.index]
    return pd.DataFrame(
        {"guess": predicted["genre"], "truth": truth, "confidence": predicted["confidence"]}
    )


def session_accuracies(scores: pd.DataFrame, largest: str) -> list[Accuracy]:
    """Return the accuracy of the sessions, over all evidence and by level."""
    known = scores[scores["genre"].notna()]
    predicted = pd.DataFrame(
        {"guess": known["guess"], "truth": known["genre"].map(lambda each: {each})}
    )
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
    return [Accuracy.of("sessions, all evidence", predicted, largest), *by_level]


def name_accuracies(
    known: "pd.Series[Any]", known_heard: "pd.Series[Any]", largest: str
) -> list[Accuracy]:
    """Return the accuracy of patterns and of words in the names of artists.

    The genre of a pattern or word is learned from the artists that nobody played: the commonest.
    Of several that a name has, the one that is surest of its genre counts.
    """
    learned_from = known.drop(known_heard.index).str[0]
    rules = {"names: patterns": (_patterns, 0.0), "names: words": (_words, MIN_SHARE_OF_WORD)}
    found = []
    for rule, (parts_of, least_share) in rules.items():
        genres: dict[str, Counter[str]] = defaultdict(Counter)
        for name, genre in learned_from.items():
            for part in parts_of(str(name)):
                genres[part][genre] += 1
        genre_of_part: dict[str, tuple[float, str]] = {}
        for part, counts in genres.items():
            ((genre, artists),) = counts.most_common(1)
            share = artists / counts.total()
            if counts.total() >= MIN_ARTISTS_OF_WORD and share >= least_share:
                genre_of_part[part] = (share, genre)
        guesses: dict[str, str] = {}
        for name in known_heard.index:
            predicted = [genre_of_part[part] for part in parts_of(name) if part in genre_of_part]
            guesses |= {name: max(predicted)[1]} if predicted else {}
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
