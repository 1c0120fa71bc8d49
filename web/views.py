"""The views of the report for any choice: the same sections, asked of one period."""

from dataclasses import dataclass, replace
from threading import Event

from report.page.listening import Period
from report.page.parts import ANY, Block, Section, View
from report.page.sections import SECTIONS, recap
from report.page.write import keys_for
from web.choice import WHOLE, Choice, period_of
from web.lakes import Snapshot
from web.links import linked
from web.questions.made import make_all


@dataclass(frozen=True)
class Shown:
    """A section whose blocks have but the view that was chosen, and what time that is of."""

    section: Section
    period: Period


def shown(snapshot: Snapshot, name: str, chosen: Choice) -> Shown:
    """Return a section for a choice.

    Raises WrongChoiceError where the lake has no such time, KeyError where there is no such view.
    """
    assert snapshot.listening is not None
    period = period_of(chosen, snapshot.listening)
    section = snapshot.kept((name, period), lambda: _asked(snapshot, name, period))
    return of_choice(section, period, chosen)


def of_choice(section: Section, period: Period, chosen: Choice) -> Shown:
    """Return a section whose blocks have but the view that is chosen."""
    blocks = [
        replace(block, views={(ANY, ANY): view})
        for block in section.blocks
        if (view := _chosen(block, period, chosen)) is not None
    ]
    return Shown(replace(section, blocks=blocks), period)


def warm_up(snapshot: Snapshot, ended: Event) -> None:
    """Ask what people open first, so that its answers are there; stop once ``ended`` is set."""
    if snapshot.listening is not None:
        for name in SECTIONS:
            if ended.is_set():
                return
            shown(snapshot, name, Choice())
        with snapshot.ask() as listening:
            make_all(listening)


def view_of(block: Block) -> View:
    """Return the one view of a block that ``shown`` returned."""
    return block.views[ANY, ANY]


def _asked(snapshot: Snapshot, name: str, period: Period) -> Section:
    assert snapshot.listening is not None
    with snapshot.ask(period) as listening:
        if name == "recap" and period.id != WHOLE:
            section: Section = recap.section_of(listening, period)
        else:
            section = SECTIONS[name](listening)
        return linked(section, listening, snapshot.listening.periods[0].first)


def _chosen(block: Block, period: Period, chosen: Choice) -> View | None:
    keys = keys_for(period.id, chosen.measure)
    return next((block.views[key] for key in keys if key in block.views), None)
