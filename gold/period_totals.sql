-- How much, when and how popular: what the plays of a person's day or month add up to. A row a
-- person, unit ('day' or 'month') and local date with which it begins.
-- The mean time of day is taken around the clock, since midnight lies between 23 h and 1 h, not
-- noon. Its concentration is the mean resultant length R, from 0 (all around the clock) to 1 (all
-- at one time): Mardia and Jupp 2000, Directional Statistics, 2.3.
WITH sums AS (
    SELECT
        user_id, 'day' AS unit, local_date AS begins, total_plays, counted_plays, heard_ms,
        new_tracks, clock_cos, clock_sin, popularity_known_plays, popularity_sum
    FROM day_totals
    UNION ALL
    SELECT
        user_id,
        'month' AS unit,
        month_begins AS begins,
        total(total_plays) AS total_plays,
        total(counted_plays) AS counted_plays,
        total(heard_ms) AS heard_ms,
        total(new_tracks) AS new_tracks,
        total(clock_cos) AS clock_cos,
        total(clock_sin) AS clock_sin,
        total(popularity_known_plays) AS popularity_known_plays,
        total(popularity_sum) AS popularity_sum
    FROM day_totals
    GROUP BY user_id, month_begins
), described AS (
    SELECT
        user_id, unit, begins, total_plays, counted_plays, heard_ms, new_tracks,
        popularity_known_plays, popularity_sum,
        -- A mean over fewer plays would describe the catalogue rather than the person.
        counted_plays > 0 AND popularity_known_plays * 2 >= counted_plays AS is_popularity_known,
        atan2(clock_sin, clock_cos) * (12 / pi()) AS hours,
        sqrt(power(clock_cos, 2) + power(clock_sin, 2)) / 1000000 AS resultant
    FROM sums
), rounded AS (
    SELECT
        user_id, unit, begins, total_plays, counted_plays, heard_ms, new_tracks,
        popularity_known_plays, popularity_sum, is_popularity_known,
        -- Within the circle: a hair before midnight is 0 h, not 24 h.
        decimals(CASE WHEN hours < 0 THEN hours + 24 ELSE hours END, 6) % 24 AS hour,
        least(decimals(resultant / nullif(counted_plays, 0), 6), 1e0) AS concentration
    FROM described
)
SELECT
    user_id,
    unit,
    begins,
    total_plays,
    counted_plays,
    decimals(heard_ms / 60000, 6) AS minutes,
    new_tracks,
    -- Plays spread evenly over 20 of the 24 hours have a concentration of 0.2; below it no hour is
    -- the middle, as of plays at 8 h and at 20 h.
    CASE WHEN concentration >= 0.2e0 THEN hour END AS average_listening_hour,
    concentration AS listening_hour_concentration,
    CASE WHEN is_popularity_known THEN decimals(popularity_sum / popularity_known_plays, 6) END
        AS mainstream_score,
    popularity_known_plays,
    popularity_sum,
    CASE WHEN is_popularity_known THEN 'ok' ELSE 'too_few_data' END AS status,
    CASE
        WHEN NOT is_popularity_known
            THEN concat(
                'popularity known of ', CAST(popularity_known_plays AS VARCHAR), ' of ',
                CAST(counted_plays AS VARCHAR), ' counted plays; half of them needed'
            )
    END AS reason
FROM rounded
