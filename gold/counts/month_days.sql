-- The days of each local month with a play of a person: how many of them the person's sources
-- cover, on how many there was music, and on which weekday most.
WITH weekdays AS (
    SELECT
        user_id,
        month_begins,
        weekday_of(local_date) AS weekday,
        total(counted_plays) AS counted_plays,
        coalesce(total(heard_ms), 0) AS heard_ms,
        count_true(counted_plays > 0) AS active_days
    FROM day_totals
    GROUP BY user_id, month_begins, weekday
), ranked AS (
    SELECT
        user_id, month_begins, weekday, counted_plays, active_days,
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
        max(CASE WHEN place = 1 AND counted_plays > 0 THEN weekday END) AS most_active_weekday
    FROM ranked
    GROUP BY user_id, month_begins
), covered AS (
    SELECT
        m.user_id,
        m.month_begins,
        total(
            days_between(
                greatest(m.month_begins, c.first_date), least(m.month_ends, c.last_date)
            ) + 1
        ) AS days_covered,
        -- By the run of dates that began last: what is new in it may have been heard before it.
        days_between(max(c.first_date), min(m.month_begins)) AS days_known_before
    FROM months AS m
    JOIN covered_spans AS c
        ON c.user_id = m.user_id
        AND c.first_date <= m.month_ends
        AND c.last_date >= m.month_begins
    GROUP BY m.user_id, m.month_begins
), complete AS (
    SELECT
        m.user_id, m.month_begins, m.month_ends, m.active_days, m.most_active_weekday,
        c.days_known_before,
        coalesce(c.days_covered, 0) AS days_covered,
        coalesce(c.days_covered, 0) = day(m.month_ends) AS is_complete
    FROM months AS m
    LEFT JOIN covered AS c ON c.user_id = m.user_id AND c.month_begins = m.month_begins
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
