-- Duplicates across sources: records of a play that a better record has too, matched by its end.
-- One row per duplicate; play_id is the best record of the play. The API, the extended history and
-- the account data report the same play some seconds apart (account data knows only the minute).
-- Records of one person and track form an island while neighbours are at most 90 seconds apart;
-- within an island the first record of one source is the first of another, the second the second.
-- So a play that is in two sources counts once, and a track that was played twice in a row counts
-- twice. A record known to be a start has no end to match: it stays alone until starts are
-- compared.
WITH beside AS (
    SELECT
        user_id, record_id, person_track, precedence, by_start, ended, ms_played,
        coalesce(ended - lag(ended) OVER of_track <= $same_play_ms, false) AS is_near_last,
        coalesce(lead(ended) OVER of_track - ended <= $same_play_ms, false) AS is_near_next
    FROM music_records
    WINDOW of_track AS (PARTITION BY person_track, by_start ORDER BY ended)
), island AS (
    -- Most records are alone on their track for longer: only the others need to be compared.
    -- The frame ends with the last record of the same instant, so their order does not matter.
    SELECT
        *,
        max(CASE WHEN NOT is_near_last THEN ended END) OVER (
            PARTITION BY person_track, by_start ORDER BY ended
        ) AS island
    FROM beside
    WHERE is_near_last OR is_near_next
), numbered AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY person_track, by_start, island, precedence ORDER BY ended, record_id
        ) AS turn
    FROM island
), play AS (
    SELECT
        *,
        first_value(record_id) OVER (
            PARTITION BY person_track, by_start, island, turn ORDER BY precedence
        ) AS play_id
    FROM numbered
)
SELECT user_id, record_id, play_id, precedence, ms_played
FROM play
WHERE record_id <> play_id
