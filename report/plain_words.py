"""The gold tables' names and units in words that need no documentation."""

from collections.abc import Mapping

BRIGHTNESS = "brightness (valence)"

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

MEASURES: Mapping[str, str] = {
    "valence": f"the music's {BRIGHTNESS}",
    "energy": "the music's energy",
    "minutes": "minutes of music a day",
}

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
