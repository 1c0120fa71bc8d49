-- Records of one source that say that a track was heard twice at once: a row a person, track and
-- source, and run of records each of which begins well before the one before it ends. records are
-- in the order of their ends; begins and ends are ms.
-- A track that comes again fades into itself for 12 seconds at most, the longest crossfade that
-- Spotify's settings offer; three more are left to clocks. Account data cut the seconds off, so that
-- the time between two of its ends may be wrong by a minute. Shorter plays overlap by less.
WITH possible AS (
    SELECT
        t.user_id, t.record_id, t.person_track, t.precedence, t.ended, t.ms_played,
        CASE WHEN t.precedence = 4 THEN 75000 ELSE 15000 END AS longest_overlap
    FROM reported_records AS t
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
