-- The catalogue's songs that a person excluded: one row per person and song. By any of its artists,
-- by one of the names of its releases, or by the album of one of its releases.
WITH listed AS (
    SELECT user_id, kind, item_key
    FROM excluded_things
    WHERE kind IN ('artist', 'album') OR (kind = 'track' AND NOT starts_with(item_key, 'id:'))
), credited AS (
    SELECT track_id, unnest(artist_keys) AS artist_key
    FROM silver.catalogue_tracks
), on_album AS (
    -- Few: only titles of artists with an excluded album need to be normalised.
    SELECT DISTINCT c.track_id, c.artist_key, b.album_name
    FROM credited AS c
    JOIN listed AS e ON e.kind = 'album' AND starts_with(e.item_key, concat(c.artist_key, '|'))
    JOIN bronze.kaggle_tracks_bronze AS b ON b.track_id = c.track_id
), album AS (
    SELECT track_id, joined_key(artist_key, normalised(album_name)) AS album_key
    FROM on_album
), release AS (
    SELECT e.user_id, c.track_id
    FROM credited AS c
    JOIN listed AS e ON e.kind = 'artist' AND e.item_key = c.artist_key
    UNION
    SELECT e.user_id, a.track_id
    FROM album AS a
    JOIN listed AS e ON e.kind = 'album' AND e.item_key = a.album_key
)
SELECT r.user_id, s.name_key
FROM release AS r
JOIN catalogue_works AS w ON w.track_id = r.track_id
JOIN catalogue_songs AS s ON s.work_key = w.work_key
UNION
SELECT e.user_id, c.name_key
FROM catalogue_lookups AS c
JOIN listed AS e ON e.kind = 'track' AND e.item_key = c.lookup
