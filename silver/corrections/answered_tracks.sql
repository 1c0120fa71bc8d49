-- What a person answered to recommended tracks, under each key that the track has: as in
-- ops.verdicts, and under the other keys of the same track (same_things). One row per person,
-- track and answer.
SELECT user_id, track_key, verdict
FROM ops.verdicts
UNION
SELECT v.user_id, s.same_key AS track_key, v.verdict
FROM ops.verdicts AS v
JOIN same_things AS s
    ON s.user_id = v.user_id AND s.kind = 'track' AND s.item_key = v.track_key
