-- One row per play: the record that represents it, when it ended and how long it was heard (ms).
-- A duplicate of another record is not a play. heard_ms is 0 where no source knows the length.
WITH repeat AS (
    SELECT user_id, record_id, is_play, ms_played
    FROM repeated_plays
)
SELECT
    m.user_id, m.record_id AS play_id, m.person_track, m.ended,
    coalesce(m.ms_played, r.ms_played, 0) AS heard_ms
FROM music_records AS m
LEFT JOIN repeat AS r ON r.user_id = m.user_id AND r.record_id = m.record_id
WHERE coalesce(r.is_play, true)
