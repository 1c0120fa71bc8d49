"""The sections of the page, in their order."""

from collections.abc import Callable

from report.page.listening import Listening
from report.page.parts import Section

SECTIONS: tuple[Callable[[Listening], Section], ...] = ()
