-- One row per real play, with its features: the table that every result is computed from.
-- The values of a play come from its best record: extended, then api, then demo, then account;
-- values missing there come from the others. sources are all that have the play, sorted.
-- What the person excluded or hid stays here (is_excluded), and no statistic counts it. Of tracks
-- and artists that the person says are the same, plays have the one key that counts, and its title
-- or name (ops.corrections).
-- The parts of the day are the five blocks of Heggli, Stupacher, Vuust 2021
-- (doi 10.1098/rsos.210885); seasons are meteorological, of the northern half of the world.
WITH record AS (
    SELECT
        h.user_id, h.record_id AS play_id, h.played_at, h.played_month,
        CASE WHEN h.media_type IN ('track', 'video') THEN coalesce(s.track_key, i.track_key) END
            AS recording,
        coalesce(r.is_play, true) AS is_play,
        f.play_id IS NOT NULL AS first_play,
        x.record_id IS NOT NULL AS is_excluded,
        y.play_id IS NOT NULL AS is_hidden,
        coalesce(h.track_id, r.track_id) AS track_id,
        coalesce(h.track_name, r.track_name) AS track_name,
        coalesce(h.artist_id, r.artist_id) AS artist_id,
        coalesce(h.artist_name, r.artist_name) AS artist_name,
        coalesce(h.album_name, r.album_name) AS album_name,
        coalesce(h.duration_ms, r.duration_ms) AS duration_ms,
        coalesce(h.ms_played, r.ms_played) AS ms_played,
        h.media_type,
        coalesce(h.context_type, r.context_type) AS context_type,
        coalesce(h.platform, r.platform) AS platform,
        coalesce(h.conn_country, r.conn_country) AS conn_country,
        coalesce(h.reason_end, r.reason_end) AS reason_end,
        coalesce(h.shuffle, r.shuffle) AS shuffle,
        coalesce(h.skipped, r.skipped) AS skipped,
        CASE
            WHEN r.other_sources IS NULL THEN [h.source]
            ELSE list_sort(list_concat(r.other_sources, [h.source]))
        END AS sources
    FROM bronze.listening_history_bronze AS h
    LEFT JOIN matched_records AS r ON r.user_id = h.user_id AND r.record_id = h.record_id
    LEFT JOIN first_plays AS f ON f.user_id = h.user_id AND f.play_id = h.record_id
    LEFT JOIN excluded_records AS x ON x.user_id = h.user_id AND x.record_id = h.record_id
    LEFT JOIN hidden_plays AS y ON y.user_id = h.user_id AND y.play_id = h.record_id
    LEFT JOIN spelled_tracks AS s
        ON s.track_name IS NOT DISTINCT FROM h.track_name
        AND s.artist_by IS NOT DISTINCT FROM coalesce(h.album_artist_name, h.artist_name)
    LEFT JOIN untitled_tracks AS i
        ON i.track_id = CASE WHEN s.is_untitled THEN h.track_id END
    ANTI JOIN spoken_records AS e ON e.user_id = h.user_id AND e.record_id = h.record_id
    ANTI JOIN impossible_records AS o ON o.user_id = h.user_id AND o.record_id = h.record_id
), timed AS (
    SELECT
        r.*,
        coalesce(m.into_key, r.recording) AS track_key,
        coalesce(m.known_key, r.recording) AS features_of,
        coalesce(m.track_name, r.track_name) AS title,
        millis(r.played_at) AS ended,
        wall_time(r.played_at, $timezone) AS wall
    FROM record AS r
    LEFT JOIN merged_tracks AS m ON m.user_id = r.user_id AND m.track_key = r.recording
    WHERE r.recording IS NOT NULL AND r.is_play
), ended AS (
    SELECT
        *,
        -- Whether a play was left for something else: Spotify's skipped flag, where it is set.
        -- Null where the end of the play does not show it.
        CASE
            WHEN reason_end IN (
                'fwdbtn', 'nextbtn', 'backbtn', 'prevbtn', 'endplay', 'clickrow', 'clickside',
                'playbtn', 'uriopen'
            ) THEN true
            WHEN reason_end IN (
                'trackdone', 'logout', 'unexpected-exit', 'unexpected-exit-while-paused',
                'trackerror', 'reload', 'appload'
            ) THEN false
        END AS was_left
    FROM timed
), judged AS (
    -- A flag that a play was skipped is trusted. A flag that it was not is set by newer exports for
    -- all plays of 2015 to 2022, and missing in old ones: there its end decides, else the time
    -- heard. Account data and the API have neither, so for plays in no other source it is unknown.
    SELECT
        *,
        CASE
            WHEN skipped THEN 'flag'
            WHEN was_left IS NOT NULL THEN 'reason_end'
            WHEN (skipped IS NOT NULL OR reason_end IS NOT NULL) AND ms_played IS NOT NULL
                THEN 'time_heard'
        END AS skip_source
    FROM ended
)
SELECT
    p.user_id, p.play_id, p.played_at, p.played_month,
    p.track_key, p.track_id, p.title AS track_name, p.artist_id,
    coalesce(m.artist_name, p.artist_name) AS artist_name,
    coalesce(m.into_key, a.artist_key) AS artist_key, p.album_name,
    coalesce(p.duration_ms, f.duration_ms) AS duration_ms,
    p.ms_played, p.media_type, p.context_type, p.platform, p.conn_country, p.shuffle,
    CASE p.skip_source
        WHEN 'flag' THEN true
        WHEN 'reason_end' THEN p.was_left
        WHEN 'time_heard' THEN p.ms_played < $counted_ms
    END AS skipped,
    p.skip_source,
    p.sources,
    f.danceability, f.energy, f.key, f.loudness, f.mode, f.speechiness, f.acousticness,
    f.instrumentalness, f.liveness, f.valence, f.tempo, f.time_signature,
    f.feature_source, f.feature_provider, f.feature_match, f.feature_donor_level, f.genre,
    CAST(p.wall AS DATE) AS local_date,
    CAST((millis(p.wall) - p.ended) // 60000 AS INTEGER) AS utc_offset_minutes,
    CAST(hour(p.wall) AS INTEGER) AS hour_of_day,
    CASE
        WHEN hour(p.wall) >= 22 THEN 'night'
        WHEN hour(p.wall) >= 17 THEN 'evening'
        WHEN hour(p.wall) >= 12 THEN 'afternoon'
        WHEN hour(p.wall) >= 5 THEN 'morning'
        ELSE 'late_night'
    END AS part_of_day,
    CAST(weekday_of(p.wall) AS INTEGER) AS day_of_week,
    weekday_of(p.wall) >= 6 AS is_weekend,
    CASE
        WHEN month(p.wall) IN (12, 1, 2) THEN 'winter'
        WHEN month(p.wall) <= 5 THEN 'spring'
        WHEN month(p.wall) <= 8 THEN 'summer'
        ELSE 'autumn'
    END AS season,
    concat(
        p.user_id, CASE WHEN p.is_excluded THEN '-excluded-' ELSE '-' END,
        CAST(s.session_at AS VARCHAR)
    ) AS session_id,
    NOT p.is_excluded AND coalesce(p.ms_played >= $counted_ms, true) AS is_counted,
    p.first_play,
    p.is_excluded,
    p.is_hidden
FROM judged AS p
LEFT JOIN sessions AS s
    ON s.user_id = p.user_id
    AND s.is_excluded = p.is_excluded
    AND s.half_hour = p.ended // $session_gap_ms
LEFT JOIN artist_keys AS a ON a.artist_name = p.artist_name
LEFT JOIN merged_artists AS m ON m.user_id = p.user_id AND m.artist_key = a.artist_key
LEFT JOIN track_features AS f ON f.track_key = p.features_of
