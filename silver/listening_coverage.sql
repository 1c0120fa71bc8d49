-- The times that the sources of a person cover: one row per person and unbroken span, covered by
-- export files, by the Web API, or by both where they overlap. No source covers the time between
-- two rows: nothing is known about it, which does not mean that nothing was played.
WITH covered AS (
    SELECT user_id, source, begins_at, ends_at
    FROM file_coverage
    UNION ALL
    SELECT user_id, source, begins_at, ends_at
    FROM live_coverage
), reached AS (
    SELECT
        user_id, begins_at, ends_at, source,
        max(ends_at) OVER (
            PARTITION BY user_id ORDER BY begins_at, ends_at, source
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS reached_before
    FROM covered
), numbered AS (
    SELECT
        user_id, begins_at, ends_at,
        CAST(
            sum(CASE WHEN begins_at <= reached_before THEN 0 ELSE 1 END) OVER (
                PARTITION BY user_id ORDER BY begins_at, ends_at, source
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS BIGINT
        ) AS span
    FROM reached
), merged AS (
    SELECT user_id, min(begins_at) AS begins_at, max(ends_at) AS ends_at
    FROM numbered
    GROUP BY user_id, span
)
SELECT
    user_id,
    begins_at,
    ends_at,
    CAST(wall_time(begins_at, $timezone) AS DATE) AS first_date,
    CAST(wall_time(ends_at, $timezone) AS DATE) AS last_date
FROM merged
