"""All wellbeing indicators, in the order of the table."""

from gold.indicators.feature_indicators import (
    FEATURES,
    Inertia,
    Instability,
    Level,
    QuadrantShare,
    Variability,
)
from gold.indicators.indicator import Indicator
from gold.indicators.indicator_days import QUADRANTS
from gold.indicators.rhythm_indicators import (
    InterdailyStability,
    IntradailyVariability,
    NightShare,
    RelativeAmplitude,
    SocialJetlag,
)
from gold.indicators.variety_indicators import (
    ArtistConcentration,
    ArtistDiversity,
    Discovery,
    GeneralistSpecialist,
    Repetition,
)

INDICATORS: tuple[Indicator, ...] = (
    *(Level(feature) for feature in range(len(FEATURES))),
    *(QuadrantShare(quadrant) for quadrant in range(len(QUADRANTS))),
    *(
        kind(feature)
        for kind in (Variability, Instability, Inertia)
        for feature in range(len(FEATURES))
    ),
    NightShare(),
    InterdailyStability(),
    IntradailyVariability(),
    RelativeAmplitude(),
    SocialJetlag(),
    ArtistDiversity(),
    ArtistConcentration(),
    GeneralistSpecialist(),
    Repetition(),
    Discovery(),
)
