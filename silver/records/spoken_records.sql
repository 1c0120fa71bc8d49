-- Records of account data that name an episode as if it were a track: older files hold podcasts
-- that way. A record is an episode where a source of the same person says so
-- 1. of that minute: something spoken of the same title or length ended in it, or in the next one
--    to it (account data cut the seconds off);
-- 2. of that show: there is an episode of a show of this name, and no track with an id by an artist
--    of the name;
-- 3. of that title: the show has an episode of this name, and the artist of the name no such track.
WITH spoken AS (
    SELECT
        user_id, media_type, artist_name AS show_name, track_name AS title,
        millis(played_at) // 60000 AS minute, ms_played
    FROM bronze.listening_history_bronze
    WHERE media_type IN ('episode', 'audiobook')
), listener AS (
    SELECT DISTINCT user_id
    FROM spoken
), reported AS (
    SELECT
        h.user_id, h.record_id, h.artist_name, h.track_name, h.ms_played,
        millis(h.played_at) // 60000 AS minute
    FROM bronze.listening_history_bronze AS h
    SEMI JOIN listener AS l ON l.user_id = h.user_id
    JOIN play_sources AS p ON p.source = h.source
    WHERE p.calls_episodes_tracks AND h.media_type = 'track'
), spoken_minute AS (
    SELECT DISTINCT s.user_id, s.minute + d.difference AS minute, s.title, s.ms_played
    FROM spoken AS s
    CROSS JOIN unnest([-1, 0, 1]) AS d(difference)
), beside AS (
    SELECT t.user_id, t.record_id, t.track_name, m.title, t.ms_played = m.ms_played AS is_as_long
    FROM reported AS t
    JOIN spoken_minute AS m ON m.user_id = t.user_id AND m.minute = t.minute
), title AS (
    SELECT track_name AS title
    FROM beside
    UNION
    SELECT title
    FROM beside
), title_key AS (
    SELECT title, nullif(normalised(title), '') AS title_key
    FROM title
    WHERE title IS NOT NULL
), of_minute AS (
    SELECT b.user_id, b.record_id
    FROM beside AS b
    LEFT JOIN title_key AS t ON t.title = b.track_name
    LEFT JOIN title_key AS s ON s.title = b.title
    WHERE b.is_as_long OR t.title_key = s.title_key
), podcast AS (
    SELECT DISTINCT s.user_id, a.artist_key
    FROM spoken AS s
    JOIN artist_keys AS a ON a.artist_name = s.show_name
    WHERE s.media_type = 'episode' AND a.artist_key IS NOT NULL
), of_show AS (
    SELECT t.user_id, t.record_id, t.artist_name, t.track_name, s.artist_key
    FROM reported AS t
    JOIN artist_keys AS a ON a.artist_name = t.artist_name
    JOIN podcast AS s ON s.user_id = t.user_id AND s.artist_key = a.artist_key
), track AS (
    -- Tracks by artists who bear the name of a show.
    SELECT DISTINCT
        h.user_id, s.artist_key, coalesce(h.album_artist_name, h.artist_name) AS artist_by,
        h.track_name
    FROM bronze.listening_history_bronze AS h
    JOIN artist_keys AS a ON a.artist_name = coalesce(h.album_artist_name, h.artist_name)
    JOIN podcast AS s ON s.user_id = h.user_id AND s.artist_key = a.artist_key
    WHERE h.media_type IN ('track', 'video') AND h.track_id IS NOT NULL
), artist AS (
    SELECT DISTINCT user_id, artist_key
    FROM track
), track_key AS (
    SELECT DISTINCT t.user_id, s.by_name
    FROM track AS t
    JOIN spelled AS s
        ON s.track_name IS NOT DISTINCT FROM t.track_name AND s.artist_by = t.artist_by
    WHERE s.by_name IS NOT NULL
), episode AS (
    SELECT DISTINCT user_id, show_name, title
    FROM spoken
    WHERE media_type = 'episode'
), episode_key AS (
    SELECT user_id, name_key(show_name, title) AS by_name
    FROM episode
), of_title AS (
    SELECT o.user_id, o.record_id
    FROM of_show AS o
    JOIN spelled AS s
        ON s.track_name IS NOT DISTINCT FROM o.track_name AND s.artist_by = o.artist_name
    JOIN episode_key AS e ON e.user_id = o.user_id AND e.by_name = s.by_name
    ANTI JOIN track_key AS t ON t.user_id = o.user_id AND t.by_name = s.by_name
)
SELECT user_id, record_id
FROM of_minute
UNION
SELECT o.user_id, o.record_id
FROM of_show AS o
ANTI JOIN artist AS a ON a.user_id = o.user_id AND a.artist_key = o.artist_key
UNION
SELECT user_id, record_id
FROM of_title
