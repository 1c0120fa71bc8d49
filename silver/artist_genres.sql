-- The genre of every artist that anybody played or has among their top artists, from the first
-- source that knows it:
-- 1. Spotify, where it still states genres (spotify_genres);
-- 2. the catalogue's tracks of the artist (catalogue_genres);
-- 3. the artists heard in the same sessions, but only where guesses from them prove right in this
--    lake (session_guesses).
-- Names ("DJ", "Orchestra", …) predict genres no better than the largest genre does and are not
-- used; the measured accuracy of each is in docs/GENRES.md, from bench.genre_accuracy.
-- Plays of complete days only. No artist's genre depends on who played it.
WITH written AS (
    SELECT artist_key, artist_name, count(*) AS plays
    FROM complete_plays
    WHERE artist_key IS NOT NULL
    GROUP BY artist_key, artist_name
), top_artist AS (
    SELECT item_name AS artist_name, count(*) AS plays
    FROM bronze.top_items_bronze
    WHERE kind = 'artists'
    GROUP BY item_name
), spelling AS (
    SELECT artist_key, artist_name, plays
    FROM written
    UNION ALL
    SELECT normalised(artist_name) AS artist_key, artist_name, plays
    FROM top_artist
), spelled AS (
    SELECT artist_key, artist_name, total(plays) AS plays
    FROM spelling
    WHERE artist_key <> ''
    GROUP BY artist_key, artist_name
), ranked AS (
    SELECT
        artist_key, artist_name,
        row_number() OVER (PARTITION BY artist_key ORDER BY plays DESC, artist_name) AS place
    FROM spelled
), artist AS (
    SELECT artist_key, artist_name
    FROM ranked
    WHERE place = 1
), guessed AS (
    SELECT
        artist_key, guess AS genre, [guess] AS genres, decimals(confidence, 6) AS confidence,
        sessions
    FROM session_guesses
)
SELECT
    a.artist_key,
    a.artist_name,
    coalesce(k.genre, g.genre, 'unclassified') AS genre,
    coalesce(k.genres, g.genres, CAST([] AS VARCHAR[])) AS genres,
    CASE
        WHEN k.genre IS NOT NULL THEN k.genre_source
        WHEN g.genre IS NOT NULL THEN 'sessions'
        ELSE 'unclassified'
    END AS genre_source,
    coalesce(k.confidence, g.confidence, 0e0) AS confidence,
    coalesce(k.evidence, g.sessions, 0) AS evidence
FROM artist AS a
LEFT JOIN known_genres AS k ON k.artist_key = a.artist_key
LEFT JOIN guessed AS g ON g.artist_key = a.artist_key
