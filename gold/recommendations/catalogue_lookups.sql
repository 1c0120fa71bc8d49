-- The keys by which a song of the catalogue is matched with what a person heard: one row per song
-- (name_key) and lookup, some more than once. A lookup is one of the names of one of its releases,
-- by any of its artists, 'id:' and the id of a release, or 'work:' and the key of its work by any
-- of its artists. No name looks like an id, since names hold a '|'.
WITH release AS (
    SELECT s.name_key, c.name_keys, c.work_keys, c.track_id
    FROM silver.catalogue_tracks AS c
    JOIN catalogue_works AS w ON w.track_id = c.track_id
    JOIN catalogue_songs AS s ON s.work_key = w.work_key
),
named AS (
    SELECT name_key, unnest(name_keys) AS lookup
    FROM release
),
work AS (
    SELECT name_key, unnest(work_keys) AS work_key
    FROM release
)
SELECT name_key, lookup
FROM named
UNION ALL
SELECT name_key, concat('work:', work_key) AS lookup
FROM work
UNION ALL
SELECT name_key, concat('id:', track_id) AS lookup
FROM release
