-- What a person heard of each track up to their newest play: one row per person and track.
-- Plays here are counted ones, of 30 seconds and more; silent_days counts from any play.
-- is_refused: the person answered no when it was recommended.
-- memory_7 … memory_448 are the sums over plays of 2^(-age / half-life) in whole billionths, which
-- add up to the same in any order; age 1 is the last 24 hours.
WITH newest AS (
    SELECT user_id, max(last_played_at) AS played_at
    FROM silver.tracks
    GROUP BY user_id
),
aged AS (
    SELECT
        l.user_id,
        l.track_key,
        l.local_date,
        CASE WHEN l.is_counted THEN 1 ELSE 0 END AS counted,
        (millis(n.played_at) // 1000 - millis(l.played_at) // 1000) // 86400 + 1 AS age,
        -- Four a year; winter begins in December, so that a month later is its own year's first.
        (12 * year(l.local_date) + month(l.local_date)) // 3 AS season_number
    FROM silver.listening_with_features AS l
    JOIN newest AS n ON n.user_id = l.user_id
    WHERE l.is_excluded IS NOT true
),
by_season AS (
    SELECT
        user_id,
        track_key,
        season_number,
        total(counted) AS plays,
        total(CASE WHEN age <= 7 THEN counted ELSE 0 END) AS plays_7,
        total(CASE WHEN age <= 28 THEN counted ELSE 0 END) AS plays_28,
        max(CASE WHEN counted = 1 THEN day_number(local_date) END) AS last_day,
        max(local_date) AS last_date,
        min(age) - 1 AS silent_days,
        total(whole(counted * 1e9 * power(2e0, -age / 7e0))) AS memory_7,
        total(whole(counted * 1e9 * power(2e0, -age / 28e0))) AS memory_28,
        total(whole(counted * 1e9 * power(2e0, -age / 112e0))) AS memory_112,
        total(whole(counted * 1e9 * power(2e0, -age / 448e0))) AS memory_448
    FROM aged
    GROUP BY user_id, track_key, season_number
),
ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY user_id, track_key
            ORDER BY plays DESC, season_number
        ) AS place
    FROM by_season
),
summed AS (
    SELECT
        user_id,
        track_key,
        total(plays) AS plays,
        total(plays_7) AS plays_7,
        total(plays_28) AS plays_28,
        max(last_day) AS last_day,
        max(last_date) AS last_date,
        min(silent_days) AS silent_days,
        -- The season with most of the plays; of equal ones the first.
        max(CASE WHEN place = 1 AND plays > 0 THEN season_number END) AS season_number,
        total(memory_7) AS memory_7,
        total(memory_28) AS memory_28,
        total(memory_112) AS memory_112,
        total(memory_448) AS memory_448
    FROM ranked
    GROUP BY user_id, track_key
)
SELECT
    s.user_id,
    s.track_key,
    s.plays,
    s.plays_7,
    s.plays_28,
    s.last_day,
    s.last_date,
    s.silent_days,
    s.season_number,
    s.memory_7,
    s.memory_28,
    s.memory_112,
    s.memory_448,
    t.track_id,
    t.track_name,
    t.artist_name,
    t.artist_key,
    t.work_key,
    t.genre,
    t.feature_source,
    t.valence,
    t.energy,
    t.speechiness,
    t.instrumentalness,
    v.track_key IS NOT NULL AS is_refused
FROM summed AS s
JOIN silver.tracks AS t ON t.user_id = s.user_id AND t.track_key = s.track_key
LEFT JOIN answered_tracks AS v
    ON v.user_id = s.user_id AND v.track_key = s.track_key AND v.verdict = 'no'
