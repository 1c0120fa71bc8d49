-- The rows of silver.track_names of every recording that the records of music or corrections name:
-- what it takes to compute some people's plays, in place of the names of everybody.
WITH asked AS (
    SELECT by_name AS name_key
    FROM spelled
    WHERE by_name IS NOT NULL
    UNION
    SELECT concat('id:', track_id) AS name_key
    FROM bronze.listening_history_bronze
    WHERE media_type IN ('track', 'video') AND track_id IS NOT NULL
    UNION
    -- What decides whose features a track has that is the same as others (merged_tracks).
    SELECT into_key AS name_key
    FROM ops.corrections
    WHERE kind = 'track'
    UNION
    SELECT item_key AS name_key
    FROM ops.corrections
    WHERE kind = 'track'
), recording AS (
    SELECT DISTINCT n.track_key
    FROM silver.track_names AS n
    JOIN asked AS a ON a.name_key = n.name_key
)
SELECT n.name_key, n.track_key, n.track_ids, n.track_name, n.artist_name
FROM silver.track_names AS n
JOIN recording AS r ON r.track_key = n.track_key
