-- The present mood model, from gold.mood_cluster_profiles: one row per cluster, in the
-- columns of mood_model. No rows before the first model; a single one with cluster_id -1 where
-- there were too few tracks for one. Any person's rows contain the whole model.
--
-- Where mood_model returns these same rows, the model is unchanged, and only the people whose
-- tracks changed need new rows in gold.mood_cluster_profiles; else everybody does.
WITH numbered AS (
    SELECT
        cluster_id,
        label,
        label_purity,
        feature_names,
        centroid,
        scaler_mean,
        scaler_scale,
        mean_danceability,
        mean_energy,
        mean_loudness,
        mean_speechiness,
        mean_acousticness,
        mean_instrumentalness,
        mean_liveness,
        mean_valence,
        mean_tempo,
        k,
        n_fitted,
        silhouette,
        null_silhouette,
        stability,
        null_stability,
        inertia,
        ids_used,
        fitted_before,
        sample_fingerprint,
        model_status,
        model_reason,
        row_number() OVER (PARTITION BY cluster_id ORDER BY user_id) AS place
    FROM gold.mood_cluster_profiles
)
SELECT
    cluster_id,
    label,
    label_purity,
    feature_names,
    centroid,
    scaler_mean,
    scaler_scale,
    mean_danceability,
    mean_energy,
    mean_loudness,
    mean_speechiness,
    mean_acousticness,
    mean_instrumentalness,
    mean_liveness,
    mean_valence,
    mean_tempo,
    k,
    n_fitted,
    silhouette,
    null_silhouette,
    stability,
    null_stability,
    inertia,
    ids_used,
    fitted_before,
    sample_fingerprint,
    model_status,
    model_reason
FROM numbered
WHERE place = 1
