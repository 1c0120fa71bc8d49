-- The tracks of a person that the last answer in $market found unavailable, with their recording
-- (ISRC), which were not searched for under another id since $searched_since; the most played
-- first, as in unchecked_tracks. first_checked_at is the key of the check. For DuckDB alone.
WITH answer AS (
    SELECT
        track_id, is_playable, first_checked_at, searched_at,
        row_number() OVER (
            PARTITION BY track_id ORDER BY last_checked_at DESC, first_checked_at DESC
        ) AS place
    FROM bronze.track_availability_bronze
    WHERE user_id = $user_id AND market = $market AND is_playable IS NOT NULL
), recording AS (
    SELECT track_id, min(isrc) AS isrc
    FROM (
        SELECT user_id, track_id, isrc
        FROM bronze.track_availability_bronze
        UNION ALL
        SELECT user_id, track_id, isrc
        FROM bronze.saved_tracks_bronze
        UNION ALL
        SELECT user_id, track_id, isrc
        FROM bronze.playlist_items_bronze
    ) AS coded
    WHERE user_id = $user_id AND regexp_full_match(isrc, '[0-9A-Za-z]{12}')
    GROUP BY track_id
), heard AS (
    SELECT track_id, max(plays) AS plays
    FROM (
        SELECT track_id, count(*) AS plays
        FROM bronze.listening_history_bronze
        WHERE user_id = $user_id AND media_type IN ('track', 'video')
        GROUP BY track_id
        UNION ALL
        SELECT track_id, plays
        FROM silver.unified_tracks
        WHERE user_id = $user_id
    ) AS counted
    GROUP BY track_id
)
SELECT a.track_id, r.isrc, a.first_checked_at
FROM answer AS a
JOIN recording AS r ON r.track_id = a.track_id
LEFT JOIN heard AS h ON h.track_id = a.track_id
WHERE
    a.place = 1 AND NOT a.is_playable
    AND (a.searched_at IS NULL OR a.searched_at <= $searched_since)
ORDER BY coalesce(h.plays, 0) DESC, a.track_id
