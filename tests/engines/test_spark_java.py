"""Java missing or too old is said in one line, before any JVM is started."""

from pathlib import Path

import pytest

from engines.spark_java import JavaError, java_version


@pytest.fixture
def fake_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path / "java"


def print_version(java: Path, version: str) -> None:
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n", encoding="utf-8")
    java.chmod(0o755)


@pytest.mark.parametrize(("version", "major"), [("17.0.15", 17), ("21", 21), ("25.0.1", 25)])
def test_a_java_that_is_new_enough_is_taken(fake_java: Path, version: str, major: int) -> None:
    print_version(fake_java, version)

    assert java_version() == major


@pytest.mark.parametrize("version", ["1.8.0_402", "11.0.22", "16"])
def test_an_old_java_is_named_with_the_cure(fake_java: Path, version: str) -> None:
    print_version(fake_java, version)

    with pytest.raises(JavaError, match=r"too old: install Java 17"):
        java_version()


@pytest.mark.usefixtures("fake_java")
def test_a_missing_java_is_named_with_the_cure() -> None:
    with pytest.raises(JavaError, match=r"no java on the PATH.*install Java 17"):
        java_version()


@pytest.mark.usefixtures("fake_java")
def test_a_wrong_java_home_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", "/nowhere")

    with pytest.raises(JavaError, match="JAVA_HOME=/nowhere"):
        java_version()
