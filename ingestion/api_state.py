"""What runs remember about the services, outside the tables.

A run that finds nothing new writes no table; what it learned nevertheless, such as until when
Spotify limits our rate, is kept in a small file. Losing it loses no plays, only such limits and
the observed delay of plays. So what a clock wrote that was ahead is ignored: a limit of the year
after next would keep Spotify from being asked.
"""

import logging
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, TypeAdapter, ValidationError

STATE_FILE = ".api_state.json"
_CLOCKS_AGREE = timedelta(hours=1)

log = logging.getLogger(__name__)


class ApiState(BaseModel):
    """What is remembered about one person's account; all instants UTC.

    ``quiet_polls`` counts the latest answers in a row without anything new; ``longest_delay`` is
    how long after its end a play has been missing from the answers.
    """

    blocked_until: datetime | None = None
    reccobeats_blocked_until: datetime | None = None
    spotify_features_refused_until: datetime | None = None
    last_poll_at: datetime | None = None
    quiet_polls: int = 0
    longest_delay: timedelta = timedelta(0)
    library_read_at: datetime | None = None
    warned_at: datetime | None = None
    saved_at: datetime | None = None


def is_over(until: datetime | None, now: datetime) -> bool:
    """Return whether ``until`` has passed or is not set."""
    return until is None or until <= now


_People = TypeAdapter(dict[str, ApiState])


def load_state(data_dir: Path, user_id: str, now: datetime) -> ApiState:
    """Return a person's state as of ``now``, UTC.

    An empty one where the file is missing, broken, or from a clock that was ahead.
    """
    state = _read(data_dir).get(user_id, ApiState())
    if state.saved_at is not None and state.saved_at > now + _CLOCKS_AGREE:
        log.warning("%s is from %s, by a clock that was ahead: ignored", STATE_FILE, state.saved_at)
        return ApiState()
    return state


def save_state(data_dir: Path, user_id: str, state: ApiState, now: datetime) -> None:
    """Store ``state`` as of ``now`` atomically. The lake's lock must be held."""
    people = _read(data_dir) | {user_id: state.model_copy(update={"saved_at": now})}
    scratch = data_dir / f"{STATE_FILE}.new"
    scratch.write_bytes(_as_json(people))
    scratch.replace(data_dir / STATE_FILE)


def people_with_state(data_dir: Path) -> set[str]:
    """Return the people whose accounts were asked."""
    return {*_read(data_dir)}


def states_of_others(data_dir: Path, user_id: str) -> bytes | None:
    """Return the content of the file without a person; None where nobody is left."""
    people = {name: each for name, each in _read(data_dir).items() if name != user_id}
    return _as_json(people) if people else None


def _as_json(people: dict[str, ApiState]) -> bytes:
    return _People.dump_json(people, indent=1, exclude_none=True)


def _read(data_dir: Path) -> dict[str, ApiState]:
    path = data_dir / STATE_FILE
    try:
        return _People.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValidationError:
        log.warning("%s cannot be read: starting with an empty state", path)
        return {}
