"""Processes that use no data frames, and need not wait for pandas."""

import sys
from importlib.abc import MetaPathFinder


class _NoPandas(MetaPathFinder):
    def find_spec(self, name: str, path: object, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


def keep_pandas_out() -> None:
    """Keep Arrow and DuckDB from importing pandas in this process, which uses no data frames.

    They import it, which takes a second and 80 MB, only to see whether the values of an array, or
    of a parameter, are a data frame's.
    """
    sys.meta_path.insert(0, _NoPandas())
