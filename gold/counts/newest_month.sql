-- One row: the lake's newest month, YYYY-MM in UTC, null where no track was first played before it.
WITH span AS (
    SELECT
        year_month(min(first_played_at)) AS first_month,
        year_month(max(last_played_at)) AS newest_month
    FROM every_track
)
SELECT nullif(newest_month, first_month) AS fitted_before
FROM span
