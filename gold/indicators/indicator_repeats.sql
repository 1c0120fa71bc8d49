-- How often tracks come again: a row a person and local date with counted plays.
--
-- new_tracks: first counted plays of their track. gap_repeats: Σ of 500 - the plays since the track
-- was last played, never below 0. windows and window_repeats: plays that end 500 plays
-- (gold.indicators.indicator_list.REPETITION_PLAYS), and over these windows the plays less the
-- different tracks. A track enters the window with a play that has none of it in the 500 before,
-- and leaves it 500 plays after one that has none in the 500 that follow.
WITH placed AS (
    SELECT
        user_id,
        local_date,
        track_key,
        -- Plays that end in the same instant stand in any order, but in the same one every time.
        row_number() OVER (PARTITION BY user_id ORDER BY played_at, track_key) AS position
    FROM complete_plays
    WHERE is_counted
),
spaced AS (
    SELECT
        user_id,
        local_date,
        position,
        position - lag(position) OVER of_track AS since,
        lead(position) OVER of_track - position AS until
    FROM placed
    WINDOW of_track AS (PARTITION BY user_id, track_key ORDER BY position)
),
crossing AS (
    SELECT
        user_id,
        local_date,
        position,
        since,
        CASE WHEN since <= 500 THEN 0 ELSE 1 END AS enters,
        CASE WHEN until <= 500 THEN 0 ELSE 1 END AS leaves
    FROM spaced
),
windowed AS (
    SELECT
        user_id,
        local_date,
        position,
        since,
        CAST(
            sum(enters) OVER (
                PARTITION BY user_id ORDER BY position
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS BIGINT
        ) AS entered,
        CAST(
            sum(leaves) OVER (
                PARTITION BY user_id ORDER BY position
                ROWS BETWEEN UNBOUNDED PRECEDING AND 500 PRECEDING
            ) AS BIGINT
        ) AS gone
    FROM crossing
)
SELECT
    user_id,
    day_number(local_date) AS day,
    count_true(since IS NULL) AS new_tracks,
    total(greatest(500 - coalesce(since, 500), 0)) AS gap_repeats,
    count_true(position >= 500) AS windows,
    total(CASE WHEN position >= 500 THEN 500 - (entered - coalesce(gone, 0)) ELSE 0 END)
        AS window_repeats
FROM windowed
GROUP BY user_id, local_date
