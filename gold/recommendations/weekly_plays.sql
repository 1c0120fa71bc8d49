-- A person's plays on complete days, added up by track and local week: one row per person, track,
-- id of the track and week. Weeks begin on Monday and are numbered from 1970-01-05, as days are.
-- Plays here are counted ones; a track that was heard for seconds has a row with none. artist_key
-- is that of the track, the least where plays are by several. memory_7 … memory_448 are the sums
-- over plays of 2^(-age / half-life) at the end of the week, in whole billionths, which add up to
-- the same in any order.
WITH artist AS (
    SELECT user_id, track_key, min(artist_key) AS artist_key
    FROM complete_plays
    GROUP BY user_id, track_key
),
dated AS (
    SELECT
        user_id,
        track_key,
        track_id,
        genre,
        day_number(local_date) - 4 AS day,
        (day_number(local_date) - 4) // 7 AS week,
        CASE WHEN is_counted THEN 1 ELSE 0 END AS counted
    FROM complete_plays
),
aged AS (
    SELECT
        user_id,
        track_key,
        track_id,
        genre,
        day,
        week,
        counted,
        7 * (week + 1) - day AS age
    FROM dated
)
SELECT
    w.user_id,
    w.track_key,
    w.track_id,
    a.artist_key,
    -- A track has one genre; as a part of the key it need not be sorted to find the least.
    w.genre,
    w.week,
    total(w.counted) AS plays,
    max(CASE WHEN w.counted = 1 THEN w.day END) AS last_day,
    total(whole(w.counted * 1e9 * power(2e0, -w.age / 7e0))) AS memory_7,
    total(whole(w.counted * 1e9 * power(2e0, -w.age / 28e0))) AS memory_28,
    total(whole(w.counted * 1e9 * power(2e0, -w.age / 112e0))) AS memory_112,
    total(whole(w.counted * 1e9 * power(2e0, -w.age / 448e0))) AS memory_448
FROM aged AS w
JOIN artist AS a ON a.user_id = w.user_id AND a.track_key = w.track_key
GROUP BY w.user_id, w.track_key, w.track_id, a.artist_key, w.genre, w.week
