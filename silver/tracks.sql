-- Every track that a person ever played and did not exclude: one row per person and track. Names
-- are those written most often (of ties the least), independent of the order of plays. Features,
-- their origin and genre are the same in all plays of a track: the first one has them.
WITH track AS (
    SELECT
        user_id, track_key,
        min(track_id) AS track_id,
        min(track_name) AS track_name,
        min(artist_name) AS artist_name,
        min(album_name) AS album_name,
        max(duration_ms) AS duration_ms,
        total(plays) AS plays,
        total(counted_plays) AS counted_plays,
        total(ms_played) AS ms_played,
        min(first_played_at) AS first_played_at,
        max(last_played_at) AS last_played_at,
        count(*) > 1 AS has_spellings
    FROM track_spellings
    GROUP BY user_id, track_key
), written AS (
    -- Few tracks are written in several ways: only their names need to be counted.
    SELECT
        s.user_id, s.track_key, n.named.kind AS kind, n.named.name AS name, total(s.plays) AS plays
    FROM track_spellings AS s
    JOIN track AS t ON t.user_id = s.user_id AND t.track_key = s.track_key AND t.has_spellings
    CROSS JOIN unnest([
        {'kind': 'track', 'name': s.track_name},
        {'kind': 'artist', 'name': s.artist_name},
        {'kind': 'album', 'name': s.album_name}
    ]) AS n(named)
    WHERE n.named.name IS NOT NULL
    GROUP BY s.user_id, s.track_key, n.named.kind, n.named.name
), ranked AS (
    SELECT
        user_id, track_key, kind, name,
        row_number() OVER (
            PARTITION BY user_id, track_key, kind ORDER BY plays DESC, name
        ) AS place
    FROM written
), most_written AS (
    SELECT
        user_id, track_key,
        max(CASE WHEN kind = 'track' THEN name END) AS track_name,
        max(CASE WHEN kind = 'artist' THEN name END) AS artist_name,
        max(CASE WHEN kind = 'album' THEN name END) AS album_name
    FROM ranked
    WHERE place = 1
    GROUP BY user_id, track_key
), artist AS (
    -- By person: some say that two artists are the same.
    SELECT DISTINCT user_id, artist_name, artist_key
    FROM track_spellings
), title AS (
    SELECT track_name, work_title(track_name) AS work_title
    FROM (SELECT DISTINCT track_name FROM track_spellings) AS written
), named AS (
    SELECT
        t.user_id, t.track_key, t.track_id,
        coalesce(w.track_name, t.track_name) AS track_name,
        coalesce(w.artist_name, t.artist_name) AS artist_name,
        coalesce(w.album_name, t.album_name) AS album_name,
        t.duration_ms, t.plays, t.counted_plays, t.ms_played, t.first_played_at, t.last_played_at
    FROM track AS t
    LEFT JOIN most_written AS w ON w.user_id = t.user_id AND w.track_key = t.track_key
)
SELECT
    t.user_id, t.track_key, t.track_id,
    t.track_name, t.artist_name, a.artist_key,
    joined_key(a.artist_key, w.work_title) AS work_key, t.album_name, t.duration_ms, f.genre,
    f.danceability, f.energy, f.key, f.loudness, f.mode, f.speechiness, f.acousticness,
    f.instrumentalness, f.liveness, f.valence, f.tempo, f.time_signature,
    f.feature_source, f.feature_provider, f.feature_match, f.feature_donor_level,
    t.plays, t.counted_plays, t.ms_played, t.first_played_at, t.last_played_at
FROM named AS t
LEFT JOIN artist AS a ON a.user_id = t.user_id AND a.artist_name = t.artist_name
LEFT JOIN title AS w ON w.track_name = t.track_name
LEFT JOIN silver.listening_with_features AS f
    ON f.user_id = t.user_id AND f.track_key = t.track_key AND f.first_play
