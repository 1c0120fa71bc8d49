-- The plays that statistics are computed from: those of silver.listening_with_features on complete
-- local days, excluded ones left out. A person's last day may not be over yet; counted at noon it
-- would look like a day with little music. Leaving it out also keeps the statistics unchanged until
-- the day is over, however often plays are imported. A person's only day is kept.
WITH person AS (
    SELECT user_id, min(local_date) AS first_day, max(local_date) AS last_day
    FROM silver.listening_with_features
    WHERE is_excluded IS NOT true
    GROUP BY user_id
)
SELECT
    l.user_id,
    l.play_id,
    l.played_at,
    l.track_key,
    l.track_id,
    l.track_name,
    l.artist_name,
    l.artist_key,
    l.duration_ms,
    l.ms_played,
    l.shuffle,
    l.skipped,
    l.danceability,
    l.energy,
    l.loudness,
    l.speechiness,
    l.acousticness,
    l.instrumentalness,
    l.liveness,
    l.valence,
    l.tempo,
    l.feature_source,
    l.feature_donor_level,
    l.genre,
    l.local_date,
    l.hour_of_day,
    l.part_of_day,
    l.day_of_week,
    l.is_weekend,
    l.season,
    l.session_id,
    l.is_counted,
    l.first_play
FROM silver.listening_with_features AS l
JOIN person AS p ON p.user_id = l.user_id
WHERE l.is_excluded IS NOT true AND (l.local_date < p.last_day OR p.first_day = p.last_day)
