-- The tracks that the mood model is fitted on, one row per track however many people play it. Their
-- features are measured or the catalogue's, never synthetic ones, which are copies of others; all
-- are known but tempo, which may be null. Tracks first played in the lake's newest month are left
-- out until the next, so that a model is kept for a month and does not change with every play. At
-- most 10,000, those with the smallest md5 of their key: a sample that new tracks hardly change.
WITH fitted AS (
    SELECT t.*
    FROM every_track AS t
    CROSS JOIN newest_month AS m
    WHERE (m.fitted_before IS NULL OR year_month(t.first_played_at) < m.fitted_before)
        AND t.feature_source IN ('real', 'kaggle')
        AND t.danceability IS NOT NULL
        AND t.energy IS NOT NULL
        AND t.loudness IS NOT NULL
        AND t.speechiness IS NOT NULL
        AND t.acousticness IS NOT NULL
        AND t.instrumentalness IS NOT NULL
        AND t.liveness IS NOT NULL
        AND t.valence IS NOT NULL
),
met AS (
    SELECT DISTINCT track_key
    FROM fitted
),
sampled AS (
    SELECT track_key
    FROM met
    ORDER BY md5(track_key), track_key
    LIMIT 10000
),
-- A track may have different values for another person: measured ones first, then the least.
ranked AS (
    SELECT
        f.track_key,
        f.danceability,
        f.energy,
        f.loudness,
        f.speechiness,
        f.acousticness,
        f.instrumentalness,
        f.liveness,
        f.valence,
        f.tempo,
        row_number() OVER (
            PARTITION BY f.track_key
            ORDER BY
                f.feature_source = 'real' DESC,
                f.danceability,
                f.energy,
                f.loudness,
                f.speechiness,
                f.acousticness,
                f.instrumentalness,
                f.liveness,
                f.valence,
                f.tempo NULLS FIRST
        ) AS place
    FROM fitted AS f
    JOIN sampled AS s ON s.track_key = f.track_key
)
SELECT
    track_key,
    danceability,
    energy,
    loudness,
    speechiness,
    acousticness,
    instrumentalness,
    liveness,
    valence,
    tempo
FROM ranked
WHERE place = 1
