-- All that a song of the catalogue is recognised by in what a person heard: a row a song (name_key)
-- and lookup, some more than once. A lookup is one of the names of one of its releases, by any of
-- its artists, or 'id:' and the id of a release; no name looks like an id, since names hold a '|'.
WITH release AS (
    SELECT
        CASE WHEN list_size(name_keys) > 0 THEN name_keys[1] END AS name_key,
        name_keys,
        track_id
    FROM silver.catalogue_tracks
),
named AS (
    SELECT name_key, unnest(name_keys) AS lookup
    FROM release
    WHERE name_key IS NOT NULL
)
SELECT name_key, lookup
FROM named
UNION ALL
SELECT name_key, concat('id:', track_id) AS lookup
FROM release
WHERE name_key IS NOT NULL
