"""Processes that keep pandas out still pass parameters."""

import subprocess
import sys

ASK = """
import sys
import duckdb
{before}
assert duckdb.connect().execute("SELECT $number + 1", {{"number": 1}}).fetchall() == [(2,)]
print("pandas" in sys.modules)
"""
KEPT_OUT = "from engines.no_pandas import keep_pandas_out; keep_pandas_out()"


def has_pandas(before: str) -> bool:
    """Return whether pandas is loaded by a process that passes a parameter to DuckDB."""
    command = [sys.executable, "-c", ASK.format(before=before)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout == "True\n"


def test_a_parameter_loads_pandas_unless_it_is_kept_out() -> None:
    assert has_pandas("")
    assert not has_pandas(KEPT_OUT)
