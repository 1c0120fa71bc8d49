-- The rows of the catalogue that bronze does not hold yet, one per track and genre: of duplicates
-- the most popular row stays, of ties the least by its other values.
WITH ranked AS (
    SELECT
        track_id, artists, album_name, track_name, popularity, duration_ms, explicit, danceability,
        energy, key, loudness, mode, speechiness, acousticness, instrumentalness, liveness, valence,
        tempo, time_signature, track_genre,
        row_number() OVER (
            PARTITION BY track_id, track_genre
            ORDER BY
                popularity DESC NULLS LAST,
                artists NULLS FIRST,
                album_name NULLS FIRST,
                track_name NULLS FIRST,
                duration_ms NULLS FIRST,
                explicit NULLS FIRST,
                danceability NULLS FIRST,
                energy NULLS FIRST,
                key NULLS FIRST,
                loudness NULLS FIRST,
                mode NULLS FIRST,
                speechiness NULLS FIRST,
                acousticness NULLS FIRST,
                instrumentalness NULLS FIRST,
                liveness NULLS FIRST,
                valence NULLS FIRST,
                tempo NULLS FIRST,
                time_signature NULLS FIRST
        ) AS place
    FROM staging.catalogue_rows
    WHERE reject_reason IS NULL
)
SELECT
    r.track_id,
    r.artists,
    r.album_name,
    r.track_name,
    r.popularity,
    r.duration_ms,
    r.explicit,
    r.danceability,
    r.energy,
    r.key,
    r.loudness,
    r.mode,
    r.speechiness,
    r.acousticness,
    r.instrumentalness,
    r.liveness,
    r.valence,
    r.tempo,
    r.time_signature,
    r.track_genre,
    $source_file AS source_file,
    $run_id AS run_id,
    CAST($now AS TIMESTAMPTZ) AS ingested_at
FROM ranked AS r
LEFT JOIN bronze.kaggle_tracks_bronze AS k
    ON k.track_id = r.track_id AND k.track_genre = r.track_genre
WHERE r.place = 1 AND k.track_id IS NULL
