"""The statuses of a result in gold. SQL models write them out; a test compares the two."""

from typing import Final, Literal, get_args

Status = Literal["ok", "too_few_data", "withheld", "no_skill"]

OK: Final = "ok"
"""There is a value."""

TOO_FEW_DATA: Final = "too_few_data"
"""Too little listening, or too little of it with features."""

WITHHELD: Final = "withheld"
"""It would mostly be based on synthetic features."""

NO_SKILL: Final = "no_skill"
"""No better than chance or than a plain average."""

STATUSES: tuple[Status, ...] = get_args(Status)
