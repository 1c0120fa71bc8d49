"""The sections of the page, in their order."""

from collections.abc import Callable

from report.page.listening import Listening
from report.page.parts import Section
from report.page.sections import (
    data,
    indicators,
    mood,
    next_up,
    overview,
    recap,
    what,
    when,
    why,
)

SECTIONS: tuple[Callable[[Listening], Section], ...] = (
    overview.section,
    when.section,
    what.section,
    mood.section,
    why.section,
    next_up.section,
    indicators.section,
    recap.section,
    data.section,
)
