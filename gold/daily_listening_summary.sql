-- What a person heard on each local date with a play. Genre diversity is the effective number of
-- genres, e^H (Hill 1973; Jost 2006); of few plays it falls short of what more of the same
-- listening would show.
WITH ranked AS (
    -- Things without a counted play do not count for a day.
    SELECT
        user_id, local_date, kind, name, artist_name, counted_plays,
        row_number() OVER (
            PARTITION BY user_id, local_date, kind
            ORDER BY counted_plays DESC, heard_ms DESC, name NULLS LAST, artist_name NULLS FIRST,
                thing
        ) AS place
    FROM day_counts
    WHERE counted_plays > 0
), things AS (
    SELECT
        user_id,
        local_date,
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
        total(CASE WHEN kind = 'genre' THEN counted_plays END) AS genre_known_plays,
        -- H = ln n - (sum of c ln c) / n, with c the plays of a genre and n those of all.
        total(CASE WHEN kind = 'genre' THEN millionths(counted_plays * ln(counted_plays)) END)
            / 1000000 AS plays_ln_plays
    FROM ranked
    GROUP BY user_id, local_date
)
SELECT
    t.user_id,
    t.begins AS date,
    t.total_plays,
    t.counted_plays,
    t.minutes,
    coalesce(h.unique_tracks, 0) AS unique_tracks,
    coalesce(h.unique_artists, 0) AS unique_artists,
    coalesce(h.unique_genres, 0) AS unique_genres,
    coalesce(h.genre_known_plays, 0) AS genre_known_plays,
    CASE
        -- gold.thresholds.MINIMUM_DAY_PLAYS
        WHEN h.genre_known_plays >= 5
            THEN decimals(
                exp(
                    greatest(ln(h.genre_known_plays) - h.plays_ln_plays / h.genre_known_plays, 0e0)
                ),
                6
            )
    END AS genre_diversity_score,
    t.mainstream_score,
    t.mainstream_reason,
    t.popularity_known_plays,
    t.popularity_sum,
    t.average_listening_hour,
    t.listening_hour_concentration,
    h.top_artist,
    h.top_artist_plays,
    h.top_track,
    h.top_track_artist,
    h.top_track_plays,
    h.top_genre,
    h.top_genre_plays,
    coalesce(h.sessions, 0) AS sessions,
    t.new_tracks,
    t.status,
    t.reason
FROM period_totals AS t
LEFT JOIN things AS h ON h.user_id = t.user_id AND h.local_date = t.begins
WHERE t.unit = 'day'
