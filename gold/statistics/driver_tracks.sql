-- Sums over a person's tracks with features: a row a person, driver and level.
-- A track has x plays at the level and c at all levels of the driver: track_squares is Σ x²,
-- track_products Σ x·c; the other sums have each track at the level once, in whole millionths.
WITH track AS (
    SELECT
        user_id,
        track_key,
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
        count(*) AS x,
        max(valence) AS valence,
        max(energy) AS energy
    FROM driver_plays
    WHERE source IS NOT NULL
    GROUP BY GROUPING SETS (
        (user_id, track_key, hour_block), (user_id, track_key, weekend),
        (user_id, track_key, season), (user_id, track_key, session_length),
        (user_id, track_key, session_position), (user_id, track_key, repeat_or_new),
        (user_id, track_key, artist), (user_id, track_key, shuffle)
    )
),
played AS (
    SELECT user_id, track_key, count(*) AS plays, count(shuffle) AS plays_known_shuffle
    FROM driver_plays
    WHERE source IS NOT NULL
    GROUP BY user_id, track_key
)
SELECT
    t.user_id,
    t.driver,
    t.level,
    count(*) AS tracks,
    total(t.x * t.x) AS track_squares,
    total(
        t.x * CASE WHEN t.driver = 'shuffle' THEN p.plays_known_shuffle ELSE p.plays END
    ) AS track_products,
    total(t.valence) AS track_valence,
    total(t.energy) AS track_energy,
    total(t.valence * t.valence) AS track_valence_squares,
    total(t.energy * t.energy) AS track_energy_squares
FROM track AS t
JOIN played AS p ON p.user_id = t.user_id AND p.track_key = t.track_key
WHERE t.level IS NOT NULL
GROUP BY t.user_id, t.driver, t.level
