-- A person's plays on complete days, added up by track and local week: a row a person, track, id of
-- the track and week. Weeks begin on Monday and are numbered from 1970-01-05, as days are. Plays
-- here are counted ones; a track that was heard for seconds has a row with none.
-- memory_7 … memory_448 are the sums over plays of 2^(-age / half-life) at the end of the week, in
-- whole billionths, which add up to the same in any order.
WITH dated AS (
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
    user_id,
    track_key,
    track_id,
    -- A track has one genre; as a part of the key it need not be sorted to find the least.
    genre,
    week,
    total(counted) AS plays,
    max(CASE WHEN counted = 1 THEN day END) AS last_day,
    total(whole(counted * 1e9 * power(2e0, -age / 7e0))) AS memory_7,
    total(whole(counted * 1e9 * power(2e0, -age / 28e0))) AS memory_28,
    total(whole(counted * 1e9 * power(2e0, -age / 112e0))) AS memory_112,
    total(whole(counted * 1e9 * power(2e0, -age / 448e0))) AS memory_448
FROM aged
GROUP BY user_id, track_key, track_id, genre, week
