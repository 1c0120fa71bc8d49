-- What a person heard of each track: one row per person and track that they ever played. The
-- numbers are those of the plays that are not excluded; where all are, of these (is_excluded).
-- Hidden plays were never heard.
-- Counted are plays of 30 s and more, or of unknown length, as in silver.listening_with_features,
-- excluded ones too. played_hours and played_seasons are numbers of bits: 1 for 0 h, 2 for 1 h, …;
-- 1 for winter, 2 for spring, 4 for summer, 8 for autumn.
WITH play AS (
    SELECT
        user_id, track_key, track_id, track_name, artist_name, album_name, duration_ms, played_at,
        skipped, hour_of_day,
        CASE season WHEN 'winter' THEN 0 WHEN 'spring' THEN 1 WHEN 'summer' THEN 2 ELSE 3 END
            AS season_number,
        CASE WHEN is_excluded THEN 1 ELSE 0 END AS excluded,
        coalesce(ms_played >= $counted_ms, true) AS is_counted,
        coalesce(ms_played, duration_ms) AS heard_ms
    FROM silver.listening_with_features
    WHERE is_hidden IS NOT true
), added_up AS (
    SELECT
        user_id, track_key, excluded,
        min(track_id) AS track_id,
        min(track_name) AS track_name,
        min(artist_name) AS artist_name,
        min(album_name) AS album_name,
        max(duration_ms) AS duration_ms,
        count(*) AS plays,
        count_true(is_counted) AS counted_plays,
        coalesce(total(heard_ms), 0) AS heard_ms,
        count(skipped) AS skip_known_plays,
        count_true(skipped) AS skipped_plays,
        min(CASE WHEN is_counted THEN played_at END) AS first_played_at,
        max(CASE WHEN is_counted THEN played_at END) AS last_played_at,
        bit_or(CASE WHEN is_counted THEN 1 << hour_of_day ELSE 0 END) AS played_hours,
        bit_or(CASE WHEN is_counted THEN 1 << season_number ELSE 0 END) AS played_seasons
    FROM play
    GROUP BY user_id, track_key, excluded
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY user_id, track_key ORDER BY excluded) AS place
    FROM added_up
)
SELECT
    user_id, track_key, excluded = 1 AS is_excluded, track_id, track_name, artist_name, album_name,
    duration_ms, plays, counted_plays, heard_ms, skip_known_plays, skipped_plays, first_played_at,
    last_played_at,
    CAST(played_hours AS INTEGER) AS played_hours,
    CAST(played_seasons AS INTEGER) AS played_seasons
FROM ranked
WHERE place = 1
