-- The catalogue's songs that were new to a person in some tested week: one row per person and song,
-- and for a song that was heard on a complete day one per track that it was heard as. By an artist
-- they heard, or of a popularity of 75 and more; excluded ones left out. Of songs never heard, the
-- three most popular of each artist, then the least by name: no more of them is ever listed.
-- Tracks and artists that the person says are the same (ops.corrections) are so here too.
WITH lookups AS (
    SELECT DISTINCT user_id, track_key, track_id, artist_key, track_name
    FROM complete_plays
),
title AS (
    SELECT track_name, work_title(track_name) AS work_title
    FROM (SELECT DISTINCT track_name FROM lookups) AS written
),
heard AS (
    SELECT user_id, track_key, track_key AS lookup
    FROM lookups
    UNION
    SELECT user_id, track_key, concat('id:', track_id) AS lookup
    FROM lookups
    WHERE track_id IS NOT NULL
    UNION
    SELECT l.user_id, l.track_key, concat('work:', joined_key(l.artist_key, w.work_title)) AS lookup
    FROM lookups AS l
    JOIN title AS w ON w.track_name = l.track_name
    WHERE w.work_title <> ''
    UNION
    SELECT l.user_id, l.track_key, s.same_key AS lookup
    FROM lookups AS l
    JOIN same_things AS s
        ON s.user_id = l.user_id AND s.kind = 'track' AND s.item_key = l.track_key
    UNION
    SELECT l.user_id, l.track_key, concat('work:', joined_key(s.same_key, w.work_title)) AS lookup
    FROM lookups AS l
    JOIN same_things AS s
        ON s.user_id = l.user_id AND s.kind = 'artist' AND s.item_key = l.artist_key
    JOIN title AS w ON w.track_name = l.track_name
    WHERE w.work_title <> ''
),
heard_song AS (
    SELECT DISTINCT h.user_id, c.name_key, h.track_key
    FROM heard AS h
    JOIN catalogue_lookups AS c ON c.lookup = h.lookup
),
artist AS (
    SELECT DISTINCT user_id, artist_key AS artist, artist_key AS counted_as
    FROM weekly_plays
    WHERE artist_key IS NOT NULL
    UNION
    SELECT w.user_id, s.same_key AS artist, w.artist_key AS counted_as
    FROM weekly_plays AS w
    JOIN same_things AS s
        ON s.user_id = w.user_id AND s.kind = 'artist' AND s.item_key = w.artist_key
),
person AS (
    SELECT DISTINCT user_id
    FROM lookups
),
eligible AS (
    SELECT
        p.user_id, s.name_key, coalesce(m.into_key, s.artist) AS artist, s.popularity, s.track_genre
    FROM catalogue_songs AS s
    CROSS JOIN person AS p
    LEFT JOIN ops.corrections AS m
        ON m.user_id = p.user_id AND m.kind = 'artist' AND m.item_key = s.artist
    WHERE s.popularity >= 75
    UNION ALL
    SELECT a.user_id, s.name_key, a.counted_as AS artist, s.popularity, s.track_genre
    FROM catalogue_songs AS s
    JOIN artist AS a ON a.artist = s.artist
    WHERE s.popularity < 75
),
ranked AS (
    SELECT
        e.user_id,
        e.name_key,
        e.artist,
        e.popularity,
        e.track_genre,
        h.track_key,
        row_number() OVER (
            PARTITION BY e.user_id, e.artist, h.track_key IS NULL
            ORDER BY e.popularity DESC, e.name_key
        ) AS place
    FROM eligible AS e
    LEFT JOIN heard_song AS h ON h.user_id = e.user_id AND h.name_key = e.name_key
    ANTI JOIN excluded_songs AS x ON x.user_id = e.user_id AND x.name_key = e.name_key
)
SELECT user_id, name_key, artist, popularity, track_genre, track_key
FROM ranked
WHERE track_key IS NOT NULL OR place <= 3
