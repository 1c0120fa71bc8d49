-- Records of one source in which a track overlaps itself: one row per person, track, source and run
-- of records, each of which begins well before the one before it ends. records are in the order of
-- their ends; begins and ends are ms. A repeated track fades into itself for 12 seconds at most,
-- the longest crossfade in Spotify's settings; three more are allowed for clocks. Account data
-- truncate the seconds, so the time between two of its ends may be wrong by a minute. Shorter plays
-- overlap by less.
WITH possible AS (
    SELECT
        t.user_id, t.record_id, t.person_track, t.precedence, t.ended, t.ms_played,
        15000 + s.resolution_ms AS longest_overlap
    FROM reported_records AS t
    JOIN play_sources AS s ON s.precedence = t.precedence
    ANTI JOIN copied_records AS c ON c.user_id = t.user_id AND c.record_id = t.record_id
), timed AS (
    SELECT *, ended - ms_played + longest_overlap AS begins
    FROM possible
    WHERE ms_played > longest_overlap
), beside AS (
    SELECT
        *,
        coalesce(lag(ended) OVER of_track > begins, false) AS is_overlapping,
        coalesce(lead(begins) OVER of_track < ended, false) AS is_overlapped
    FROM timed
    WINDOW of_track AS (
        PARTITION BY person_track, precedence ORDER BY ended, ms_played DESC, record_id
    )
), run AS (
    SELECT
        *,
        -- Two runs of a track never begin with the same end: the second would overlap the first.
        max(CASE WHEN NOT is_overlapping THEN ended END) OVER (
            PARTITION BY person_track, precedence ORDER BY ended, ms_played DESC, record_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS run
    FROM beside
    WHERE is_overlapping OR is_overlapped
)
SELECT
    user_id,
    list_sort(
        list({'ends': ended, 'begins': begins, 'record_id': record_id})
            FILTER (WHERE record_id IS NOT NULL)
    ) AS records
FROM run
GROUP BY user_id, person_track, precedence, run
