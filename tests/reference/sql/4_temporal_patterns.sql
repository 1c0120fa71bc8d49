-- play → temporal_patterns: one row a person, dimension and bucket.

CREATE TEMP TABLE heard AS
WITH artist_number AS (
    SELECT recording, dense_rank() OVER (ORDER BY artist_key) AS number,
           if(artist_key IS NULL, NULL, number) AS number_or_none
    FROM artist
)
SELECT person, track, number_or_none AS artist, ended // 900000 AS quarter,
       coalesce(ms_played, recording.duration_ms, feature.duration_ms) AS heard_ms,
       coalesce(ms_played >= 30000, true) AS is_counted,
       is_skip(skipped, reason_end, ms_played) AS skipped,
       is_counted AND valence IS NOT NULL AS has_features,
       if(has_features, valence, NULL) AS valence, if(has_features, energy, NULL) AS energy,
       if(has_features, feature_source, NULL) AS feature_source,
       has_features AND feature_donor_level IS NOT DISTINCT FROM 'artist' AS has_artist_donor
FROM play
JOIN artist_number USING (recording)
JOIN recording USING (recording)
JOIN manner USING (manner)
LEFT JOIN feature USING (track);

-- What can be added up is added up by quarter of an hour first.
CREATE TEMP TABLE by_quarter AS
SELECT person, quarter,
       count(*) AS plays, count_if(is_counted) AS counted_plays, sum(heard_ms) AS heard_ms,
       count(skipped) AS skip_known, count_if(skipped) AS skips,
       count_if(has_features) AS n, sum(valence) AS valence, sum(energy) AS energy,
       count_if(feature_source = 'real') AS measured,
       count_if(feature_source = 'kaggle') AS from_catalogue,
       count_if(feature_source = 'synthetic') AS made_up,
       count_if(has_artist_donor) AS artist_donors
FROM heard
GROUP BY ALL;

CREATE TEMP TABLE bucket AS
UNPIVOT (
    SELECT quarter,
           lpad(hour_of_day::VARCHAR, 2, '0') AS hour,
           day_of_week::VARCHAR AS weekday,
           weekday || '-' || hour AS weekday_hour,
           part_of_day,
           strftime(local_date, '%m') AS month,
           season,
           strftime(local_date, '%Y') AS year,
           strftime(local_date, '%Y-%m') AS year_month
    FROM moment
)
ON COLUMNS(* EXCLUDE quarter) INTO NAME dimension VALUE bucket;

CREATE MACRO added_up(wanted) AS TABLE
SELECT person, bucket,
       sum(plays) AS plays, sum(counted_plays) AS counted_plays, sum(heard_ms) AS heard_ms,
       sum(skip_known) AS skip_known, sum(skips) AS skips, sum(n) AS n,
       sum(valence) AS valence, sum(energy) AS energy,
       sum(measured) AS measured, sum(from_catalogue) AS from_catalogue, sum(made_up) AS made_up,
       sum(artist_donors) AS artist_donors,
       count(DISTINCT local_date) AS active_days,
       count(DISTINCT local_date) FILTER (n > 0) AS days_with_features
FROM by_quarter JOIN bucket USING (quarter) JOIN moment USING (quarter)
WHERE dimension = wanted
GROUP BY person, bucket;

CREATE MACRO distinct_counts(wanted) AS TABLE
SELECT person, bucket,
       count(DISTINCT track) AS distinct_tracks, count(DISTINCT artist) AS distinct_artists
FROM heard JOIN bucket USING (quarter)
WHERE dimension = wanted
GROUP BY person, bucket;

CREATE MACRO patterns(wanted) AS TABLE
SELECT wanted AS dimension, * FROM added_up(wanted) JOIN distinct_counts(wanted) USING (person, bucket);

CREATE VIEW temporal_patterns AS
WITH pattern AS (
    FROM patterns('hour') UNION ALL FROM patterns('weekday')
    UNION ALL FROM patterns('weekday_hour') UNION ALL FROM patterns('part_of_day')
    UNION ALL FROM patterns('month') UNION ALL FROM patterns('season')
    UNION ALL FROM patterns('year') UNION ALL FROM patterns('year_month')
), judged AS (
    SELECT *,
           measured / nullif(n, 0) AS measured_share,
           from_catalogue / nullif(n, 0) AS catalogue_share,
           made_up / nullif(n, 0) AS synthetic_share,
           artist_donors / nullif(n, 0) AS artist_donor_share,
           measured_share + catalogue_share AS grounded,
           CASE WHEN n < 100 OR days_with_features < 14 THEN 'too_few_data'
                WHEN grounded < 0.5 THEN 'withheld' ELSE 'ok' END AS status
    FROM pattern
)
SELECT user_id, dimension, bucket,
       plays::BIGINT AS plays, counted_plays::BIGINT AS counted_plays,
       heard_ms / 60000 AS minutes,
       distinct_tracks, distinct_artists, active_days,
       skip_known::BIGINT AS skip_known_plays, skips / nullif(skip_known, 0) AS skip_rate,
       n::BIGINT AS n,
       if(status = 'ok', round(valence / n, 6), NULL) AS mean_valence,
       if(status = 'ok', round(energy / n, 6), NULL) AS mean_energy,
       measured_share, catalogue_share, synthetic_share,
       grounded + artist_donor_share * 0.40 AS valence_contrast_kept,
       grounded + artist_donor_share * 0.58 AS energy_contrast_kept,
       status,
       CASE status
           WHEN 'too_few_data' THEN printf('features of %d plays on %d days; 100 plays on 14 days '
                                           || 'needed', n::BIGINT, days_with_features)
           WHEN 'withheld' THEN printf('%d%% of the features measured or from the catalogue; '
                                       || '50%% needed', round(grounded * 100)::BIGINT)
       END AS reason
FROM judged JOIN person USING (person);
