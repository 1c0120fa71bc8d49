-- Records of the API that tell again of a play that an export tells of: found by its start.
-- One row such a record; play_id is the best record of the play.
-- What the API says of a play is now and then its start. So its records that found nobody by the
-- end are tried once more: nobody hears two plays at once, so the play that began with such a
-- record is the first to begin from then on. An export says when a play ended and how long it was
-- heard, so a pause within it makes it seem to have begun later: by 90 seconds at most, or by
-- 30 minutes where the record is known for a start.
WITH api_track AS (
    SELECT DISTINCT person_track
    FROM music_records
    WHERE told IS NOT NULL
), repeated AS (
    SELECT
        user_id, play_id,
        bool_or(precedence = 2) AS by_api,
        arg_min(ms_played, precedence) FILTER (WHERE ms_played IS NOT NULL) AS ms_played
    FROM repeats_by_end
    GROUP BY user_id, play_id
), play AS (
    SELECT
        r.user_id, r.record_id AS play_id, r.person_track, r.precedence, r.by_start, r.ended,
        r.told,
        coalesce(r.ms_played, a.ms_played) AS ms_played,
        r.precedence = 2 AND a.play_id IS NULL AS is_lone,
        r.precedence = 2 OR coalesce(a.by_api, false) AS by_api
    FROM music_records AS r
    SEMI JOIN api_track AS t ON t.person_track = r.person_track
    ANTI JOIN repeats_by_end AS e ON e.user_id = r.user_id AND e.record_id = r.record_id
    LEFT JOIN repeated AS a ON a.user_id = r.user_id AND a.play_id = r.record_id
), started AS (
    SELECT
        *,
        CASE
            -- A little earlier, since clocks differ: before the play that it is to find.
            WHEN is_lone THEN told - 10000
            -- Account data cut the seconds off.
            WHEN NOT by_api
            THEN ended - ms_played + CASE WHEN precedence = 1 THEN 0 ELSE 60000 END
        END AS start
    FROM play
), beside AS (
    SELECT
        user_id, play_id, is_lone, start,
        lag(play_id) OVER of_track AS record_id,
        lag(is_lone) OVER of_track AS is_last_lone,
        lag(told) OVER of_track AS last_told,
        lag(CASE WHEN by_start THEN 1800000 ELSE 90000 END) OVER of_track AS longest_pause
    FROM started
    WHERE start IS NOT NULL
    WINDOW of_track AS (PARTITION BY person_track ORDER BY start, play_id)
)
SELECT user_id, record_id, play_id
FROM beside
WHERE is_last_lone AND NOT is_lone AND start - last_told <= longest_pause
