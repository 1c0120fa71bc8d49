-- How much a person plays each genre, and its most played artist and track. Plays of no known genre
-- are 'unclassified', so that the percentages add up to 100.
WITH artists AS (
    SELECT
        user_id,
        coalesce(genre, 'unclassified') AS of_genre,
        artist_key,
        min(artist_name) AS artist_name,
        total(counted_plays) AS counted_plays,
        coalesce(total(heard_ms), 0) AS heard_ms
    FROM track_counts
    WHERE artist_key IS NOT NULL
    GROUP BY user_id, of_genre, artist_key
), ranked AS (
    SELECT
        user_id, of_genre, artist_name, counted_plays,
        row_number() OVER (
            PARTITION BY user_id, of_genre
            ORDER BY counted_plays DESC, heard_ms DESC, artist_name, artist_key
        ) AS place
    FROM artists
    WHERE counted_plays > 0
), described AS (
    SELECT
        user_id,
        of_genre,
        count(*) AS unique_artists,
        max(CASE WHEN place = 1 THEN artist_name END) AS top_artist,
        max(CASE WHEN place = 1 THEN counted_plays END) AS top_artist_plays
    FROM ranked
    GROUP BY user_id, of_genre
), tracks AS (
    SELECT
        user_id,
        coalesce(genre, 'unclassified') AS of_genre,
        track_key,
        total(total_plays) AS total_plays,
        total(counted_plays) AS counted_plays,
        total(heard_ms) AS heard_ms,
        min(first_played_at) AS first_played_at,
        max(last_played_at) AS last_played_at
    FROM track_counts
    GROUP BY user_id, of_genre, track_key
), totals AS (
    SELECT
        user_id,
        of_genre,
        total(total_plays) AS total_plays,
        total(counted_plays) AS counted_plays,
        total(heard_ms) AS heard_ms,
        count_true(counted_plays > 0) AS unique_tracks,
        min(first_played_at) AS first_played_at,
        max(last_played_at) AS last_played_at
    FROM tracks
    GROUP BY user_id, of_genre
), listener AS (
    SELECT user_id, total(counted_plays) AS counted_plays
    FROM track_counts
    GROUP BY user_id
), days AS (
    SELECT DISTINCT user_id, coalesce(genre, 'unclassified') AS of_genre, local_date
    FROM genred_plays
    WHERE is_counted
), active AS (
    SELECT user_id, of_genre, count(*) AS active_days
    FROM days
    GROUP BY user_id, of_genre
)
SELECT
    t.user_id,
    t.of_genre AS genre,
    t.total_plays,
    t.counted_plays,
    decimals(t.heard_ms / 60000, 6) AS minutes,
    decimals(t.counted_plays * 100 / nullif(l.counted_plays, 0), 6)
        AS percentage_of_total_listening,
    t.unique_tracks,
    coalesce(d.unique_artists, 0) AS unique_artists,
    d.top_artist,
    d.top_artist_plays,
    coalesce(a.active_days, 0) AS active_days,
    t.first_played_at,
    t.last_played_at
FROM totals AS t
JOIN listener AS l ON l.user_id = t.user_id
LEFT JOIN described AS d ON d.user_id = t.user_id AND d.of_genre = t.of_genre
LEFT JOIN active AS a ON a.user_id = t.user_id AND a.of_genre = t.of_genre
