-- Every track of everybody, one row per person and track, with the features of a mood model.
-- It must be computed over all of silver.tracks even when only some people's rows of
-- gold.mood_cluster_profiles are: the model is that of the whole lake.
SELECT
    track_key,
    feature_source,
    danceability,
    energy,
    loudness,
    speechiness,
    acousticness,
    instrumentalness,
    liveness,
    valence,
    tempo,
    first_played_at,
    last_played_at
FROM silver.tracks
