# %% [markdown] # A study of listening, from a lake # Three questions that are often asked of
# streaming histories, answered with the lake's own tables. Run it as it is (`DATA_DIR=data/demo
# .venv/bin/python docs/listening_study.py`), or cell by cell in an editor that knows `# %%`.
# Several people in one lake are several `user_id`s everywhere. # Every number says what it is based
# on. Where there is too little, or too much is synthetic, the answer is that there is none: that is
# a result, not an error.

# %%
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from config.settings import load_settings
from lake.reader import open_lake

settings = load_settings()
lake = open_lake(settings.data_dir)
person = settings.user_id


def show(title: str, sql: str) -> None:
    """Print a table under its title; ``$person`` in ``sql`` is whose listening it is."""
    print(f"\n{title}")
    lake.sql(sql, params={"person": person}).show(max_width=200, max_rows=100)


# %% [markdown] ## 1. How does listening change through the day? # Counts and minutes need no
# audio features and are always there. Means of features are null unless at least half of the plays
# have measured or catalogue features; `valence_contrast_kept` says how much of a true difference
# would still show through the synthetic rest.

# %%
show(
    "The parts of the day",
    """
    SELECT bucket AS part_of_day, plays, round(minutes) AS minutes, distinct_artists,
           round(skip_rate, 3) AS skip_rate, round(mean_valence, 3) AS valence,
           round(mean_energy, 3) AS energy, round(valence_contrast_kept, 2) AS kept, status, reason
    FROM gold.temporal_patterns WHERE user_id = $person AND dimension = 'part_of_day'
    ORDER BY plays DESC
    """,
)
show(
    "What goes with valence and energy by time, after correction for having looked at all of it",
    """
    SELECT feature, driver, level, n_plays, n_days, round(effect, 4) AS effect,
           round(effect_ci_low, 4) AS low, round(effect_ci_high, 4) AS high,
           round(q_value, 3) AS q, goes_with, population_effect, status
    FROM gold.mood_drivers
    WHERE user_id = $person AND driver IN ('hour_block', 'weekend', 'season')
    ORDER BY feature, driver, level
    """,
)

# %% [markdown] The published sizes are small (Park et al. 2019: over the whole day valence moves by
# 0.023). An interval that holds 0 is no evidence of a difference, and none of its absence.

# %% [markdown] ## 2. What do the features and indicators say, and how sure? # Intervals come from
# resampled blocks of days, since plays of a day are alike. `change` is against the eight weeks
# before. These describe music, not mood, and are no diagnosis.

# %%
show(
    "The last eight weeks",
    """
    SELECT indicator, unit, round(value, 3) AS value, round(ci_low, 3) AS low,
           round(ci_high, 3) AS high, round(change, 3) AS change,
           round(change_ci_low, 3) AS change_low, round(change_ci_high, 3) AS change_high,
           n_plays, n_days, status, reason
    FROM gold.wellbeing_indicators
    WHERE user_id = $person AND period_kind = 'weeks_8'
    QUALIFY period_end = max(period_end) OVER () ORDER BY indicator
    """,
)
show(
    "What the next week can be predicted from",
    """
    SELECT measure, forecast_date, round(value, 3) AS value, round(low_95, 3) AS low,
           round(high_95, 3) AS high, model, round(skill, 3) AS skill, status, reason
    FROM gold.mood_forecast WHERE user_id = $person ORDER BY measure, forecast_date
    """,
)

# %% [markdown] ## 3. What is music of high and of low valence like? # Tracks that were measured or
# stand in the catalogue, weighted by how often they were played: the fifth of plays with the
# highest valence beside the fifth with the lowest. A difference here is one between tracks; it says
# nothing of why they were chosen.

# %%
show(
    "High and low valence",
    """
    WITH known AS (
        SELECT *, sum(counted_plays) OVER (ORDER BY valence, track_key)
                  / sum(counted_plays) OVER () AS place
        FROM silver.tracks
        WHERE user_id = $person AND feature_source IN ('real', 'kaggle') AND counted_plays > 0
    ), fifths AS (
        SELECT *, CASE WHEN place > 0.8 THEN 'high' WHEN place <= 0.2 THEN 'low' END AS valence_is
        FROM known
    )
    SELECT valence_is, count(*) AS tracks, sum(counted_plays) AS plays,
           count(DISTINCT artist_key) AS artists,
           round(sum(energy * counted_plays) / sum(counted_plays), 3) AS energy,
           round(sum(danceability * counted_plays) / sum(counted_plays), 3) AS danceability,
           round(sum(acousticness * counted_plays) / sum(counted_plays), 3) AS acousticness,
           round(sum(tempo * counted_plays) / sum(counted_plays), 1) AS tempo,
           round(avg(mode), 2) AS share_major, mode(genre) AS commonest_genre
    FROM fifths WHERE valence_is IS NOT NULL GROUP BY valence_is ORDER BY valence_is
    """,
)
show(
    "Based on",
    """
    SELECT coalesce(feature_source, 'none') AS feature_source, count(*) AS tracks,
           sum(counted_plays) AS plays
    FROM silver.tracks WHERE user_id = $person GROUP BY ALL ORDER BY plays DESC
    """,
)
