-- The catalogue's songs that can be recommended, one row a song: of several releases the most
-- popular stands, then the one with the least id. A song is known by the first of its names, that
-- of its first artist.
WITH named AS (
    SELECT
        CASE WHEN list_size(name_keys) > 0 THEN name_keys[1] END AS name_key,
        track_id,
        track_genre,
        coalesce(popularity, 0) AS popularity,
        valence,
        energy
    FROM silver.catalogue_tracks
),
ranked AS (
    SELECT
        name_key,
        track_id,
        track_genre,
        popularity,
        valence,
        energy,
        row_number() OVER (
            PARTITION BY name_key
            ORDER BY popularity DESC, track_id, track_genre
        ) AS place
    FROM named
    WHERE name_key IS NOT NULL
)
SELECT
    name_key,
    string_split(name_key, '|')[1] AS artist,
    track_id,
    track_genre,
    popularity,
    valence,
    energy
FROM ranked
WHERE place = 1
