-- What is in a person's library now: one row per saved track, per track of a saved album, and per
-- item of an own playlist, with the recording that it is. That is the one which the person played
-- under its id; else the one of its name, 'artist|title' normalised; else its id stands for it.
-- Where the person says that this one is the same as another (ops.corrections), the key is that of
-- the other.
WITH item AS (
    SELECT
        user_id, track_id, track_name, artist_name, album_name, duration_ms, added_at AS saved_at,
        CAST(NULL AS VARCHAR) AS album_id, CAST(NULL AS VARCHAR) AS playlist_id
    FROM bronze.saved_tracks_bronze
    WHERE removed_at IS NULL
    UNION ALL
    SELECT
        t.user_id, t.track_id, t.track_name, t.artist_name, a.album_name, t.duration_ms, NULL,
        t.album_id, NULL
    FROM bronze.album_tracks_bronze AS t
    JOIN bronze.saved_albums_bronze AS a
        ON a.user_id = t.user_id AND a.album_id = t.album_id AND a.removed_at IS NULL
    WHERE t.removed_at IS NULL
    UNION ALL
    SELECT
        i.user_id, i.track_id, i.track_name, i.artist_name, i.album_name, i.duration_ms, NULL,
        NULL, i.playlist_id
    FROM bronze.playlist_items_bronze AS i
    JOIN bronze.playlists_bronze AS p
        ON p.user_id = i.user_id AND p.playlist_id = i.playlist_id AND p.removed_at IS NULL
    WHERE i.removed_at IS NULL AND i.media_type = 'track' AND i.track_id IS NOT NULL AND p.is_own
), named AS (
    SELECT artist_name, track_name, name_key(artist_name, track_name) AS name_key
    FROM (SELECT DISTINCT artist_name, track_name FROM item) AS written
), played AS (
    SELECT l.user_id, l.track_id, min(l.track_key) AS track_key
    FROM silver.listening_with_features AS l
    SEMI JOIN item AS i ON i.user_id = l.user_id AND i.track_id = l.track_id
    GROUP BY l.user_id, l.track_id
)
SELECT
    i.user_id,
    coalesce(p.track_key, m.into_key, n.name_key, 'id:' || i.track_id) AS track_key,
    i.track_id, i.track_name, i.artist_name, i.album_name, i.duration_ms, i.saved_at, i.album_id,
    i.playlist_id
FROM item AS i
LEFT JOIN named AS n
    ON n.artist_name IS NOT DISTINCT FROM i.artist_name
    AND n.track_name IS NOT DISTINCT FROM i.track_name
LEFT JOIN played AS p ON p.user_id = i.user_id AND p.track_id = i.track_id
LEFT JOIN ops.corrections AS m
    ON m.user_id = i.user_id AND m.kind = 'track'
    AND m.item_key = coalesce(n.name_key, 'id:' || i.track_id)
