-- The genres of the artists of the catalogue. One row per artist: its genres, most tracks first,
-- then by name; confidence, how likely one more track of the artist is of the first genre; and its
-- number of tracks. Each track weighs the same, shared between the genres that it is listed under.
WITH credited AS (
    SELECT DISTINCT track_id, track_genre AS genre, unnest(artist_keys) AS artist_key
    FROM silver.catalogue_tracks
), track AS (
    SELECT artist_key, track_id, count(*) AS genres
    FROM credited
    GROUP BY artist_key, track_id
), weighed AS (
    SELECT c.artist_key, c.genre, total(whole(1000000 / t.genres)) AS weight
    FROM credited AS c
    JOIN track AS t ON t.artist_key = c.artist_key AND t.track_id = c.track_id
    GROUP BY c.artist_key, c.genre
), artist AS (
    SELECT
        artist_key,
        list_sort(list({'less': -weight, 'genre': genre}) FILTER (WHERE genre IS NOT NULL))
            AS by_weight,
        max(weight) AS most,
        total(weight) AS everything
    FROM weighed
    GROUP BY artist_key
)
SELECT
    artist_key,
    list_transform(by_weight, lambda each: each.genre) AS genres,
    -- The weight is divided by its total plus half a track, so that little evidence is not
    -- certainty. With this half the confidence is calibrated: see docs/GENRES.md.
    decimals(most / (everything + 500000), 6) AS confidence,
    whole(everything / 1000000) AS tracks
FROM artist
