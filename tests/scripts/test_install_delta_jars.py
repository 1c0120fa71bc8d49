"""Delta's jars are installed whole, by their sums, or not at all."""

import hashlib
from pathlib import Path

import pytest

from scripts import install_delta_jars as installer

ROOT = Path(__file__).resolve().parents[2]


JAR = "io.delta_delta-spark_4.2_2.13-4.4.0.jar"


OTHER_JAR = "io.unitycatalog_unitycatalog-client-0.6.0.jar"


def sum_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


GOOD_SUMS = {JAR: sum_of(b"spark"), OTHER_JAR: sum_of(b"client")}


def fetch_good(scratch: Path) -> Path:
    (scratch / JAR).write_bytes(b"spark")
    (scratch / OTHER_JAR).write_bytes(b"client")
    (scratch / "com.fasterxml_jackson-2.13.jar").write_bytes(b"older than Spark's own")
    return scratch


def must_not_fetch(scratch: Path) -> Path:
    raise AssertionError("nothing is missing, yet the jars were fetched")


def test_only_deltas_own_jars_are_installed(tmp_path: Path) -> None:
    assert installer.install(tmp_path, GOOD_SUMS, fetch_good)
    assert sorted(jar.name for jar in tmp_path.iterdir()) == sorted(GOOD_SUMS)
    assert not installer.install(tmp_path, GOOD_SUMS, must_not_fetch)


@pytest.mark.parametrize(
    ("sums", "named"),
    [
        ({**GOOD_SUMS, OTHER_JAR: sum_of(b"not this")}, OTHER_JAR),
        ({JAR: GOOD_SUMS[JAR]}, OTHER_JAR),
        ({**GOOD_SUMS, "io.delta_third.jar": sum_of(b"third")}, "io.delta_third.jar"),
        ({}, "io."),
    ],
    ids=["wrong sum", "no sum", "jar not fetched", "no sums at all"],
)
def test_one_bad_jar_and_none_is_installed(
    tmp_path: Path, sums: dict[str, str], named: str
) -> None:
    with pytest.raises(installer.InstallError) as refusal:
        installer.install(tmp_path, sums, fetch_good)
    assert named in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_jar_is_replaced(tmp_path: Path) -> None:
    installer.install(tmp_path, GOOD_SUMS, fetch_good)
    (tmp_path / JAR).write_bytes(b"half")
    assert installer.install(tmp_path, GOOD_SUMS, fetch_good)
    assert (tmp_path / JAR).read_bytes() == b"spark"


def test_another_versions_jar_makes_way(tmp_path: Path) -> None:
    older = tmp_path / "io.delta_delta-spark_4.2_2.13-4.3.0.jar"
    older.write_bytes(b"older")
    assert installer.install(tmp_path, GOOD_SUMS, fetch_good)
    assert not older.exists()


def test_jars_and_python_package_are_one_version() -> None:
    version = installer.PACKAGE.rsplit(":", maxsplit=1)[1]
    assert f"delta-spark=={version}" in (ROOT / "requirements.in").read_text("utf-8").split()


def test_a_failed_fetch_is_tried_again_and_then_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(installer, "_SESSION", "raise SystemExit('unresolved dependency: x')")
    monkeypatch.setattr(installer, "RETRY_SECONDS", 0)
    with pytest.raises(installer.InstallError, match="could not be fetched"):
        installer.resolve_with_spark(tmp_path)
    assert capsys.readouterr().err.count("failed: unresolved dependency: x") == installer.ATTEMPTS
