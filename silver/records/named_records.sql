-- The names of tracks in records of music: name_key, track_id, track_name, artist_name; each once.
-- name_key is the normalised 'album artist|title', or 'id:' and the id where a record has no title;
-- records with neither, or with the names that Spotify writes for any track, are left out.
-- silver.track_names is computed from these rows, or from other rows under this name: those that
-- stand in silver.track_names, one for each of their track_ids (null where there is none), together
-- with those of new records. The result is the same.
WITH written AS (
    SELECT DISTINCT
        coalesce(album_artist_name, artist_name) AS artist_by, track_id, track_name, artist_name
    FROM bronze.listening_history_bronze
    WHERE media_type IN ('track', 'video')
), keyed AS (
    SELECT
        coalesce(s.by_name, 'id:' || CASE WHEN s.is_untitled THEN w.track_id END) AS name_key,
        w.track_id, w.track_name, w.artist_name
    FROM written AS w
    JOIN spelled AS s
        ON s.track_name IS NOT DISTINCT FROM w.track_name
        AND s.artist_by IS NOT DISTINCT FROM w.artist_by
)
SELECT DISTINCT name_key, track_id, track_name, artist_name
FROM keyed
WHERE name_key IS NOT NULL
