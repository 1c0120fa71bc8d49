"""Data flows one way: a package imports only from those before it."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
AT_THE_ROOT = {"run_ingestion", "main", "scheduler", "pipeline"}
ALWAYS = ["config", "schemas", "engines", "lake", "writers", "incremental"]
ORDER = [
    "clients",
    "loaders",
    "mappers",
    "ingestion",
    "features",
    "silver",
    "gold",
    "report",
    "playlists",
    "web",
]
ALLOWED: dict[str, set[str]] = {
    package: {*ALWAYS, *ORDER[: place + 1]} for place, package in enumerate(ORDER)
}
ALLOWED |= {package: {*ALWAYS[: place + 1]} for place, package in enumerate(ALWAYS)}
ALLOWED |= {
    # The simulated account knows the outside world only.
    "demo": {"demo"},
    "cli": {*ALWAYS, *ORDER, "cli"},
}
# What no package imports may import everything.
ALLOWED |= {
    each: {*ALWAYS, *ORDER, *AT_THE_ROOT, "cli", "demo"}
    for each in ("scripts", "bench", "docs", *AT_THE_ROOT)
}
ALLOWED["bench"] |= {"bench", "tests"}
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in ROOT.rglob("*.py")
    if path.relative_to(ROOT).parts[0] in ALLOWED or path.parent == ROOT
}


def imported_by(path: Path, *, with_types: bool = True) -> set[str]:
    """Return the modules of this project that a file imports, in its functions too.

    ``with_types`` says whether imports count that only type checkers see.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if not with_types:
        tree.body = [
            node
            for node in tree.body
            if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
        ]
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            submodules = {f"{node.module}.{each.name}" for each in node.names}
            names |= (submodules & MODULES.keys()) or {node.module}
    return names & MODULES.keys()


def test_four_modules_stand_at_the_root() -> None:
    assert {path.stem for path in ROOT.glob("*.py")} == AT_THE_ROOT


def test_every_package_has_its_place() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert packages - {"tests"} <= ALLOWED.keys()


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_a_package_imports_only_from_those_before_it(package: str) -> None:
    own = [name for name in MODULES if name.split(".")[0] == package]
    assert own
    for name in own:
        imported = {each.split(".")[0] for each in imported_by(MODULES[name])}
        assert imported <= ALLOWED[package], name


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Imports within functions count, those for type checkers alone do not."""
    graph = {name: imported_by(path, with_types=False) for name, path in MODULES.items()}

    TopologicalSorter(graph).prepare()


def test_only_the_writer_writes_tables() -> None:
    """Reading and writing happen through the writers alone."""
    for package in ("mappers", "features", "silver", "gold"):
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            for word in ("deltalake", ".write.", "datetime.now", "load_settings"):
                assert word not in text, f"{path.relative_to(ROOT)} says {word}"


def test_only_sparks_side_of_the_seam_imports_pyspark() -> None:
    own = {ROOT / "scripts" / "make_class_archive.py"}
    for path in ROOT.rglob("*.py"):
        parts = path.relative_to(ROOT).parts
        if parts[0] in (".venv", "tests", "data") or path in own:
            continue
        if parts[0] == "engines" and path.name.startswith("spark"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(each.split(".")[0] in ("pyspark", "delta") for each in names), path


def test_a_run_that_computes_nothing_imports_no_scientific_library() -> None:
    """Together they take longer to import than all the rest of such a run."""
    heavy = "{'pandas', 'scipy', 'sklearn', 'statsmodels', 'pyarrow.dataset'}"
    code = f"import sys, run_ingestion; print(sorted({heavy} & sys.modules.keys()))"
    printed = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert printed.stdout.strip() == "[]"


def test_no_test_imports_a_benchmark() -> None:
    """A benchmark may use what tests made up, not the other way round."""
    for path in (ROOT / "tests").rglob("*.py"):
        assert not {name for name in imported_by(path) if name.split(".")[0] == "bench"}, path
