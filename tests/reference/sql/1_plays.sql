-- bronze.listening_history_bronze → play: the distinct music plays, as numbers.
--
-- Strings are looked at once per recording, not once per play: people, recordings (one spelling of
-- names and ids) and manners (device, reason …) become numbers first. Both orders that the rules
-- need are sorted once; what looks at neighbours then streams over the sorted table.

CREATE MACRO normalised(name) AS
    trim(regexp_replace(
        translate(nfc_normalize(lower(nfc_normalize(name))), '‘’‚‛′`´ʼ＇“”„‟″«»＂‐‑‒–—―−－',
                  '''''''''''''''''''""""""""--------'),
        '[\s\x0B\p{Z}]+', ' ', 'g'));

CREATE MACRO recording_of(track_id, track_name, artist_id, artist_name, album_artist_name,
                          album_name, duration_ms) AS
    hash(track_id, track_name, artist_id, artist_name, album_artist_name, album_name, duration_ms);

CREATE MACRO manner_of(media_type, context_type, platform, conn_country, reason_end, shuffle,
                       skipped) AS
    hash(media_type, context_type, platform, conn_country, reason_end, shuffle, skipped);

-- Episodes, and account records that another source of the person calls one: by the minute and the
-- title or length, or by the show, unless an artist of that name has tracks with ids.
CREATE TEMP TABLE episode AS
SELECT DISTINCT user_id, media_type, normalised(artist_name) AS artist,
       normalised(track_name) AS title, epoch_ms(played_at) // 60000 AS minute, ms_played
FROM history
WHERE media_type IN ('episode', 'audiobook');

CREATE TEMP TABLE namesake AS
SELECT DISTINCT user_id, normalised(coalesce(album_artist_name, artist_name)) AS artist,
       normalised(track_name) AS title
FROM history SEMI JOIN episode USING (user_id)
WHERE media_type IN ('track', 'video') AND track_id IS NOT NULL;

CREATE TEMP TABLE spoken AS
WITH reported AS (
    SELECT user_id, record_id, normalised(artist_name) AS artist, normalised(track_name) AS title,
           epoch_ms(played_at) // 60000 AS minute, ms_played
    FROM history SEMI JOIN episode USING (user_id)
    WHERE source = 'account' AND media_type = 'track'
), of_show AS (
    SELECT reported.*,
           (reported.user_id, reported.artist) IN (SELECT (user_id, artist) FROM namesake) AS is_artist
    FROM reported
    SEMI JOIN episode AS e
    ON e.user_id = reported.user_id AND e.artist = reported.artist AND e.media_type = 'episode'
    WHERE artist <> ''
)
SELECT reported.user_id, reported.record_id
FROM reported SEMI JOIN episode AS e
ON e.user_id = reported.user_id AND e.minute - reported.minute BETWEEN -1 AND 1
   AND (e.ms_played = reported.ms_played OR (e.title = reported.title AND e.title <> ''))
UNION
SELECT user_id, record_id FROM of_show WHERE NOT is_artist
UNION
SELECT user_id, record_id
FROM of_show SEMI JOIN (FROM episode WHERE media_type = 'episode' AND title <> '') AS e
     USING (user_id, artist, title)
     ANTI JOIN namesake USING (user_id, artist, title);

CREATE VIEW music AS
SELECT *,
       recording_of(track_id, track_name, artist_id, artist_name, album_artist_name, album_name,
                    duration_ms) AS recording,
       manner_of(media_type, context_type, platform, conn_country, reason_end, shuffle, skipped)
           AS manner
FROM history
ANTI JOIN spoken USING (user_id, record_id)
WHERE media_type IN ('track', 'video');

CREATE TEMP TABLE person AS
SELECT user_id, row_number() OVER (ORDER BY user_id) AS person
FROM (SELECT DISTINCT user_id FROM history);

CREATE TEMP TABLE recording AS
SELECT recording,
       any_value(track_id) AS track_id, any_value(track_name) AS track_name,
       any_value(artist_id) AS artist_id, any_value(artist_name) AS artist_name,
       any_value(album_artist_name) AS album_artist_name, any_value(album_name) AS album_name,
       any_value(duration_ms) AS duration_ms
FROM music
GROUP BY recording;

CREATE TEMP TABLE manner AS
SELECT manner,
       any_value(media_type) AS media_type, any_value(context_type) AS context_type,
       any_value(platform) AS platform, any_value(conn_country) AS conn_country,
       any_value(reason_end) AS reason_end, any_value(shuffle) AS shuffle,
       any_value(skipped) AS skipped
FROM music
GROUP BY manner;

-- One recording is its normalised 'album artist|title', else its id.
CREATE TEMP TABLE named AS
SELECT recording, track_id,
       nullif(normalised(track_name), '') AS title,
       coalesce(normalised(coalesce(album_artist_name, artist_name)), '') || '|' || title
           AS name_key,
       coalesce(name_key, 'id:' || track_id) AS alias
FROM recording
WHERE alias IS NOT NULL
  -- what Spotify writes for any track
  AND alias NOT IN ('unknown artist|unknown track', '|unknown track');

CREATE TEMP TABLE track AS
SELECT alias AS track_key, row_number() OVER (ORDER BY alias) AS track
FROM (SELECT DISTINCT alias FROM named);

-- Where one id goes by several names, the least of these stands for all.
CREATE TEMP TABLE renamed AS
WITH ambiguous AS (
    SELECT track_id, min(name_key) AS least FROM named WHERE track_id IS NOT NULL
    GROUP BY track_id HAVING count(DISTINCT alias) > 1 AND least IS NOT NULL
), by_alias AS (
    SELECT alias, min(least) AS track_key FROM named JOIN ambiguous USING (track_id) GROUP BY alias
)
SELECT recording, track
FROM by_alias JOIN named USING (alias) JOIN track USING (track_key);

CREATE TEMP TABLE reported AS
SELECT person, coalesce(renamed.track, track.track) AS track,
       epoch_ms(played_at) AS ended, record_id::UUID AS record,
       recording, manner, ms_played,
       list_position(['extended', 'api', 'demo', 'account'], source) AS source_rank
FROM music
JOIN person USING (user_id)
JOIN named USING (recording)
JOIN track ON track_key = alias
LEFT JOIN renamed USING (recording);

-- No plays: the same record under another platform, and what begins while the same track is still
-- playing, by more than a crossfade (and the minute that account data are cut to).
CREATE TEMP TABLE copy AS
WITH repeated AS (
    SELECT person, track, ended, ms_played FROM reported WHERE source_rank = 1
    GROUP BY ALL HAVING count(*) > 1
), placed AS (
    SELECT t.person, t.record,
           dense_rank() OVER (PARTITION BY t.person, t.track, t.ended, t.ms_played
                              ORDER BY coalesce(platform, '') DESC) AS place
    FROM reported AS t
    JOIN repeated AS r ON r.person = t.person AND r.track = t.track AND r.ended = t.ended
                       AND r.ms_played IS NOT DISTINCT FROM t.ms_played
    JOIN manner USING (manner)
    WHERE source_rank = 1
)
SELECT person, record FROM placed WHERE place > 1;

CREATE TEMP TABLE suspect AS
WITH lengthy AS (
    SELECT person, track, source_rank, ended, record,
           if(source_rank = 4, 75000, 15000) AS slack, ended - ms_played + slack AS begins
    FROM reported ANTI JOIN copy USING (person, record)
    WHERE ms_played > slack
), marked AS (
    SELECT *, lag(ended) OVER of_track > begins AS is_hit,
           row_number() OVER of_track AS number
    FROM lengthy
    WINDOW of_track AS (PARTITION BY person, track, source_rank ORDER BY ended, begins, record)
)
SELECT * FROM marked
SEMI JOIN (SELECT DISTINCT person, track, source_rank FROM marked WHERE is_hit)
     USING (person, track, source_rank);

CREATE TEMP TABLE kept AS
WITH RECURSIVE step AS (
    SELECT person, track, source_rank, record, ended, number FROM suspect WHERE number = 1
    UNION ALL
    SELECT s.person, s.track, s.source_rank, arg_min(n.record, n.number), arg_min(n.ended, n.number),
           min(n.number)
    FROM step AS s
    JOIN suspect AS n ON n.person = s.person AND n.track = s.track
                      AND n.source_rank = s.source_rank AND n.number > s.number
                      AND n.begins >= s.ended
    GROUP BY s.person, s.track, s.source_rank
)
FROM step;

CREATE TEMP TABLE in_track_order AS
SELECT *
FROM reported
ANTI JOIN copy USING (person, record)
ANTI JOIN (FROM suspect ANTI JOIN kept USING (person, record)) USING (person, record)
ORDER BY person, track, ended, record;

DROP TABLE reported;

CREATE TEMP TABLE known_as AS
SELECT DISTINCT track, recording FROM in_track_order;

-- An island: neighbours of one person and track at most 90 seconds apart.
CREATE TEMP TABLE placed AS
WITH marked AS (
    SELECT *,
           coalesce(person <> lag(person) OVER () OR track <> lag(track) OVER (), true)
               AS is_first_of_track,
           is_first_of_track OR ended - lag(ended) OVER () > 90000 AS starts_island
    FROM in_track_order
), numbered AS (
    SELECT *, count_if(starts_island) OVER (ROWS UNBOUNDED PRECEDING) AS island,
           starts_island AND coalesce(lead(starts_island) OVER (), true) AS is_alone
    FROM marked
)
SELECT *, max(if(is_first_of_track, island, 0)) OVER (ROWS UNBOUNDED PRECEDING) = island
              AS in_first_island
FROM numbered;

DROP TABLE in_track_order;

-- Within an island the first of one source is the first of another, the second the second.
CREATE TEMP TABLE merged AS
WITH turns AS (
    SELECT *, row_number() OVER (PARTITION BY island, source_rank ORDER BY ended, record) AS turn
    FROM placed WHERE NOT is_alone
), plays AS (
    SELECT island, turn, any_value(person) AS person, any_value(track) AS track,
           any_value(in_first_island) AS in_first_island,
           arg_min(ended, source_rank) AS ended, arg_min(record, source_rank) AS record,
           [any_value(recording) FILTER (source_rank = 1),
            any_value(recording) FILTER (source_rank = 2),
            any_value(recording) FILTER (source_rank = 3),
            any_value(recording) FILTER (source_rank = 4)] AS recordings,
           [any_value(manner) FILTER (source_rank = 1), any_value(manner) FILTER (source_rank = 2),
            any_value(manner) FILTER (source_rank = 3), any_value(manner) FILTER (source_rank = 4)]
               AS manners,
           arg_min(ms_played, source_rank) AS ms_played,
           bit_or(1 << source_rank) AS reported_by
    FROM turns
    GROUP BY island, turn
)
SELECT * EXCLUDE (island, turn, in_first_island),
       hash(recordings) AS recordings_hash, hash(manners) AS manners_hash,
       in_first_island AND row_number() OVER (PARTITION BY island ORDER BY ended, record) = 1
           AS first_play
FROM plays;

-- Every value comes from the best source that has it: once for each combination there is.
CREATE TEMP TABLE merged_recording AS
WITH reported AS (
    SELECT recordings_hash, unnest(recordings) AS recording,
           generate_subscripts(recordings, 1) AS place
    FROM (SELECT recordings_hash, any_value(recordings) AS recordings FROM merged GROUP BY ALL)
), best AS (
    SELECT recordings_hash,
           arg_min(track_id, place) AS track_id, arg_min(track_name, place) AS track_name,
           arg_min(artist_id, place) AS artist_id, arg_min(artist_name, place) AS artist_name,
           arg_min(album_artist_name, place) AS album_artist_name,
           arg_min(album_name, place) AS album_name, arg_min(duration_ms, place) AS duration_ms
    FROM reported JOIN recording USING (recording)
    GROUP BY recordings_hash
)
SELECT *, recording_of(track_id, track_name, artist_id, artist_name, album_artist_name, album_name,
                       duration_ms) AS recording
FROM best;

INSERT INTO recording BY NAME
SELECT DISTINCT ON (recording) * EXCLUDE (recordings_hash)
FROM merged_recording ANTI JOIN recording USING (recording);

CREATE TEMP TABLE merged_manner AS
WITH reported AS (
    SELECT manners_hash, unnest(manners) AS manner, generate_subscripts(manners, 1) AS place
    FROM (SELECT manners_hash, any_value(manners) AS manners FROM merged GROUP BY ALL)
), best AS (
    SELECT manners_hash,
           arg_min(media_type, place) AS media_type, arg_min(context_type, place) AS context_type,
           arg_min(platform, place) AS platform, arg_min(conn_country, place) AS conn_country,
           arg_min(reason_end, place) AS reason_end, arg_min(shuffle, place) AS shuffle,
           arg_min(skipped, place) AS skipped
    FROM reported JOIN manner USING (manner)
    GROUP BY manners_hash
)
SELECT *, manner_of(media_type, context_type, platform, conn_country, reason_end, shuffle, skipped)
              AS manner
FROM best;

INSERT INTO manner BY NAME
SELECT DISTINCT ON (manner) * EXCLUDE (manners_hash)
FROM merged_manner ANTI JOIN manner USING (manner);

CREATE TEMP TABLE in_time_order AS
SELECT person, ended, record, track, recording, manner, ms_played, 1 << source_rank AS reported_by,
       is_first_of_track AS first_play
FROM placed WHERE is_alone
UNION ALL BY NAME
SELECT person, ended, record, track, r.recording, m.manner, ms_played, reported_by, first_play
FROM merged
JOIN merged_recording AS r USING (recordings_hash)
JOIN merged_manner AS m USING (manners_hash)
ORDER BY person, ended, record;

DROP TABLE placed;
DROP TABLE merged;

-- A session begins after 30 minutes without music; a play of unknown length begins where it ends.
CREATE TEMP TABLE play AS
WITH marked AS (
    SELECT *,
           coalesce(person <> lag(person) OVER ()
                    OR ended - coalesce(ms_played, 0) - lag(ended) OVER () > 1800000, true) AS begins
    FROM in_time_order
)
SELECT * EXCLUDE (begins),
       -- people are in order, so the latest beginning is the greatest (person, instant)
       max(if(begins, (person << 42) + ended, 0)) OVER (ROWS UNBOUNDED PRECEDING)
           & ((1::BIGINT << 42) - 1) AS session_at
FROM marked;

DROP TABLE in_time_order;
