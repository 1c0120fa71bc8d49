-- How each artist that a person played sounds: a row a person and artist with counted plays that
-- have every feature by which an artist is placed (gold.indicators.indicator_days.SOUND).
-- Features are sums over these plays, in whole millionths. Tempo is none of them: it is unknown for
-- many tracks and often heard at half or double.
SELECT
    user_id,
    artist_key AS artist,
    count(*) AS sound_plays,
    total(millionths(danceability)) AS danceability,
    total(millionths(energy)) AS energy,
    total(millionths(loudness)) AS loudness,
    total(millionths(speechiness)) AS speechiness,
    total(millionths(acousticness)) AS acousticness,
    total(millionths(instrumentalness)) AS instrumentalness,
    total(millionths(liveness)) AS liveness,
    total(millionths(valence)) AS valence
FROM complete_plays
WHERE
    is_counted
    AND artist_key IS NOT NULL
    AND feature_source IS NOT NULL
    AND danceability IS NOT NULL
    AND energy IS NOT NULL
    AND loudness IS NOT NULL
    AND speechiness IS NOT NULL
    AND acousticness IS NOT NULL
    AND instrumentalness IS NOT NULL
    AND liveness IS NOT NULL
    AND valence IS NOT NULL
GROUP BY user_id, artist_key
