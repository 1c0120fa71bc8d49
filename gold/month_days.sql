-- The days of each local month with a play of a person: which of them the person's plays cover, on
-- how many there was music, and on which weekday most.
WITH weekdays AS (
    SELECT
        user_id,
        month_begins,
        weekday_of(local_date) AS weekday,
        total(counted_plays) AS counted_plays,
        coalesce(total(heard_ms), 0) AS heard_ms,
        count_true(counted_plays > 0) AS active_days,
        min(local_date) AS first_date,
        max(local_date) AS last_date
    FROM day_totals
    GROUP BY user_id, month_begins, weekday
), ranked AS (
    SELECT
        user_id, month_begins, weekday, counted_plays, active_days, first_date, last_date,
        row_number() OVER (
            PARTITION BY user_id, month_begins
            ORDER BY counted_plays DESC, heard_ms DESC, weekday
        ) AS place
    FROM weekdays
), months AS (
    SELECT
        user_id,
        month_begins,
        last_day(month_begins) AS month_ends,
        total(active_days) AS active_days,
        max(CASE WHEN place = 1 AND counted_plays > 0 THEN weekday END) AS most_active_weekday,
        min(first_date) AS first_date,
        max(last_date) AS last_date
    FROM ranked
    GROUP BY user_id, month_begins
), calendar AS (
    SELECT
        user_id, month_begins, month_ends, active_days, most_active_weekday,
        min(first_date) OVER (PARTITION BY user_id) AS person_first,
        max(last_date) OVER (PARTITION BY user_id) AS person_last
    FROM months
), covered AS (
    SELECT
        user_id, month_begins, month_ends, active_days, most_active_weekday,
        days_between(person_first, month_begins) AS days_known_before,
        days_between(
            greatest(month_begins, person_first), least(month_ends, person_last)
        ) + 1 AS days_covered
    FROM calendar
), complete AS (
    SELECT
        user_id, month_begins, month_ends, active_days, most_active_weekday, days_known_before,
        days_covered, days_covered = day(month_ends) AS is_complete
    FROM covered
)
SELECT
    user_id,
    month_begins,
    active_days,
    most_active_weekday,
    days_known_before,
    days_covered,
    is_complete,
    -- Whether this month and the calendar month before it are complete.
    is_complete
        AND lag(is_complete) OVER by_month
        AND days_between(lag(month_ends) OVER by_month, month_begins) = 1 AS is_comparable
FROM complete
WINDOW by_month AS (PARTITION BY user_id ORDER BY month_begins)
