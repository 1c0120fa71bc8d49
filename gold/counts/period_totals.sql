-- How much, when and how popular: the totals of a person's day or month. One row per person, unit
-- ('day' or 'month') and local date with which it begins. Counts and minutes are never null. Means
-- and shares need 5 counted plays of a day and 30 of a month (gold.thresholds.MINIMUM_DAY_PLAYS,
-- MINIMUM_MONTH_PLAYS): status and reason say whether there are enough. The mean popularity needs
-- as many plays whose popularity is known, and half of all; mainstream_reason says what is missing.
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
), needed AS (
    SELECT *, CASE unit WHEN 'day' THEN 5 ELSE 30 END AS least_plays
    FROM sums
), described AS (
    SELECT
        user_id, unit, begins, total_plays, counted_plays, heard_ms, new_tracks, least_plays,
        popularity_known_plays, popularity_sum,
        counted_plays >= least_plays AS is_enough,
        -- A mean over fewer plays would describe the catalogue rather than the person.
        popularity_known_plays >= least_plays AND popularity_known_plays * 2 >= counted_plays
            AS is_popularity_known,
        atan2(clock_sin, clock_cos) * (12 / pi()) AS hours,
        sqrt(power(clock_cos, 2) + power(clock_sin, 2)) / 1000000 AS resultant
    FROM needed
), rounded AS (
    SELECT
        user_id, unit, begins, total_plays, counted_plays, heard_ms, new_tracks, least_plays,
        popularity_known_plays, popularity_sum, is_popularity_known, is_enough,
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
    CASE WHEN is_enough AND concentration >= 0.2e0 THEN hour END AS average_listening_hour,
    CASE WHEN is_enough THEN concentration END AS listening_hour_concentration,
    CASE WHEN is_popularity_known THEN decimals(popularity_sum / popularity_known_plays, 6) END
        AS mainstream_score,
    popularity_known_plays,
    popularity_sum,
    CASE
        WHEN NOT is_popularity_known
            THEN concat(
                'popularity known of ', CAST(popularity_known_plays AS VARCHAR), ' of ',
                CAST(counted_plays AS VARCHAR), ' counted plays; half of them and at least ',
                CAST(least_plays AS VARCHAR), ' needed'
            )
    END AS mainstream_reason,
    is_enough,
    CASE WHEN is_enough THEN 'ok' ELSE 'too_few_data' END AS status,
    CASE
        WHEN NOT is_enough
            THEN concat(
                CAST(counted_plays AS VARCHAR), ' plays of 30 s and more; ',
                CAST(least_plays AS VARCHAR), ' needed for means and shares'
            )
    END AS reason
FROM rounded
