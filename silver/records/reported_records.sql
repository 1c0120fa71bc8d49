-- One row a record that names a track, in numbers: all that it takes to find the records of one
-- play, and those of none. person_track stands for the person and the recording, which no comparison crosses.
-- precedence: from which record of a play its values are taken first.
-- by_start: the API gave the start of the play; its end was computed from the track's length.
-- ended, told (what the API gave, null from exports), ms_played: ms.
WITH person AS (
    SELECT user_id, row_number() OVER (ORDER BY user_id) AS person_number
    FROM (SELECT DISTINCT user_id FROM bronze.listening_history_bronze) AS listed
), record AS (
    SELECT
        h.user_id, h.record_id, h.source, h.played_at, h.told_at, h.ms_played,
        coalesce(s.track_number, i.track_number) AS track_number
    FROM bronze.listening_history_bronze AS h
    LEFT JOIN spelled_tracks AS s
        ON s.track_name IS NOT DISTINCT FROM h.track_name
        AND s.artist_by IS NOT DISTINCT FROM coalesce(h.album_artist_name, h.artist_name)
    LEFT JOIN untitled_tracks AS i
        ON i.track_id = CASE WHEN s.is_untitled THEN h.track_id END
    ANTI JOIN spoken_records AS e ON e.user_id = h.user_id AND e.record_id = h.record_id
    WHERE h.media_type IN ('track', 'video')
)
SELECT
    r.user_id, r.record_id,
    p.person_number * 4294967296 + r.track_number AS person_track,
    CASE r.source
        WHEN 'extended' THEN 1 WHEN 'api' THEN 2 WHEN 'demo' THEN 3 WHEN 'account' THEN 4
    END AS precedence,
    coalesce(r.told_at <> r.played_at, false) AS by_start,
    millis(r.played_at) AS ended,
    millis(r.told_at) AS told,
    r.ms_played
FROM record AS r
JOIN person AS p ON p.user_id = r.user_id
WHERE r.track_number IS NOT NULL
