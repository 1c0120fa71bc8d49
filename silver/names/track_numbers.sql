-- A number for each recording, used for its track_key where records are compared: numbers sort
-- several times faster than text.
SELECT track_key, row_number() OVER (ORDER BY track_key) AS track_number
FROM (SELECT DISTINCT track_key FROM silver.track_names) AS named
