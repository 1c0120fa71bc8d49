-- What providers measured of each track: one row per track_key and source ('real': from a provider;
-- 'kaggle': the catalogue), for each source that has the features of the track. An id wins over a
-- name. Of several answers of providers the newest counts, of several tracks of the catalogue the
-- most popular one; further columns only break ties. genre and duration_ms (ms) come from the
-- catalogue: of several genres the first by name.
WITH spelling AS (
    SELECT artist_name, track_name, name_key(artist_name, track_name) AS name_key
    FROM (SELECT DISTINCT artist_name, track_name FROM bronze.my_tracks_features_bronze) AS written
), measurement AS (
    SELECT
        ['id:' || m.track_id, s.name_key] AS lookups,
        p.feature_source, p.feature_provider,
        -micros(m.fetched_at) AS precedence, m.track_id,
        m.danceability, m.energy, m.key, m.loudness, m.mode, m.speechiness, m.acousticness,
        m.instrumentalness, m.liveness, m.valence, m.tempo, m.time_signature,
        CAST(NULL AS VARCHAR) AS genre, CAST(NULL AS BIGINT) AS duration_ms
    FROM bronze.my_tracks_features_bronze AS m
    JOIN feature_providers AS p ON p.feature_provider = m.source
    JOIN spelling AS s
        ON s.artist_name IS NOT DISTINCT FROM m.artist_name
        AND s.track_name IS NOT DISTINCT FROM m.track_name
    WHERE m.valence IS NOT NULL AND m.energy IS NOT NULL
    UNION ALL
    SELECT
        list_concat(['id:' || c.track_id], c.name_keys), p.feature_source, p.feature_provider,
        -CAST(coalesce(c.popularity, 0) AS BIGINT), c.track_id,
        danceability, energy, key, loudness, mode, speechiness, acousticness,
        instrumentalness, liveness, valence,
        -- 0 in tempo or metre means unknown.
        CASE WHEN tempo > 0 THEN tempo END,
        CASE WHEN time_signature > 0 THEN time_signature END,
        track_genre, duration_ms
    FROM silver.catalogue_tracks AS c
    JOIN feature_providers AS p ON p.is_catalogue
    WHERE valence IS NOT NULL AND energy IS NOT NULL
), found_by AS (
    -- No name can be mistaken for an id: names contain a '|'. And 'id' sorts before 'name'.
    SELECT n.track_key, 'id' AS feature_match, 'id:' || i.track_id AS lookup
    FROM silver.track_names AS n
    CROSS JOIN unnest(n.track_ids) AS i(track_id)
    UNION
    SELECT track_key, 'name', track_key
    FROM silver.track_names
), lookup AS (
    SELECT l.lookup, m.*
    FROM measurement AS m
    CROSS JOIN unnest(m.lookups) AS l(lookup)
), ranked AS (
    SELECT
        f.track_key, f.feature_match, m.*,
        row_number() OVER (
            PARTITION BY f.track_key, m.feature_source
            ORDER BY
                f.feature_match, m.precedence, m.feature_provider, m.track_id,
                m.danceability NULLS FIRST, m.energy, m.key NULLS FIRST, m.loudness NULLS FIRST,
                m.mode NULLS FIRST, m.speechiness NULLS FIRST, m.acousticness NULLS FIRST,
                m.instrumentalness NULLS FIRST, m.liveness NULLS FIRST, m.valence,
                m.tempo NULLS FIRST, m.time_signature NULLS FIRST
        ) AS place,
        first_value(m.genre) OVER of_facts AS least_genre,
        first_value(m.duration_ms) OVER of_facts AS duration_of_genre
    FROM found_by AS f
    JOIN lookup AS m ON m.lookup = f.lookup
    WINDOW of_facts AS (
        PARTITION BY f.track_key, m.feature_source
        ORDER BY f.feature_match, m.genre, m.duration_ms NULLS FIRST
    )
)
SELECT
    track_key, feature_source, feature_provider, feature_match,
    danceability, energy, key, loudness, mode, speechiness, acousticness, instrumentalness,
    liveness, valence, tempo, time_signature,
    least_genre AS genre, duration_of_genre AS duration_ms
FROM ranked
WHERE place = 1
