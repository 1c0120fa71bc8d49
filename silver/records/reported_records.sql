-- One row per record that names a track, in numbers: all that is needed to match the records of
-- one play, and to find impossible ones. person_track is the person and the recording; records
-- are compared only within it. It is a number, since windows over text take two to four times as
-- long (at ten million plays 140 s instead of 40 to 70 s).
-- precedence: which record of a play supplies its values first.
-- by_start: the API reported the start of the play; its end was computed from the track's length.
-- ended, reported (by the API; null from exports), ms_played: ms.
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
    s.precedence,
    coalesce(r.told_at <> r.played_at, false) AS by_start,
    millis(r.played_at) AS ended,
    millis(r.told_at) AS reported,
    r.ms_played
FROM record AS r
JOIN person AS p ON p.user_id = r.user_id
JOIN play_sources AS s ON s.source = r.source
WHERE r.track_number IS NOT NULL
