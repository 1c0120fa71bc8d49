-- The popularity (0-100) of each played recording that the catalogue knows, by track_key.
-- A recording is found by its id or its name. Of several releases the most popular one counts: the
-- catalogue rates the others next to nothing.
WITH played AS (
    SELECT DISTINCT track_key, track_id
    FROM silver.tracks
), looked_up AS (
    SELECT track_key, track_key AS lookup
    FROM played
    UNION
    -- No name can look like an id: names have a '|'.
    SELECT track_key, concat('id:', track_id) AS lookup
    FROM played
    WHERE track_id IS NOT NULL
), known AS (
    SELECT unnest(name_keys) AS lookup, popularity
    FROM silver.catalogue_tracks
    WHERE popularity IS NOT NULL
    UNION ALL
    SELECT concat('id:', track_id) AS lookup, popularity
    FROM silver.catalogue_tracks
    WHERE popularity IS NOT NULL
)
SELECT l.track_key, max(k.popularity) AS popularity
FROM looked_up AS l
JOIN known AS k ON k.lookup = l.lookup
GROUP BY l.track_key
