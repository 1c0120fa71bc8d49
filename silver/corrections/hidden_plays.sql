-- The plays that a person hid (ops.corrections): one row per play, by the record that represents
-- it. A person hides a play by the record that represents it then. A better one may take its place
-- later, from another source, or of the same source where the two cannot both be plays.
WITH hidden AS (
    SELECT user_id, item_key AS record_id
    FROM ops.corrections
    WHERE kind = 'play'
), standing AS (
    -- The record that a duplicate of another platform is kept as may itself be impossible.
    SELECT h.user_id, coalesce(o.kept_id, i.kept_id, h.record_id) AS record_id
    FROM hidden AS h
    LEFT JOIN impossible_records AS i ON i.user_id = h.user_id AND i.record_id = h.record_id
    LEFT JOIN impossible_records AS o ON o.user_id = i.user_id AND o.record_id = i.kept_id
)
SELECT DISTINCT s.user_id, coalesce(e.play_id, b.play_id, s.record_id) AS play_id
FROM standing AS s
LEFT JOIN records_matched_by_end AS e ON e.user_id = s.user_id AND e.record_id = s.record_id
LEFT JOIN records_matched_by_start AS b ON b.user_id = s.user_id AND b.record_id = s.record_id
