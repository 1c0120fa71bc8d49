-- Duplicates in one source under another platform: same person, track, instant and time heard. One
-- row per duplicate; kept_id is one of the records that stay. Of equal records of one platform all
-- stay: a short track may end twice in a second.
WITH repeated AS (
    SELECT t.person_track, t.precedence, t.ended, t.ms_played
    FROM reported_records AS t
    JOIN play_sources AS s ON s.precedence = t.precedence
    WHERE s.repeats_records
    GROUP BY t.person_track, t.precedence, t.ended, t.ms_played
    HAVING count(*) > 1
), reported AS (
    SELECT
        t.user_id, t.record_id, t.person_track, t.precedence, t.ended, t.ms_played,
        coalesce(h.platform, '') AS platform
    FROM reported_records AS t
    JOIN repeated AS r
        ON r.person_track = t.person_track
        AND r.precedence = t.precedence
        AND r.ended = t.ended
        AND r.ms_played IS NOT DISTINCT FROM t.ms_played
    JOIN bronze.listening_history_bronze AS h
        ON h.user_id = t.user_id AND h.record_id = t.record_id
), ranked AS (
    SELECT
        user_id, record_id,
        -- Where one names no platform, the other stays.
        dense_rank() OVER (
            PARTITION BY person_track, precedence, ended, ms_played ORDER BY platform DESC
        ) AS place,
        first_value(record_id) OVER (
            PARTITION BY person_track, precedence, ended, ms_played
            ORDER BY platform DESC, record_id
        ) AS kept_id
    FROM reported
)
SELECT user_id, record_id, kept_id
FROM ranked
WHERE place > 1
