-- The artists whose genres Spotify states or, of the others, the catalogue; whether anybody heard
-- them or not. One row per artist; columns as in silver.artist_genres.
SELECT
    artist_key,
    genres[1] AS genre,
    genres,
    'spotify' AS genre_source,
    1e0 AS confidence,
    list_size(genres) AS evidence
FROM spotify_genres
UNION ALL
SELECT
    c.artist_key,
    c.genres[1] AS genre,
    c.genres,
    'catalogue' AS genre_source,
    c.confidence,
    c.tracks AS evidence
FROM catalogue_genres AS c
ANTI JOIN spotify_genres AS s ON s.artist_key = c.artist_key
