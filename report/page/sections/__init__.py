"""The sections of the page, in their order."""

from collections.abc import Callable

from report.page.listening import Listening
from report.page.parts import Section
from report.page.sections import overview, recap, what, when

SECTIONS: tuple[Callable[[Listening], Section], ...] = (
    overview.section,
    when.section,
    what.section,
    recap.section,
)
