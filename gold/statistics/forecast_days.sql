-- What a person's counted plays add up to on each local date that has any: a row a person and day,
-- days counted from 1970-01-01. n plays have features, whose sums are in whole millionths.
WITH play AS (
    SELECT
        user_id,
        local_date,
        coalesce(ms_played, duration_ms) AS heard_ms,
        CASE WHEN valence IS NOT NULL AND energy IS NOT NULL THEN feature_source END AS source,
        millionths(valence) AS valence,
        millionths(energy) AS energy
    FROM silver.listening_with_features
    WHERE is_counted AND local_date IS NOT NULL
)
SELECT
    user_id,
    day_number(local_date) AS day,
    count(*) AS plays,
    coalesce(total(heard_ms), 0) AS heard_ms,
    count(source) AS n,
    count_true(source = 'real') AS real,
    count_true(source = 'kaggle') AS kaggle,
    count_true(source = 'synthetic') AS synthetic,
    coalesce(total(CASE WHEN source IS NOT NULL THEN valence END), 0) AS valence,
    coalesce(total(CASE WHEN source IS NOT NULL THEN energy END), 0) AS energy
FROM play
GROUP BY user_id, local_date
