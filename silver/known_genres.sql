-- The artists whose genres are known, whether anybody heard them or not: Spotify states them, else
-- the catalogue does. A row an artist; columns as in silver.artist_genres.
SELECT
    artist_key,
    genres[1] AS genre,
    genres,
    'spotify' AS genre_source,
    1e0 AS confidence,
    list_size(genres) AS evidence
FROM told_genres
UNION ALL
SELECT
    c.artist_key,
    c.genres[1] AS genre,
    c.genres,
    'catalogue' AS genre_source,
    c.confidence,
    c.tracks AS evidence
FROM catalogue_genres AS c
ANTI JOIN told_genres AS t ON t.artist_key = c.artist_key
