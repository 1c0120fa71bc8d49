-- The mood cluster of every track a person played that has features: one row per person and track
-- that has a feature source. A synthetic track is placed too; its feature_source says that its
-- place was borrowed with the features.
--
-- A track belongs to the nearest centre (Euclidean, in z-scores) of the lake's one model. Status:
-- `too_few_data` without a model or without all features (no cluster then), `no_skill` where the
-- model is no better than chance (a cluster, but no label), else `ok`.
--
-- From each centre in z-scores; an unknown tempo (null or 0) counts as the mean, as in the fit.
-- Without a centre, or without all other features, a track has one row of nulls.
WITH offsets AS (
    SELECT
        t.user_id,
        t.track_key,
        m.cluster_id,
        m.label,
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
    FROM silver.tracks AS t
    LEFT JOIN standing_mood_model AS m
        ON m.cluster_id >= 0
        AND t.danceability IS NOT NULL
        AND t.energy IS NOT NULL
        AND t.loudness IS NOT NULL
        AND t.speechiness IS NOT NULL
        AND t.acousticness IS NOT NULL
        AND t.instrumentalness IS NOT NULL
        AND t.liveness IS NOT NULL
        AND t.valence IS NOT NULL
    WHERE t.feature_source IS NOT NULL
),
distances AS (
    SELECT
        user_id,
        track_key,
        cluster_id,
        label,
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
        track_key,
        cluster_id,
        label,
        squared,
        row_number() OVER (
            PARTITION BY user_id, track_key
            ORDER BY squared NULLS FIRST, cluster_id NULLS FIRST
        ) AS place
    FROM distances
),
placed AS (
    SELECT
        t.user_id,
        t.track_key,
        t.track_id,
        t.track_name,
        t.artist_name,
        r.cluster_id,
        r.label,
        decimals(sqrt(r.squared), 6) AS distance,
        t.valence,
        t.energy,
        t.feature_source,
        t.plays,
        t.danceability IS NOT NULL
            AND t.energy IS NOT NULL
            AND t.loudness IS NOT NULL
            AND t.speechiness IS NOT NULL
            AND t.acousticness IS NOT NULL
            AND t.instrumentalness IS NOT NULL
            AND t.liveness IS NOT NULL
            AND t.valence IS NOT NULL
            AS has_features
    FROM silver.tracks AS t
    JOIN ranked AS r ON r.user_id = t.user_id AND r.track_key = t.track_key
    WHERE r.place = 1
)
SELECT
    user_id,
    track_key,
    track_id,
    track_name,
    artist_name,
    cluster_id,
    label,
    distance,
    valence,
    energy,
    feature_source,
    plays,
    CASE
        WHEN cluster_id IS NULL THEN 'too_few_data'
        WHEN label IS NULL THEN 'no_skill'
        ELSE 'ok'
    END AS status,
    CASE
        WHEN NOT has_features THEN 'some audio features are missing'
        WHEN cluster_id IS NULL THEN 'there is no model yet: see mood_cluster_profiles'
        WHEN label IS NULL THEN 'no clearer than chance: see mood_cluster_profiles'
    END AS reason
FROM placed
