-- The artists with a counted play in each session of complete days, each once, and their genre
-- where Spotify or the catalogue knows it.
WITH artist AS (
    SELECT DISTINCT session_id, artist_key
    FROM complete_plays
    WHERE is_counted AND artist_key IS NOT NULL
)
SELECT a.session_id, a.artist_key, k.genre
FROM artist AS a
LEFT JOIN known_genres AS k ON k.artist_key = a.artist_key
