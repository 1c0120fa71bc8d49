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

SECTIONS: dict[str, Callable[[Listening], Section]] = {
    "overview": overview.section,
    "when": when.section,
    "what": what.section,
    "mood": mood.section,
    "why": why.section,
    "next": next_up.section,
    "indicators": indicators.section,
    "recap": recap.section,
    "data": data.section,
}
"""What makes each section, by its id."""
