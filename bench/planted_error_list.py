"""Forty-seven errors that somebody may make in a model, which `bench.planted_errors` plants.

Most of the module is the list, which is why it is long.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class PlantedError:
    """A text of a file, which it has once, and what stands there instead, said in ``words``.

    ``tests`` are the files below ``tests/`` that the error concerns.
    """

    file: str
    text: str
    replacement: str
    words: str
    tests: tuple[str, ...]


_PLAYS = ("silver/test_plays.py", "silver/test_listening_with_features.py")
_LISTENING = ("silver/test_listening_with_features.py", "silver/test_sessions.py")
_IMPOSSIBLE = ("silver/test_impossible_records.py",)
_TRACKS = ("silver/test_tracks.py",)
_FEATURES = ("features/test_track_features.py",)
_FILLING = ("features/test_tracks_to_fill.py", "features/test_synthetic.py")
_GENRES = ("silver/test_artist_genres.py",)
_DAYS = ("gold/test_daily_listening_summary.py", "gold/test_monthly_insights.py")
_PATTERNS = ("gold/test_temporal_patterns.py",)
_MOOD = ("gold/test_mood_tables.py",)
_INDICATORS = ("gold/test_wellbeing_indicators.py",)
_DRIVERS = ("gold/test_mood_drivers.py",)
_FORECAST = ("gold/test_mood_forecast.py",)
_LISTS = ("gold/test_track_recommendations.py",)
_QUALITY = ("gold/test_recommendation_quality.py",)

ERRORS = (
    PlantedError(
        "silver/catalogue_tracks.sql",
        "AND tempo BETWEEN 1 AND 300",
        "AND tempo BETWEEN 0 AND 300",
        "an unknown tempo makes a donor",
        ("silver/test_catalogue_tracks.py",),
    ),
    PlantedError(
        "silver/feature_donors.sql",
        "ORDER BY track_id) - 1",
        "ORDER BY track_id)",
        "donors are numbered from 1",
        ("silver/test_feature_donors.py",),
    ),
    PlantedError(
        "silver/track_names.sql",
        "min(s.least_name) AS least_name",
        "max(s.least_name) AS least_name",
        "the wrong one of several names stands for all",
        ("silver/test_track_names.py",),
    ),
    PlantedError(
        "silver/names/spelled.sql",
        "SELECT DISTINCT coalesce(album_artist_name, artist_name) AS artist_by",
        "SELECT DISTINCT artist_name AS artist_by",
        "tracks go by their own artist, not the album's",
        ("silver/test_track_names.py", *_PLAYS),
    ),
    PlantedError(
        "silver/records/records_matched_by_end.sql",
        "of_track <= $same_play_ms, false) AS is_near_previous",
        "of_track <= 9000, false) AS is_near_previous",
        "duplicates are matched within 9 seconds only",
        _PLAYS,
    ),
    PlantedError(
        "silver/records/records_matched_by_end.sql",
        "PARTITION BY person_track, by_start, island, precedence ORDER BY",
        "PARTITION BY person_track, by_start, island ORDER BY",
        "no source's first record is another's first",
        _PLAYS,
    ),
    PlantedError(
        "silver/records/records_matched_by_start.sql",
        "THEN $longest_pause_ms ELSE $same_play_ms END",
        "THEN $same_play_ms ELSE $same_play_ms END",
        "a known start finds no play that paused",
        _PLAYS,
    ),
    PlantedError(
        "silver/records/matched_records.sql",
        "arg_min(h.skipped, p.precedence)",
        "arg_max(h.skipped, p.precedence)",
        "a value comes from the wrong source",
        _PLAYS,
    ),
    PlantedError(
        "schemas/play_sources.py",
        'DEMO = PlaySource("demo", rank=3)',
        'DEMO = PlaySource("demo", rank=5)',
        "account data go before the demo's",
        _PLAYS,
    ),
    PlantedError(
        "silver/records/overlapping_records.sql",
        "15000 + s.resolution_ms AS longest_overlap",
        "75000 AS longest_overlap",
        "a track may overlap itself for longer than a crossfade",
        _IMPOSSIBLE,
    ),
    PlantedError(
        "silver/records/overlapped_records.py",
        "            else:\n                kept = each\n",
        "            kept = each\n",
        "what is no play hides the next one",
        _IMPOSSIBLE,
    ),
    PlantedError(
        "silver/records/copied_records.sql",
        "PARTITION BY person_track, precedence, ended, ms_played ORDER BY platform DESC\n",
        "PARTITION BY person_track, precedence, ended ORDER BY platform DESC\n",
        "plays of other lengths are copies",
        _IMPOSSIBLE,
    ),
    PlantedError(
        "silver/records/spoken_records.sql",
        "WHERE b.is_as_long OR t.title_key = s.title_key",
        "WHERE t.title_key = s.title_key",
        "an episode of another title is a song",
        ("silver/test_spoken_records.py",),
    ),
    PlantedError(
        "silver/names/spelled.sql",
        "NOT IN ('unknown artist|unknown track', '|unknown track')",
        "NOT IN ('|unknown track')",
        "all that Spotify has no name of is one track",
        _LISTENING,
    ),
    PlantedError(
        "silver/listening_with_features.sql",
        "            WHEN skipped THEN 'flag'",
        "            WHEN skipped IS NOT NULL THEN 'flag'",
        "a flag that says no is believed",
        _LISTENING,
    ),
    PlantedError(
        "gold/recommendations/catalogue_works.sql",
        "min(s.least_key) AS work_key",
        "c.first_key AS work_key",
        "a work under two first artists is two",
        _LISTS,
    ),
    PlantedError(
        "silver/records/first_plays.sql",
        "min(ended) AS ended",
        "max(ended) AS ended",
        "the last play is the first",
        _PLAYS,
    ),
    PlantedError(
        "silver/records/sessions.sql",
        "first_ended - heard_ms - lag(last_ended)",
        "first_ended - lag(last_ended)",
        "silence is counted from end to end",
        _LISTENING,
    ),
    PlantedError(
        "silver/listening_with_features.sql",
        "WHERE r.recording IS NOT NULL AND r.is_play\n",
        "WHERE r.recording IS NOT NULL AND r.is_play AND month(r.played_at) <> 10\n",
        "a month is dropped",
        _LISTENING,
    ),
    PlantedError(
        "silver/listening_with_features.sql",
        "wall_time(r.played_at, $timezone)",
        "wall_time(r.played_at, 'UTC')",
        "the wrong zone",
        _LISTENING,
    ),
    PlantedError(
        "silver/listening_with_features.sql",
        "    ON s.user_id = p.user_id\n    AND s.is_excluded",
        "    ON s.is_excluded",
        "a join over people doubles plays",
        _LISTENING,
    ),
    PlantedError(
        "silver/listening_with_features.sql",
        "CAST(hour(p.wall) AS INTEGER) AS hour_of_day",
        "CAST((hour(p.wall) + 1) % 24 AS INTEGER) AS hour_of_day",
        "a shifted hour",
        _LISTENING,
    ),
    PlantedError(
        "silver/listening_with_features.sql",
        "coalesce(p.ms_played >= $counted_ms, true) AS is_counted",
        "p.ms_played >= $counted_ms AS is_counted",
        "plays of unknown length do not count",
        _LISTENING,
    ),
    PlantedError(
        "silver/tracks.sql",
        "ORDER BY plays DESC, name\n",
        "ORDER BY plays DESC, name DESC\n",
        "of names written equally often the wrong one",
        _TRACKS,
    ),
    PlantedError(
        "silver/tracks.sql",
        "AND f.track_key = t.track_key AND f.first_play",
        "AND f.track_key = t.track_key",
        "a join that doubles tracks",
        _TRACKS,
    ),
    PlantedError(
        "silver/genres/session_scores.sql",
        "CASE WHEN a.genre = b.genre THEN 1 ELSE 0 END AS votes",
        "CASE WHEN a.genre = b.genre THEN 0 ELSE 0 END AS votes",
        "an artist votes for its own genre",
        _GENRES,
    ),
    PlantedError(
        "silver/genres/known_genres.sql",
        "ANTI JOIN spotify_genres AS s ON s.artist_key = c.artist_key",
        "",
        "an artist of two sources stands twice",
        _GENRES,
    ),
    PlantedError(
        "silver/genres/genred_plays.sql",
        "coalesce(l.genre, a.genre) AS genre",
        "coalesce(a.genre, l.genre) AS genre",
        "the artist's genre goes before the track's",
        ("silver/test_genred_plays.py",),
    ),
    PlantedError(
        "silver/artist_summary.sql",
        "    WHERE is_counted\n), active",
        "), active",
        "days with short plays only are active",
        ("silver/test_artist_summary.py",),
    ),
    PlantedError(
        "features/measured_features.sql",
        "-micros(m.fetched_at) AS precedence",
        "micros(m.fetched_at) AS precedence",
        "the oldest answer stands",
        _FEATURES,
    ),
    PlantedError(
        "features/measured_features.sql",
        "WHERE m.valence IS NOT NULL AND m.energy IS NOT NULL",
        "WHERE m.valence IS NOT NULL",
        "a lost null check",
        _FEATURES,
    ),
    PlantedError(
        "features/track_features.sql",
        "PARTITION BY track_key ORDER BY source_rank",
        "PARTITION BY track_key ORDER BY source_rank DESC",
        "the least wanted source of features",
        _FEATURES,
    ),
    PlantedError(
        "features/tracks_with_donors.sql",
        "floor(uniforms[1] * group_size)",
        "floor(uniforms[2] * group_size)",
        "another draw of the donor",
        _FILLING,
    ),
    PlantedError(
        "gold/counts/hour_totals.sql",
        "CASE WHEN is_counted AND valence IS NOT NULL THEN feature_source END",
        "CASE WHEN valence IS NOT NULL THEN feature_source END",
        "short plays sound in the means",
        _PATTERNS,
    ),
    PlantedError(
        "gold/counts/heard_things.sql",
        "1 << month(local_date) AS months",
        "1 << (month(local_date) % 12) AS months",
        "tracks of December are of no month",
        _PATTERNS,
    ),
    PlantedError(
        "gold/counts/day_totals.sql",
        "second_of_day * (2 * pi() / 86400)",
        "(second_of_day + 3600) * (2 * pi() / 86400)",
        "the clock is an hour late",
        _DAYS,
    ),
    PlantedError(
        "gold/counts/month_days.sql",
        """            ) + 1
        ) AS days_covered""",
        """            )
        ) AS days_covered""",
        "a month has a day less",
        _DAYS,
    ),
    PlantedError(
        "gold/genre_analysis.sql",
        "ORDER BY counted_plays DESC, heard_ms DESC, artist_name, artist_key",
        "ORDER BY counted_plays, heard_ms DESC, artist_name, artist_key",
        "the top artist is the last",
        ("gold/test_genre_analysis.py",),
    ),
    PlantedError(
        "gold/mood/fitted_sample.sql",
        "year_month(t.first_played_at) < m.fitted_before",
        "year_month(t.first_played_at) <= m.fitted_before",
        "the model changes with every new track",
        _MOOD,
    ),
    PlantedError(
        "gold/mood_clusters.sql",
        "ORDER BY squared NULLS FIRST",
        "ORDER BY squared DESC NULLS FIRST",
        "a track is of the farthest cluster",
        _MOOD,
    ),
    PlantedError(
        "gold/counts/complete_plays.sql",
        "l.local_date < p.last_day OR",
        "l.local_date <= p.last_day OR",
        "the day that is not over counts",
        ("gold/test_complete_plays.py",),
    ),
    PlantedError(
        "gold/indicators/indicator_repeats.sql",
        "CASE WHEN since <= 500",
        "CASE WHEN since < 500",
        "a window of plays is one too short",
        _INDICATORS,
    ),
    PlantedError(
        "gold/statistics/driver_plays.sql",
        "AND a.place <= 10",
        "AND a.place <= 9",
        "nine artists are levels, not ten",
        _DRIVERS,
    ),
    PlantedError(
        "gold/mood_forecast.py",
        "range(int(days.index[0]), last_day))",
        "range(int(days.index[0]), last_day + 1))",
        "a forecast learns from the day that is not over",
        _FORECAST,
    ),
    PlantedError(
        "gold/recommendations/weekly_plays.sql",
        "(day_number(local_date) - 4) // 7 AS week",
        "day_number(local_date) // 7 AS week",
        "weeks begin on Thursday",
        _QUALITY,
    ),
    PlantedError(
        "gold/recommendations/rolling_holdout.py",
        "np.unique(week_of_row).tolist()[:-1]",
        "np.unique(week_of_row).tolist()",
        "the week that is not over is judged",
        _QUALITY,
    ),
    PlantedError(
        "gold/recommendations/unheard_songs.sql",
        "ANTI JOIN heard_song AS h ON h.user_id = e.user_id AND h.name_key = e.name_key",
        "",
        "songs are discovered that were heard",
        _LISTS,
    ),
)
