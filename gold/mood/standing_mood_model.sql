-- The present mood model, from gold.mood_cluster_profiles: one row per cluster, in the
-- columns of mood_model. No rows before the first model; a single one with cluster_id -1 where
-- there were too few tracks for one. Any person's rows contain the whole model: one person's are
-- taken.
--
-- Where mood_model returns these same rows, the model is unchanged, and only the people whose
-- tracks changed need new rows in gold.mood_cluster_profiles; else everybody does.
WITH anyone AS (
    SELECT min(user_id) AS user_id
    FROM gold.mood_cluster_profiles
)
SELECT
    p.cluster_id,
    p.label,
    p.label_purity,
    p.feature_names,
    p.centroid,
    p.scaler_mean,
    p.scaler_scale,
    p.mean_danceability,
    p.mean_energy,
    p.mean_loudness,
    p.mean_speechiness,
    p.mean_acousticness,
    p.mean_instrumentalness,
    p.mean_liveness,
    p.mean_valence,
    p.mean_tempo,
    p.k,
    p.n_fitted,
    p.silhouette,
    p.null_silhouette,
    p.stability,
    p.null_stability,
    p.inertia,
    p.ids_used,
    p.fitted_before,
    p.sample_fingerprint,
    p.model_status,
    p.model_reason
FROM gold.mood_cluster_profiles AS p
JOIN anyone AS a ON a.user_id = p.user_id
