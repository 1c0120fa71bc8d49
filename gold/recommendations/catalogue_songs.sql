-- The catalogue's songs that can be recommended, one row per work: of several releases, by
-- whichever title, the most popular is used, then the one with the least id. A song is known by the
-- first of the names of that release.
WITH named AS (
    SELECT
        w.work_key,
        c.name_keys[1] AS name_key,
        CASE WHEN list_size(c.artist_keys) > 0 THEN c.artist_keys[1] ELSE '' END AS artist,
        c.track_id,
        c.track_genre,
        coalesce(c.popularity, 0) AS popularity,
        c.valence,
        c.energy
    FROM silver.catalogue_tracks AS c
    JOIN catalogue_works AS w ON w.track_id = c.track_id
    WHERE list_size(c.name_keys) > 0
),
ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY work_key
            ORDER BY popularity DESC, track_id, track_genre
        ) AS place
    FROM named
)
SELECT
    name_key,
    work_key,
    artist,
    track_id,
    track_genre,
    popularity,
    valence,
    energy
FROM ranked
WHERE place = 1
