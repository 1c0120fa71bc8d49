-- The donor of each track without features: one whole row of the catalogue, chosen by a hash. A
-- whole row preserves correlations (loud tracks stay energetic), and a donor of the same artist
-- preserves about half of what can be known about a track without hearing it. The donors of a group
-- (an artist, a genre, the whole catalogue) are in the order of their ids; a track uses number ⌊u ·
-- size⌋ of them, u from the hash of its id, or of its track_key where it has none. Scaling u keeps
-- most choices when the catalogue grows: a new donor moves on average a third of the choices in its
-- own groups and none elsewhere, where a remainder would move nearly all. Rendezvous hashing would
-- move even fewer, but examines every donor for every track. Here it is one join on (group,
-- number), whatever the size. Without donors the method is 'copula', and donor columns are null.
-- uniforms are the 16 numbers in (0, 1) from which the values follow: the same for a track on every
-- machine.
WITH artist_of_track AS (
    SELECT artist_name, 'artist:' || nullif(normalised(artist_name), '') AS artist_group
    FROM (SELECT DISTINCT artist_name FROM tracks_to_fill) AS written
), genre_of_track AS (
    SELECT genre, 'genre:' || nullif(genre_key(genre), '') AS genre_group
    FROM (SELECT DISTINCT genre FROM tracks_to_fill) AS written
), donor_group AS (
    SELECT donor_group, group_size FROM silver.feature_donors WHERE donor_number = 0
), placed AS (
    SELECT
        t.track_key, t.track_id, t.track_name, t.artist_name,
        CASE
            WHEN by_artist.donor_group IS NOT NULL THEN 'artist'
            WHEN by_genre.donor_group IS NOT NULL THEN 'genre'
            WHEN anywhere.donor_group IS NOT NULL THEN 'global'
        END AS donor_level,
        coalesce(by_artist.donor_group, by_genre.donor_group, anywhere.donor_group) AS donor_group,
        coalesce(by_artist.group_size, by_genre.group_size, anywhere.group_size) AS group_size
    FROM tracks_to_fill AS t
    JOIN artist_of_track AS a ON a.artist_name IS NOT DISTINCT FROM t.artist_name
    JOIN genre_of_track AS g ON g.genre IS NOT DISTINCT FROM t.genre
    LEFT JOIN donor_group AS by_artist ON by_artist.donor_group = a.artist_group
    LEFT JOIN donor_group AS by_genre ON by_genre.donor_group = g.genre_group
    LEFT JOIN donor_group AS anywhere ON anywhere.donor_group = 'global'
), drawn AS (
    SELECT
        *,
        CASE WHEN donor_group IS NULL THEN 'copula' ELSE 'hot_deck' END AS method,
        hash_uniforms(
            coalesce(track_id, track_key),
            CASE WHEN donor_group IS NULL THEN 'copula' ELSE 'donor' END
        ) AS uniforms
    FROM placed
), numbered AS (
    SELECT *, CAST(floor(uniforms[1] * group_size) AS BIGINT) AS donor_number
    FROM drawn
)
SELECT
    n.track_key, n.track_id, n.track_name, n.artist_name, n.method, n.uniforms,
    d.donor_track_id, n.donor_level,
    c.danceability, c.energy, c.key, c.loudness, c.mode, c.speechiness, c.acousticness,
    c.instrumentalness, c.liveness, c.valence, c.tempo, c.time_signature
FROM numbered AS n
LEFT JOIN silver.feature_donors AS d
    ON d.donor_group = n.donor_group AND d.donor_number = n.donor_number
LEFT JOIN silver.catalogue_tracks AS c ON c.track_id = d.donor_track_id AND c.is_donor
