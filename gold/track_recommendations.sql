-- What to play next: one row per person, purpose and rank, as of the person's newest play, each
-- with a reason and the shift in sound to expect. A purpose without a list has one row of rank 0.
--
-- repeat and discover are ranked by the model that ships (recommendation_quality); where none is
-- better than a random list the 28-day decayed frequency ranks, and every row is `no_skill`.
-- rediscover: 10 plays and more, none for 180 days, the most played first. calm, lift, focus: 20 of
-- the person's own tracks with measured or catalogue features, in steps from the mean of the last 7
-- days' plays to a target; `withheld` where under half of these plays' features are measured or
-- from the catalogue. Of equal scores the more played (discover: more popular) goes first, then the
-- later heard, then the lower track_key.
--
-- What is recommended from the catalogue is written as there; bronze has the names as people write
-- them.
SELECT
    l.user_id,
    l.purpose,
    l.rank,
    l.track_key,
    l.track_id,
    coalesce(l.track_name, n.track_name) AS track_name,
    coalesce(l.artist_name, replace(n.artists, ';', ', ')) AS artist_name,
    l.score,
    l.explanation,
    l.model,
    l.valence,
    l.energy,
    l.predicted_valence_shift,
    l.predicted_energy_shift,
    l.random_valence_shift,
    l.random_energy_shift,
    l.relevance_valence_shift,
    l.relevance_energy_shift,
    l.feature_source,
    l.measured_share,
    l.catalogue_share,
    l.synthetic_share,
    l.status,
    l.reason
FROM recommendation_lists AS l
LEFT JOIN bronze.kaggle_tracks_bronze AS n
    ON n.track_id = l.track_id AND n.track_genre = l.listed_genre
