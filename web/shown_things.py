"""Things for a choice: what their pages and the API show alike."""

from datetime import date

from report.page.listening import Listening
from web.choice import Choice, WrongChoiceError, period_of
from web.days import Dated, day_section, session_section
from web.lakes import Snapshot
from web.questions.things import Kind, Thing, find
from web.things import thing_section
from web.views import Shown, of_choice


def thing_shown(
    snapshot: Snapshot, chosen: Choice, kind: Kind, key: str, artist_key: str = ""
) -> tuple[Thing, Shown]:
    """Return a thing and its section.

    Raises WrongChoiceError where it is not known, or the lake has no such time.
    """
    assert snapshot.listening is not None
    period = period_of(chosen, snapshot.listening)
    with snapshot.ask(period) as listening:
        thing = thing_named(listening, kind, key, artist_key)
        section = snapshot.kept((thing, period), lambda: thing_section(listening, thing))
    return thing, of_choice(section, period, chosen)


def thing_named(listening: Listening, kind: Kind, key: str, artist_key: str = "") -> Thing:
    """Return a thing; raises WrongChoiceError where it is not known."""
    thing = find(listening, kind, key, artist_key)
    if thing is None:
        raise WrongChoiceError(f"there is no such {kind} among the plays")
    return thing


def day_shown(snapshot: Snapshot, day: date) -> Dated:
    """Return a day; raises WrongChoiceError where the lake does not reach as far."""
    assert snapshot.listening is not None
    with snapshot.ask(snapshot.listening.periods[0]) as listening:
        return day_section(listening, day)


def session_shown(snapshot: Snapshot, session_id: str) -> Dated:
    """Return a session; raises WrongChoiceError where there is none."""
    assert snapshot.listening is not None
    with snapshot.ask(snapshot.listening.periods[0]) as listening:
        return session_section(listening, session_id)
