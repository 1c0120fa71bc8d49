-- The weeks that a person's rankings are tested on, by track: the last 26 with plays and, on top,
-- the newest, which may not be over. The weeks before the first of them are one row per track, with
-- the week before it, and all earlier plays in its totals.
WITH week AS (
    SELECT DISTINCT user_id, week
    FROM weekly_plays
),
numbered AS (
    SELECT user_id, week, row_number() OVER (PARTITION BY user_id ORDER BY week DESC) AS place
    FROM week
),
tested AS (
    SELECT user_id, min(week) AS first_week
    FROM numbered
    WHERE place <= 27
    GROUP BY user_id
),
faded AS (
    SELECT
        p.user_id,
        p.track_key,
        p.track_id,
        p.artist_key,
        p.genre,
        greatest(p.week, t.first_week - 1) AS week,
        p.plays,
        p.last_day,
        p.memory_7,
        p.memory_28,
        p.memory_112,
        p.memory_448,
        -- Days from the end of its week to the end of the week before the first.
        7 * greatest(t.first_week - 1 - p.week, 0) AS days
    FROM weekly_plays AS p
    JOIN tested AS t ON t.user_id = p.user_id
)
SELECT
    user_id,
    track_key,
    track_id,
    artist_key,
    genre,
    week,
    total(plays) AS plays,
    max(last_day) AS last_day,
    total(whole(memory_7 * power(2e0, -days / 7e0))) AS memory_7,
    total(whole(memory_28 * power(2e0, -days / 28e0))) AS memory_28,
    total(whole(memory_112 * power(2e0, -days / 112e0))) AS memory_112,
    total(whole(memory_448 * power(2e0, -days / 448e0))) AS memory_448
FROM faded
GROUP BY user_id, track_key, track_id, artist_key, genre, week
