"""The gold tables' names and units in words that need no documentation."""

from collections.abc import Mapping

from schemas.availability_schemas import NOT_FOUND

BRIGHTNESS = "brightness (valence)"
MUSIC_NOT_MOOD = "This describes music, not mood. It is not a diagnosis."
"""Stands wherever numbers about the sound are shown."""

INDICATORS: Mapping[str, str] = {
    "valence_level": "how bright the music sounds",
    "energy_level": "how energetic the music sounds",
    "quadrant_bright_energetic_share": "music that sounds bright and energetic",
    "quadrant_dark_energetic_share": "music that sounds dark and energetic",
    "quadrant_dark_calm_share": "music that sounds dark and calm",
    "quadrant_bright_calm_share": "music that sounds bright and calm",
    "valence_variability": "how much the brightness of the music differs between days",
    "energy_variability": "how much the energy of the music differs between days",
    "valence_instability": "how much the brightness of the music changes from day to day",
    "energy_instability": "how much the energy of the music changes from day to day",
    "valence_inertia": "how much the brightness of a day is like that of the day before",
    "energy_inertia": "how much the energy of a day is like that of the day before",
    "night_share": "listening between midnight and 5 o'clock",
    "regularity_interdaily_stability": "how alike the days are in their hours of music",
    "regularity_intradaily_variability": "how often music starts and stops within a day",
    "regularity_relative_amplitude": "how far busy and quiet hours of the day lie apart",
    "social_jetlag": "how much later or earlier music is heard at weekends",
    "artist_diversity": "how many different artists are heard",
    "artist_concentration": "how much of the listening goes to few artists",
    "generalist_specialist": "how alike the artists sound",
    "repetition": "plays that repeat a song of the last 500 plays",
    "discovery": "plays of songs never heard before",
}
"""What each of ``gold.wellbeing_indicators`` is about."""

_DIFFERENCES: Mapping[str, str] = {
    "%": "percentage points",
    "h": "hours",
    "artists heard equally": "artists",
}

PURPOSES: Mapping[str, str] = {
    "repeat": "to play again",
    "rediscover": "to rediscover",
    "discover": "new to you",
    "calm": "towards a calmer sound",
    "lift": "towards a brighter sound",
    "focus": "towards a sound with few words",
}
"""What each list of ``gold.track_recommendations`` is for."""

UNAVAILABLE_REASONS: Mapping[str, str] = {
    "market": "not in this country",
    "product": "not in the subscription",
    "explicit": "explicit, which the account does not play",
    NOT_FOUND: "deleted",
}
"""Why ``silver.track_availability`` says that a track cannot be played; Spotify may add others."""

MEASURES: Mapping[str, str] = {
    "valence": f"the music's {BRIGHTNESS}",
    "energy": "the music's energy",
    "minutes": "minutes of music a day",
}

DRIVERS: Mapping[str, str] = {
    "hour_block": "time of day",
    "weekend": "weekend",
    "season": "season",
    "session_length": "songs in the sitting",
    "session_position": "place in the sitting",
    "repeat_or_new": "new or again",
    "artist": "artist",
    "shuffle": "shuffle",
}
"""What each driver of ``gold.mood_drivers`` is about."""

LEVELS: Mapping[tuple[str, str], str] = {
    ("hour_block", "morning"): "morning",
    ("hour_block", "afternoon"): "afternoon",
    ("hour_block", "evening"): "evening",
    ("hour_block", "night"): "late evening",
    ("hour_block", "late_night"): "small hours",
    ("weekend", "weekday"): "Monday to Friday",
    ("weekend", "weekend"): "weekend",
    ("season", "winter"): "winter",
    ("season", "spring"): "spring",
    ("season", "summer"): "summer",
    ("season", "autumn"): "autumn",
    ("session_length", "1 to 3"): "1 to 3 songs in a sitting",
    ("session_length", "4 to 10"): "4 to 10 songs",
    ("session_length", "11 to 25"): "11 to 25 songs",
    ("session_length", "26 and more"): "26 songs and more",
    ("session_position", "1 to 3"): "songs 1 to 3 of a sitting",
    ("session_position", "4 to 10"): "songs 4 to 10",
    ("session_position", "11 to 25"): "songs 11 to 25",
    ("session_position", "26 and more"): "song 26 and later",
    ("repeat_or_new", "new"): "first play of a track",
    ("repeat_or_new", "repeat"): "played before",
    ("shuffle", "on"): "shuffle on",
    ("shuffle", "off"): "shuffle off",
}
"""The levels of the drivers in the order of reading; those of ``artist`` are artists' names."""

SIMPLE_MODELS: Mapping[str, str] = {
    "expanding_mean": "the average of all your days",
    "mean_7_days": "the average of your last 7 days",
    "mean_28_days": "the average of your last 28 days",
    "exponential_smoothing": "an average in which newer days count more",
}
"""The forecasts that a model must beat."""

RANKINGS: Mapping[str, str] = {
    "decayed_frequency_28": "plays, halved every 28 days",
    "power_law_decay": "plays, older ones count less and less",
    "popularity": "most played, or most popular",
    "recency": "heard last",
    "random": "by chance",
}
"""The models of ``gold.recommendation_quality``."""

TASKS: Mapping[str, str] = {"repeat": "songs to play again", "novel": "songs new to you"}

FEATURE_SOURCES: Mapping[str, str] = {
    "real": "measured",
    "kaggle": "catalogue",
    "synthetic": "synthetic",
    "none": "none",
}
"""Where audio features come from."""

SOURCES: Mapping[str, str] = {
    "extended": "extended streaming history",
    "account": "account data",
    "api": "Spotify Web API",
    "demo": "simulated",
}
"""Where plays come from."""

GAPS: Mapping[str, str] = {
    "window_full": "more plays than Spotify shows at once",
    "outage": "Spotify showed no plays for long",
    "missing_file": "a file of the export is missing",
}
"""The kinds of ``ops.play_gaps``."""

STATUSES: Mapping[str, str] = {
    "ok": "answered",
    "too_few_data": "too little listening to say",
    "withheld": "withheld, as it would be based mostly on synthetic audio features",
    "no_skill": "no better than chance",
}


def indicator_in_words(name: str) -> str:
    """Return the description of an indicator; its name where there is none."""
    return INDICATORS.get(name, name.replace("_", " "))


def difference_in_words(difference: float, low: float, high: float, unit: str) -> str:
    """Return a difference between two values in ``unit``, with its unit and 95 % interval."""
    in_unit = _DIFFERENCES.get(unit) or f"on the scale {unit}"
    direction = "more" if difference > 0 else "less"
    ends = sorted((abs(low), abs(high))) if low * high > 0 else [low, high]
    return (
        f"{abs(difference):.3g} {in_unit} {direction} (95% interval {ends[0]:.3g} to {ends[1]:.3g})"
    )


def why_not(status: str, reason: str | None) -> str:
    """Return that there is no answer, and why."""
    said = STATUSES.get(status, status)
    if reason is None:
        return said
    # What a list or a model is no better than, the reason says itself.
    return reason if status == "no_skill" else f"{said} ({reason})"


def forecast_in_words(status: str, skill: float | None, reason: str | None) -> str:
    """Return what a forecast is worth, or why there is none."""
    if status == "ok" and skill is not None:
        return f"its errors are {skill:.0%} smaller than those of your plain average"
    if status == "no_skill":
        return "no better than your plain average, which is shown instead"
    return why_not(status, reason)
