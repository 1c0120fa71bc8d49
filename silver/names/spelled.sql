-- One row per distinct spelling: the artist and title as records of music write them, and their
-- key. Exports hold the artist of the album, so that one precedes the artist of the track.
-- Records are joined with it, so that a name is normalised once per spelling, not once per play;
-- both names may be null (join with IS NOT DISTINCT FROM). by_name is null where there is no title
-- (is_untitled), and for Spotify's placeholders: "Unknown Artist" and
-- "Unknown Track" are used for many songs, so they do not count as names.
WITH spelling AS (
    SELECT DISTINCT coalesce(album_artist_name, artist_name) AS artist_by, track_name
    FROM bronze.listening_history_bronze
    WHERE media_type IN ('track', 'video')
), keyed AS (
    SELECT artist_by, track_name, name_key(artist_by, track_name) AS by_name
    FROM spelling
)
SELECT
    artist_by, track_name,
    CASE
        WHEN by_name NOT IN ('unknown artist|unknown track', '|unknown track') THEN by_name
    END AS by_name,
    by_name IS NULL AS is_untitled
FROM keyed
