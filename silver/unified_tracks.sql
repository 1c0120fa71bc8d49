-- Every track that a person saved, has in a saved album or ever played: one row per person and
-- track. Names and features are those of silver.tracks; those of excluded tracks are their plays',
-- and names of tracks never played the library's, which has no features.
WITH library AS (
    SELECT
        user_id, track_key,
        min(CASE WHEN saved_at IS NOT NULL THEN track_id END) AS saved_id,
        min(CASE WHEN album_id IS NOT NULL THEN track_id END) AS album_track_id,
        min(track_name) AS track_name,
        min(artist_name) AS artist_name,
        min(album_name) AS album_name,
        max(duration_ms) AS duration_ms,
        max(saved_at) AS saved_at,
        count(DISTINCT album_id) AS saved_albums
    FROM library_items
    GROUP BY user_id, track_key
), on_playlist AS (
    SELECT
        user_id, track_key,
        list_sort(list(playlist_id) FILTER (WHERE playlist_id IS NOT NULL)) AS playlist_ids
    FROM (SELECT DISTINCT user_id, track_key, playlist_id FROM library_items) AS listed
    GROUP BY user_id, track_key
), together AS (
    SELECT
        coalesce(h.user_id, l.user_id) AS user_id,
        coalesce(h.track_key, l.track_key) AS track_key,
        coalesce(l.saved_id, h.track_id, l.album_track_id) AS track_id,
        coalesce(h.track_name, l.track_name) AS track_name,
        coalesce(h.artist_name, l.artist_name) AS artist_name,
        coalesce(h.album_name, l.album_name) AS album_name,
        coalesce(h.duration_ms, l.duration_ms) AS duration_ms,
        h.is_excluded, h.plays, h.counted_plays, h.heard_ms, h.skip_known_plays, h.skipped_plays,
        h.first_played_at, h.last_played_at, h.played_hours, h.played_seasons,
        l.saved_at, l.saved_albums
    FROM heard_tracks AS h
    FULL JOIN library AS l ON l.user_id = h.user_id AND l.track_key = h.track_key
    -- A track that is on a playlist only is not in the library.
    WHERE h.user_id IS NOT NULL OR l.saved_at IS NOT NULL OR l.saved_albums > 0
), sound AS (
    SELECT
        user_id, track_key, genre,
        danceability, energy, key, loudness, mode, speechiness, acousticness, instrumentalness,
        liveness, valence, tempo, time_signature,
        feature_source, feature_provider, feature_match, feature_donor_level
    FROM silver.tracks
    UNION ALL
    -- The same in all plays of a track.
    SELECT DISTINCT
        e.user_id, e.track_key, e.genre,
        e.danceability, e.energy, e.key, e.loudness, e.mode, e.speechiness, e.acousticness,
        e.instrumentalness, e.liveness, e.valence, e.tempo, e.time_signature,
        e.feature_source, e.feature_provider, e.feature_match, e.feature_donor_level
    FROM silver.listening_with_features AS e
    ANTI JOIN silver.tracks AS t ON t.user_id = e.user_id AND t.track_key = e.track_key
    WHERE e.is_excluded AND e.is_hidden IS NOT true
), written AS (
    SELECT
        t.*,
        coalesce(s.track_name, t.track_name) AS title,
        coalesce(s.artist_name, t.artist_name) AS artist,
        coalesce(s.album_name, t.album_name) AS album,
        coalesce(s.duration_ms, t.duration_ms) AS length_ms,
        s.artist_key, s.work_key,
        s.track_key IS NULL AS has_no_keys
    FROM together AS t
    LEFT JOIN silver.tracks AS s ON s.user_id = t.user_id AND s.track_key = t.track_key
), artist AS (
    SELECT artist, nullif(normalised(artist), '') AS artist_key
    FROM (SELECT DISTINCT artist FROM written WHERE has_no_keys) AS named
), title AS (
    SELECT title, work_title(title) AS work_title
    FROM (SELECT DISTINCT title FROM written WHERE has_no_keys) AS named
), album AS (
    SELECT album, normalised(album) AS album_title
    FROM (SELECT DISTINCT album FROM written WHERE has_no_keys) AS named
)
SELECT
    w.user_id, w.track_key, w.track_id, w.title AS track_name, w.artist AS artist_name,
    coalesce(w.artist_key, m.into_key, a.artist_key) AS artist_key,
    coalesce(w.work_key, joined_key(coalesce(m.into_key, a.artist_key), n.work_title))
        AS work_key,
    w.album AS album_name,
    w.length_ms AS duration_ms, s.genre,
    s.danceability, s.energy, s.key, s.loudness, s.mode, s.speechiness, s.acousticness,
    s.instrumentalness, s.liveness, s.valence, s.tempo, s.time_signature,
    s.feature_source, s.feature_provider, s.feature_match, s.feature_donor_level,
    coalesce(w.plays, 0) AS plays,
    coalesce(w.counted_plays, 0) AS counted_plays,
    coalesce(w.heard_ms, 0) AS heard_ms,
    coalesce(w.skip_known_plays, 0) AS skip_known_plays,
    coalesce(w.skipped_plays, 0) AS skipped_plays,
    w.first_played_at, w.last_played_at,
    coalesce(w.played_hours, 0) AS played_hours,
    coalesce(w.played_seasons, 0) AS played_seasons,
    w.saved_at,
    coalesce(w.saved_albums, 0) AS saved_albums,
    coalesce(p.playlist_ids, CAST([] AS VARCHAR[])) AS playlist_ids,
    coalesce(
        w.is_excluded,
        by_artist.item_key IS NOT NULL OR by_track.item_key IS NOT NULL
            OR by_album.item_key IS NOT NULL
    ) AS is_excluded
FROM written AS w
LEFT JOIN artist AS a ON a.artist = w.artist AND w.has_no_keys
LEFT JOIN title AS n ON n.title = w.title AND w.has_no_keys
LEFT JOIN album AS b ON b.album = w.album AND w.has_no_keys
LEFT JOIN sound AS s ON s.user_id = w.user_id AND s.track_key = w.track_key
LEFT JOIN on_playlist AS p ON p.user_id = w.user_id AND p.track_key = w.track_key
LEFT JOIN ops.corrections AS m
    ON m.user_id = w.user_id AND m.kind = 'artist' AND m.item_key = a.artist_key
LEFT JOIN excluded_things AS by_artist
    ON by_artist.user_id = w.user_id AND by_artist.kind = 'artist'
    AND by_artist.item_key = a.artist_key
LEFT JOIN excluded_things AS by_track
    ON by_track.user_id = w.user_id AND by_track.kind = 'track'
    AND by_track.item_key = w.track_key
LEFT JOIN excluded_things AS by_album
    ON by_album.user_id = w.user_id AND by_album.kind = 'album'
    AND by_album.item_key = joined_key(a.artist_key, b.album_title)
