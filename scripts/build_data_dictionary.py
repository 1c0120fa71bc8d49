"""Write docs/DATA_DICTIONARY.md from the tables as they are declared."""

import sys
from pathlib import Path

# Started by its path, a script sees its own folder only.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from cli.console import exit_code_from
from schemas import ALL_TABLES
from schemas.table import Column, Table
from schemas.types import delta_name

PATH = Path(__file__).resolve().parent.parent / "docs" / "DATA_DICTIONARY.md"
_HEAD = """# Data dictionary

Every table of the lake and every column, made from `schemas/` by
`python scripts/build_data_dictionary.py`. A table lies in `$DATA_DIR/<layer>/<table>`; all
instants are UTC.
"""


def main() -> int:
    PATH.write_text(data_dictionary(), encoding="utf-8")
    return 0


def data_dictionary() -> str:
    """Return the whole page as Markdown."""
    return "\n".join([_HEAD, *(_section(each) for each in ALL_TABLES)])


def _section(table: Table) -> str:
    lines = [
        f"## {table.full_name}",
        "",
        table.description,
        "",
        f"Key: {', '.join(f'`{name}`' for name in table.key)}."
        + (f" Partitioned by `{table.partition_by}`." if table.partition_by else ""),
        "",
        "| column | type | meaning |",
        "|---|---|---|",
        *(
            f"| `{each.name}` | {delta_name(each.data_type)} | {_comment(each)} |"
            for each in table.columns
        ),
        "",
    ]
    return "\n".join(lines)


def _comment(of: Column) -> str:
    return of.comment.replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(exit_code_from(main))
