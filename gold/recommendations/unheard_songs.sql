-- The catalogue's songs that may be new to a person: one row per person and song. By an artist they
-- heard, or of a popularity of 75 and more; never heard, by any of its names or ids, nor under
-- another title of the work, nor excluded, nor answered when it was recommended; and of each artist
-- the three most popular, then the least by name. Tracks and artists that the person says are the
-- same (ops.corrections) are so here too; artist is the key that counts.
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
    UNION
    SELECT l.user_id, s.same_key AS lookup
    FROM lookups AS l
    JOIN same_things AS s
        ON s.user_id = l.user_id AND s.kind = 'track' AND s.item_key = l.track_key
    UNION
    SELECT l.user_id, concat('work:', joined_key(s.same_key, w.work_title)) AS lookup
    FROM lookups AS l
    JOIN same_things AS s
        ON s.user_id = l.user_id AND s.kind = 'artist' AND s.item_key = l.artist_key
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
    FROM answered_tracks AS v
    JOIN catalogue_lookups AS c ON c.lookup = v.track_key
),
artist AS (
    SELECT DISTINCT user_id, artist_key AS artist, artist_key AS counted_as
    FROM silver.tracks
    WHERE artist_key IS NOT NULL
    UNION
    SELECT t.user_id, s.same_key AS artist, t.artist_key AS counted_as
    FROM silver.tracks AS t
    JOIN same_things AS s
        ON s.user_id = t.user_id AND s.kind = 'artist' AND s.item_key = t.artist_key
),
person AS (
    SELECT DISTINCT user_id
    FROM silver.tracks
),
eligible AS (
    SELECT p.user_id, s.name_key, coalesce(m.into_key, s.artist) AS artist, s.popularity
    FROM catalogue_songs AS s
    CROSS JOIN person AS p
    LEFT JOIN ops.corrections AS m
        ON m.user_id = p.user_id AND m.kind = 'artist' AND m.item_key = s.artist
    WHERE s.popularity >= 75
    UNION ALL
    SELECT a.user_id, s.name_key, a.counted_as AS artist, s.popularity
    FROM catalogue_songs AS s
    JOIN artist AS a ON a.artist = s.artist
    WHERE s.popularity < 75
),
ranked AS (
    SELECT
        e.user_id,
        e.name_key,
        e.artist,
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
    r.artist,
    s.track_id,
    s.track_genre,
    s.popularity,
    s.valence,
    s.energy
FROM ranked AS r
JOIN catalogue_songs AS s ON s.name_key = r.name_key
WHERE r.place <= 3
