-- The records of reported_records that are plays: all but those of impossible_records.
SELECT
    r.user_id, r.record_id, r.person_track, r.precedence, r.by_start, r.ended, r.reported,
    r.ms_played
FROM reported_records AS r
ANTI JOIN impossible_records AS i ON i.user_id = r.user_id AND i.record_id = r.record_id
