"""Gold: answers, each with its number of observations, its provenance and a status."""

from schemas.common_columns import CONTINUOUS_FEATURES, PERSON_GROUP_COLUMN, USER_ID
from schemas.silver_schemas import COUNTS, TRACK_KEY
from schemas.statuses import STATUSES
from schemas.table import KEPT, PERSON_GROUP, Column, Reference, Table, Total, column
from schemas.types import BIGINT, DOUBLE, INTEGER, STRING, array

_PLAYS = "silver.listening_with_features"
STATUS_KNOWN = {"status_known": f"status in ({', '.join(repr(each) for each in STATUSES)})"}

STATUS: tuple[Column, ...] = (
    column("status", STRING, f"one of {', '.join(STATUSES)}", nullable=False, in_export=KEPT),
    column("reason", STRING, "why the status is not ok, as text; null where it is", in_export=KEPT),
)
FEATURE_SHARES: tuple[Column, ...] = (
    column("measured_share", DOUBLE, "0-1, share of n whose features were measured"),
    column("catalogue_share", DOUBLE, "0-1, share of n whose features are the catalogue's"),
    column("synthetic_share", DOUBLE, "0-1, share of n whose features are synthetic"),
)

TEMPORAL_PATTERNS = Table(
    layer="gold",
    name="temporal_patterns",
    description="When a person listens, in local time, and how the music sounds then.",
    columns=(
        USER_ID,
        column(
            "dimension",
            STRING,
            "hour, weekday, weekday_hour, part_of_day, month, season, year or year_month",
            nullable=False,
            in_export=KEPT,
        ),
        column(
            "bucket",
            STRING,
            "value of the dimension: '07', '1' (Monday), '1-07', 'morning', '03', 'spring', "
            "'2024', '2024-03'",
            nullable=False,
            in_export=KEPT,
        ),
        column("plays", BIGINT, "number of plays, short ones too", nullable=False),
        column("counted_plays", BIGINT, "plays of 30 s and more", nullable=False),
        column("minutes", DOUBLE, "minutes heard; track length where the source has none"),
        column("distinct_tracks", BIGINT, "different tracks", nullable=False),
        column("distinct_artists", BIGINT, "different artists", nullable=False),
        column("active_days", BIGINT, "different local dates with a play", nullable=False),
        column("skip_known_plays", BIGINT, "plays of which it is known whether skipped"),
        column("skip_rate", DOUBLE, "0-1, skipped plays / skip_known_plays"),
        column("n", BIGINT, "counted plays that have features", nullable=False),
        column("mean_valence", DOUBLE, "0-1, over n; null unless status is ok"),
        column("mean_energy", DOUBLE, "0-1, over n; null unless status is ok"),
        *FEATURE_SHARES,
        column(
            "valence_contrast_kept",
            DOUBLE,
            "0-1, what synthetic values leave of a true difference in valence between rows",
        ),
        column(
            "energy_contrast_kept",
            DOUBLE,
            "0-1, what synthetic values leave of a true difference in energy between rows",
        ),
        *STATUS,
        PERSON_GROUP_COLUMN,
    ),
    partition_by=PERSON_GROUP,
    key=("user_id", "dimension", "bucket"),
    checks=STATUS_KNOWN,
    totals=(
        Total("sum(plays)", f"count_if({COUNTS})", of=_PLAYS, each="dimension"),
        Total("sum(counted_plays)", "count_if(is_counted)", of=_PLAYS, each="dimension"),
        Total(
            "round(coalesce(sum(minutes), 0) * 60000)",
            f"coalesce(sum(coalesce(ms_played, duration_ms)) FILTER ({COUNTS}), 0)",
            of=_PLAYS,
            each="dimension",
        ),
        Total(
            "sum(skip_known_plays)",
            f"count(skipped) FILTER ({COUNTS})",
            of=_PLAYS,
            each="dimension",
        ),
    ),
)

MOOD_CLUSTER_PROFILES = Table(
    layer="gold",
    name="mood_cluster_profiles",
    description="What each mood cluster sounds like, how real it is, how much a person plays it.",
    columns=(
        USER_ID,
        column("cluster_id", INTEGER, "stable from run to run; -1: no model", nullable=False),
        column(
            "label", STRING, "valence-energy quadrant of the centre; null: no skill", in_export=KEPT
        ),
        column("label_purity", DOUBLE, "0-1, share of its fitted tracks in that quadrant"),
        column("tracks", BIGINT, "the person's tracks in the cluster", nullable=False),
        column("plays", BIGINT, "the person's plays of them", nullable=False),
        column("share_of_plays", DOUBLE, "0-1, of the person's plays with features"),
        # Here n is the person's plays in the cluster.
        *FEATURE_SHARES,
        column("feature_names", array(STRING), "order of the arrays below", in_export=KEPT),
        column("centroid", array(DOUBLE), "centre in z-scores, by feature_names"),
        column("scaler_mean", array(DOUBLE), "mean of each feature before scaling"),
        column("scaler_scale", array(DOUBLE), "standard deviation of each feature"),
        *(
            column(f"mean_{name}", DOUBLE, f"{name} at the centre, in its own unit")
            for name in CONTINUOUS_FEATURES
        ),
        column("k", INTEGER, "number of clusters of the model"),
        column("n_fitted", BIGINT, "tracks with measured or catalogue features, fitted on"),
        column("silhouette", DOUBLE, "-1 to 1, on at most 2,000 fitted tracks"),
        column("null_silhouette", DOUBLE, "the same with each feature shuffled, most of 19"),
        column("stability", DOUBLE, "adjusted Rand index between bootstrap fits, mean"),
        column("null_stability", DOUBLE, "the same with each feature shuffled"),
        column("inertia", DOUBLE, "mean squared distance to the centre, in z-scores"),
        column("ids_used", INTEGER, "cluster ids ever given; the next new cluster's id"),
        column(
            "fitted_before",
            STRING,
            "fitted on tracks first met in months (UTC, YYYY-MM) before this, the newest; null "
            "where there is one month only, and all were",
            in_export=KEPT,
        ),
        column(
            "sample_fingerprint",
            STRING,
            "md5 of the features fitted on, in the order of track_key; the model is kept while it "
            "is the same",
            in_export=KEPT,
        ),
        column("model_status", STRING, "status of the model, whoever listens", in_export=KEPT),
        column(
            "model_reason",
            STRING,
            "why the model's status is not ok; null where it is",
            in_export=KEPT,
        ),
        *STATUS,
        PERSON_GROUP_COLUMN,
    ),
    partition_by=PERSON_GROUP,
    key=("user_id", "cluster_id"),
    checks=STATUS_KNOWN,
    totals=(
        Total("sum(tracks)", "count(cluster_id)", of="gold.mood_clusters", where="cluster_id >= 0"),
    ),
)

MOOD_CLUSTERS = Table(
    layer="gold",
    name="mood_clusters",
    description="The mood cluster of every track a person played that has features.",
    columns=(
        USER_ID,
        TRACK_KEY,
        column("track_id", STRING, "Spotify id, null where only named", in_export=KEPT),
        column("track_name", STRING, "title of the track", in_export=KEPT),
        column("artist_name", STRING, "artist of the track", in_export=KEPT),
        column("cluster_id", INTEGER, "see mood_cluster_profiles"),
        column("label", STRING, "label of the cluster, not of the track", in_export=KEPT),
        column("distance", DOUBLE, "distance to the cluster's centre, in z-scores"),
        column("valence", DOUBLE, "0-1"),
        column("energy", DOUBLE, "0-1"),
        column("feature_source", STRING, "real, kaggle or synthetic", in_export=KEPT),
        column("plays", BIGINT, "the person's plays of it", nullable=False),
        *STATUS,
        PERSON_GROUP_COLUMN,
    ),
    partition_by=PERSON_GROUP,
    key=("user_id", "track_key"),
    checks=STATUS_KNOWN,
    totals=(
        Total("count(*)", "count(feature_source)", of="silver.tracks"),
        Total("sum(plays)", "sum(plays) FILTER (feature_source IS NOT NULL)", of="silver.tracks"),
    ),
    references=(Reference(("user_id", "track_key"), "silver.tracks"),),
)

TABLES = (TEMPORAL_PATTERNS, MOOD_CLUSTER_PROFILES, MOOD_CLUSTERS)
