"""What a run must remember of its dealings with the services, beside the tables.

A run that finds nothing new writes no table; what it learned all the same, such as until when
Spotify wants to be left alone, stands in a small file. Losing it loses no plays, but politeness and
the memory of how late they may come.
"""

import logging
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, TypeAdapter, ValidationError

STATE_FILE = ".api_state.json"

log = logging.getLogger(__name__)


class ApiState(BaseModel):
    """What is remembered of one person's account; all instants UTC.

    ``quiet_polls`` are the last answers in a row that brought nothing new; ``longest_delay`` is how
    long after its end a play has been missing from the answers.
    """

    blocked_until: datetime | None = None
    reccobeats_blocked_until: datetime | None = None
    spotify_features_refused_until: datetime | None = None
    last_poll_at: datetime | None = None
    quiet_polls: int = 0
    longest_delay: timedelta = timedelta(0)
    library_read_at: datetime | None = None
    warned_at: datetime | None = None


def is_over(until: datetime | None, now: datetime) -> bool:
    """Return whether what was to last ``until`` an instant, if anything, has ended."""
    return until is None or until <= now


_People = TypeAdapter(dict[str, ApiState])


def load_state(data_dir: Path, user_id: str) -> ApiState:
    """Return what is remembered of a person; nothing where there is no file or a broken one."""
    return _read(data_dir).get(user_id, ApiState())


def save_state(data_dir: Path, user_id: str, state: ApiState) -> None:
    """Keep ``state``; the file is whole at any moment. The lake's lock must be held."""
    people = _read(data_dir) | {user_id: state}
    scratch = data_dir / f"{STATE_FILE}.new"
    scratch.write_bytes(_People.dump_json(people, indent=1, exclude_none=True))
    scratch.replace(data_dir / STATE_FILE)


def _read(data_dir: Path) -> dict[str, ApiState]:
    path = data_dir / STATE_FILE
    try:
        return _People.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValidationError:
        log.warning("%s cannot be read and is begun anew", path)
        return {}
