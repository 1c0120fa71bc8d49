-- The catalogue's songs that may be new to a person: one row per person and song. By an artist they
-- heard, or of a popularity of 75 and more; never heard, by any of its names or ids, nor under
-- another title of the work, nor excluded, nor answered when it was recommended; and of each artist
-- the three most popular, then the least by name.
WITH lookups AS (
    SELECT DISTINCT user_id, track_key, track_id, artist_key, track_name
    FROM silver.listening_with_features
),
title AS (
    SELECT track_name, work_title(track_name) AS work_title
    FROM (SELECT DISTINCT track_name FROM lookups) AS written
),
heard AS (
    SELECT user_id, track_key AS lookup
    FROM lookups
    UNION
    SELECT user_id, concat('id:', track_id) AS lookup
    FROM lookups
    WHERE track_id IS NOT NULL
    UNION
    SELECT l.user_id, concat('work:', joined_key(l.artist_key, w.work_title)) AS lookup
    FROM lookups AS l
    JOIN title AS w ON w.track_name = l.track_name
    WHERE w.work_title <> ''
),
heard_song AS (
    SELECT DISTINCT h.user_id, c.name_key
    FROM heard AS h
    JOIN catalogue_lookups AS c ON c.lookup = h.lookup
),
answered AS (
    SELECT DISTINCT v.user_id, c.name_key
    FROM ops.verdicts AS v
    JOIN catalogue_lookups AS c ON c.lookup = v.track_key
),
artist AS (
    SELECT DISTINCT user_id, artist_key AS artist
    FROM silver.tracks
    WHERE artist_key IS NOT NULL
),
person AS (
    SELECT DISTINCT user_id
    FROM silver.tracks
),
eligible AS (
    SELECT p.user_id, s.name_key, s.artist, s.popularity
    FROM catalogue_songs AS s
    CROSS JOIN person AS p
    WHERE s.popularity >= 75
    UNION ALL
    SELECT a.user_id, s.name_key, s.artist, s.popularity
    FROM catalogue_songs AS s
    JOIN artist AS a ON a.artist = s.artist
    WHERE s.popularity < 75
),
ranked AS (
    SELECT
        e.user_id,
        e.name_key,
        row_number() OVER (
            PARTITION BY e.user_id, e.artist
            ORDER BY e.popularity DESC, e.name_key
        ) AS place
    FROM eligible AS e
    ANTI JOIN heard_song AS h ON h.user_id = e.user_id AND h.name_key = e.name_key
    ANTI JOIN answered AS v ON v.user_id = e.user_id AND v.name_key = e.name_key
    ANTI JOIN excluded_songs AS x ON x.user_id = e.user_id AND x.name_key = e.name_key
)
SELECT
    r.user_id,
    s.name_key,
    s.artist,
    s.track_id,
    s.track_genre,
    s.popularity,
    s.valence,
    s.energy
FROM ranked AS r
JOIN catalogue_songs AS s ON s.name_key = r.name_key
WHERE r.place <= 3
