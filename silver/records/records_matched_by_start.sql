-- Duplicates across sources: records of the API of a play in an export, matched by its start. One
-- row per duplicate; play_id is the best record of the play.
--
-- The API sometimes reports the start of a play. So its records that are unmatched by the end are
-- tried again: nobody hears two plays at once, so the play that began with such a record is the
-- first to begin from then on. An export says when a play ended and how long it was heard:
--
--     extended  ──────────[═══ heard ═══]E1──────────   begins at its end less what was heard
--     extended  ──────────[═ heard ═]··[═]E1─────────   with a pause it seems to begin later
--     api       ─────────A1──────────────────────────   A1 is the start of E1
--                        └─┘ at most 90 seconds, or 30 minutes if A1 is known to be a start
WITH api_track AS (
    SELECT DISTINCT person_track
    FROM music_records
    WHERE reported IS NOT NULL
), matched_by_end AS (
    SELECT
        e.user_id, e.play_id,
        bool_or(s.may_give_start) AS may_give_start,
        arg_min(e.ms_played, e.precedence) FILTER (WHERE e.ms_played IS NOT NULL) AS ms_played
    FROM records_matched_by_end AS e
    JOIN play_sources AS s ON s.precedence = e.precedence
    GROUP BY e.user_id, e.play_id
), play AS (
    SELECT
        r.user_id, r.record_id AS play_id, r.person_track, r.by_start, r.ended, r.reported,
        coalesce(r.ms_played, a.ms_played) AS ms_played,
        s.resolution_ms,
        s.may_give_start AND a.play_id IS NULL AS is_unmatched,
        s.may_give_start OR coalesce(a.may_give_start, false) AS may_give_start
    FROM music_records AS r
    JOIN play_sources AS s ON s.precedence = r.precedence
    SEMI JOIN api_track AS t ON t.person_track = r.person_track
    ANTI JOIN records_matched_by_end AS e ON e.user_id = r.user_id AND e.record_id = r.record_id
    LEFT JOIN matched_by_end AS a ON a.user_id = r.user_id AND a.play_id = r.record_id
), started AS (
    SELECT
        *,
        CASE
            -- A little earlier, since clocks differ: before the play that it should match.
            WHEN is_unmatched THEN reported - 10000
            -- Where seconds are truncated, it may have ended as much later.
            WHEN NOT may_give_start THEN ended - ms_played + resolution_ms
        END AS began
    FROM play
), candidate AS (
    SELECT
        user_id, play_id, is_unmatched, began,
        lag(play_id) OVER of_track AS record_id,
        lag(is_unmatched) OVER of_track AS is_previous_unmatched,
        lag(reported) OVER of_track AS previous_reported,
        lag(CASE WHEN by_start THEN $longest_pause_ms ELSE $same_play_ms END) OVER of_track
            AS longest_pause
    FROM started
    WHERE began IS NOT NULL
    WINDOW of_track AS (PARTITION BY person_track ORDER BY began, play_id)
)
SELECT user_id, record_id, play_id
FROM candidate
WHERE is_previous_unmatched AND NOT is_unmatched AND began - previous_reported <= longest_pause
