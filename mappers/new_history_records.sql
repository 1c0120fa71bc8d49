-- The records of exports that the history does not hold yet, one row per record.
-- Of duplicates between files the one with most flags stays; ties are broken in a fixed order: the
-- least by its text, then by the name of its file.
WITH ranked AS (
    SELECT
        user_id, record_id, source, played_at, date, played_month, media_type, track_id, track_name,
        artist_name, album_artist_name, album_name, ms_played, platform, conn_country, reason_start,
        reason_end, shuffle, skipped, offline, incognito_mode, source_file,
        row_number() OVER (
            PARTITION BY user_id, record_id
            ORDER BY flags_known DESC, record, source_file, position
        ) AS copy
    FROM staging.export_records
    WHERE reject_reason IS NULL
)
SELECT
    r.user_id,
    r.record_id,
    r.source,
    r.played_at,
    CAST(NULL AS TIMESTAMPTZ) AS told_at,
    r.date,
    r.played_month,
    r.media_type,
    r.track_id,
    r.track_name,
    CAST(NULL AS VARCHAR) AS artist_id,
    r.artist_name,
    r.album_artist_name,
    r.album_name,
    CAST(NULL AS BIGINT) AS duration_ms,
    r.ms_played,
    CAST(NULL AS VARCHAR) AS context_type,
    CAST(NULL AS VARCHAR) AS context_uri,
    r.platform,
    r.conn_country,
    r.reason_start,
    r.reason_end,
    r.shuffle,
    r.skipped,
    r.offline,
    r.incognito_mode,
    CAST(NULL AS VARCHAR) AS item,
    r.source_file,
    $run_id AS run_id,
    CAST($now AS TIMESTAMPTZ) AS ingested_at
FROM ranked AS r
LEFT JOIN bronze.listening_history_bronze AS h
    ON h.user_id = r.user_id AND h.record_id = r.record_id
WHERE r.copy = 1 AND h.record_id IS NULL
