"""An archive of classes is used for the Java and the jars it was made for, and no others."""

import json
import os
from pathlib import Path

import pytest

from engines import spark_archive, spark_java


@pytest.fixture
def spark_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a Java and a Spark with one jar, as far as the archive looks."""
    home = tmp_path / "spark"
    (home / "jars").mkdir(parents=True)
    (home / "jars" / "spark.jar").write_bytes(b"classes")
    java = tmp_path / "java" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text("#!/bin/sh\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "java"))
    monkeypatch.setattr(spark_archive, "spark_home", lambda: home)
    monkeypatch.setattr(spark_java, "spark_home", lambda: home)
    return home


def make(folder: Path) -> None:
    made = folder / "made.jsa"
    made.write_bytes(b"archive")
    spark_archive.keep(made)


def test_without_an_archive_java_gets_no_option(spark_home: Path) -> None:
    assert spark_archive.archive_options() == []


def test_a_kept_archive_is_fresh_and_used(spark_home: Path) -> None:
    make(spark_home)

    assert spark_archive.is_fresh()
    option = f'"-XX:SharedArchiveFile={spark_home / "soundlake.jsa"}"'
    assert option in spark_archive.archive_options()


def test_another_jar_makes_it_stale(spark_home: Path) -> None:
    make(spark_home)
    (spark_home / "jars" / "delta.jar").write_bytes(b"more classes")

    assert not spark_archive.is_fresh()
    assert spark_archive.archive_options() == []


def test_a_jar_or_java_that_changed_makes_it_stale(spark_home: Path, tmp_path: Path) -> None:
    for changed in (spark_home / "jars" / "spark.jar", tmp_path / "java" / "bin" / "java"):
        make(spark_home)
        assert spark_archive.is_fresh()
        os.utime(changed, (1, changed.stat().st_mtime + 1))
        assert not spark_archive.is_fresh()


def test_an_archive_whose_note_is_gone_or_broken_is_stale(spark_home: Path) -> None:
    make(spark_home)
    note = spark_home / "soundlake.json"
    assert json.loads(note.read_text())

    note.write_text("{")
    assert not spark_archive.is_fresh()
    note.unlink()
    assert not spark_archive.is_fresh()
