"""How a step runs: skipped where nothing changed, for the affected people, else for everybody.

``incremental`` says how a change travels from step to step.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

from config.settings import Settings
from engines import models
from engines.models import Instead, Parameters, PythonModel
from incremental.differences import Difference, Part, slice_columns
from incremental.lake import NO_TABLE_YET, Lake
from incremental.results import StepResult, StepTimer
from incremental.row_changes import FileChanges, UnknownChangeError, file_changes
from lake.commit_log import Commit, commits_after
from lake.provenance import Provenance, provenance_of
from schemas import BY_NAME
from schemas.decision_schemas import TABLES as DECISIONS
from schemas.silver_schemas import COUNTS, LISTENING_WITH_FEATURES
from schemas.table import Table

MAX_SLICES_NAMED = 5_000
"""A commit that changed more names nobody: the next steps recompute everybody."""


class EmptiedError(ValueError):
    """Nothing was computed for people who have rows in the inputs."""


@dataclass(frozen=True)
class Change:
    """What changed in the inputs of a step since its table was computed.

    ``made_from`` is what the present table was computed from by the same models and settings.
    """

    lake: Lake
    step: "Step"
    made_from: Provenance

    def commits(self, table: Table) -> list[Commit]:
        """Return the commits that changed rows of an input since, oldest first.

        Raises UnknownChangeError where the log does not reach back that far.
        """
        since = self.made_from.reads.get(table.full_name, NO_TABLE_YET)
        if since == NO_TABLE_YET and not table.exists(self.lake.data_dir):
            return []
        found = commits_after(table.path(self.lake.data_dir), since)
        if found is None:
            raise UnknownChangeError(f"the log of {table.full_name} does not reach back that far")
        return [each for each in found if each.changes_rows]

    def files(self, table: Table) -> FileChanges:
        """Return the data files of an input that were added and removed since.

        Raises UnknownChangeError.
        """
        return file_changes(self.commits(table))

    def people(self, table: Table) -> frozenset[str]:
        """Return the people whose rows of an input changed, as its commits say.

        Raises UnknownChangeError where a commit does not say.
        """
        people: set[str] = set()
        for commit in self.commits(table):
            provenance = provenance_of(commit)
            if provenance is None or provenance.affected is None:
                raise UnknownChangeError(f"a commit of {table.full_name} names nobody")
            people |= provenance.affected.keys()
        return frozenset(people)

    def require_unchanged(self, table: Table) -> None:
        """Raise UnknownChangeError where rows of an input changed."""
        if self.commits(table):
            raise UnknownChangeError(f"{table.full_name} changed")


Follow = Callable[[Change, Table], frozenset[str]]
"""Returns the people whom a change of an input affects; raises UnknownChangeError: everybody."""


def people_named(change: Change, table: Table) -> frozenset[str]:
    """Return the people whom the commits of a table about people name."""
    return change.people(table)


def everybody(change: Change, table: Table) -> frozenset[str]:
    """Return nobody where the table is unchanged; raise where it changed: everybody is affected."""
    change.require_unchanged(table)
    return frozenset()


NO_PARAMETERS: Parameters = MappingProxyType({})


@dataclass(frozen=True)
class Step:
    """One computed table, built by the model of its name.

    What the model reads follows from it; ``after`` names further tables that must be up to date.
    ``parameters`` are those of the models, by the settings. ``follow`` says for inputs who is
    affected by a change; others follow ``people_named`` where they are about people, else
    ``everybody``. ``find_part`` replaces this for tables that are not about people. ``narrow`` is
    called once the inputs are bound, to drop rows that the part does not need (the change is None
    where it is not known); it returns queries that replace models. ``keep_left_out`` is called once
    the table is computed, while the models that it was computed from are known, to keep what they
    left out. ``may_be_empty`` says that a person with rows in the inputs may rightly have none.
    ``sticky`` names parameters that stay true once the table was built with them. ``version`` is
    raised when a Python model changes its result; a changed SQL model is detected automatically.
    """

    table: Table
    parameters: Callable[[Settings], Parameters] = lambda settings: NO_PARAMETERS
    after: tuple[Table, ...] = ()
    follow: Mapping[Table, Follow] = field(default_factory=dict)
    find_part: Callable[[Change], Part] | None = None
    narrow: Callable[[Lake, Part, Change | None], Instead] | None = None
    keep_left_out: Callable[[Lake], None] | None = None
    wanted: Callable[[Settings], bool] = lambda settings: True
    may_be_empty: bool = False
    sticky: tuple[str, ...] = ()
    version: int = 1

    @cached_property
    def reads(self) -> tuple[Table, ...]:
        """The tables that its model reads, its own left out."""
        names = models.tables_of(self.table.name)
        return tuple(BY_NAME[each] for each in names if each != self.table.full_name)

    @property
    def depends_on(self) -> tuple[Table, ...]:
        """The tables that must be up to date before."""
        return (*self.reads, *self.after)

    @cached_property
    def recipe(self) -> str:
        """A fingerprint of the models."""
        texts = [
            f"{each.function.__module__}.{each.function.__qualname__}"
            if isinstance(each, PythonModel)
            else each.sql
            for each in models.in_order(self.table.name)
        ]
        digest = hashlib.md5("\n".join(texts).encode(), usedforsecurity=False).hexdigest()
        return f"{self.version}-{digest[:12]}"

    @property
    def whole(self) -> Part:
        """The whole table as a part."""
        return Part(slice_columns(self.table)[0])

    def provenance(self, lake: Lake) -> Provenance:
        """Return what the table would be computed from now, by the present lake and settings."""
        return Provenance(
            run_id=lake.run_id,
            step=self.table.full_name,
            reads={each.full_name: lake.data_version(each) for each in self.reads},
            settings={name: str(value) for name, value in self.parameters_now(lake).items()},
            transform_version=self.recipe,
        )

    def parameters_now(self, lake: Lake) -> Parameters:
        """Return the parameters of the models, from the settings and the table's sticky ones."""
        parameters = self.parameters(lake.settings)
        made_from = lake.made_from(self.table) if self.sticky else None
        if made_from is None:
            return parameters
        kept = {name: True for name in self.sticky if made_from.settings.get(name) == str(True)}
        return {**parameters, **kept}

    def has_recipe(self, lake: Lake) -> bool:
        """Return whether the table was computed with the present settings and models."""
        made_from = lake.made_from(self.table)
        return made_from is not None and made_from.same_recipe_as(self.provenance(lake))

    def run(self, lake: Lake, *, rebuild: bool) -> StepResult:
        """Bring the table up to date in one commit, or none where no row differs.

        Raises EmptiedError, unless everything is rebuilt.
        """
        timer = StepTimer(self.table.full_name)
        lake.shared_models.note_begun(self.table.name)
        provenance = self.provenance(lake)
        made_from = None if rebuild else lake.made_from(self.table)
        if made_from is not None and made_from.same_result_as(provenance):
            return timer.result("nothing_new")
        unchanged = {
            "rows_out": 0,
            "versions_read": provenance.reads,
            "version_written": lake.version(self.table),
            "made_from": provenance.to_json(),
        }
        part, change = self.whole, None
        if made_from is not None and made_from.same_recipe_as(provenance):
            change = Change(lake, self, made_from)
            part = self.part_affected(change)
        if part.values == frozenset():
            return timer.result("nothing_new", **unchanged)
        self.compute(lake, part, change)
        computed = lake.compare(self.table, self.table.name, part)
        difference = computed.difference
        if not rebuild:
            self._require_rows(lake, difference)
        lake.engine.forget([self.table.name])
        if not difference.changed and self.table.exists(lake.data_dir):
            return timer.result("nothing_new", **unchanged)
        is_named = self.table.exists(lake.data_dir) and len(difference.changed) <= MAX_SLICES_NAMED
        engine = lake.engine
        written = lake.replace(
            computed,
            replace(
                provenance,
                affected=difference.affected if is_named and "user_id" in self.table.key else None,
                engine={"name": engine.name, "version": engine.version, **engine.settings},
            ),
        )
        return timer.result(
            "written",
            rows_out=written.rows,
            versions_read=provenance.reads,
            version_written=written.version,
            made_from=provenance.to_json(),
        )

    def part_affected(self, change: Change) -> Part:
        """Return the part of the table that a change of its inputs may affect."""
        try:
            if self.find_part is not None:
                return self.find_part(change)
            if "user_id" not in self.table.key:
                return self.whole
            people: frozenset[str] = frozenset()
            for table in self.reads:
                people |= self._follow(table)(change, table)
            return Part("user_id", people)
        except UnknownChangeError:
            return self.whole

    def compute(self, lake: Lake, part: Part, change: Change | None = None) -> None:
        """Compute the part in the engine; the result is registered by the table's name."""
        people = part.values if part.column == "user_id" else None
        for table in (*self.reads, *self._itself()):
            lake.bind(table, people=people if "user_id" in table.column_names else None)
        parameters = self.parameters_now(lake)
        if self.narrow is None:
            lake.shared_models.compute(lake.engine, self.table.name, parameters)
            helpers = {each.name for each in models.in_order(self.table.name)} - {self.table.name}
            lake.shared_models.forget(lake.engine, helpers)
            return
        # Models of less than the tables hold are of no use to other steps.
        instead = self.narrow(lake, part, change)
        models.compute(lake.engine, self.table.name, parameters, instead)
        if self.keep_left_out is not None:
            self.keep_left_out(lake)
        helpers = {*instead, *(each.name for each in models.in_order(self.table.name, instead))}
        lake.engine.forget(sorted(helpers - {self.table.name}))

    def _itself(self) -> Collection[Table]:
        reads_itself = self.table.full_name in models.tables_of(self.table.name)
        return (self.table,) if reads_itself else ()

    def _follow(self, table: Table) -> Follow:
        default = people_named if "user_id" in table.key else everybody
        return self.follow.get(table, default)

    def _require_rows(self, lake: Lake, difference: Difference) -> None:
        """Raise EmptiedError where a person would lose all rows while an input still has some."""
        if self.may_be_empty or "user_id" not in self.table.key:
            return
        emptied = {person for person, *_ in difference.emptied}
        if not emptied:
            return
        # A person who lost a month may have other months that did not change.
        left = lake.engine.fetch(
            f"SELECT DISTINCT user_id FROM {self.table.name} "
            f"WHERE user_id IN {models.literal(tuple(sorted(emptied)))}"
        )
        of_people = [each for each in self.reads if "user_id" in each.key]
        # Who excluded all that they played rightly has no row.
        plays = [each for each in of_people if each is LISTENING_WITH_FEATURES]
        for person in sorted(emptied - {person for (person,) in left}):
            for table in plays or of_people:
                if table not in DECISIONS:
                    ((count,),) = lake.engine.fetch(
                        f"SELECT count(*) FROM {table.full_name} "
                        f"WHERE user_id = {models.literal(person)} "
                        f"AND {COUNTS if plays else 'true'}"
                    )
                    if count:
                        raise EmptiedError(
                            f"nothing was computed for {person}, who has {count} rows in "
                            f"{table.full_name}: nothing was written; run again with --full"
                        )
