-- The plays of silver.listening_with_features with what summaries are computed from, excluded ones
-- left out. The genre of a play is its track's, else its artist's; null where neither is known.
WITH known_artist AS (
    SELECT artist_key, genre
    FROM silver.artist_genres
    WHERE genre <> 'unclassified'
)
SELECT
    l.user_id,
    l.played_at,
    l.local_date,
    -- Seconds since local midnight at the end of the play, in local time.
    (millis(l.played_at) // 1000 + l.utc_offset_minutes * 60) % 86400 AS second_of_day,
    l.track_key,
    l.track_name,
    l.artist_key,
    l.artist_name,
    coalesce(l.genre, a.genre) AS genre,
    l.session_id,
    l.is_counted,
    coalesce(l.is_counted AND l.first_play, false) AS is_new_track,
    l.skipped,
    -- The length of the track where the source does not say how long it was heard.
    coalesce(l.ms_played, l.duration_ms) AS heard_ms
FROM silver.listening_with_features AS l
LEFT JOIN known_artist AS a ON a.artist_key = l.artist_key
WHERE l.is_excluded IS NOT true
