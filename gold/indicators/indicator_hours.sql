-- What a person's counted plays add up to in each hour of each local date: a row a person, day and
-- hour with counted plays, for the wellbeing indicators. Features are those of plays that have
-- valence and energy, in whole millionths: their sums are the same in any order. The quadrants are
-- gold.indicators.indicator_list.QUADRANTS, cut at schemas.common_columns.QUADRANT_CUT.
WITH play AS (
    SELECT
        user_id,
        local_date,
        hour_of_day,
        coalesce(ms_played, duration_ms, 0) AS heard_ms,
        CASE WHEN valence IS NOT NULL AND energy IS NOT NULL THEN feature_source END AS source,
        valence >= 0.5e0 AS is_bright,
        energy >= 0.5e0 AS is_energetic,
        millionths(valence) AS valence,
        millionths(energy) AS energy
    FROM complete_plays
    WHERE is_counted
)
SELECT
    user_id,
    day_number(local_date) AS day,
    hour_of_day AS hour,
    count(*) AS plays,
    total(heard_ms) AS heard_ms,
    count(source) AS with_features,
    count_true(source = 'real') AS measured,
    count_true(source = 'kaggle') AS catalogue,
    coalesce(total(CASE WHEN source IS NOT NULL THEN valence END), 0) AS valence,
    coalesce(total(CASE WHEN source IS NOT NULL THEN energy END), 0) AS energy,
    coalesce(total(CASE WHEN source IS NOT NULL THEN valence * valence END), 0)
        AS valence_squares,
    coalesce(total(CASE WHEN source IS NOT NULL THEN energy * energy END), 0) AS energy_squares,
    count_true(source IS NOT NULL AND is_bright AND is_energetic) AS bright_energetic,
    count_true(source IS NOT NULL AND NOT is_bright AND is_energetic) AS dark_energetic,
    count_true(source IS NOT NULL AND NOT is_bright AND NOT is_energetic) AS dark_calm,
    count_true(source IS NOT NULL AND is_bright AND NOT is_energetic) AS bright_calm
FROM play
GROUP BY user_id, local_date, hour_of_day
