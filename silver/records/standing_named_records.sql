-- What silver.track_names says of every name, as named_records has it: a row for each of its ids,
-- or one without an id. So the names of new records are added without reading a long history again.
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
