"""How good synthetic features are, against tracks whose real features are held out.

    python bench/synthetic_quality.py PATH/dataset.csv [--json out.json]

Half of the catalogue's recordings are taken away, the generator makes features for them from the
other half, and what it made is compared with what was measured. The gates are those of
``docs/SYNTHETIC_FEATURES_GUIDE.md``; a miss is printed as a miss and the exit code stays 0.
``--constants`` prints the constants of ``features/copula.py`` as this catalogue gives them.

The split is by recording, not by id: ids that share first artist and title, or all features and
the length, are one recording (a single on an album and on five compilations) and stand on one side.

Longer than two screens, as a bench is one file with its whole method in sight.
"""

import sys
from pathlib import Path

# Started by its path, a script sees its own folder only.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import hashlib
import json
import tempfile
import time
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table as RichTable
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.stats import ks_2samp, norm
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from engines import models
from engines.arrow import arrow_of_frame
from engines.duckdb_engine import DuckDBEngine
from features.copula import Z_KNOTS
from schemas.bronze_schemas import KAGGLE_TRACKS, SYNTHETIC_FEATURES
from schemas.common_columns import CONTINUOUS_FEATURES, FEATURE_NAMES, FEATURE_RANGES
from schemas.silver_schemas import CATALOGUE_TRACKS, FEATURE_DONORS
from schemas.table import column
from schemas.types import STRING

SEED = 20240607
CONTINUOUS, ALL_FEATURES = list(CONTINUOUS_FEATURES), list(FEATURE_NAMES)
TARGETS = ("valence", "energy")
TRACK_COLUMNS = [
    column(name, STRING, "")
    for name in ("track_key", "track_id", "track_name", "artist_name", "genre")
]


@dataclass(frozen=True)
class Scores:
    """How close one method's rows come to the held-out ones."""

    method: str
    ks: dict[str, float]
    correlation_error: float
    detection_auc: float
    r2: dict[str, float]
    r_by_level: dict[str, dict[str, float]]


@dataclass(frozen=True)
class Gate:
    """One line of the contract: what was asked, what was measured."""

    name: str
    asked: str
    measured: float
    passed: bool


def main(
    catalogue: Annotated[Path, typer.Argument(help="the Kaggle catalogue, a CSV")],
    json_path: Annotated[Path | None, typer.Option("--json", help="write all numbers here")] = None,
    constants: Annotated[
        bool, typer.Option("--constants", help="print the copula's constants and stop")
    ] = False,
) -> None:
    """Measure the generator on CATALOGUE and print its gates."""
    started = time.monotonic()
    rows = read_catalogue(catalogue)
    if constants:
        typer.echo(copula_constants(rows))
        return
    donors, held_out = split(rows)
    methods = {
        "hot deck": generate(held_out, donors),
        "hot deck, genre unknown": generate(held_out.assign(track_genre=None), donors),
        "copula (no catalogue)": generate(held_out, donors.head(0)),
    }
    same_bytes = is_repeatable(held_out, donors)
    methods |= baselines(held_out, donors)
    scores = [score(name, made, held_out) for name, made in methods.items()]
    shipped, ceiling = scores[0], scores[-1]
    levels = methods["hot deck"]["donor_level"].value_counts(normalize=True).to_dict()
    found = gates(shipped, ceiling, same_bytes)

    console = Console(width=110)
    console.print(
        f"{len(rows):,} catalogue rows; {len(held_out):,} tracks held out, {len(donors):,} rows as "
        "donors; donor found by "
        + ", ".join(f"{level} {share:.0%}" for level, share in levels.items())
    )
    console.print(gates_table(found))
    console.print(methods_table(scores))
    for each in scores:
        for level, r in each.r_by_level.items():
            values = ", ".join(f"r({name}) {r[name]:.3f}" for name in TARGETS)
            console.print(f"{each.method}: {level} donors {values}")
    console.print(f"{time.monotonic() - started:.0f} s")
    if json_path is not None:
        summary = {
            "tracks": len(held_out),
            "donor_levels": levels,
            "gates": [vars(gate) for gate in found],
            "methods": [vars(each) for each in scores],
        }
        json_path.write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")


def read_catalogue(path: Path) -> pd.DataFrame:
    """Read the CSV and keep the rows whose twelve features are all known.

    ``recording`` is the same for all ids of one recording.
    """
    # "None", "NA" and "nan" are names of artists and titles here, not missing values.
    rows = pd.read_csv(path, keep_default_na=False, na_values={"track_name": [""], "artists": [""]})
    in_range = [rows[name].between(low, high) for name, (low, high) in FEATURE_RANGES.items()]
    named = rows["track_name"].notna() & rows["artists"].notna()
    rows = rows[np.logical_and.reduce([named, *in_range])].reset_index(drop=True)
    rows["first_artist"] = rows["artists"].str.split(";").str[0]
    title = (rows["first_artist"] + "|" + rows["track_name"]).str.lower().str.split().str.join(" ")
    sound = rows[[*ALL_FEATURES, "duration_ms"]].astype(str).agg("|".join, axis="columns")
    codes = [pd.factorize(key)[0] for key in (rows["track_id"], title, sound)]
    # Rows and keys as the nodes of a graph: what hangs together is one recording.
    offsets = np.cumsum([len(rows), *(code.max() + 1 for code in codes)])
    keys = np.concatenate([code + offset for code, offset in zip(codes, offsets, strict=False)])
    edges = coo_matrix(
        (np.ones(len(keys)), (np.tile(np.arange(len(rows)), len(codes)), keys)),
        shape=(offsets[-1], offsets[-1]),
    )
    rows["recording"] = connected_components(edges, directed=False)[1][: len(rows)]
    return rows


def split(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return (donors, held out): half of the recordings each, by a hash of their smallest id.

    The held-out half has one row per track id.
    """
    first_id = rows.groupby("recording")["track_id"].transform("min")
    odd = first_id.map(lambda text: hashlib.sha256(text.encode()).digest()[0] % 2 == 1)
    held_out = rows[odd].drop_duplicates("track_id").sort_values("track_id")
    return rows[~odd].reset_index(drop=True), held_out.reset_index(drop=True)


def generate(
    held_out: pd.DataFrame, donors: pd.DataFrame, threads: int | None = None
) -> pd.DataFrame:
    """Run the generator and return its rows in the order of ``held_out``."""
    engine = DuckDBEngine(Path(tempfile.gettempdir()), threads=threads)
    engine.register(KAGGLE_TRACKS.full_name, arrow_of_frame(donors, KAGGLE_TRACKS.columns))
    for table in (CATALOGUE_TRACKS, FEATURE_DONORS):
        engine.run(table.full_name, models.sql_model(table.name).sql)
    engine.register("tracks_to_fill", arrow_of_frame(_tracks(held_out), TRACK_COLUMNS))
    for name in ("tracks_with_donors", SYNTHETIC_FEATURES.name):
        models.compute_one(engine, models.model(name), {})
    made = engine.fetch_arrow(f"FROM {SYNTHETIC_FEATURES.name}").to_pandas()
    engine.close()
    rows: pd.DataFrame = made.set_index("track_id").loc[held_out["track_id"]].reset_index()
    return rows


def is_repeatable(held_out: pd.DataFrame, donors: pd.DataFrame) -> bool:
    """Return whether other threads and another order of rows make the same bytes."""
    digests = set()
    for threads, seed in ((1, 1), (2, 2)):
        tracks = held_out.sample(frac=1.0, random_state=seed)
        made = generate(tracks, donors.sample(frac=1.0, random_state=seed), threads)
        lines = made.sort_values("track_key").to_csv(index=False)
        digests.add(hashlib.sha256(lines.encode()).hexdigest())
    return len(digests) == 1


def baselines(held_out: pd.DataFrame, donors: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return what simpler methods make, and last the ceiling: the other half of the real tracks."""
    random = np.random.default_rng(SEED)
    real = donors.drop_duplicates("track_id").reset_index(drop=True)
    count = len(held_out)
    uniform, inverse = pd.DataFrame(), pd.DataFrame()
    for name in ALL_FEATURES:
        drawn = random.random(count)
        low, high = real[name].min(), real[name].max()
        if name in CONTINUOUS:
            uniform[name] = low + drawn * (high - low)
        else:
            uniform[name] = np.floor(low + drawn * (high - low + 1))
        inverse[name] = real[name].sort_values().to_numpy()[(drawn * len(real)).astype(int)]
    return {"hash → uniform": uniform, "hash → inverse ECDF": inverse, "ceiling: other half": real}


def score(method: str, made: pd.DataFrame, held_out: pd.DataFrame) -> Scores:
    """Compare ``made`` with the real features of ``held_out``."""
    made_features = made[ALL_FEATURES].astype(float)
    real_features = held_out[ALL_FEATURES].astype(float)
    upper = np.triu_indices(len(CONTINUOUS), 1)
    differences = np.abs(_correlations(made_features) - _correlations(real_features))[upper]
    return Scores(
        method=method,
        ks={
            name: 1.0 - float(ks_2samp(made_features[name], real_features[name]).statistic)
            for name in CONTINUOUS
        },
        correlation_error=float(differences.mean()),
        detection_auc=_detection_auc(made_features, real_features),
        r2={name: _train_made_test_real(made_features, real_features, name) for name in TARGETS},
        r_by_level=_r_by_donor_level(made, real_features),
    )


def gates(shipped: Scores, ceiling: Scores, same_bytes: bool) -> list[Gate]:
    """Hold the shipped method against the contract."""
    found = [
        Gate(f"KS similarity, {name}", "≥ .95", value, value >= 0.95)
        for name, value in shipped.ks.items()
    ]
    error, auc = shipped.correlation_error, shipped.detection_auc
    found.append(Gate("mean |Δr| of correlations", "≤ .05", error, error <= 0.05))
    found.append(Gate("detection AUC (gradient boosting)", "≤ .70", auc, auc <= 0.70))
    for name in TARGETS:
        share = shipped.r2[name] / ceiling.r2[name]
        found.append(Gate(f"TSTR R² of {name} / ceiling", "≥ .90", share, share >= 0.90))
    r_valence = shipped.r_by_level.get("artist", {}).get("valence", float("nan"))
    found.append(Gate("r(valence), artist donors", "≥ .35", r_valence, r_valence >= 0.35))
    found.append(Gate("same bytes, another order", "= 1", float(same_bytes), same_bytes))
    return found


def gates_table(found: list[Gate]) -> RichTable:
    """Lay the gates out for a person."""
    table = RichTable("gate", "asked", "measured", "", title="Gates of the hot deck")
    for gate in found:
        table.add_row(
            gate.name, gate.asked, f"{gate.measured:.3f}", "pass" if gate.passed else "MISS"
        )
    return table


def methods_table(scores: list[Scores]) -> RichTable:
    """Lay the methods out beside each other."""
    table = RichTable("method", title="Methods on the held-out tracks")
    for heading in (
        "KS mean",
        "KS min",
        "|Δr|",
        "AUC",
        "TSTR val.",
        "energy",
        "r val.",
        "r energy",
    ):
        table.add_column(heading, justify="right")
    for each in scores:
        ks = list(each.ks.values())
        numbers = [
            float(np.mean(ks)),
            min(ks),
            each.correlation_error,
            each.detection_auc,
            *(each.r2[name] for name in TARGETS),
            *(each.r_by_level.get("artist", {}).get(name, float("nan")) for name in TARGETS),
        ]
        table.add_row(each.method, *("–" if np.isnan(x) else f"{x:.3f}" for x in numbers))
    return table


def copula_constants(rows: pd.DataFrame) -> str:
    """Fit the constants of ``features/copula.py``: aggregates of the catalogue, no row of it.

    The quantile of each feature at Φ(z) for every knot z, to three digits; the Cholesky factor of
    the Pearson correlations; the frequencies of key, mode and time signature.
    """
    tracks = rows.drop_duplicates("track_id")
    lines = ["MARGINALS:"]
    for name in CONTINUOUS:
        quantiles = np.quantile(tracks[name], norm.cdf(Z_KNOTS))
        lines.append(f"    {name!r}: ({', '.join(f'{x:.3g}' for x in quantiles)}),")
    factor = np.linalg.cholesky(_correlations(tracks)).round(3)
    lines.append("CHOLESKY:")
    lines += [
        f"    ({', '.join(f'{x:g}' for x in factor[row, : row + 1])}),"
        for row in range(len(CONTINUOUS))
    ]
    for name in ("key", "mode", "time_signature"):
        shares = tracks[name].value_counts(normalize=True).sort_index().round(3)
        lines.append(f"FREQUENCIES[{name!r}]: {shares.to_dict()}")
    return "\n".join(lines)


def _tracks(held_out: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "track_key": held_out["track_id"],
            "track_id": held_out["track_id"],
            "track_name": held_out["track_name"],
            "artist_name": held_out["first_artist"],
            "genre": held_out["track_genre"].astype(object),
        }
    )


def _correlations(features: pd.DataFrame) -> NDArray[Any]:
    correlations: NDArray[Any] = np.corrcoef(features[CONTINUOUS].to_numpy().T)
    return correlations


def _detection_auc(made: pd.DataFrame, real: pd.DataFrame) -> float:
    """Return how well a classifier separates synthetic from real, in five folds; 0.5: it cannot."""
    both = pd.concat([made, real])
    is_real = np.repeat([0, 1], [len(made), len(real)])
    folds = StratifiedKFold(5, shuffle=True, random_state=SEED)
    classifier = HistGradientBoostingClassifier(random_state=SEED)
    chance = cross_val_predict(classifier, both, is_real, cv=folds, method="predict_proba")[:, 1]
    return float(roc_auc_score(is_real, chance))


def _r_by_donor_level(made: pd.DataFrame, real: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return r between made and real targets, over the tracks of each donor level."""
    if "donor_level" not in made:
        return {}
    return {
        str(level): {name: float(made[name][rows].corr(real[name][rows])) for name in TARGETS}
        for level, rows in made.groupby("donor_level").groups.items()
    }


def _train_made_test_real(made: pd.DataFrame, real: pd.DataFrame, target: str) -> float:
    """Return R² on real tracks of a regression of ``target`` that only saw made ones."""
    others = [name for name in CONTINUOUS if name != target]
    model = HistGradientBoostingRegressor(random_state=SEED).fit(made[others], made[target])
    return float(r2_score(real[target], model.predict(real[others])))


if __name__ == "__main__":
    typer.run(main)
