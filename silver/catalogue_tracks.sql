-- The catalogue, with the keys by which its tracks are matched: one row per track and genre.
-- A track of several artists is matched by each of them, as an album has only one of them.
-- A track that has all twelve features, each in its range, is a donor in one of its rows. Its rows
-- have the same features; if not, the row with the least features is used.
WITH artist AS (
    SELECT c.track_id, c.track_genre, c.track_name, a.artist, a.place
    FROM bronze.kaggle_tracks_bronze AS c
    CROSS JOIN unnest(string_split(coalesce(c.artists, ''), ';')) WITH ORDINALITY
        AS a(artist, place)
), artist_spelling AS (
    SELECT artist, normalised(artist) AS artist_key
    FROM (SELECT DISTINCT artist FROM artist) AS written
), title_spelling AS (
    SELECT track_name, normalised(track_name) AS title_key, work_title(track_name) AS work_title
    FROM (SELECT DISTINCT track_name FROM bronze.kaggle_tracks_bronze) AS written
), named AS (
    SELECT
        a.track_id, a.track_genre, a.place, s.artist_key,
        joined_key(s.artist_key, t.title_key) AS name_key,
        joined_key(s.artist_key, t.work_title) AS work_key
    FROM artist AS a
    JOIN artist_spelling AS s ON s.artist = a.artist
    JOIN title_spelling AS t ON t.track_name IS NOT DISTINCT FROM a.track_name
), keys AS (
    SELECT
        track_id, track_genre,
        list_sort(list({'place': place, 'key': name_key}) FILTER (WHERE name_key IS NOT NULL))
            AS name_keys,
        list_sort(list({'place': place, 'key': work_key}) FILTER (WHERE work_key IS NOT NULL))
            AS work_keys,
        list_sort(list({'place': place, 'key': artist_key}) FILTER (WHERE artist_key <> ''))
            AS artist_keys
    FROM named
    GROUP BY track_id, track_genre
), genre AS (
    SELECT track_genre, genre_key(track_genre) AS genre_key
    FROM (SELECT DISTINCT track_genre FROM bronze.kaggle_tracks_bronze) AS written
), judged AS (
    SELECT
        *,
        coalesce(
            danceability BETWEEN 0 AND 1
            AND energy BETWEEN 0 AND 1
            AND key BETWEEN 0 AND 11
            AND loudness BETWEEN -60 AND 5
            AND mode BETWEEN 0 AND 1
            AND speechiness BETWEEN 0 AND 1
            AND acousticness BETWEEN 0 AND 1
            AND instrumentalness BETWEEN 0 AND 1
            AND liveness BETWEEN 0 AND 1
            AND valence BETWEEN 0 AND 1
            AND tempo BETWEEN 1 AND 300  -- the catalogue writes 0 for unknown
            AND time_signature BETWEEN 3 AND 7,  -- and here too
            false
        ) AS is_whole
    FROM bronze.kaggle_tracks_bronze
), numbered AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY track_id, is_whole
            ORDER BY
                danceability, energy, key, loudness, mode, speechiness, acousticness,
                instrumentalness, liveness, valence, tempo, time_signature, track_genre
        ) AS place
    FROM judged
)
SELECT
    c.track_id, c.track_genre, c.popularity, c.duration_ms,
    c.danceability, c.energy, c.key, c.loudness, c.mode, c.speechiness, c.acousticness,
    c.instrumentalness, c.liveness, c.valence, c.tempo, c.time_signature,
    coalesce(list_transform(k.name_keys, lambda each: each.key), CAST([] AS VARCHAR[]))
        AS name_keys,
    coalesce(list_transform(k.work_keys, lambda each: each.key), CAST([] AS VARCHAR[]))
        AS work_keys,
    coalesce(list_transform(k.artist_keys, lambda each: each.key), CAST([] AS VARCHAR[]))
        AS artist_keys,
    g.genre_key,
    c.is_whole AND c.place = 1 AS is_donor
FROM numbered AS c
JOIN keys AS k ON k.track_id = c.track_id AND k.track_genre = c.track_genre
JOIN genre AS g ON g.track_genre = c.track_genre
