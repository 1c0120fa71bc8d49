-- The session of the plays of each person and half hour of UTC: a new one begins after 30 minutes
-- without music. One row per half hour (counted from 1970) in which plays ended.
-- A play that ends within 30 minutes of the end of another one begins no session. So within a half
-- hour only the first play (of equals the least id) can begin one: all its plays have one session.
-- session_at is the end of the session's first play, ms. Excluded plays have sessions of their own:
-- those of all other plays are as if they had not been heard.
WITH half_hour AS (
    SELECT
        user_id, is_excluded, ended // $session_gap_ms AS half_hour,
        min(ended) AS first_ended, max(ended) AS last_ended
    FROM plays
    GROUP BY user_id, is_excluded, ended // $session_gap_ms
), opened AS (
    SELECT
        h.user_id, h.is_excluded, h.half_hour, h.first_ended, h.last_ended, p.heard_ms,
        row_number() OVER (
            PARTITION BY h.user_id, h.is_excluded, h.half_hour ORDER BY p.play_id
        ) AS place
    FROM half_hour AS h
    JOIN plays AS p
        ON p.user_id = h.user_id AND p.is_excluded = h.is_excluded AND p.ended = h.first_ended
), judged AS (
    SELECT
        user_id, is_excluded, half_hour, first_ended,
        -- A play of unknown length is taken to begin where it ends.
        coalesce(
            first_ended - heard_ms - lag(last_ended) OVER (
                PARTITION BY user_id, is_excluded ORDER BY half_hour
            ) > $session_gap_ms,
            true
        ) AS begins
    FROM opened
    WHERE place = 1
)
SELECT
    user_id, is_excluded, half_hour,
    max(CASE WHEN begins THEN first_ended END) OVER (
        PARTITION BY user_id, is_excluded ORDER BY half_hour
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS session_at
FROM judged
