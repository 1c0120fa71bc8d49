-- Every name of a track, its ids, and the recording that it refers to. The key of a recording is
-- its normalised 'album artist|title', since that is what every source holds: an export's record
-- has an id and names, account data only names, and Spotify gives one recording several ids over
-- the years. Where one id has several names, the least of them represents all.
WITH by_name AS (
    SELECT name_key, min(track_name) AS track_name, min(artist_name) AS artist_name
    FROM named_records
    GROUP BY name_key
), id_of_name AS (
    SELECT DISTINCT name_key, track_id
    FROM named_records
    WHERE track_id IS NOT NULL
), ids AS (
    SELECT name_key, list_sort(list(track_id) FILTER (WHERE track_id IS NOT NULL)) AS track_ids
    FROM id_of_name
    GROUP BY name_key
), several_names AS (
    SELECT
        track_id,
        min(name_key) FILTER (WHERE NOT starts_with(name_key, 'id:')) AS least_name
    FROM id_of_name
    GROUP BY track_id
    HAVING count(*) > 1
), renamed AS (
    SELECT i.name_key, min(s.least_name) AS least_name
    FROM id_of_name AS i
    JOIN several_names AS s ON s.track_id = i.track_id
    GROUP BY i.name_key
)
SELECT
    n.name_key,
    coalesce(r.least_name, n.name_key) AS track_key,
    coalesce(i.track_ids, list_filter([''], lambda id: id <> '')) AS track_ids,
    n.track_name,
    n.artist_name
FROM by_name AS n
LEFT JOIN ids AS i ON i.name_key = n.name_key
LEFT JOIN renamed AS r ON r.name_key = n.name_key
