-- The totals of the plays of a person and local date. All are whole numbers, so that the totals of
-- days add up to those of a month exactly. clock_cos and clock_sin are millionths: a counted play
-- is a point on the circle of a 24-hour clock, at the local time at which it ended.
WITH placed AS (
    SELECT
        user_id, local_date, heard_ms, is_counted, is_new_track, track_key,
        second_of_day * (2 * pi() / 86400) AS angle
    FROM genred_plays
)
SELECT
    p.user_id,
    p.local_date,
    CAST(concat(year_month(p.local_date), '-01') AS DATE) AS month_begins,
    count(*) AS total_plays,
    count_true(p.is_counted) AS counted_plays,
    total(p.heard_ms) AS heard_ms,
    count_true(p.is_new_track) AS new_tracks,
    total(CASE WHEN p.is_counted THEN millionths(cos(p.angle)) END) AS clock_cos,
    total(CASE WHEN p.is_counted THEN millionths(sin(p.angle)) END) AS clock_sin,
    count_true(p.is_counted AND k.popularity IS NOT NULL) AS popularity_known_plays,
    coalesce(total(CASE WHEN p.is_counted THEN k.popularity END), 0) AS popularity_sum
FROM placed AS p
LEFT JOIN track_popularity AS k ON k.user_id = p.user_id AND k.track_key = p.track_key
GROUP BY p.user_id, p.local_date
