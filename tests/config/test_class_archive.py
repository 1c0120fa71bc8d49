"""An archive of classes is used for the Java and the jars it was made for, and no others."""

import json
import os
from pathlib import Path

import pyspark
import pytest

from config import class_archive


@pytest.fixture
def spark_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Java and a Spark with one jar, as far as the archive looks."""
    home = tmp_path / "spark"
    (home / "jars").mkdir(parents=True)
    (home / "jars" / "spark.jar").write_bytes(b"classes")
    java = tmp_path / "java" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text("#!/bin/sh\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "java"))
    monkeypatch.setattr(pyspark, "__file__", str(home / "__init__.py"))
    monkeypatch.setattr(class_archive, "ARCHIVE", home / "soundlake.jsa")
    monkeypatch.setattr(class_archive, "MADE_FOR", home / "soundlake.json")
    return home


def make(folder: Path) -> None:
    made = folder / "made.jsa"
    made.write_bytes(b"archive")
    class_archive.keep(made)


def test_without_an_archive_java_gets_no_option(spark_home: Path) -> None:
    assert class_archive.archive_options() == []


def test_a_kept_archive_is_fresh_and_used(spark_home: Path) -> None:
    make(spark_home)

    assert class_archive.is_fresh()
    option = f"-XX:SharedArchiveFile={spark_home / 'soundlake.jsa'}"
    assert option in class_archive.archive_options()


def test_another_jar_makes_it_stale(spark_home: Path) -> None:
    make(spark_home)
    (spark_home / "jars" / "delta.jar").write_bytes(b"more classes")

    assert not class_archive.is_fresh()
    assert class_archive.archive_options() == []


def test_a_jar_or_java_that_changed_makes_it_stale(spark_home: Path, tmp_path: Path) -> None:
    for changed in (spark_home / "jars" / "spark.jar", tmp_path / "java" / "bin" / "java"):
        make(spark_home)
        assert class_archive.is_fresh()
        os.utime(changed, (1, changed.stat().st_mtime + 1))
        assert not class_archive.is_fresh()


def test_an_archive_whose_note_is_gone_or_broken_is_stale(spark_home: Path) -> None:
    make(spark_home)
    note = spark_home / "soundlake.json"
    assert json.loads(note.read_text())

    note.write_text("{")
    assert not class_archive.is_fresh()
    note.unlink()
    assert not class_archive.is_fresh()
