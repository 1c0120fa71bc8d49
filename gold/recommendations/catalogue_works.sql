-- The work of each release of the catalogue: one row per release that has a title. A work is
-- identified by a key of one of its artists; two releases that share an artist and the title of the
-- work are the same work, whoever is first among their artists.
WITH release AS (
    SELECT track_id, work_keys, work_keys[1] AS first_key
    FROM silver.catalogue_tracks
    WHERE list_size(work_keys) > 0
),
credited AS (
    SELECT first_key, unnest(work_keys) AS work_key
    FROM release
),
shared AS (
    SELECT work_key, min(first_key) AS least_key
    FROM credited
    GROUP BY work_key
),
work AS (
    -- By the first key, so that releases of one name are of one work.
    SELECT c.first_key, min(s.least_key) AS work_key
    FROM credited AS c
    JOIN shared AS s ON s.work_key = c.work_key
    GROUP BY c.first_key
)
SELECT r.track_id, min(w.work_key) AS work_key
FROM release AS r
JOIN work AS w ON w.first_key = r.first_key
GROUP BY r.track_id
