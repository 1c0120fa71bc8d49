-- The recordings that are another one by a person's corrections (ops.corrections): one row per
-- person and track_key in records. into_key is the key that counts. known_key is a recording in
-- silver.track_names that stands for all of it, whose features it has: into_key, or where no record
-- names that one, the least of those that are corrected to it. Their numbers are those of
-- track_numbers. track_name is the title of into_key, null where no record names it.
WITH numbered AS (
    SELECT
        c.user_id, c.item_key AS track_key, c.into_key, t.track_number,
        coalesce(
            i.track_number, min(t.track_number) OVER (PARTITION BY c.user_id, c.into_key)
        ) AS known_number
    FROM ops.corrections AS c
    JOIN track_numbers AS t ON t.track_key = c.item_key
    LEFT JOIN track_numbers AS i ON i.track_key = c.into_key
    WHERE c.kind = 'track'
)
SELECT
    n.user_id, n.track_key, n.into_key, k.track_key AS known_key, n.track_number, n.known_number,
    w.track_name
FROM numbered AS n
JOIN track_numbers AS k ON k.track_number = n.known_number
LEFT JOIN silver.track_names AS w ON w.name_key = n.into_key
