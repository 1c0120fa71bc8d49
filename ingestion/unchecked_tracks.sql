-- The ids of a person's tracks that were not checked in $market since $checked_since, the most
-- played first. A track that stands in the library under an id of its own has the plays of its
-- recording, as far as silver.unified_tracks knows them. For DuckDB alone.
WITH own AS (
    SELECT track_id, count(*) AS plays
    FROM bronze.listening_history_bronze
    WHERE user_id = $user_id AND media_type IN ('track', 'video')
    GROUP BY track_id
    UNION ALL
    SELECT track_id, plays
    FROM silver.unified_tracks
    WHERE user_id = $user_id
    UNION ALL
    SELECT track_id, 0 AS plays
    FROM bronze.saved_tracks_bronze
    WHERE user_id = $user_id AND removed_at IS NULL
), track AS (
    SELECT track_id, max(plays) AS plays
    FROM own
    -- Spotify refuses an id of another form.
    WHERE regexp_full_match(track_id, '[0-9A-Za-z]{22}')
    GROUP BY track_id
), checked AS (
    SELECT track_id
    FROM bronze.track_availability_bronze
    WHERE user_id = $user_id AND market = $market AND last_checked_at > $checked_since
)
SELECT t.track_id
FROM track AS t
ANTI JOIN checked AS c ON c.track_id = t.track_id
ORDER BY t.plays DESC, t.track_id
