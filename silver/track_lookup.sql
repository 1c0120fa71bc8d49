-- How records find their recording: by the spelling of artist and title as the model spelled has
-- it, or by untitled_id where they have no title. One row a spelling that has a title, and one a
-- track_id without; what such a row is not found by is null.
-- track_number stands for track_key where rows are compared: numbers sort several times faster.
WITH track AS (
    SELECT track_key, row_number() OVER (ORDER BY track_key) AS track_number
    FROM (SELECT DISTINCT track_key FROM silver.track_names) AS named
), lookup AS (
    SELECT artist_by, track_name, CAST(NULL AS VARCHAR) AS untitled_id, by_name AS name_key
    FROM spelled
    WHERE by_name IS NOT NULL
    UNION ALL
    SELECT NULL, NULL, replace(name_key, 'id:', ''), name_key
    FROM silver.track_names
    WHERE starts_with(name_key, 'id:')
)
SELECT l.artist_by, l.track_name, l.untitled_id, t.track_key, t.track_number
FROM lookup AS l
JOIN silver.track_names AS n ON n.name_key = l.name_key
JOIN track AS t ON t.track_key = n.track_key
