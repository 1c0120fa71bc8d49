-- When a person listens, and how the music sounds then: one row per person, dimension and bucket
-- that has a play. Dimensions are the hour, weekday, weekday × hour, part of day, month of the
-- year, season, year and calendar month, all local.
--
-- Means of features are over counted plays that have features. They are null, with the reason,
-- under 100 plays (MIN_PLAYS of schemas.shared_numbers), under 14 days (MIN_DAYS), or where under
-- half of the features were measured or come from the catalogue (MIN_GROUNDED_SHARE).
--
-- How much a true difference between rows survives where features are synthetic: with a share p of
-- measured or catalogue values and a share d from a donor of the same artist it shrinks to
-- p + d·b. b is what an artist's other tracks keep of a track's own value, measured on 6,557
-- held-out tracks: .40 for valence, .58 for energy (ARTIST_DONOR_KEEPS); a donor from elsewhere
-- keeps nothing.
WITH hour AS (
    SELECT
        user_id,
        local_date,
        day_of_week AS weekday,
        hour_of_day AS hour,
        part_of_day,
        month(local_date) AS month,
        season,
        year(local_date) AS year,
        plays,
        counted_plays,
        heard_ms,
        skip_known_plays,
        skipped_plays,
        n,
        measured,
        catalogue,
        synthetic,
        artist_donors,
        valence,
        energy
    FROM hour_totals
),
bucket AS (
    SELECT
        user_id,
        weekday,
        hour,
        part_of_day,
        month,
        season,
        year,
        CASE
            WHEN grouping(hour) = 0 AND grouping(weekday) = 0 THEN 'weekday_hour'
            WHEN grouping(hour) = 0 THEN 'hour'
            WHEN grouping(weekday) = 0 THEN 'weekday'
            WHEN grouping(part_of_day) = 0 THEN 'part_of_day'
            WHEN grouping(month) = 0 AND grouping(year) = 0 THEN 'year_month'
            WHEN grouping(month) = 0 THEN 'month'
            WHEN grouping(season) = 0 THEN 'season'
            ELSE 'year'
        END AS dimension,
        bit_or(1 << hour) AS hours,
        bit_or(1 << month) AS months,
        total(plays) AS plays,
        total(counted_plays) AS counted_plays,
        total(heard_ms) AS heard_ms,
        total(skip_known_plays) AS skip_known_plays,
        total(skipped_plays) AS skipped_plays,
        total(n) AS n,
        total(measured) AS measured,
        total(catalogue) AS catalogue,
        total(synthetic) AS synthetic,
        total(artist_donors) AS artist_donors,
        total(valence) AS valence,
        total(energy) AS energy
    FROM hour
    GROUP BY GROUPING SETS (
        (user_id, hour), (user_id, weekday), (user_id, weekday, hour), (user_id, part_of_day),
        (user_id, month), (user_id, season), (user_id, year), (user_id, year, month)
    )
),
named AS (
    SELECT
        *,
        CASE dimension
            WHEN 'hour' THEN lpad(CAST(hour AS VARCHAR), 2, '0')
            WHEN 'weekday' THEN CAST(weekday AS VARCHAR)
            WHEN 'weekday_hour'
                THEN concat(CAST(weekday AS VARCHAR), '-', lpad(CAST(hour AS VARCHAR), 2, '0'))
            WHEN 'part_of_day' THEN part_of_day
            WHEN 'month' THEN lpad(CAST(month AS VARCHAR), 2, '0')
            WHEN 'season' THEN season
            WHEN 'year' THEN CAST(year AS VARCHAR)
            ELSE concat(CAST(year AS VARCHAR), '-', lpad(CAST(month AS VARCHAR), 2, '0'))
        END AS bucket
    FROM bucket
),
-- A thing is of a bucket where it was heard in one of the bucket's hours, or months, on the weekday
-- or in the year that the bucket is limited to, if any. What hours and months are: heard_things.
things AS (
    SELECT
        b.user_id,
        b.dimension,
        b.bucket,
        total(t.tracks) AS distinct_tracks,
        total(t.artists) AS distinct_artists,
        total(t.days) AS active_days,
        total(t.featured_days) AS days_with_features
    FROM named AS b
    JOIN heard_things AS t
        ON t.user_id = b.user_id
        AND t.weekday = coalesce(b.weekday, 0)
        AND t.year = coalesce(b.year, 0)
        AND CASE
            WHEN b.dimension IN ('hour', 'weekday', 'weekday_hour', 'part_of_day')
                THEN (t.hours & b.hours) <> 0
            ELSE (t.months & b.months) <> 0
        END
    GROUP BY b.user_id, b.dimension, b.bucket
),
shared AS (
    SELECT
        b.*,
        t.distinct_tracks,
        t.distinct_artists,
        t.active_days,
        t.days_with_features,
        b.measured / nullif(b.n, 0) AS measured_share,
        b.catalogue / nullif(b.n, 0) AS catalogue_share,
        b.synthetic / nullif(b.n, 0) AS synthetic_share,
        b.artist_donors / nullif(b.n, 0) AS artist_donor_share
    FROM named AS b
    JOIN things AS t
        ON t.user_id = b.user_id AND t.dimension = b.dimension AND t.bucket = b.bucket
),
judged AS (
    SELECT
        *,
        measured_share + catalogue_share AS grounded_share,
        CASE
            WHEN n < $min_plays OR days_with_features < $min_days THEN 'too_few_data'
            WHEN measured_share + catalogue_share < $min_grounded_share THEN 'withheld'
            ELSE 'ok'
        END AS status
    FROM shared
)
SELECT
    user_id,
    dimension,
    bucket,
    plays,
    counted_plays,
    heard_ms / 60000 AS minutes,
    distinct_tracks,
    distinct_artists,
    active_days,
    skip_known_plays,
    skipped_plays / nullif(skip_known_plays, 0) AS skip_rate,
    n,
    CASE WHEN status = 'ok' THEN decimals(valence / n / 1000000, 6) END AS mean_valence,
    CASE WHEN status = 'ok' THEN decimals(energy / n / 1000000, 6) END AS mean_energy,
    measured_share,
    catalogue_share,
    synthetic_share,
    grounded_share + artist_donor_share * $valence_kept AS valence_contrast_kept,
    grounded_share + artist_donor_share * $energy_kept AS energy_contrast_kept,
    status,
    CASE status
        WHEN 'too_few_data'
            THEN concat(
                'features of ', CAST(n AS VARCHAR), ' plays on ',
                CAST(days_with_features AS VARCHAR), ' days; ',
                CAST($min_plays AS VARCHAR), ' plays on ', CAST($min_days AS VARCHAR),
                ' days needed'
            )
        WHEN 'withheld'
            THEN concat(
                CAST(CAST(decimals(grounded_share * 100, 0) AS BIGINT) AS VARCHAR),
                '% of the features measured or from the catalogue; 50% needed'
            )
    END AS reason
FROM judged
