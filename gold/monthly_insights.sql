-- What a person heard in each local month with a play, and how it changed. A month that the
-- person's sources cover in part, as the first and the last, is not compared. In a person's first
-- 90 days with the lake most tracks are new to it, if not to the person.
WITH month_counts AS (
    SELECT
        user_id,
        CAST(concat(year_month(local_date), '-01') AS DATE) AS begins,
        kind,
        thing,
        min(name) AS name,
        min(artist_name) AS artist_name,
        total(counted_plays) AS counted_plays,
        total(heard_ms) AS heard_ms
    FROM day_counts
    GROUP BY user_id, begins, kind, thing
), ranked AS (
    -- Things without a counted play do not count for a month.
    SELECT
        user_id, begins, kind, name, artist_name, counted_plays,
        row_number() OVER (
            PARTITION BY user_id, begins, kind
            ORDER BY counted_plays DESC, heard_ms DESC, name NULLS LAST, artist_name NULLS FIRST,
                thing
        ) AS place
    FROM month_counts
    WHERE counted_plays > 0
), things AS (
    SELECT
        user_id,
        begins,
        count_true(kind = 'track') AS unique_tracks,
        count_true(kind = 'artist') AS unique_artists,
        count_true(kind = 'genre') AS unique_genres,
        count_true(kind = 'session') AS sessions,
        max(CASE WHEN kind = 'artist' AND place = 1 THEN name END) AS top_artist,
        max(CASE WHEN kind = 'artist' AND place = 1 THEN counted_plays END) AS top_artist_plays,
        max(CASE WHEN kind = 'track' AND place = 1 THEN name END) AS top_track,
        max(CASE WHEN kind = 'track' AND place = 1 THEN artist_name END) AS top_track_artist,
        max(CASE WHEN kind = 'track' AND place = 1 THEN counted_plays END) AS top_track_plays,
        max(CASE WHEN kind = 'genre' AND place = 1 THEN name END) AS top_genre,
        max(CASE WHEN kind = 'genre' AND place = 1 THEN counted_plays END) AS top_genre_plays,
        total(CASE WHEN kind = 'genre' THEN counted_plays END) AS genre_known_plays
    FROM ranked
    GROUP BY user_id, begins
), months AS (
    SELECT
        t.user_id, t.begins, d.active_days, d.most_active_weekday, d.days_known_before,
        d.days_covered, d.is_complete, d.is_comparable, t.total_plays, t.counted_plays, t.minutes,
        t.new_tracks, t.mainstream_score, t.mainstream_reason, t.popularity_known_plays,
        t.average_listening_hour, t.listening_hour_concentration, t.is_enough, t.status, t.reason,
        lag(t.total_plays) OVER (PARTITION BY t.user_id ORDER BY t.begins) AS plays_before
    FROM period_totals AS t
    JOIN month_days AS d ON d.user_id = t.user_id AND d.month_begins = t.begins
    WHERE t.unit = 'month'
)
SELECT
    m.user_id,
    year_month(m.begins) AS month,
    m.total_plays,
    m.counted_plays,
    m.minutes,
    CAST(m.days_covered AS INTEGER) AS days_covered,
    m.is_complete,
    m.active_days,
    decimals(m.total_plays / nullif(m.days_covered, 0), 6) AS plays_per_day,
    CASE
        -- gold.thresholds.MINIMUM_MONTH_PLAYS: after fewer plays a percentage is meaningless.
        WHEN m.is_comparable AND m.plays_before >= 30
            THEN decimals((m.total_plays / m.plays_before - 1) * 100, 6)
    END AS plays_growth_rate,
    coalesce(h.unique_tracks, 0) AS unique_tracks,
    coalesce(h.unique_artists, 0) AS unique_artists,
    coalesce(h.unique_genres, 0) AS unique_genres,
    coalesce(h.genre_known_plays, 0) AS genre_known_plays,
    h.top_artist,
    h.top_artist_plays,
    h.top_track,
    h.top_track_artist,
    h.top_track_plays,
    h.top_genre,
    h.top_genre_plays,
    m.mainstream_score,
    m.mainstream_reason,
    m.popularity_known_plays,
    CASE
        WHEN m.mainstream_score > 70 THEN 'high'
        WHEN m.mainstream_score > 50 THEN 'moderate'
        WHEN m.mainstream_score IS NOT NULL THEN 'niche'
    END AS mainstream_tendency,
    m.new_tracks,
    CASE
        -- gold.burn_in.BURN_IN_DAYS
        WHEN m.is_enough AND m.days_known_before >= 90
            THEN decimals(m.new_tracks / nullif(m.counted_plays, 0), 6)
    END AS discovery_share,
    m.average_listening_hour,
    m.listening_hour_concentration,
    CAST(m.most_active_weekday AS INTEGER) AS most_active_weekday,
    coalesce(h.sessions, 0) AS sessions,
    m.status,
    m.reason
FROM months AS m
LEFT JOIN things AS h ON h.user_id = m.user_id AND h.begins = m.begins
