-- Duplicates across sources: records of a play that a better record has too, matched by its end.
-- One row per duplicate; play_id is the best record of the play.
--
-- The API, the extended history and the account data report the same play some seconds apart
-- (account data knows only the minute). Ends of the records of one person and track:
--
--     extended  ──E1──────────E2──────────────────────────E3───────
--     api       ───A1─────────────────────────────────────────────
--     account   ─K1──────────K2───────────────────────────────────K4
--                └island┘    └island┘                      alone  alone: over 90 s to any other
--     plays      E1 A1 K1    E2 K2                         E3     K4
--
-- Within an island the first record of one source is the first of another, the second the second.
-- So a play that is in two sources counts once, and a track that was played twice in a row counts
-- twice. A record known to be a start has no end to match: it stays alone until starts are
-- compared.
WITH neighbour AS (
    SELECT
        user_id, record_id, person_track, precedence, by_start, ended, ms_played,
        coalesce(ended - lag(ended) OVER of_track <= $same_play_ms, false) AS is_near_previous,
        coalesce(lead(ended) OVER of_track - ended <= $same_play_ms, false) AS is_near_next
    FROM music_records
    WINDOW of_track AS (PARTITION BY person_track, by_start ORDER BY ended)
), island AS (
    -- Most records are alone on their track for longer: only the others need to be compared.
    -- The frame ends with the last record of the same instant, so their order does not matter.
    SELECT
        *,
        max(CASE WHEN NOT is_near_previous THEN ended END) OVER (
            PARTITION BY person_track, by_start ORDER BY ended
        ) AS island
    FROM neighbour
    WHERE is_near_previous OR is_near_next
), numbered AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY person_track, by_start, island, precedence ORDER BY ended, record_id
        ) AS number_in_source
    FROM island
), matched AS (
    SELECT
        *,
        first_value(record_id) OVER (
            PARTITION BY person_track, by_start, island, number_in_source ORDER BY precedence
        ) AS play_id
    FROM numbered
)
SELECT user_id, record_id, play_id, precedence, ms_played
FROM matched
WHERE record_id <> play_id
