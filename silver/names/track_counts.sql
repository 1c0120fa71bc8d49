-- The plays of each recording that a person heard: one row per person, track, genre and artist as
-- written. Most have one row per person and track; several where records write the artist in
-- several ways. track_name is the least of several spellings.
SELECT
    user_id,
    track_key,
    artist_key,
    artist_name,
    genre,
    min(track_name) AS track_name,
    count(*) AS total_plays,
    count_true(is_counted) AS counted_plays,
    total(heard_ms) AS heard_ms,
    count_true(skipped IS NOT NULL) AS skip_known_plays,
    count_true(skipped) AS skipped_plays,
    min(played_at) AS first_played_at,
    max(played_at) AS last_played_at
FROM genred_plays
GROUP BY user_id, track_key, artist_key, artist_name, genre
