-- Every artist a person ever played, and how much. An artist is a normalised name; plays without an
-- artist have no row, but count in the total that shares refer to.
WITH things AS (
    SELECT
        user_id,
        artist_key,
        'track' AS kind,
        track_key AS thing,
        min(track_name) AS name,
        min(artist_name) AS track_artist,
        total(counted_plays) AS counted_plays,
        coalesce(total(heard_ms), 0) AS heard_ms
    FROM track_counts
    GROUP BY user_id, artist_key, track_key
    UNION ALL
    SELECT
        user_id,
        artist_key,
        'spelling' AS kind,
        artist_name AS thing,
        artist_name AS name,
        NULL AS track_artist,
        total(counted_plays) AS counted_plays,
        coalesce(total(heard_ms), 0) AS heard_ms
    FROM track_counts
    GROUP BY user_id, artist_key, artist_name
    UNION ALL
    SELECT
        user_id,
        artist_key,
        'genre' AS kind,
        genre AS thing,
        genre AS name,
        NULL AS track_artist,
        total(counted_plays) AS counted_plays,
        coalesce(total(heard_ms), 0) AS heard_ms
    FROM track_counts
    WHERE genre IS NOT NULL
    GROUP BY user_id, artist_key, genre
), ranked AS (
    SELECT
        user_id, artist_key, kind, name, counted_plays,
        row_number() OVER (
            PARTITION BY user_id, artist_key, kind
            ORDER BY counted_plays DESC, heard_ms DESC, name NULLS LAST, track_artist NULLS FIRST,
                thing
        ) AS place
    FROM things
    WHERE artist_key IS NOT NULL
), described AS (
    -- An artist with only short plays has a name and a genre, but no top track.
    SELECT
        user_id,
        artist_key,
        max(CASE WHEN kind = 'spelling' AND place = 1 THEN name END) AS artist_name,
        count_true(kind = 'track' AND counted_plays > 0) AS unique_tracks,
        max(CASE WHEN kind = 'track' AND place = 1 AND counted_plays > 0 THEN name END)
            AS top_track,
        max(CASE WHEN kind = 'track' AND place = 1 AND counted_plays > 0 THEN counted_plays END)
            AS top_track_plays,
        max(CASE WHEN kind = 'genre' AND place = 1 THEN name END) AS genre,
        coalesce(total(CASE WHEN kind = 'genre' THEN counted_plays END), 0) AS genre_known_plays
    FROM ranked
    GROUP BY user_id, artist_key
), totals AS (
    SELECT
        user_id,
        artist_key,
        total(total_plays) AS total_plays,
        total(counted_plays) AS counted_plays,
        total(heard_ms) AS heard_ms,
        total(skip_known_plays) AS skip_known_plays,
        total(skipped_plays) AS skipped_plays,
        min(first_played_at) AS first_played_at,
        max(last_played_at) AS last_played_at
    FROM track_counts
    GROUP BY user_id, artist_key
), listener AS (
    SELECT user_id, total(counted_plays) AS counted_plays
    FROM track_counts
    GROUP BY user_id
), days AS (
    SELECT DISTINCT user_id, artist_key, local_date
    FROM genred_plays
    WHERE is_counted
), active AS (
    SELECT user_id, artist_key, count(*) AS active_days
    FROM days
    GROUP BY user_id, artist_key
)
SELECT
    t.user_id,
    t.artist_key,
    d.artist_name,
    t.total_plays,
    t.counted_plays,
    decimals(t.heard_ms / 60000, 6) AS minutes,
    decimals(t.counted_plays / nullif(l.counted_plays, 0), 6) AS share_of_listening,
    d.unique_tracks,
    coalesce(a.active_days, 0) AS active_days,
    t.first_played_at,
    t.last_played_at,
    d.top_track,
    d.top_track_plays,
    d.genre,
    d.genre_known_plays,
    t.skip_known_plays,
    decimals(t.skipped_plays / nullif(t.skip_known_plays, 0), 6) AS skip_rate
FROM totals AS t
JOIN listener AS l ON l.user_id = t.user_id
JOIN described AS d ON d.user_id = t.user_id AND d.artist_key = t.artist_key
LEFT JOIN active AS a ON a.user_id = t.user_id AND a.artist_key = t.artist_key
