"""Data flows one way: a package imports only from those before it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ALWAYS = ["config", "schemas", "engines", "lake", "writers", "incremental"]
ORDER = ["clients", "loaders", "mappers", "features", "silver", "gold", "report"]
ALLOWED: dict[str, set[str]] = {
    package: {*ALWAYS, *ORDER[: place + 1]} for place, package in enumerate(ORDER)
}
ALLOWED |= {package: {*ALWAYS[: place + 1]} for place, package in enumerate(ALWAYS)}
ALLOWED |= {
    # The simulated account knows the outside world only.
    "demo": {"demo"},
}
OURS = {each.name for each in ROOT.iterdir() if (each / "__init__.py").exists()} | {
    each.stem for each in ROOT.glob("*.py")
}


def imported_by(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {each.name.split(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names & OURS


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_a_package_imports_only_from_those_before_it(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        assert imported_by(path) <= ALLOWED[package], path.relative_to(ROOT)


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
