-- The artists that are another one by a person's corrections (ops.corrections): one row per person
-- and artist_key. into_key is the key that counts, artist_name the name by which the person chose
-- it, null where that is not known.
SELECT
    user_id, item_key AS artist_key, into_key,
    min(CASE WHEN chosen_key = into_key THEN into_name END) OVER (
        PARTITION BY user_id, into_key
    ) AS artist_name
FROM ops.corrections
WHERE kind = 'artist'
