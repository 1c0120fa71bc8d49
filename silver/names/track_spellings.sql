-- The plays of each person and track by id and names, with their totals, excluded ones left out.
-- Many plays make few rows, from which names and totals of a track follow.
SELECT
    user_id, track_key, track_id, track_name, artist_name, artist_key, album_name,
    max(duration_ms) AS duration_ms,
    count(*) AS plays,
    count_true(is_counted) AS counted_plays,
    total(ms_played) AS ms_played,
    min(played_at) AS first_played_at,
    max(played_at) AS last_played_at
FROM silver.listening_with_features
WHERE is_excluded IS NOT true
GROUP BY user_id, track_key, track_id, track_name, artist_name, artist_key, album_name
