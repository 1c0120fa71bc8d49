-- The tracks that need synthetic features: one row per track_key for which no wanted source
-- has measured features, or every track where $every_track. $real_rank and $kaggle_rank are NULL
-- where the source is not wanted (see track_features). The least id and names represent all.
-- genre, by which a donor can be found, is null: what the catalogue does not know has none yet.
WITH measured AS (
    SELECT DISTINCT track_key
    FROM measured_features
    WHERE CASE feature_source WHEN 'real' THEN $real_rank WHEN 'kaggle' THEN $kaggle_rank END
        IS NOT NULL
), least_id AS (
    SELECT n.track_key, min(i.track_id) AS track_id
    FROM silver.track_names AS n
    CROSS JOIN unnest(n.track_ids) AS i(track_id)
    GROUP BY n.track_key
), track AS (
    SELECT track_key, min(track_name) AS track_name, min(artist_name) AS artist_name
    FROM silver.track_names
    GROUP BY track_key
)
SELECT
    t.track_key, i.track_id, t.track_name, t.artist_name, CAST(NULL AS VARCHAR) AS genre
FROM track AS t
LEFT JOIN least_id AS i ON i.track_key = t.track_key
LEFT JOIN measured AS m ON m.track_key = t.track_key
WHERE $every_track OR m.track_key IS NULL
