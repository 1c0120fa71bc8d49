-- From when to when the export files of a person tell of every play: a row a person and unbroken
-- span of instants, both ends included; source is 'extended' or, where no such file is part of it,
-- 'account'.
-- A file tells of what lies between its first record and its last. Of one archive, a file and the
-- next in number touch, unless the silence between them is longer than anybody's (a month in the
-- account export, which is of a single year; a year in the extended history): then they are of two
-- archives that lie in one folder. Spans that overlap are one. Files of video, podcasts and
-- audiobooks alone tell nothing of music.
-- is_whole: old files (endsong_0.json, …) each hold records of all years, so that a span of them
-- lacks plays everywhere as long as a number is missing.
WITH imported AS (
    SELECT
        user_id, source_file, fingerprint, kind, archive, series, file_number,
        min(first_played_at) AS begins_at, max(last_played_at) AS ends_at
    FROM ops.imported_files
    WHERE first_played_at IS NOT NULL
    GROUP BY user_id, source_file, fingerprint, kind, archive, series, file_number
), known_file AS (
    SELECT DISTINCT user_id, source_file
    FROM ops.imported_files
    WHERE first_played_at IS NOT NULL OR kind NOT IN ('extended', 'account')
), record AS (
    -- What an older release imported, without noting of which time it is.
    SELECT h.user_id, h.source_file, h.source, h.played_at
    FROM bronze.listening_history_bronze AS h
    LEFT JOIN known_file AS k ON k.user_id = h.user_id AND k.source_file = h.source_file
    WHERE h.source IN ('extended', 'account') AND k.source_file IS NULL
), file AS (
    SELECT user_id, kind, archive, series, file_number, begins_at, ends_at
    FROM imported
    WHERE kind IN ('extended', 'account')
    UNION ALL
    SELECT
        user_id, source, CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS BIGINT),
        min(played_at), max(played_at)
    FROM record
    GROUP BY user_id, source, source_file
), series AS (
    SELECT
        user_id, archive, series,
        -- By their numbers, from 0.
        series <> 'endsong' OR count(DISTINCT file_number) = max(file_number) + 1 AS is_whole
    FROM file
    WHERE series IS NOT NULL
    GROUP BY user_id, archive, series
), placed AS (
    SELECT
        f.user_id, f.kind, f.begins_at, f.ends_at, f.file_number,
        coalesce(s.is_whole, true) AS is_whole,
        lag(f.file_number) OVER of_archive AS number_before,
        lag(f.ends_at) OVER of_archive AS ended_before
    FROM file AS f
    LEFT JOIN series AS s
        ON s.user_id = f.user_id AND s.archive = f.archive AND s.series = f.series
    WINDOW of_archive AS (
        PARTITION BY f.user_id, f.archive, f.series
        ORDER BY f.file_number, f.begins_at, f.ends_at
    )
), linked AS (
    SELECT
        user_id, kind, is_whole, ends_at,
        CASE
            -- 31 and 366 days.
            WHEN
                file_number = number_before + 1
                AND ended_before <= begins_at
                AND millis(begins_at) - millis(ended_before)
                    <= CASE WHEN kind = 'account' THEN 2678400000 ELSE 31622400000 END
                THEN ended_before
            ELSE begins_at
        END AS begins_at
    FROM placed
), reached AS (
    SELECT
        user_id, kind, is_whole, begins_at, ends_at,
        max(ends_at) OVER (
            PARTITION BY user_id, is_whole ORDER BY begins_at, ends_at, kind
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS reached_before
    FROM linked
), numbered AS (
    SELECT
        user_id, kind, is_whole, begins_at, ends_at,
        CAST(
            sum(CASE WHEN begins_at <= reached_before THEN 0 ELSE 1 END) OVER (
                PARTITION BY user_id, is_whole ORDER BY begins_at, ends_at, kind
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS BIGINT
        ) AS span
    FROM reached
)
SELECT
    user_id,
    is_whole,
    max(kind) AS source,
    min(begins_at) AS begins_at,
    max(ends_at) AS ends_at
FROM numbered
GROUP BY user_id, is_whole, span
