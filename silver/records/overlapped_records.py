"""Find records of impossible plays, during which the same track was still playing."""

from typing import TYPE_CHECKING

from engines.models import PythonModel
from schemas.table import column
from schemas.types import STRING

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    column("user_id", STRING, "whose listening this is"),
    column("record_id", STRING, "a record that is not a play"),
    column("kept_id", STRING, "the record of the play that was still going on"),
)


def overlapped_records(runs: "pd.DataFrame") -> "pd.DataFrame":
    """Return the records of each run that begin well before the last play that stays has ended.

    ``runs`` are rows of ``overlapping_records``. The first record of a run stays, and each further
    one that can be a play beside those that stay: as many as possible. Each depends on
    those before, so no SQL window finds them.
    """
    import pandas as pd

    found = []
    for user_id, records in zip(runs["user_id"], runs["records"], strict=True):
        kept = records[0]
        for each in records[1:]:
            if each["begins"] < kept["ends"]:
                found.append((user_id, each["record_id"], kept["record_id"]))
            else:
                kept = each
    return pd.DataFrame(found, columns=[each.name for each in COLUMNS])


MODEL = PythonModel(
    name="overlapped_records",
    function=overlapped_records,
    reads=("overlapping_records",),
    columns=COLUMNS,
    per="batch",
)
