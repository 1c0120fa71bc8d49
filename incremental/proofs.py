"""The last step of a run: what it changed is proved, and a failed check fails the run."""

from collections import defaultdict

from incremental.lake import Lake
from incremental.results import StepResult, Stopwatch
from lake.checks import Proof, prove
from schemas.ops_schemas import CHECKS
from schemas.table import Table


def prove_changes(lake: Lake) -> StepResult:
    """Check every table that the run changed, for the people whose rows it changed.

    The result fails where a check does, names table, place and cure, and has the number of checks
    in ``rows_in``. The version that a table had before stays readable.
    """
    watch = Stopwatch(CHECKS.full_name)
    rows = []
    failed: list[Proof] = []
    tables_by_people: defaultdict[frozenset[str] | None, list[Table]] = defaultdict(list)
    for table, people in lake.changed.items():
        tables_by_people[people].append(table)
    for people, tables in tables_by_people.items():
        for proof in prove(tables, lake.data_dir, people):
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
        return watch.result("nothing_new")
    lake.append_rows(CHECKS, rows, CHECKS.full_name, new_only=False)
    error = None if not failed else _in_words(failed)
    return watch.result(
        "failed" if failed else "written", rows_in=len(rows), rows_out=len(rows), error=error
    )


def _in_words(failed: list[Proof]) -> str:
    first = failed[0]
    more = f" (and {len(failed) - 1} further checks)" if len(failed) > 1 else ""
    return (
        f"{first.table.full_name} fails its check {first.name} in {first.failures:,} places, first "
        f"{first.example}{more}: rebuild with `python run_ingestion.py --full`"
    )
