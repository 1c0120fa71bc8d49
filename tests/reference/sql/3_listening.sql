-- play and feature → listening_with_features and tracks, with their names again.

-- Clocks change on a quarter of an hour everywhere: local time is worked out once for each quarter.
CREATE TEMP TABLE moment AS
WITH quarters AS (
    SELECT DISTINCT ended // 900000 AS quarter FROM play
), walls AS (
    SELECT quarter, make_timestamp(quarter * 900000000) AS utc,
           timezone(getvariable('timezone'), to_timestamp(quarter * 900)) AS wall
    FROM quarters
)
SELECT quarter,
       strftime(utc, '%Y-%m') AS played_month,
       wall::DATE AS local_date,
       (epoch(wall - utc) / 60)::INT AS utc_offset_minutes,
       hour(wall)::INT AS hour_of_day,
       CASE WHEN hour_of_day >= 22 THEN 'night' WHEN hour_of_day >= 17 THEN 'evening'
            WHEN hour_of_day >= 12 THEN 'afternoon' WHEN hour_of_day >= 5 THEN 'morning'
            ELSE 'late_night' END AS part_of_day,
       isodow(wall)::INT AS day_of_week,
       day_of_week >= 6 AS is_weekend,
       CASE WHEN month(wall) IN (12, 1, 2) THEN 'winter' WHEN month(wall) <= 5 THEN 'spring'
            WHEN month(wall) <= 8 THEN 'summer' ELSE 'autumn' END AS season
FROM walls;

CREATE TEMP TABLE reported_by AS
SELECT range AS reported_by,
       list_filter(['account', 'api', 'demo', 'extended'], lambda source:
           range & (1 << list_position(['extended', 'api', 'demo', 'account'], source)) > 0)
           AS sources
FROM range(32);

CREATE TEMP TABLE artist AS
SELECT recording, nullif(normalised(artist_name), '') AS artist_key FROM recording;

-- Left for something else; where its end does not tell, null.
CREATE MACRO was_left(reason_end) AS
    CASE WHEN reason_end IN ('fwdbtn', 'nextbtn', 'backbtn', 'prevbtn', 'endplay', 'clickrow',
                             'clickside', 'playbtn', 'uriopen') THEN true
         WHEN reason_end IN ('trackdone', 'logout', 'unexpected-exit',
                             'unexpected-exit-while-paused', 'trackerror', 'reload', 'appload')
             THEN false END;

CREATE MACRO skip_source_of(skipped, reason_end, ms_played) AS
    CASE WHEN skipped THEN 'flag'
         WHEN was_left(reason_end) IS NOT NULL THEN 'reason_end'
         WHEN coalesce(skipped::VARCHAR, reason_end) IS NOT NULL AND ms_played IS NOT NULL
             THEN 'time_heard' END;

CREATE MACRO is_skip(skipped, reason_end, ms_played) AS
    if(skip_source_of(skipped, reason_end, ms_played) IS NULL, NULL,
       coalesce(nullif(skipped, false), was_left(reason_end), ms_played < 30000));

CREATE VIEW listening_with_features AS
SELECT user_id, replace(record::VARCHAR, '-', '') AS play_id,
       make_timestamp(ended * 1000)::TIMESTAMPTZ AS played_at, played_month,
       track_key, track_id, track_name, artist_id, artist_name, artist_key, album_name,
       coalesce(recording.duration_ms, feature.duration_ms) AS duration_ms, ms_played,
       media_type, context_type, platform, conn_country, shuffle,
       is_skip(skipped, reason_end, ms_played) AS skipped,
       skip_source_of(skipped, reason_end, ms_played) AS skip_source,
       sources,
       danceability, energy, key, loudness, mode, speechiness, acousticness, instrumentalness,
       liveness, valence, tempo, time_signature,
       feature_source, feature_provider, feature_match, feature_donor_level, genre,
       local_date, utc_offset_minutes, hour_of_day, part_of_day, day_of_week, is_weekend, season,
       user_id || '-' || session_at AS session_id,
       coalesce(ms_played >= 30000, true) AS is_counted,
       first_play,
       false AS is_excluded,
       false AS is_hidden
FROM play
JOIN person USING (person)
JOIN track USING (track)
JOIN recording USING (recording)
JOIN artist USING (recording)
JOIN manner USING (manner)
JOIN reported_by USING (reported_by)
JOIN moment ON quarter = ended // 900000
LEFT JOIN feature USING (track);

CREATE TEMP TABLE spelt AS
SELECT person, track, recording,
       count(*) AS plays, count_if(coalesce(ms_played >= 30000, true)) AS counted_plays,
       sum(ms_played) AS ms_played, min(ended) AS first_at, max(ended) AS last_at
FROM play
GROUP BY ALL;

CREATE TEMP TABLE several AS
SELECT person, track FROM spelt GROUP BY ALL HAVING count(*) > 1;

-- The name written most often, of equals the least.
CREATE MACRO most_frequent(name) AS TABLE
SELECT person, track, arg_min(spelling, (-times, spelling)) AS spelling
FROM (SELECT person, track, CASE name WHEN 'track' THEN track_name WHEN 'artist' THEN artist_name
                                      ELSE album_name END AS spelling, sum(plays) AS times
      FROM spelt JOIN recording USING (recording)
      WHERE (person, track) IN (FROM several)
      GROUP BY ALL)
WHERE spelling IS NOT NULL
GROUP BY ALL;

CREATE VIEW tracks AS
WITH by_track AS (
    SELECT person, track,
           min(track_id) AS track_id, min(track_name) AS track_name,
           min(artist_name) AS artist_name, min(album_name) AS album_name,
           max(duration_ms) AS duration_ms,
           sum(plays) AS plays, sum(counted_plays) AS counted_plays, sum(ms_played) AS ms_played,
           min(first_at) AS first_at, max(last_at) AS last_at
    FROM spelt JOIN recording USING (recording)
    GROUP BY ALL
)
SELECT user_id, track_key, track_id,
       coalesce(frequent_title.spelling, track_name) AS track_name,
       coalesce(frequent_artist.spelling, artist_name) AS artist_name,
       nullif(normalised(coalesce(frequent_artist.spelling, artist_name)), '') AS artist_key,
       coalesce(frequent_album.spelling, album_name) AS album_name,
       -- what the catalogue says counts for plays that do not know it themselves
       coalesce(by_track.duration_ms, feature.duration_ms) AS duration_ms, genre,
       danceability, energy, key, loudness, mode, speechiness, acousticness, instrumentalness,
       liveness, valence, tempo, time_signature,
       feature_source, feature_provider, feature_match, feature_donor_level,
       plays::BIGINT AS plays, counted_plays::BIGINT AS counted_plays,
       ms_played::BIGINT AS ms_played,
       make_timestamp(first_at * 1000)::TIMESTAMPTZ AS first_played_at,
       make_timestamp(last_at * 1000)::TIMESTAMPTZ AS last_played_at
FROM by_track
JOIN person USING (person)
JOIN track USING (track)
LEFT JOIN feature USING (track)
LEFT JOIN most_frequent('track') AS frequent_title USING (person, track)
LEFT JOIN most_frequent('artist') AS frequent_artist USING (person, track)
LEFT JOIN most_frequent('album') AS frequent_album USING (person, track);
