-- The records whose play a person excluded (ops.exclusions): by its artist, its track or its album,
-- as silver.listening_with_features names them. One row per record, of every source that has it;
-- and those that represent a play that the person hid.
-- An album is excluded by 'artist_key|title', the title normalised.
WITH person AS (
    SELECT DISTINCT user_id
    FROM ops.exclusions
), matched AS (
    SELECT r.user_id, r.record_id, r.artist_name, r.album_name
    FROM matched_records AS r
    JOIN person AS p ON p.user_id = r.user_id
), named AS (
    SELECT
        m.user_id, m.record_id, m.person_track % 4294967296 AS track_number,
        coalesce(h.artist_name, r.artist_name) AS artist_name,
        coalesce(h.album_name, r.album_name) AS album_name
    FROM music_records AS m
    JOIN person AS p ON p.user_id = m.user_id
    JOIN bronze.listening_history_bronze AS h
        ON h.user_id = m.user_id AND h.record_id = m.record_id
    LEFT JOIN matched AS r ON r.user_id = m.user_id AND r.record_id = m.record_id
), album AS (
    SELECT
        w.artist_name, w.album_name, joined_key(a.artist_key, normalised(w.album_name)) AS album_key
    FROM (
        SELECT DISTINCT n.artist_name, n.album_name
        FROM named AS n
        JOIN excluded_things AS e ON e.user_id = n.user_id AND e.kind = 'album'
    ) AS w
    JOIN artist_keys AS a ON a.artist_name = w.artist_name
)
SELECT n.user_id, n.record_id
FROM named AS n
JOIN artist_keys AS a ON a.artist_name = n.artist_name
JOIN excluded_things AS e
    ON e.user_id = n.user_id AND e.kind = 'artist' AND e.item_key = a.artist_key
UNION
SELECT n.user_id, n.record_id
FROM named AS n
JOIN track_numbers AS t ON t.track_number = n.track_number
JOIN excluded_things AS e
    ON e.user_id = n.user_id AND e.kind = 'track' AND e.item_key = t.track_key
UNION
SELECT n.user_id, n.record_id
FROM named AS n
JOIN album AS b ON b.artist_name = n.artist_name AND b.album_name = n.album_name
JOIN excluded_things AS e
    ON e.user_id = n.user_id AND e.kind = 'album' AND e.item_key = b.album_key
UNION
SELECT user_id, play_id AS record_id
FROM hidden_plays
