"""What was published of the sound of music over the day, to set one's own beside.

Park, Thom, Mennicken, Cramer, Macy 2019, Nature Human Behaviour 3:230: 765 million plays of a
million people in 51 countries. Only the extremes of the curve are known here.
"""

from typing import NamedTuple


class PublishedHour(NamedTuple):
    """A local hour, and the mean valence of the music that is heard in it."""

    hour: int
    valence: float


DARKEST_HOUR = PublishedHour(4, 0.477)
BRIGHTEST_HOUR = PublishedHour(19, 0.500)
CALMEST_HOURS = (3, 5)
LIVELIEST_HOURS = (17, 19)
"""From the first hour up to the end of the last: 3 to 4 and 17 to 18 o'clock."""
ENERGY_RANGE_SD = 0.40
"""Between the calmest and the most energetic hour, in standard deviations of the source."""
SOURCE = "Park et al. 2019, 765 million plays, doi 10.1038/s41562-018-0508-z"
