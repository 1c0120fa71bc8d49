-- The features of a track: one row per track_key that a source knows. Features come from the first
-- source in FEATURE_PREFERENCE that has them, all null where none has: a source that goes before
-- wins by name over a later one by id. $real_rank, $synthetic_rank and $kaggle_rank are the places
-- of the sources there, NULL where one is not wanted. The catalogue supplies genre and duration_ms
-- (ms) also where it is not a source of features.
WITH offer AS (
    SELECT
        track_key,
        CAST(
            CASE feature_source WHEN 'real' THEN $real_rank WHEN 'kaggle' THEN $kaggle_rank END
            AS INTEGER
        ) AS source_rank,
        feature_source, feature_provider, feature_match,
        CAST(NULL AS VARCHAR) AS feature_donor_level,
        danceability, energy, key, loudness, mode, speechiness, acousticness, instrumentalness,
        liveness, valence, tempo, time_signature
    FROM measured_features
    UNION ALL
    SELECT
        track_key, CAST($synthetic_rank AS INTEGER), 'synthetic', method, 'name', donor_level,
        danceability, energy, key, loudness, mode, speechiness, acousticness, instrumentalness,
        liveness, valence, tempo, time_signature
    FROM bronze.my_tracks_features_bronze_synthetic
    WHERE valence IS NOT NULL AND energy IS NOT NULL
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY track_key ORDER BY source_rank) AS place
    FROM offer
    WHERE source_rank IS NOT NULL
), track AS (
    SELECT DISTINCT track_key FROM silver.track_names
)
SELECT
    t.track_key,
    o.danceability, o.energy, o.key, o.loudness, o.mode, o.speechiness, o.acousticness,
    o.instrumentalness, o.liveness, o.valence, o.tempo, o.time_signature,
    o.feature_source, o.feature_provider, o.feature_match, o.feature_donor_level,
    c.genre, c.duration_ms
FROM track AS t
LEFT JOIN ranked AS o ON o.track_key = t.track_key AND o.place = 1
LEFT JOIN measured_features AS c ON c.track_key = t.track_key AND c.feature_source = 'kaggle'
WHERE o.track_key IS NOT NULL OR c.track_key IS NOT NULL
