-- The spans in which the export files of a person contain every play: one row per person and
-- unbroken span of instants, both ends included; source is the best of those whose files are
-- part of it. A file covers the time between its first record and its last. In one archive, a file
-- and the next by number are adjacent, unless the silence between them is implausibly long: then
-- they belong to two archives in one folder. Overlapping spans are merged. Files with only video,
-- podcasts and audiobooks do not cover music. is_whole: old files (endsong_0.json, …) each hold
-- records of all years, so a span of them may lack plays anywhere while a number is missing.
WITH source_with_files AS (
    SELECT source, precedence, longest_silence_ms
    FROM play_sources
    WHERE has_files
), imported AS (
    SELECT
        user_id, source_file, fingerprint, kind, archive, series, file_number,
        min(first_played_at) AS begins_at, max(last_played_at) AS ends_at
    FROM ops.imported_files
    WHERE first_played_at IS NOT NULL
    GROUP BY user_id, source_file, fingerprint, kind, archive, series, file_number
), known_file AS (
    SELECT DISTINCT i.user_id, i.source_file
    FROM ops.imported_files AS i
    LEFT JOIN source_with_files AS s ON s.source = i.kind
    WHERE i.first_played_at IS NOT NULL OR s.source IS NULL
), record AS (
    -- Files imported by an older release, which did not record their time span.
    SELECT h.user_id, h.source_file, h.source, h.played_at
    FROM bronze.listening_history_bronze AS h
    SEMI JOIN source_with_files AS s ON s.source = h.source
    ANTI JOIN known_file AS k ON k.user_id = h.user_id AND k.source_file = h.source_file
), file AS (
    SELECT i.user_id, i.kind, i.archive, i.series, i.file_number, i.begins_at, i.ends_at
    FROM imported AS i
    SEMI JOIN source_with_files AS s ON s.source = i.kind
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
        f.user_id, f.kind, k.precedence, k.longest_silence_ms, f.begins_at, f.ends_at,
        f.file_number,
        coalesce(s.is_whole, true) AS is_whole,
        lag(f.file_number) OVER of_archive AS number_before,
        lag(f.ends_at) OVER of_archive AS ended_before
    FROM file AS f
    JOIN source_with_files AS k ON k.source = f.kind
    LEFT JOIN series AS s
        ON s.user_id = f.user_id AND s.archive = f.archive AND s.series = f.series
    WINDOW of_archive AS (
        PARTITION BY f.user_id, f.archive, f.series
        ORDER BY f.file_number, f.begins_at, f.ends_at
    )
), linked AS (
    SELECT
        user_id, kind, precedence, is_whole, ends_at,
        CASE
            WHEN
                file_number = number_before + 1
                AND ended_before <= begins_at
                AND millis(begins_at) - millis(ended_before) <= longest_silence_ms
                THEN ended_before
            ELSE begins_at
        END AS begins_at
    FROM placed
), reached AS (
    SELECT
        user_id, kind, precedence, is_whole, begins_at, ends_at,
        max(ends_at) OVER (
            PARTITION BY user_id, is_whole ORDER BY begins_at, ends_at, kind
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS reached_before
    FROM linked
), numbered AS (
    SELECT
        user_id, kind, precedence, is_whole, begins_at, ends_at,
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
    arg_min(kind, precedence) FILTER (WHERE kind IS NOT NULL) AS source,
    min(begins_at) AS begins_at,
    max(ends_at) AS ends_at
FROM numbered
GROUP BY user_id, is_whole, span
