-- One row a track of a person's music without measured features: title, artist, duration_ms, and
-- asked, the providers that were asked for it since $asked_since. The most played tracks first.
-- Left out are tracks that anybody measured, under another id of the same recording too. For DuckDB
-- alone.
WITH measured AS (
    SELECT track_id
    FROM bronze.my_tracks_features_bronze
    WHERE status = 'ok'
), recording AS (
    SELECT track_key, unnest(track_ids) AS track_id
    FROM silver.track_names
), measured_recording AS (
    SELECT DISTINCT r.track_key
    FROM recording AS r
    JOIN measured AS m ON m.track_id = r.track_id
), settled AS (
    SELECT track_id
    FROM measured
    UNION
    SELECT r.track_id
    FROM recording AS r
    JOIN measured_recording AS m ON m.track_key = r.track_key
), recent AS (
    SELECT track_id, list(DISTINCT source) AS asked
    FROM bronze.my_tracks_features_bronze
    WHERE fetched_at > $asked_since
    GROUP BY track_id
), played AS (
    SELECT
        track_id,
        count(*) AS plays,
        -- Least of its spellings, as in silver.track_names, and by the artist of the album.
        min({'artist': coalesce(album_artist_name, artist_name), 'title': track_name}) AS name,
        max(duration_ms) AS duration_ms
    FROM bronze.listening_history_bronze
    WHERE
        user_id = $user_id
        AND media_type IN ('track', 'video')
        -- With an id of another form the whole call is refused.
        AND regexp_full_match(track_id, '[0-9A-Za-z]{22}')
    GROUP BY track_id
)
SELECT p.track_id, p.name.title, p.name.artist, p.duration_ms, coalesce(r.asked, []) AS asked
FROM played AS p
ANTI JOIN settled AS s ON s.track_id = p.track_id
LEFT JOIN recent AS r ON r.track_id = p.track_id
ORDER BY p.plays DESC, p.track_id
