"""From when on a person's records are kept: what was purged before is not imported again."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from config.settings import SettingsError

KEPT_FROM_FILE = ".kept_from.json"
"""In ``DATA_DIR``: the instant by person, for those of whom earlier records were purged."""

_Instants = TypeAdapter(dict[str, AwareDatetime])


def kept_from(data_dir: Path) -> Mapping[str, datetime]:
    """Return by person the instant before which their records are not kept, UTC.

    Raises SettingsError where the file is damaged: else what was purged would come back.
    """
    path = data_dir / KEPT_FROM_FILE
    try:
        return _Instants.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValidationError:
        raise SettingsError(
            f'{path} is damaged: write it again as {{"PERSON": "2020-01-01T00:00:00Z"}}, or '
            "delete it, and records that were purged are imported again"
        ) from None


def kept_from_after(data_dir: Path, user_id: str, before: datetime | None) -> bytes | None:
    """Return the file's content once a person's records ``before`` are purged; None: no file.

    ``before`` is None where all are, and no one of that name is remembered.
    """
    instants = dict(kept_from(data_dir))
    if before is None:
        instants.pop(user_id, None)
    else:
        instants[user_id] = max(before, instants.get(user_id, before))
    return _Instants.dump_json(instants) if instants else None
