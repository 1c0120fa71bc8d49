-- What a person excluded, under each key that it has: as in ops.exclusions, and under the other
-- keys of the same track or artist (same_things). One row per person, kind and key.
SELECT user_id, kind, item_key
FROM ops.exclusions
UNION
SELECT e.user_id, e.kind, s.same_key AS item_key
FROM ops.exclusions AS e
JOIN same_things AS s
    ON s.user_id = e.user_id AND s.kind = e.kind AND s.item_key = e.item_key
UNION
-- An album is 'artist_key|title'. No key has two spaces in a row, so that they mark its beginning.
SELECT
    e.user_id, e.kind,
    replace(
        concat('  ', e.item_key), concat('  ', s.item_key, '|'), concat(s.same_key, '|')
    ) AS item_key
FROM ops.exclusions AS e
JOIN same_things AS s
    ON s.user_id = e.user_id AND s.kind = 'artist'
    AND starts_with(e.item_key, concat(s.item_key, '|'))
WHERE e.kind = 'album'
