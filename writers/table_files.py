"""How data files become part of a table, in one commit by delta-rs.

The files were written by an engine to a folder aside; here they are checked against the table's
rules, moved into the table's folder and committed.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from shutil import rmtree
from typing import Literal

from deltalake import CommitProperties, DeltaTable, Schema
from deltalake.transaction import AddAction, RemoveAction

from engines.parquet import read_parquet, scan
from engines.scratch_database import session
from lake.checksums import checksum
from lake.commit_log import CHECKSUMS
from lake.delta_tables import LOG_FOLDER, data_files, folder_for_delta, open_table
from lake.logged_files import logged_files
from schemas.table import Table

WriteMode = Literal["append", "overwrite"]

UNFINISHED_PREFIX = ".unfinished-"
"""Of hidden folders: a new table is created in one, and moved to its place as a whole."""
_RULE = "delta.constraints."


class BrokenRuleError(ValueError):
    """Rows break a CHECK rule of their table; nothing was committed."""


def counted_rows(table: Table, files: Sequence[Path]) -> dict[Path, int]:
    """Return how many rows each of ``files`` has.

    Raises BrokenRuleError, naming the rules, where one of the rows breaks a rule of the table.
    """
    if not files:
        return {}
    broken = [_broken(rule) for rule in table.rules.values()]
    source = read_parquet(files, table, with_names=True)
    with session() as connection:
        counts = connection.execute(
            f"SELECT {', '.join(['filename', 'count(*)', *broken])} FROM {source} GROUP BY filename"
        ).fetchall()
    sums = [sum(column) for column in zip(*(row[2:] for row in counts), strict=True)]
    _require_none(table, table.rules, sums)
    return {Path(name): rows for name, rows, *_ in counts}


def create_table(
    table: Table, path: Path, staged: Path, files: Mapping[Path, int], metadata: str
) -> None:
    """Create a table with its rules and first rows, which readers see all at once.

    ``staged`` is the folder that holds ``files``, which come with their numbers of rows.
    """
    unfinished = path.with_name(f"{UNFINISHED_PREFIX}{path.name}")
    rmtree(unfinished, ignore_errors=True)
    rmtree(path, ignore_errors=True)  # a folder without a commit is no table
    unfinished.mkdir(parents=True)
    (unfinished / LOG_FOLDER).mkdir()
    delta = DeltaTable.create(
        str(folder_for_delta(unfinished)),
        Schema.from_json(table.delta_schema),
        partition_by=table.partition_columns,
        name=table.full_name,
        description=table.description,
    )
    if table.rules:
        delta.alter.add_constraint(dict(table.rules))
    commit_files(table, unfinished, staged, files, metadata, "overwrite")
    unfinished.rename(path)


def commit_files(
    table: Table,
    path: Path,
    staged: Path,
    files: Mapping[Path, int],
    metadata: str,
    mode: WriteMode,
    partitions: Sequence[str] | None = None,
) -> None:
    """Commit ``files`` below ``staged`` to the table, as additions or as all of its rows.

    They come with their numbers of rows. ``partitions`` limits an overwrite to these values of the
    partition column. ``metadata`` becomes the commit's ``userMetadata``.
    Raises BrokenRuleError where rows that stay break a rule declared since.
    """
    delta = open_table(path)
    if mode == "overwrite" and delta.metadata().partition_columns != table.partition_columns:
        delta, partitions = _laid_out_again(table, path), None
    schema = Schema.from_json(table.delta_schema)
    there = {each.name for each in delta.schema().fields}
    missing = [each for each in schema.fields if each.name not in there]
    if missing:
        # A table created by an older release gains the columns declared since.
        delta.alter.add_columns(missing)
    staying = _staying(table, path, delta, mode, partitions)
    _declare_rules(table, delta, scan(table, staying, there))
    added: list[AddAction | RemoveAction] = []
    checksums: dict[str, str] = {}
    for file, count in files.items():
        relative = file.relative_to(staged)
        checksums[relative.as_posix()] = checksum(file)
        target = path / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        added.append(_add_action(file.replace(target), relative, count))
    filters = None
    if partitions is not None:
        filters = [(str(table.partition_by), "in", [*partitions])]
    delta.create_write_transaction(
        added,
        mode,
        schema,
        table.partition_columns,
        filters,
        commit_properties=CommitProperties(
            custom_metadata={
                "userMetadata": metadata,
                "operationMetrics": {"numOutputRows": str(sum(files.values()))},
                CHECKSUMS: checksums,
            }
        ),
    )


def record_checksums(path: Path) -> None:
    """Record the checksums of data files that the log of the table at ``path`` has none of.

    That is a commit without a row, none where it has all.
    """
    lacking = [each.path for each in logged_files(path) if each.checksum is None]
    checksums = {each: checksum(path / each) for each in lacking if (path / each).is_file()}
    if checksums:
        delta = open_table(path)
        delta.create_write_transaction(
            [],
            "append",
            delta.schema(),
            delta.metadata().partition_columns,
            commit_properties=CommitProperties(custom_metadata={CHECKSUMS: checksums}),
        )


def _laid_out_again(table: Table, path: Path) -> DeltaTable:
    """Return a table created by an older release without its rows, partitioned as declared now.

    Its versions go on. Who reads it before the rows are committed finds none.
    """
    return DeltaTable.create(
        str(folder_for_delta(path)),
        Schema.from_json(table.delta_schema),
        mode="overwrite",
        partition_by=table.partition_columns,
        name=table.full_name,
        description=table.description,
    )


def _staying(
    table: Table, path: Path, delta: DeltaTable, mode: WriteMode, partitions: Sequence[str] | None
) -> list[Path]:
    """Return the data files that a commit leaves part of the table."""
    if mode == "overwrite" and partitions is None:
        return []
    gone = {f"{table.partition_by}={value}" for value in partitions or () if mode == "overwrite"}
    return [each for each in data_files(delta, path) if each.parent.name not in gone]


def _declare_rules(table: Table, delta: DeltaTable, staying: str) -> None:
    """Update the CHECK rules of a table created by an older release to those declared now.

    Raises BrokenRuleError where rows of the query ``staying`` do not meet them.
    """
    there = {
        name.removeprefix(_RULE): rule
        for name, rule in delta.metadata().configuration.items()
        if name.startswith(_RULE)
    }
    changed = {
        name: rule
        for name, rule in table.rules.items()
        if name not in there or _as_compared(there[name]) != _as_compared(rule)
    }
    for name in there.keys() - table.rules.keys():
        delta.alter.drop_constraint(name)
    if not changed:
        return
    broken = ", ".join(_broken(rule) for rule in changed.values())
    with session() as connection:
        (counts,) = connection.execute(f"SELECT {broken} FROM ({staying})").fetchall()
    _require_none(table, changed, counts)
    # As properties: for a constraint delta-rs would read all rows, which was done just now.
    properties = {f"{_RULE}{name}": rule for name, rule in changed.items()}
    delta.alter.set_table_properties(properties, raise_if_not_exists=False)


def _broken(rule: str) -> str:
    return f"count_if(NOT coalesce(({rule}), false))"


def _require_none(table: Table, rules: Mapping[str, str], counts: Sequence[int]) -> None:
    """Raise BrokenRuleError where a rule is broken by any row."""
    named = [
        f"{name} ({condition}): {rows} rows"
        for (name, condition), rows in zip(rules.items(), counts, strict=True)
        if rows
    ]
    if named:
        raise BrokenRuleError(f"{table.full_name} breaks its CHECK rule {'; '.join(named)}")


def _as_compared(rule: str) -> list[str]:
    """Return a rule without what delta-rs changes when it stores one: case and spaces."""
    parts = re.split(r"('[^']*')", rule)  # every other one a text
    return [
        part if place % 2 else "".join(part.split()).casefold() for place, part in enumerate(parts)
    ]


def _add_action(file: Path, relative: Path, rows: int) -> AddAction:
    values: dict[str, str | None] = {}
    for part in relative.parts[:-1]:
        name, _, value = part.partition("=")
        values[name] = value
    status = file.stat()
    return AddAction(
        path=relative.as_posix(),
        size=status.st_size,
        partition_values=values,
        modification_time=int(status.st_mtime * 1000),
        data_change=True,
        stats=json.dumps({"numRecords": rows}),
    )
