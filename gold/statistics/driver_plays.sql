-- A person's counted plays, each with its level of every driver (gold.mood_drivers): a row a play.
-- Features are whole millionths, and null, as the source is, where the play has none.
WITH play AS (
    SELECT
        user_id,
        play_id,
        played_at,
        track_key,
        artist_key,
        artist_name,
        session_id,
        local_date,
        part_of_day,
        is_weekend,
        season,
        first_play,
        shuffle,
        feature_donor_level,
        CASE WHEN valence IS NOT NULL AND energy IS NOT NULL THEN feature_source END AS source,
        millionths(valence) AS valence,
        millionths(energy) AS energy
    FROM complete_plays
    WHERE is_counted AND local_date IS NOT NULL
),
artist AS (
    SELECT
        user_id,
        artist_key,
        min(artist_name) AS artist_name,
        row_number() OVER (PARTITION BY user_id ORDER BY count(*) DESC, artist_key) AS place
    FROM play
    WHERE artist_key IS NOT NULL
    GROUP BY user_id, artist_key
),
session AS (
    SELECT
        user_id,
        play_id,
        row_number() OVER (
            PARTITION BY user_id, session_id ORDER BY played_at, play_id
        ) AS position,
        count(*) OVER (PARTITION BY user_id, session_id) AS length
    FROM play
)
SELECT
    p.user_id,
    day_number(p.local_date) AS day,
    p.track_key,
    p.part_of_day AS hour_block,
    CASE WHEN p.is_weekend THEN 'weekend' ELSE 'weekday' END AS weekend,
    p.season,
    CASE
        WHEN s.length <= 3 THEN '1 to 3'
        WHEN s.length <= 10 THEN '4 to 10'
        WHEN s.length <= 25 THEN '11 to 25'
        ELSE '26 and more'
    END AS session_length,
    CASE
        WHEN s.position <= 3 THEN '1 to 3'
        WHEN s.position <= 10 THEN '4 to 10'
        WHEN s.position <= 25 THEN '11 to 25'
        ELSE '26 and more'
    END AS session_position,
    CASE WHEN p.first_play THEN 'new' ELSE 'repeat' END AS repeat_or_new,
    -- The ten artists most played, of equals the first by name; all others are one level.
    coalesce(a.artist_name, '') AS artist,
    CASE WHEN p.shuffle THEN 'on' WHEN NOT p.shuffle THEN 'off' END AS shuffle,
    p.source,
    p.source IS NOT NULL AND p.feature_donor_level = 'artist' AS has_artist_donor,
    CASE WHEN p.source IS NOT NULL THEN p.valence END AS valence,
    CASE WHEN p.source IS NOT NULL THEN p.energy END AS energy
FROM play AS p
JOIN session AS s ON s.user_id = p.user_id AND s.play_id = p.play_id
LEFT JOIN artist AS a
    ON a.user_id = p.user_id AND a.artist_key = p.artist_key AND a.place <= 10
