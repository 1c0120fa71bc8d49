-- The tracks and artists that are the same by a person's corrections (ops.corrections): one row per
-- person, kind, key and other key of the same thing, both ways. same_key is the one that counts
-- (into_key), one that is corrected to it, or one that is corrected to the same.
WITH merged AS (
    SELECT user_id, kind, item_key, into_key
    FROM ops.corrections
    WHERE kind IN ('track', 'artist')
)
SELECT user_id, kind, item_key, into_key AS same_key
FROM merged
UNION
SELECT user_id, kind, into_key AS item_key, item_key AS same_key
FROM merged
UNION
SELECT m.user_id, m.kind, m.item_key, o.item_key AS same_key
FROM merged AS m
JOIN merged AS o
    ON o.user_id = m.user_id AND o.kind = m.kind AND o.into_key = m.into_key
    AND o.item_key <> m.item_key
