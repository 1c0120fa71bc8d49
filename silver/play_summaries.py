"""What every summary of plays is made of: totals, distinct values, and the top of each kind.

A play is added to the sums of each of its values (its track, its artist, its genre …) within its
group (a day, a month, an artist …), and only these sums are put together by group. So the plays
are gone through once, and nothing is sorted but sums.
"""

from collections.abc import Mapping, Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from features.name_key import normalised
from silver.exact_numbers import DECIMALS, MILLION, millionths

_TRACK = "track"


def artist_key() -> Column:
    """Give the artist of a play, normalised; null where none is named."""
    return F.nullif(normalised(F.col("artist_name")), F.lit(""))


def is_new_track() -> Column:
    """Say, as 1 or 0, whether a counted play is the person's first of its track."""
    return F.coalesce(F.col("is_counted") & F.col("first_play"), F.lit(False)).cast("long")


def summarised(
    plays: DataFrame,
    of: Sequence[str],
    kinds: Sequence[str],
    sums: Mapping[str, Column] | None = None,
) -> DataFrame:
    """Summarise the plays of each group: one row for each combination of the columns ``of``.

    ``plays`` has the columns ``of`` and those of ``silver.listening_with_features``. ``kinds`` of
    values are track, artist, artist_name (as it is spelt), genre, session and day. ``sums`` are
    whole numbers of each play to add up.

    Gives total_plays, counted_plays, minutes (of all plays, with the track's length where the
    source tells none), first_played_at, last_played_at, ``sums`` by their names, and of each kind:

    - ``unique_<kind>s``: how many values have a counted play;
    - ``best_<kind>``: the value with the most counted plays, of equals the one with the most
      minutes, of these the least by name; a struct of name, detail (a track's artist) and plays.
      Null where no play has a value, its plays 0 where none of them is counted;
    - ``<kind>_known_plays``: the counted plays that have a value;
    - ``<kind>_entropy``: Shannon's H of these plays over the values, in nats; null without any.

    Sums are sorted by ``of``, which is quicker where its first column tells more groups apart.
    """
    further = dict(sums or {})
    by_value = _by_value(plays, of, tuple(dict.fromkeys((_TRACK, *kinds))), further)
    # Every play has one track, so what tracks add up to is the whole.
    of_tracks = {
        name: F.sum(F.when(F.col("kind") == _TRACK, F.col(name)))
        for name in ("total_plays", "counted_plays", "heard_ms", *further)
    }
    by_group = by_value.groupBy(*of).agg(
        *(value.alias(name) for name, value in of_tracks.items()),
        F.min("first_played_at").alias("first_played_at"),
        F.max("last_played_at").alias("last_played_at"),
        *(each for kind in kinds for each in _of_kind(kind)),
    )
    shown = {"minutes": F.round(F.col("heard_ms") / 60_000, DECIMALS)}
    for kind in kinds:
        first, n = F.col(f"first_{kind}"), F.col(f"{kind}_known_plays")
        best = F.struct(first["name"], first["detail"], (-first["rank"]).alias("plays"))
        shown[f"best_{kind}"] = F.when(first.isNotNull(), best)
        # H = ln n - Σ c·ln c / n, with c the plays of a value.
        entropy = F.ln(n) - F.col(f"{kind}_plays_ln_plays") / MILLION / n
        shown[f"{kind}_entropy"] = F.when(n > 0, F.greatest(entropy, F.lit(0.0)))
    return by_group.withColumns(shown)


def top(kind: str) -> dict[str, Column]:
    """Give top_<kind> and its plays of what ``summarised`` gives, of a track its artist too.

    Null where no play is counted.
    """
    best = F.col(f"best_{kind}")
    shown = {f"top_{kind}": best["name"], f"top_{kind}_plays": best["plays"]}
    if kind == "track":
        shown["top_track_artist"] = best["detail"]
    return {name: F.when(best["plays"] > 0, value) for name, value in shown.items()}


def _by_value(
    plays: DataFrame, of: Sequence[str], kinds: Sequence[str], sums: Mapping[str, Column]
) -> DataFrame:
    """Add up the plays of each value of each group."""
    values = []
    for kind in kinds:
        key, name, detail = _values_of_play(kind)
        values.append(
            F.struct(
                F.lit(kind).alias("kind"),
                key.alias("key"),
                name.alias("name"),
                detail.alias("detail"),
            )
        )
    of_play = plays.select(
        *of,
        "played_at",
        "is_counted",
        F.coalesce("ms_played", "duration_ms").alias("heard_ms"),
        *(value.alias(name) for name, value in sums.items()),
        F.inline(F.array(*values)),
    ).where(F.col("key").isNotNull())
    added = ("total_plays", "counted_plays", "heard_ms", *sums)
    # By spelling first: numbers are added up by hash, while the least of texts wants sorted rows.
    by_spelling = of_play.groupBy(*of, "kind", "key", "name", "detail").agg(
        F.count("*").alias("total_plays"),
        F.count_if("is_counted").alias("counted_plays"),
        *(F.sum(name).alias(name) for name in added[2:]),
        F.min("played_at").alias("first_played_at"),
        F.max("played_at").alias("last_played_at"),
    )
    return by_spelling.groupBy(*of, "kind", "key").agg(
        F.min("name").alias("name"),
        F.min("detail").alias("detail"),
        *(F.sum(name).alias(name) for name in added),
        F.min("first_played_at").alias("first_played_at"),
        F.max("last_played_at").alias("last_played_at"),
    )


def _values_of_play(kind: str) -> tuple[Column, Column, Column]:
    """Give what tells the values of a kind apart, and the two names they are shown by."""
    none = F.lit(None).cast("string")
    match kind:
        case "track":
            return F.col("track_key"), F.col("track_name"), F.col("artist_name")
        case "artist":
            return artist_key(), F.col("artist_name"), none
        case "artist_name":
            return F.col("artist_name"), F.col("artist_name"), none
        case "genre":
            return F.col("genre"), F.col("genre"), none
        case "session":
            return F.col("session_id"), none, none
        case "day":
            return F.col("local_date").cast("string"), none, none
        case _:
            raise ValueError(f"plays have no {kind}")


def _of_kind(kind: str) -> list[Column]:
    """Give the aggregates over a group's values of one kind."""
    is_kind = F.col("kind") == kind
    plays = F.when(is_kind & (F.col("counted_plays") > 0), F.col("counted_plays"))
    rank = F.struct(
        (-F.col("counted_plays")).alias("rank"),
        -F.coalesce("heard_ms", F.lit(0)),
        F.col("name").isNull(),
        "name",
        "detail",
        "key",
    )
    return [
        F.count(plays).alias(f"unique_{kind}s"),
        F.coalesce(F.sum(plays), F.lit(0)).alias(f"{kind}_known_plays"),
        F.sum(millionths(plays * F.ln(plays))).alias(f"{kind}_plays_ln_plays"),
        F.min(F.when(is_kind, rank)).alias(f"first_{kind}"),
    ]
