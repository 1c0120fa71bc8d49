-- The plays of each thing that a person heard on a local date: one row per person, date, kind of
-- thing (track, artist, genre or session) and thing. Plays of no known artist or genre have no row
-- of that kind. name and artist_name are how the thing was written, the least of several spellings.
SELECT
    user_id,
    local_date,
    'track' AS kind,
    track_key AS thing,
    min(track_name) AS name,
    min(artist_name) AS artist_name,
    count_true(is_counted) AS counted_plays,
    coalesce(total(heard_ms), 0) AS heard_ms
FROM genred_plays
GROUP BY user_id, local_date, track_key
UNION ALL
SELECT
    user_id,
    local_date,
    'artist' AS kind,
    artist_key AS thing,
    min(artist_name) AS name,
    NULL AS artist_name,
    count_true(is_counted) AS counted_plays,
    coalesce(total(heard_ms), 0) AS heard_ms
FROM genred_plays
WHERE artist_key IS NOT NULL
GROUP BY user_id, local_date, artist_key
UNION ALL
SELECT
    user_id,
    local_date,
    'genre' AS kind,
    genre AS thing,
    genre AS name,
    NULL AS artist_name,
    count_true(is_counted) AS counted_plays,
    coalesce(total(heard_ms), 0) AS heard_ms
FROM genred_plays
WHERE genre IS NOT NULL
GROUP BY user_id, local_date, genre
UNION ALL
SELECT
    user_id,
    local_date,
    'session' AS kind,
    session_id AS thing,
    NULL AS name,
    NULL AS artist_name,
    count_true(is_counted) AS counted_plays,
    coalesce(total(heard_ms), 0) AS heard_ms
FROM genred_plays
GROUP BY user_id, local_date, session_id
