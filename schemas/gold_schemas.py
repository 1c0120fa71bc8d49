"""Gold: answers, each with its number of observations, its provenance and a status."""

from pyspark.sql.types import (
    ArrayType,
    DoubleType,
    IntegerType,
    LongType,
    StringType,
    StructField,
)

from schemas.common_columns import CONTINUOUS_FEATURES, PERSON_GROUP_COLUMN, USER_ID
from schemas.silver_schemas import TRACK_KEY
from schemas.table import PERSON_GROUP, Table, column

STATUSES = ("ok", "too_few_data", "withheld", "no_skill")
STATUS_KNOWN = {"status_known": f"status in ({', '.join(repr(each) for each in STATUSES)})"}

STATUS: tuple[StructField, ...] = (
    column("status", StringType(), f"one of {', '.join(STATUSES)}", nullable=False),
    column("reason", StringType(), "why the status is not ok, in words; null where it is"),
)
FEATURE_SHARES: tuple[StructField, ...] = (
    column("measured_share", DoubleType(), "0-1, share of n whose features were measured"),
    column("catalogue_share", DoubleType(), "0-1, share of n whose features are the catalogue's"),
    column("synthetic_share", DoubleType(), "0-1, share of n whose features are made up"),
)

TEMPORAL_PATTERNS = Table(
    layer="gold",
    name="temporal_patterns",
    description="When a person listens, in local time, and how the music sounds then.",
    columns=(
        USER_ID,
        column(
            "dimension",
            StringType(),
            "hour, weekday, weekday_hour, part_of_day, month, season, year or year_month",
            nullable=False,
        ),
        column(
            "bucket",
            StringType(),
            "value of the dimension: '07', '1' (Monday), '1-07', 'morning', '03', 'spring', "
            "'2024', '2024-03'",
            nullable=False,
        ),
        column("plays", LongType(), "number of plays, short ones too", nullable=False),
        column("counted_plays", LongType(), "plays of 30 s and more", nullable=False),
        column("minutes", DoubleType(), "minutes heard; track length where the source tells none"),
        column("distinct_tracks", LongType(), "different tracks", nullable=False),
        column("distinct_artists", LongType(), "different artists", nullable=False),
        column("active_days", LongType(), "different local dates with a play", nullable=False),
        column("skip_known_plays", LongType(), "plays of which it is known whether skipped"),
        column("skip_rate", DoubleType(), "0-1, skipped plays / skip_known_plays"),
        column("n", LongType(), "counted plays that have features", nullable=False),
        column("mean_valence", DoubleType(), "0-1, over n; null unless status is ok"),
        column("mean_energy", DoubleType(), "0-1, over n; null unless status is ok"),
        *FEATURE_SHARES,
        column(
            "valence_contrast_kept",
            DoubleType(),
            "0-1, what synthetic values leave of a true difference in valence between rows",
        ),
        column(
            "energy_contrast_kept",
            DoubleType(),
            "0-1, what synthetic values leave of a true difference in energy between rows",
        ),
        *STATUS,
        PERSON_GROUP_COLUMN,
    ),
    partition_by=PERSON_GROUP,
    key=("user_id", "dimension", "bucket"),
    checks=STATUS_KNOWN,
)

MOOD_CLUSTER_PROFILES = Table(
    layer="gold",
    name="mood_cluster_profiles",
    description="What each mood cluster sounds like, how real it is, how much a person plays it.",
    columns=(
        USER_ID,
        column("cluster_id", IntegerType(), "stable from run to run; -1: no model", nullable=False),
        column("label", StringType(), "valence-energy quadrant of the centre; null: no skill"),
        column("label_purity", DoubleType(), "0-1, share of its fitted tracks in that quadrant"),
        column("tracks", LongType(), "the person's tracks in the cluster", nullable=False),
        column("plays", LongType(), "the person's plays of them", nullable=False),
        column("share_of_plays", DoubleType(), "0-1, of the person's plays with features"),
        # Here n is the person's plays in the cluster.
        *FEATURE_SHARES,
        column("feature_names", ArrayType(StringType()), "order of the arrays below"),
        column("centroid", ArrayType(DoubleType()), "centre in z-scores, by feature_names"),
        column("scaler_mean", ArrayType(DoubleType()), "mean of each feature before scaling"),
        column("scaler_scale", ArrayType(DoubleType()), "standard deviation of each feature"),
        *(
            column(f"mean_{name}", DoubleType(), f"{name} at the centre, in its own unit")
            for name in CONTINUOUS_FEATURES
        ),
        column("k", IntegerType(), "number of clusters of the model"),
        column("n_fitted", LongType(), "tracks with measured or catalogue features, fitted on"),
        column("silhouette", DoubleType(), "-1 to 1, on at most 2,000 fitted tracks"),
        column("null_silhouette", DoubleType(), "the same with each feature shuffled, most of 19"),
        column("stability", DoubleType(), "adjusted Rand index between bootstrap fits, mean"),
        column("null_stability", DoubleType(), "the same with each feature shuffled, mean of 3"),
        column("inertia", DoubleType(), "mean squared distance to the centre, in z-scores"),
        column("ids_used", IntegerType(), "cluster ids ever given; the next new cluster's id"),
        column(
            "fitted_before",
            StringType(),
            "fitted on tracks first met in months (UTC, YYYY-MM) before this, the newest; null "
            "where there is one month only, and all were",
        ),
        column("model_status", StringType(), "status of the model, whoever listens"),
        column("model_reason", StringType(), "why the model's status is not ok; null where it is"),
        *STATUS,
        PERSON_GROUP_COLUMN,
    ),
    partition_by=PERSON_GROUP,
    key=("user_id", "cluster_id"),
    checks=STATUS_KNOWN,
)

MOOD_CLUSTERS = Table(
    layer="gold",
    name="mood_clusters",
    description="The mood cluster of every track a person played that has features.",
    columns=(
        USER_ID,
        TRACK_KEY,
        column("track_id", StringType(), "Spotify id, null where only named"),
        column("track_name", StringType(), "title of the track"),
        column("artist_name", StringType(), "artist of the track"),
        column("cluster_id", IntegerType(), "see mood_cluster_profiles"),
        column("label", StringType(), "label of the cluster, not of the track"),
        column("distance", DoubleType(), "distance to the cluster's centre, in z-scores"),
        column("valence", DoubleType(), "0-1"),
        column("energy", DoubleType(), "0-1"),
        column("feature_source", StringType(), "real, kaggle or synthetic"),
        column("plays", LongType(), "the person's plays of it", nullable=False),
        *STATUS,
        PERSON_GROUP_COLUMN,
    ),
    partition_by=PERSON_GROUP,
    key=("user_id", "track_key"),
    checks=STATUS_KNOWN,
)

TABLES = (TEMPORAL_PATTERNS, MOOD_CLUSTER_PROFILES, MOOD_CLUSTERS)
