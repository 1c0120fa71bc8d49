"""Gold: what to play next, and how well that would have been predicted in the past."""

from schemas.common_columns import PERSON_GROUP_COLUMN, USER_ID
from schemas.gold_schemas import FEATURE_SHARES, STATUS, STATUS_KNOWN
from schemas.table import KEPT, PERSON_GROUP, Table, column
from schemas.types import BIGINT, BOOLEAN, DOUBLE, INTEGER, STRING

TASKS = ("repeat", "novel")
PURPOSES = ("repeat", "rediscover", "discover", "calm", "lift", "focus")

RECOMMENDATION_QUALITY = Table(
    layer="gold",
    name="recommendation_quality",
    description="How well each way of ranking predicted a person's weeks from earlier plays.",
    columns=(
        USER_ID,
        column(
            "task",
            STRING,
            "repeat: tracks heard before; novel: catalogue tracks never heard before",
            nullable=False,
            in_export=KEPT,
        ),
        column(
            "model",
            STRING,
            "decayed_frequency_28 (half-life of 28 days), popularity, recency, power_law_decay or "
            "random",
            nullable=False,
            in_export=KEPT,
        ),
        column("weeks", INTEGER, "weeks held out and evaluated, 26 at most", nullable=False),
        column("n_test_plays", BIGINT, "counted plays to be predicted in them", nullable=False),
        column("ndcg_50", DOUBLE, "0-1, NDCG of the first 50, mean over weeks"),
        column("ndcg_50_ci_low", DOUBLE, "low end of its 95 % t interval over weeks"),
        column("ndcg_50_ci_high", DOUBLE, "high end of its 95 % t interval over weeks"),
        column(
            "ndcg_50_over_random",
            DOUBLE,
            "ndcg_50 minus that of the random list, mean over weeks; 0 for random",
        ),
        column("over_random_ci_low", DOUBLE, "low end of its 95 % t interval over weeks"),
        column("over_random_ci_high", DOUBLE, "high end of its 95 % t interval over weeks"),
        column("recall_50", DOUBLE, "0-1, share of the week's tracks in the first 50"),
        column(
            "intra_list_distance",
            DOUBLE,
            "0-1, share of a list's pairs of tracks that are of different artists",
        ),
        column(
            "novelty",
            DOUBLE,
            "bits, mean -log2 of a track's share of past plays (repeat) or of its popularity in "
            "the catalogue, 1/101 to 1 (novel)",
        ),
        column("artist_coverage", DOUBLE, "0-1, artists in any list / artists to choose from"),
        column(
            "ships",
            BOOLEAN,
            "whether its list is the one shown: highest ndcg_50, if better than random; else "
            "decayed_frequency_28, shown as no_skill",
            nullable=False,
        ),
        *STATUS,
        PERSON_GROUP_COLUMN,
    ),
    partition_by=PERSON_GROUP,
    key=("user_id", "task", "model"),
    checks=STATUS_KNOWN | {"task_known": f"task in ({', '.join(repr(each) for each in TASKS)})"},
)

TRACK_RECOMMENDATIONS = Table(
    layer="gold",
    name="track_recommendations",
    description="Tracks to play again, to return to, to discover, and ways to a calmer, brighter "
    "or more focused sound.",
    columns=(
        USER_ID,
        column("purpose", STRING, f"one of {', '.join(PURPOSES)}", nullable=False, in_export=KEPT),
        column(
            "rank",
            INTEGER,
            "1 is first; for calm, lift and focus the order to play in; 0: no list, see reason",
            nullable=False,
        ),
        column("track_key", STRING, "one recording: normalised 'artist|title'", in_export=KEPT),
        column("track_id", STRING, "Spotify id, null where only named", in_export=KEPT),
        column("track_name", STRING, "title of the track", in_export=KEPT),
        column("artist_name", STRING, "artist of the track", in_export=KEPT),
        column("score", DOUBLE, "what the list is ordered by; comparable in one list only"),
        column("explanation", STRING, "why it is here, as text", in_export=KEPT),
        column(
            "model",
            STRING,
            "how it was ranked: a model of recommendation_quality, most_played_silent or steps",
            in_export=KEPT,
        ),
        column("valence", DOUBLE, "0-1, of the track"),
        column("energy", DOUBLE, "0-1, of the track"),
        column(
            "predicted_valence_shift",
            DOUBLE,
            "the track's valence minus the mean of the last 7 days' plays; of the sound, not of a "
            "mood; null where either is not measured",
        ),
        column("predicted_energy_shift", DOUBLE, "the same for energy"),
        column(
            "random_valence_shift",
            DOUBLE,
            "calm, lift, focus: the shift to expect of any of the tracks the list is chosen from",
        ),
        column("random_energy_shift", DOUBLE, "the same for energy"),
        column(
            "relevance_valence_shift",
            DOUBLE,
            "calm, lift, focus: the mean shift of as many of these tracks, best of repeat first",
        ),
        column("relevance_energy_shift", DOUBLE, "the same for energy"),
        column(
            "feature_source",
            STRING,
            "of the track: real, kaggle, synthetic or null",
            in_export=KEPT,
        ),
        # Here n is the tracks of the list that have features.
        *FEATURE_SHARES,
        *STATUS,
        PERSON_GROUP_COLUMN,
    ),
    partition_by=PERSON_GROUP,
    key=("user_id", "purpose", "rank"),
    checks=STATUS_KNOWN
    | {
        "purpose_known": f"purpose in ({', '.join(repr(each) for each in PURPOSES)})",
        "rank_in_range": "rank between 0 and 50",
    },
)

TABLES = (RECOMMENDATION_QUALITY, TRACK_RECOMMENDATIONS)
