-- Whether Spotify still plays a track: one row per person and track id that was checked with an
-- answer, in the country that the person's last check was of. What Spotify did not say is no
-- answer. A track is unavailable since the first check after the last one that found it playable.
-- It moved where Spotify plays another track in its place, or where it cannot be played and another
-- id of the same recording (ISRC) can: one that a search found, else one that was checked.
WITH last_check AS (
    SELECT user_id, market, max(last_checked_at) AS checked_at
    FROM bronze.track_availability_bronze
    GROUP BY user_id, market
), ranked_market AS (
    SELECT
        user_id, market,
        row_number() OVER (PARTITION BY user_id ORDER BY checked_at DESC, market) AS place
    FROM last_check
), answer AS (
    SELECT
        c.user_id, c.track_id, c.market, c.is_playable, c.reason, c.other_track_id,
        c.found_track_id, c.first_checked_at, c.last_checked_at,
        row_number() OVER (
            PARTITION BY c.user_id, c.track_id
            ORDER BY c.last_checked_at DESC, c.first_checked_at DESC
        ) AS place
    FROM bronze.track_availability_bronze AS c
    JOIN ranked_market AS m
        ON m.user_id = c.user_id AND m.market = c.market AND m.place = 1
    WHERE c.is_playable IS NOT NULL
), last_playable AS (
    SELECT user_id, track_id, max(last_checked_at) AS playable_at
    FROM answer
    WHERE is_playable
    GROUP BY user_id, track_id
), unavailable AS (
    SELECT a.user_id, a.track_id, min(a.first_checked_at) AS first_unavailable_at
    FROM answer AS a
    LEFT JOIN last_playable AS p ON p.user_id = a.user_id AND p.track_id = a.track_id
    WHERE NOT a.is_playable AND (p.playable_at IS NULL OR a.first_checked_at > p.playable_at)
    GROUP BY a.user_id, a.track_id
), recording AS (
    SELECT user_id, track_id, min(isrc) AS isrc
    FROM (
        SELECT user_id, track_id, isrc
        FROM bronze.track_availability_bronze
        UNION ALL
        SELECT user_id, track_id, isrc
        FROM bronze.saved_tracks_bronze
        UNION ALL
        SELECT user_id, track_id, isrc
        FROM bronze.playlist_items_bronze
    ) AS coded
    WHERE isrc IS NOT NULL
    GROUP BY user_id, track_id
), latest AS (
    SELECT a.*, r.isrc
    FROM answer AS a
    LEFT JOIN recording AS r ON r.user_id = a.user_id AND r.track_id = a.track_id
    WHERE a.place = 1
), playable_recording AS (
    SELECT user_id, isrc, min(coalesce(other_track_id, track_id)) AS track_id
    FROM latest
    WHERE is_playable AND isrc IS NOT NULL
    GROUP BY user_id, isrc
)
SELECT
    l.user_id, l.track_id, l.market,
    l.is_playable AS is_available,
    l.reason,
    u.first_unavailable_at,
    l.last_checked_at,
    nullif(
        CASE
            WHEN l.is_playable THEN l.other_track_id
            ELSE coalesce(l.found_track_id, r.track_id)
        END,
        l.track_id
    ) AS moved_to_track_id
FROM latest AS l
LEFT JOIN unavailable AS u
    ON u.user_id = l.user_id AND u.track_id = l.track_id AND NOT l.is_playable
LEFT JOIN playable_recording AS r ON r.user_id = l.user_id AND r.isrc = l.isrc
