-- Records that stand in an extended history once more under another platform: same person, track,
-- instant and time heard. One row such a record; kept_id is one of the records that stay. Of equal
-- records of one platform all stay: a short track may end twice in a second.
WITH repeated AS (
    SELECT person_track, ended, ms_played
    FROM reported_records
    WHERE precedence = 1
    GROUP BY person_track, ended, ms_played
    HAVING count(*) > 1
), told AS (
    SELECT
        t.user_id, t.record_id, t.person_track, t.ended, t.ms_played,
        coalesce(h.platform, '') AS platform
    FROM reported_records AS t
    JOIN repeated AS r
        ON r.person_track = t.person_track
        AND r.ended = t.ended
        AND r.ms_played IS NOT DISTINCT FROM t.ms_played
    JOIN bronze.listening_history_bronze AS h
        ON h.user_id = t.user_id AND h.record_id = t.record_id
    WHERE t.precedence = 1
), ranked AS (
    SELECT
        user_id, record_id,
        -- Where one names no platform, the other stays.
        dense_rank() OVER (
            PARTITION BY person_track, ended, ms_played ORDER BY platform DESC
        ) AS place,
        first_value(record_id) OVER (
            PARTITION BY person_track, ended, ms_played ORDER BY platform DESC, record_id
        ) AS kept_id
    FROM told
)
SELECT user_id, record_id, kept_id
FROM ranked
WHERE place > 1
