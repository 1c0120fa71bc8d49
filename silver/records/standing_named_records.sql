-- The present rows of silver.track_names in the form of named_records: one row for each id of a
-- name, or one without an id. So names of new records are added without reading the whole history
-- again.
WITH by_id AS (
    SELECT name_key, unnest(track_ids) AS track_id, track_name, artist_name
    FROM silver.track_names
)
SELECT name_key, track_id, track_name, artist_name
FROM by_id
UNION ALL
SELECT name_key, CAST(NULL AS VARCHAR) AS track_id, track_name, artist_name
FROM silver.track_names
WHERE list_size(track_ids) = 0
