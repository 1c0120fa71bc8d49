-- What a person's counted plays at each level of a driver add up to on each day: a row a person,
-- driver, level and day. Days are counted from 1970-01-01, features summed in whole millionths.
WITH level AS (
    SELECT
        user_id,
        CASE
            WHEN grouping(hour_block) = 0 THEN 'hour_block'
            WHEN grouping(weekend) = 0 THEN 'weekend'
            WHEN grouping(season) = 0 THEN 'season'
            WHEN grouping(session_length) = 0 THEN 'session_length'
            WHEN grouping(session_position) = 0 THEN 'session_position'
            WHEN grouping(repeat_or_new) = 0 THEN 'repeat_or_new'
            WHEN grouping(artist) = 0 THEN 'artist'
            ELSE 'shuffle'
        END AS driver,
        coalesce(
            hour_block, weekend, season, session_length, session_position, repeat_or_new, artist,
            shuffle
        ) AS level,
        day,
        count(source) AS n,
        count_true(source = 'real') AS real,
        count_true(source = 'kaggle') AS kaggle,
        count_true(source = 'synthetic') AS synthetic,
        count_true(has_artist_donor) AS artist_donors,
        coalesce(total(valence), 0) AS valence,
        coalesce(total(energy), 0) AS energy,
        coalesce(total(valence * valence), 0) AS valence_squares,
        coalesce(total(energy * energy), 0) AS energy_squares
    FROM driver_plays
    GROUP BY GROUPING SETS (
        (user_id, day, hour_block), (user_id, day, weekend), (user_id, day, season),
        (user_id, day, session_length), (user_id, day, session_position),
        (user_id, day, repeat_or_new), (user_id, day, artist), (user_id, day, shuffle)
    )
)
SELECT
    user_id,
    driver,
    level,
    day,
    n,
    real,
    kaggle,
    synthetic,
    artist_donors,
    valence,
    energy,
    valence_squares,
    energy_squares
FROM level
-- Whether shuffle was on is not known of every play.
WHERE level IS NOT NULL
