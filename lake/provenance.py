"""Provenance: what a commit records about how its rows were computed, and how to read it back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from config.version import VERSION
from lake.commit_log import Commit, newest_change, newest_version
from schemas.table import Table


@dataclass(frozen=True)
class Provenance:
    """How rows were computed, as JSON in the ``userMetadata`` of their commit.

    ``reads`` are the versions of the input tables, ``settings`` those that shape the result, and
    ``transform_version`` changes whenever the models themselves do. ``affected`` are the people,
    and of tables by month their months, whose rows the commit changed; None where it may be all.
    ``engine`` is the name, version and settings of what computed them, ``soundlake_version`` the
    release that committed them, None before it was recorded. In the stored JSON ``affected`` has
    its first name, ``touched``.
    """

    run_id: str
    step: str
    reads: Mapping[str, int]
    settings: Mapping[str, str]
    transform_version: int | str
    affected: Mapping[str, Sequence[str]] | None = None
    engine: Mapping[str, str] = field(default_factory=dict)
    soundlake_version: str | None = VERSION

    def to_json(self) -> str:
        stored = asdict(self)
        stored["touched"] = stored.pop("affected")
        return json.dumps(stored, sort_keys=True)

    @classmethod
    def from_json(cls, text: str | None) -> "Provenance | None":
        """Read what ``to_json`` wrote; None for anything else."""
        try:
            stored = json.loads(text or "null")
            stored.setdefault("soundlake_version", None)
            return cls(affected=stored.pop("touched", None), **stored)
        except (AttributeError, TypeError, json.JSONDecodeError):
            return None

    def same_result_as(self, other: "Provenance") -> bool:
        """Return whether both commits hold the same rows, whichever run or engine wrote them."""
        return self.reads == other.reads and self.same_recipe_as(other)

    def same_recipe_as(self, other: "Provenance") -> bool:
        """Return whether both would compute the same rows from the same inputs."""
        return (self.settings, self.transform_version) == (other.settings, other.transform_version)


@dataclass(frozen=True)
class TableState:
    """A table on disk: its version and the provenance of its last rows."""

    version: int
    data_version: int
    provenance: Provenance | None


def table_state(table: Table, data_dir: Path) -> TableState | None:
    """Return, in milliseconds, the state of a table; None where it is absent.

    ``data_version`` is the last version that changed rows: compaction and other upkeep make new
    versions that concern no reader. Where the log no longer reaches back to it, it is the
    table's version, of unknown origin.
    """
    path = table.path(data_dir)
    version = newest_version(path)
    if version is None:
        return None
    change = newest_change(path)
    if change is None:
        return TableState(version, version, None)
    return TableState(version, change.version, provenance_of(change))


def provenance_of(commit: Commit) -> Provenance | None:
    """Return the provenance in a commit; None where another program wrote it."""
    return Provenance.from_json(commit.user_metadata)
