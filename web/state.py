"""What every answer needs: settings, the lake, runs, the door."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, cast

from fastapi import Depends, Request

from clients.auth.accounts import SignIn
from config.settings import Settings
from web.choice import Choice, choice
from web.lakes import Lakes, Snapshot
from web.password import Doorkeeper
from web.records import Records
from web.runs import Runs


@dataclass(frozen=True)
class Web:
    """The parts of the application. ``now`` gives the time in UTC.

    ``sign_ins`` are those at Spotify that wait for their way back: when they began, by their state.
    """

    settings: Settings
    now: Callable[[], datetime]
    lakes: Lakes
    runs: Runs
    doorkeeper: Doorkeeper
    records: Records
    sign_ins: dict[str, tuple[datetime, SignIn]] = field(default_factory=dict)


class NoPlaysError(LookupError):
    """The lake has no plays of this person yet."""


def web_of(request: Request) -> Web:
    return cast("Web", request.app.state.web)


Here = Annotated[Web, Depends(web_of)]
Chosen = Annotated[Choice, Depends(choice)]


def person_asked(web: Web, chosen: Choice) -> str:
    """Return the person whom the address names, else the setting ``USER_ID``."""
    return chosen.user or web.settings.user_id


def snapshot(web: Here, chosen: Chosen) -> Snapshot:
    """Return the listening of the person who is asked about.

    Raises NoPlaysError where there is none.
    """
    found = web.lakes.of(person_asked(web, chosen))
    if found.listening is None:
        raise NoPlaysError(f"no plays of {found.user_id} yet: import an export, or start a run")
    return found


Heard = Annotated[Snapshot, Depends(snapshot)]
