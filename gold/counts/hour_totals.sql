-- What a person heard in each hour of each local date with a play: one row per person, date and
-- hour. Features are those of counted plays that have them, added up in whole millionths.
WITH play AS (
    SELECT
        user_id,
        local_date,
        day_of_week,
        season,
        hour_of_day,
        part_of_day,
        is_counted,
        skipped,
        coalesce(ms_played, duration_ms) AS heard_ms,
        CASE WHEN is_counted AND valence IS NOT NULL THEN feature_source END AS source,
        feature_donor_level,
        valence,
        energy
    FROM silver.listening_with_features
    WHERE is_excluded IS NOT true
)
SELECT
    user_id,
    local_date,
    day_of_week,
    season,
    hour_of_day,
    part_of_day,
    count(*) AS plays,
    count_true(is_counted) AS counted_plays,
    total(heard_ms) AS heard_ms,
    count(skipped) AS skip_known_plays,
    count_true(skipped) AS skipped_plays,
    count(source) AS n,
    count_true(source = 'real') AS measured,
    count_true(source = 'kaggle') AS catalogue,
    count_true(source = 'synthetic') AS synthetic,
    count_true(source IS NOT NULL AND feature_donor_level = 'artist') AS artist_donors,
    total(CASE WHEN source IS NOT NULL THEN millionths(valence) END) AS valence,
    total(CASE WHEN source IS NOT NULL THEN millionths(energy) END) AS energy
FROM play
GROUP BY user_id, local_date, day_of_week, season, hour_of_day, part_of_day
