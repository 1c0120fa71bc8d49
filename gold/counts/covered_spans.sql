-- The local dates that sources cover: one row per person and unbroken run of dates, both ends
-- included. Of a person whose sources' coverage is not known it is from the first play to the last.
-- Between two runs it is unknown whether music was played: such dates are not silence, and no
-- number about when, how regularly or how often may count them as silence.
WITH person AS (
    SELECT user_id, min(local_date) AS first_date, max(local_date) AS last_date
    FROM silver.listening_with_features
    WHERE is_excluded IS NOT true
    GROUP BY user_id
), reported AS (
    SELECT
        p.user_id,
        coalesce(c.first_date, p.first_date) AS first_date,
        coalesce(c.last_date, p.last_date) AS last_date
    FROM person AS p
    LEFT JOIN silver.listening_coverage AS c ON c.user_id = p.user_id
), reached AS (
    SELECT
        user_id, first_date, last_date,
        max(last_date) OVER (
            PARTITION BY user_id ORDER BY first_date, last_date
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS reached_before
    FROM reported
), numbered AS (
    SELECT
        user_id, first_date, last_date,
        CAST(
            -- A run continues with the next date.
            sum(CASE WHEN days_between(reached_before, first_date) <= 1 THEN 0 ELSE 1 END) OVER (
                PARTITION BY user_id ORDER BY first_date, last_date
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS BIGINT
        ) AS span
    FROM reached
)
SELECT user_id, min(first_date) AS first_date, max(last_date) AS last_date
FROM numbered
GROUP BY user_id, span
