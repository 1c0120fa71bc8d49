import ast
import json
import sys
import zipfile
from pathlib import Path

import pytest

import demo
from demo import account, make_demo


def _content(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "demo"
    make_demo(folder)
    return folder


def test_the_files_stand_where_a_run_looks_for_them(made: Path) -> None:
    files = make_demo(made)
    assert set(_content(made)) == {
        *("demo.json", "kaggle/dataset.csv"),
        *("exports/my_spotify_data.zip", "exports/my_spotify_data_extended.zip"),
    }
    assert files.catalogue == made / "kaggle" / "dataset.csv"
    assert {path.parent for path in files.exports} == {made / "exports"}
    assert files.timezone == "America/Denver"
    with zipfile.ZipFile(made / "exports" / "my_spotify_data_extended.zip") as archive:
        records = sum(
            len(json.loads(archive.read(name)))
            for name in archive.namelist()
            if name.endswith(".json")
        )
    assert records == files.n_plays


def test_complete_files_are_left_alone(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "simulate", _must_not_run)
    assert make_demo(made).n_plays > 30_000


def _must_not_run(*_: object) -> None:
    raise AssertionError("the files were complete")


def test_damaged_files_are_made_again_with_the_same_bytes(made: Path) -> None:
    before = _content(made)
    (made / "kaggle" / "dataset.csv").write_bytes(b"cut off")
    (made / "exports" / "my_spotify_data.zip").unlink()
    make_demo(made)
    assert _content(made) == before


def test_an_interrupted_write_leaves_nothing_half_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(account, "write_catalogue", stop)
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "own.zip").write_bytes(b"somebody's own")
    with pytest.raises(KeyboardInterrupt):
        make_demo(tmp_path)
    assert _content(tmp_path) == {"exports/own.zip": b"somebody's own"}


def test_demo_stands_on_nothing_of_the_project() -> None:
    others = {"numpy", "pandas", "flask", "typer", "werkzeug", "demo", *sys.stdlib_module_names}
    for path in Path(demo.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert {name.split(".")[0] for name in names} <= others, path.name
