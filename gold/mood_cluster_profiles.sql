-- What each mood cluster sounds like, how clear the clusters are, and how much each person plays
-- them: one row per person and cluster of mood_model, or one per person with cluster -1 where there
-- are too few tracks for a model. A new model changes every row.
--
-- A track belongs to the nearest centre, as in mood_clusters.sql. A person whose plays with
-- features have measured or catalogue ones in less than half is `withheld`: no share of plays,
-- while the numbers of the model stay.
WITH sounding AS (
    SELECT
        user_id,
        track_key,
        plays,
        feature_source,
        danceability,
        energy,
        loudness,
        speechiness,
        acousticness,
        instrumentalness,
        liveness,
        valence,
        tempo,
        danceability IS NOT NULL
            AND energy IS NOT NULL
            AND loudness IS NOT NULL
            AND speechiness IS NOT NULL
            AND acousticness IS NOT NULL
            AND instrumentalness IS NOT NULL
            AND liveness IS NOT NULL
            AND valence IS NOT NULL
            AS has_features
    FROM silver.tracks
    WHERE feature_source IS NOT NULL
),
-- From each centre in z-scores; an unknown tempo (null or 0) counts as the mean, as in the fit.
-- Without a centre, or without all features, a track has one row of nulls.
offsets AS (
    SELECT
        t.user_id,
        t.track_key,
        t.plays,
        t.feature_source,
        m.cluster_id,
        (t.danceability - m.scaler_mean[1]) / m.scaler_scale[1] - m.centroid[1] AS danceability,
        (t.energy - m.scaler_mean[2]) / m.scaler_scale[2] - m.centroid[2] AS energy,
        (t.loudness - m.scaler_mean[3]) / m.scaler_scale[3] - m.centroid[3] AS loudness,
        (t.speechiness - m.scaler_mean[4]) / m.scaler_scale[4] - m.centroid[4] AS speechiness,
        (t.acousticness - m.scaler_mean[5]) / m.scaler_scale[5] - m.centroid[5] AS acousticness,
        (t.instrumentalness - m.scaler_mean[6]) / m.scaler_scale[6] - m.centroid[6]
            AS instrumentalness,
        (t.liveness - m.scaler_mean[7]) / m.scaler_scale[7] - m.centroid[7] AS liveness,
        (t.valence - m.scaler_mean[8]) / m.scaler_scale[8] - m.centroid[8] AS valence,
        (coalesce(nullif(t.tempo, 0), m.scaler_mean[9]) - m.scaler_mean[9]) / m.scaler_scale[9]
            - m.centroid[9] AS tempo
    FROM sounding AS t
    LEFT JOIN mood_model AS m ON m.cluster_id >= 0 AND t.has_features
),
distances AS (
    SELECT
        user_id,
        track_key,
        plays,
        feature_source,
        cluster_id,
        danceability * danceability
            + energy * energy
            + loudness * loudness
            + speechiness * speechiness
            + acousticness * acousticness
            + instrumentalness * instrumentalness
            + liveness * liveness
            + valence * valence
            + tempo * tempo
            AS squared
    FROM offsets
),
-- Of two centres equally near the lower id wins.
ranked AS (
    SELECT
        user_id,
        plays,
        feature_source,
        cluster_id,
        row_number() OVER (
            PARTITION BY user_id, track_key
            ORDER BY squared NULLS FIRST, cluster_id NULLS FIRST
        ) AS place
    FROM distances
),
by_cluster AS (
    SELECT
        user_id,
        coalesce(cluster_id, -1) AS cluster_id,
        count(*) AS tracks,
        total(plays) AS plays,
        total(CASE WHEN feature_source = 'real' THEN plays ELSE 0 END) AS measured_plays,
        total(CASE WHEN feature_source = 'kaggle' THEN plays ELSE 0 END) AS catalogue_plays,
        total(CASE WHEN feature_source = 'synthetic' THEN plays ELSE 0 END) AS synthetic_plays
    FROM ranked
    WHERE place = 1
    GROUP BY user_id, coalesce(cluster_id, -1)
),
person AS (
    SELECT DISTINCT user_id
    FROM silver.tracks
),
by_person AS (
    SELECT
        user_id,
        total(plays) AS plays,
        total(CASE WHEN feature_source IN ('real', 'kaggle') THEN plays ELSE 0 END)
            AS grounded_plays
    FROM sounding
    WHERE has_features
    GROUP BY user_id
),
judged AS (
    SELECT
        p.user_id,
        b.plays,
        CASE
            WHEN b.plays IS NULL THEN 'too_few_data'
            WHEN b.grounded_plays < $min_grounded_share * b.plays THEN 'withheld'
        END AS status,
        CASE
            WHEN b.plays IS NULL THEN 'no play has audio features'
            WHEN b.grounded_plays < $min_grounded_share * b.plays THEN concat(
                CAST(100 * b.grounded_plays // b.plays AS VARCHAR),
                ' % of plays have measured or catalogue features, under 50 %'
            )
        END AS reason
    FROM person AS p
    LEFT JOIN by_person AS b ON b.user_id = p.user_id
)
SELECT
    j.user_id,
    m.cluster_id,
    m.label,
    m.label_purity,
    coalesce(c.tracks, 0) AS tracks,
    coalesce(c.plays, 0) AS plays,
    -- Null without a model, without features and where withheld.
    CASE
        WHEN m.cluster_id >= 0 AND j.status IS NULL
            THEN decimals(coalesce(c.plays, 0) / j.plays, 6)
    END AS share_of_plays,
    decimals(c.measured_plays / c.plays, 6) AS measured_share,
    decimals(c.catalogue_plays / c.plays, 6) AS catalogue_share,
    decimals(c.synthetic_plays / c.plays, 6) AS synthetic_share,
    m.feature_names,
    m.centroid,
    m.scaler_mean,
    m.scaler_scale,
    m.mean_danceability,
    m.mean_energy,
    m.mean_loudness,
    m.mean_speechiness,
    m.mean_acousticness,
    m.mean_instrumentalness,
    m.mean_liveness,
    m.mean_valence,
    m.mean_tempo,
    m.k,
    m.n_fitted,
    m.silhouette,
    m.null_silhouette,
    m.stability,
    m.null_stability,
    m.inertia,
    m.ids_used,
    m.fitted_before,
    m.sample_fingerprint,
    m.model_status,
    m.model_reason,
    CASE
        WHEN m.cluster_id < 0 THEN m.model_status
        ELSE coalesce(j.status, m.model_status)
    END AS status,
    CASE
        WHEN m.cluster_id < 0 THEN m.model_reason
        ELSE coalesce(j.reason, m.model_reason)
    END AS reason
FROM judged AS j
CROSS JOIN mood_model AS m
LEFT JOIN by_cluster AS c ON c.user_id = j.user_id AND c.cluster_id = m.cluster_id
