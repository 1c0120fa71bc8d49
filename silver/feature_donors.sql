-- Catalogue tracks that lend their features, numbered within each group of donors: those of an
-- artist, those of a genre (a track of several genres is in each), and all.
-- They are numbered from 0 in the order of their ids, so that a new one changes few numbers.
WITH donor AS (
    SELECT track_id FROM silver.catalogue_tracks WHERE is_donor
), row_of_donor AS (
    SELECT c.track_id, c.genre_key, c.artist_keys
    FROM silver.catalogue_tracks AS c
    JOIN donor AS d ON d.track_id = c.track_id
), member AS (
    SELECT DISTINCT 'genre:' || genre_key AS donor_group, track_id
    FROM row_of_donor
    UNION ALL
    SELECT DISTINCT 'artist:' || a.artist_key, r.track_id
    FROM row_of_donor AS r
    CROSS JOIN unnest(r.artist_keys) AS a(artist_key)
    UNION ALL
    SELECT 'global', track_id
    FROM donor
)
SELECT
    donor_group,
    row_number() OVER (PARTITION BY donor_group ORDER BY track_id) - 1 AS donor_number,
    count(*) OVER (PARTITION BY donor_group) AS group_size,
    track_id AS donor_track_id
FROM member
