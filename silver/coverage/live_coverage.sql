-- The spans in which the Web API reported every play of a person: one row per person and unbroken
-- span of instants. From the first reported play to the last, minus the open gaps of
-- ops.play_gaps in which plays may have been lost. A simulated account has no gaps.
WITH reported AS (
    SELECT h.user_id, h.source, min(h.played_at) AS first_at, max(h.played_at) AS last_at
    FROM bronze.listening_history_bronze AS h
    JOIN play_sources AS s ON s.source = h.source
    WHERE NOT s.has_files AND h.media_type IN ('track', 'video')
    GROUP BY h.user_id, h.source
), lost AS (
    SELECT t.user_id, t.source, g.lost_from, g.lost_until
    FROM reported AS t
    JOIN ops.play_gaps AS g ON g.user_id = t.user_id AND g.source = t.source
    WHERE g.closed_at IS NULL AND g.lost_until >= t.first_at AND g.lost_from <= t.last_at
), bound AS (
    -- Each span ends where the next gap begins; before the first gap nothing is lost.
    SELECT user_id, source, first_at AS lost_from, first_at AS lost_until
    FROM reported
    UNION ALL
    SELECT user_id, source, lost_from, lost_until
    FROM lost
), span AS (
    SELECT
        user_id,
        source,
        max(lost_until) OVER (
            PARTITION BY user_id, source ORDER BY lost_from, lost_until
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS begins_at,
        lead(lost_from) OVER (PARTITION BY user_id, source ORDER BY lost_from, lost_until) AS next
    FROM bound
)
SELECT s.user_id, s.source, s.begins_at, coalesce(s.next, t.last_at) AS ends_at
FROM span AS s
JOIN reported AS t ON t.user_id = s.user_id AND t.source = s.source
WHERE s.begins_at <= coalesce(s.next, t.last_at)
