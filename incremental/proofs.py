"""The last step of a run: check what it changed; a failed check fails the run."""

from collections import defaultdict
from collections.abc import Mapping

from incremental.lake import Lake
from incremental.results import StepResult, StepTimer
from lake.checks import Proof, prove, proved_against
from schemas import ALL_TABLES
from schemas.ops_schemas import CHECKS
from schemas.table import Table

People = frozenset[str] | None  # None: everybody


def prove_changes(lake: Lake, *, is_whole: bool = True) -> StepResult:
    """Check every table that the run changed, for the people whose rows it changed.

    Tables that are checked against a changed one are checked for its people too: their own rows may
    be the ones that should have changed. Where the run is not ``is_whole``, because a step failed,
    tables need not agree yet: each is checked by itself.

    The result fails where a check does, names table, place and cure, and has the number of checks
    in ``rows_in``. The version that a table had before stays readable.
    """
    timer = StepTimer(CHECKS.full_name)
    rows = []
    failed: list[Proof] = []
    tables_by_people: defaultdict[People, list[Table]] = defaultdict(list)
    for table, people in _concerned(lake, is_whole=is_whole).items():
        tables_by_people[people].append(table)
    for people, tables in tables_by_people.items():
        for proof in prove(tables, lake.data_dir, people, across=is_whole):
            rows.append(
                {
                    "run_id": lake.run_id,
                    "table_name": proof.table.full_name,
                    "check_name": proof.name,
                    "status": "ok" if proof.holds else "failed",
                    "failures": proof.failures,
                    "example": proof.example,
                    "people": None if people is None else len(people),
                    "version": lake.version(proof.table),
                    "seconds": proof.seconds,
                    "checked_at": lake.now,
                }
            )
            if not proof.holds:
                failed.append(proof)
    if not rows:
        return timer.result("nothing_new")
    lake.append_rows(CHECKS, rows, CHECKS.full_name, new_only=False)
    error = None if not failed else _in_words(failed)
    return timer.result(
        "failed" if failed else "written", rows_in=len(rows), rows_out=len(rows), error=error
    )


def _concerned(lake: Lake, *, is_whole: bool) -> Mapping[Table, People]:
    """Return the tables to check, each with the people whose rows to check."""
    concerned = dict(lake.changed)
    for table in ALL_TABLES:
        for changed in proved_against(table) & lake.changed.keys() if is_whole else ():
            if table.exists(lake.data_dir):
                known, more = concerned.get(table, frozenset()), lake.changed[changed]
                concerned[table] = None if known is None or more is None else known | more
    return concerned


def _in_words(failed: list[Proof]) -> str:
    first = failed[0]
    more = f" (and {len(failed) - 1} further checks)" if len(failed) > 1 else ""
    return (
        f"{first.table.full_name} fails its check {first.name} in {first.failures:,} places, first "
        f"{first.example}{more}: rebuild with `python run_ingestion.py --full`"
    )
