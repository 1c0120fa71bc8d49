-- The popularity (0-100) of each recording that a person played and the catalogue has: one row per
-- person and track. A recording is found by the name or the id that the person's row of
-- silver.tracks has, so that nobody's numbers depend on what others play. Of several releases the
-- most popular one counts: the catalogue rates the others next to nothing.
WITH looked_up AS (
    SELECT user_id, track_key, track_key AS lookup
    FROM silver.tracks
    UNION ALL
    -- No name can look like an id: names have a '|'.
    SELECT user_id, track_key, concat('id:', track_id) AS lookup
    FROM silver.tracks
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
SELECT l.user_id, l.track_key, max(k.popularity) AS popularity
FROM looked_up AS l
JOIN known AS k ON k.lookup = l.lookup
GROUP BY l.user_id, l.track_key
