"""Words for the effects of drivers, and the published sizes that they are compared with."""

from typing import Any, NamedTuple

_SOUNDS = {
    "valence": ("brighter", "darker"),
    "energy": ("more energetic", "calmer"),
}
_SUBJECTS = {
    ("hour_block", "late_night"): "Listening in the small hours",
    ("hour_block", "morning"): "Listening in the morning",
    ("hour_block", "afternoon"): "Listening in the afternoon",
    ("hour_block", "evening"): "Listening in the evening",
    ("hour_block", "night"): "Listening late in the evening",
    ("weekend", "weekend"): "Listening at the weekend",
    ("weekend", "weekday"): "Listening from Monday to Friday",
    ("repeat_or_new", "new"): "Playing a track for the first time",
    ("repeat_or_new", "repeat"): "Playing a track again",
    ("shuffle", "on"): "Listening with shuffle on",
    ("shuffle", "off"): "Listening with shuffle off",
}
_SUBJECTS_OF_DRIVER = {
    "season": "Listening in {}",
    "session_length": "Listening to {} songs in one sitting",
    "session_position": "What you hear as song {} of a sitting",
    "artist": "Listening to {}",
}


class Population(NamedTuple):
    """A published size in the feature's unit and the source's standard deviations; the source."""

    effect: float | None
    effect_sd: float | None
    source: str | None


_PARK = "Park et al. 2019 (doi 10.1038/s41562-018-0508-z)"
POPULATION = {
    ("valence", "hour_block"): Population(0.023, 0.24, f"{_PARK}: from the 4th to the 19th hour"),
    ("energy", "hour_block"): Population(
        None, 0.40, f"{_PARK}: musical intensity from 03-04 h to 17-18 h"
    ),
    ("valence", "weekend"): Population(0.022, None, f"{_PARK}: from Monday to Saturday"),
}
NO_POPULATION = Population(None, None, None)


def goes_with(facts: Any) -> str:
    from gold.statistics.driver_effects import FALSE_DISCOVERY_RATE

    if facts.q_value > FALSE_DISCOVERY_RATE:
        return "no_evidence"
    return "higher" if facts.effect > 0 else "lower"


def statement(feature: str, row: dict[str, Any]) -> str:
    """Return what was found, or that nothing was, as one sentence."""
    driver, level = row["driver"], row["level"]
    subject = _SUBJECTS.get((driver, level)) or _SUBJECTS_OF_DRIVER[driver].format(level)
    higher, lower = _SOUNDS[feature]
    if row["goes_with"] == "no_evidence":
        return (
            f"No evidence that {subject[0].lower()}{subject[1:]} goes with music that sounds "
            f"{higher} or {lower} ({feature})."
        )
    sounds = higher if row["effect"] > 0 else lower
    return (
        f"{subject} goes with music that sounds {sounds}: {feature} "
        f"{row['effect']:+.3f} on its scale from 0 to 1, against your other plays (95% interval "
        f"{row['effect_ci_low']:+.3f} to {row['effect_ci_high']:+.3f})."
    )
