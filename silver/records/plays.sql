-- One row per play: the record that represents it, when it ended and how long it was heard (ms).
-- A duplicate of another record is not a play. heard_ms is 0 where no source knows the length.
-- is_excluded: the person excluded what it is of, or hid it. person_track is that of the recording
-- that counts, where the person says that two are the same.
--
--     records (music_records)      E1 A1 K1     E2 A2     A3     K4
--     matched by their ends        E1─A1─K1     E2─A2            │     records_matched_by_end
--     API left over, as a start                     A3 ──────────K4    records_matched_by_start
--     plays                        E1           E2               K4
WITH matched AS (
    SELECT user_id, record_id, is_play, ms_played
    FROM matched_records
)
SELECT
    m.user_id, m.record_id AS play_id,
    m.person_track + coalesce(t.known_number - t.track_number, 0) AS person_track,
    m.ended,
    coalesce(m.ms_played, r.ms_played, 0) AS heard_ms,
    e.record_id IS NOT NULL AS is_excluded
FROM music_records AS m
LEFT JOIN matched AS r ON r.user_id = m.user_id AND r.record_id = m.record_id
LEFT JOIN excluded_records AS e ON e.user_id = m.user_id AND e.record_id = m.record_id
LEFT JOIN merged_tracks AS t
    ON t.user_id = m.user_id AND t.track_number = m.person_track % 4294967296
WHERE coalesce(r.is_play, true)
