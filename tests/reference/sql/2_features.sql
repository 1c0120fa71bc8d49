-- The feature tables → feature: what a track gets, by id, else by name, from the first source that
-- has it (real, synthetic, catalogue), and the catalogue's genre and length.

CREATE MACRO name_key_of(artist, title) AS
    if(normalised(title) <> '', coalesce(normalised(artist), '') || '|' || normalised(title), NULL);

CREATE TEMP TABLE offer AS
WITH known AS (
    SELECT 1 AS source_rank, 'real' AS feature_source, source AS feature_provider,
           NULL AS feature_donor_level, track_id AS by_id,
           [name_key_of(artist_name, track_name)] AS by_name,
           -- of several answers the newest
           concat_ws('|', lpad((4611686018427387904 - epoch_us(fetched_at))::VARCHAR, 20, '0'),
                     source, track_id) AS tie,
           NULL AS genre, NULL AS duration_ms,
           danceability, energy, key, loudness, mode, speechiness, acousticness, instrumentalness,
           liveness, valence, tempo, time_signature
    FROM real_features
    UNION ALL
    SELECT 2, 'synthetic', method, donor_level, NULL, [track_key], track_key, NULL, NULL,
           danceability, energy, key, loudness, mode, speechiness, acousticness, instrumentalness,
           liveness, valence, tempo, time_signature
    FROM synthetic_features
    UNION ALL
    SELECT 3, 'kaggle', 'kaggle', NULL, track_id,
           list_transform(string_split(artists, ';'), lambda artist: name_key_of(artist, track_name)),
           -- of several tracks of one name the most popular
           concat_ws('|', lpad((100 - coalesce(popularity, 0))::VARCHAR, 3, '0'), track_id),
           track_genre, duration_ms,
           danceability, energy, key, loudness, mode, speechiness, acousticness, instrumentalness,
           liveness, valence,
           -- the catalogue writes 0 for unknown
           if(tempo > 0, tempo, NULL), if(time_signature > 0, time_signature, NULL)
    FROM catalogue
)
SELECT 'id:' || by_id AS lookup, 'id' AS feature_match, * EXCLUDE (by_id, by_name)
FROM known
WHERE valence IS NOT NULL AND energy IS NOT NULL AND by_id IS NOT NULL
UNION ALL
SELECT name AS lookup, 'name' AS feature_match, * EXCLUDE (by_id, by_name, name)
FROM (SELECT *, unnest(by_name) AS name FROM known)
WHERE valence IS NOT NULL AND energy IS NOT NULL AND name IS NOT NULL;

CREATE TEMP TABLE feature AS
WITH lookup AS (
    SELECT track, 'id:' || track_id AS lookup FROM known_as JOIN recording USING (recording)
    UNION
    SELECT track, track_key FROM track
), offered AS (
    SELECT track, offer.* FROM lookup JOIN offer USING (lookup)
), best AS (
    SELECT * EXCLUDE (genre, duration_ms) FROM offered
    QUALIFY row_number() OVER (
        PARTITION BY track
        ORDER BY source_rank, feature_match, tie, danceability, energy, key, loudness, mode,
                 speechiness, acousticness, instrumentalness, liveness, valence,
                 tempo NULLS FIRST, time_signature NULLS FIRST) = 1
), fact AS (
    SELECT track, genre, duration_ms FROM offered WHERE feature_source = 'kaggle'
    QUALIFY row_number() OVER (
        PARTITION BY track ORDER BY feature_match, genre, duration_ms NULLS FIRST) = 1
)
SELECT best.*, fact.genre, fact.duration_ms
FROM best LEFT JOIN fact USING (track);
