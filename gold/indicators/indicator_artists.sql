-- A person's counted plays of each artist on each local date: a row a person, day and artist, for
-- the wellbeing indicators. Plays whose artist is not known are no artist's.
-- Features are those of plays that have valence and energy, in whole millionths. sound_plays have
-- every feature by which an artist is placed: see artist_sounds.
WITH play AS (
    SELECT
        user_id,
        local_date,
        artist_key,
        feature_source IS NOT NULL AND valence IS NOT NULL AND energy IS NOT NULL AS has_features,
        feature_source IS NOT NULL
            AND danceability IS NOT NULL
            AND energy IS NOT NULL
            AND loudness IS NOT NULL
            AND speechiness IS NOT NULL
            AND acousticness IS NOT NULL
            AND instrumentalness IS NOT NULL
            AND liveness IS NOT NULL
            AND valence IS NOT NULL
            AS has_sound,
        millionths(valence) AS valence,
        millionths(energy) AS energy
    FROM complete_plays
    WHERE is_counted AND artist_key IS NOT NULL
)
SELECT
    user_id,
    day_number(local_date) AS day,
    artist_key AS artist,
    count(*) AS plays,
    count_true(has_features) AS with_features,
    coalesce(total(CASE WHEN has_features THEN valence END), 0) AS valence,
    coalesce(total(CASE WHEN has_features THEN energy END), 0) AS energy,
    count_true(has_sound) AS sound_plays
FROM play
GROUP BY user_id, local_date, artist_key
