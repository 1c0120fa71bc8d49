-- Plays that are in several records: one row for each of these records. is_play: it is the best
-- record of its play and represents it. The best has other_sources (those of the others, sorted)
-- and what the others know: each value is from the first of them by precedence that has it.
WITH matched AS (
    SELECT user_id, record_id, play_id, precedence
    FROM records_matched_by_end
    UNION ALL
    -- Behind all those that were found by the end.
    SELECT user_id, record_id, play_id, 1000
    FROM records_matched_by_start
)
SELECT
    p.user_id, p.play_id AS record_id, true AS is_play,
    list_sort(list(h.source) FILTER (WHERE h.source IS NOT NULL)) AS other_sources,
    arg_min(h.track_id, p.precedence) FILTER (WHERE h.track_id IS NOT NULL) AS track_id,
    arg_min(h.track_name, p.precedence) FILTER (WHERE h.track_name IS NOT NULL) AS track_name,
    arg_min(h.artist_id, p.precedence) FILTER (WHERE h.artist_id IS NOT NULL) AS artist_id,
    arg_min(h.artist_name, p.precedence) FILTER (WHERE h.artist_name IS NOT NULL) AS artist_name,
    arg_min(h.album_name, p.precedence) FILTER (WHERE h.album_name IS NOT NULL) AS album_name,
    arg_min(h.duration_ms, p.precedence) FILTER (WHERE h.duration_ms IS NOT NULL) AS duration_ms,
    arg_min(h.ms_played, p.precedence) FILTER (WHERE h.ms_played IS NOT NULL) AS ms_played,
    arg_min(h.context_type, p.precedence) FILTER (WHERE h.context_type IS NOT NULL)
        AS context_type,
    arg_min(h.platform, p.precedence) FILTER (WHERE h.platform IS NOT NULL) AS platform,
    arg_min(h.conn_country, p.precedence) FILTER (WHERE h.conn_country IS NOT NULL)
        AS conn_country,
    arg_min(h.reason_end, p.precedence) FILTER (WHERE h.reason_end IS NOT NULL) AS reason_end,
    arg_min(h.shuffle, p.precedence) FILTER (WHERE h.shuffle IS NOT NULL) AS shuffle,
    arg_min(h.skipped, p.precedence) FILTER (WHERE h.skipped IS NOT NULL) AS skipped
FROM bronze.listening_history_bronze AS h
JOIN matched AS p ON p.user_id = h.user_id AND p.record_id = h.record_id
GROUP BY p.user_id, p.play_id
UNION ALL
SELECT
    user_id, record_id, false, CAST(NULL AS VARCHAR[]),
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM matched
