"""What Apache Spark is installed with: Delta's jars, and the tuning that the shell shares."""

from pathlib import Path

import pytest

pytest.importorskip("pyspark", reason="needs Apache Spark: make setup-spark")

from engines.spark_java import jars_folder
from engines.spark_session import SESSION_TUNING, driver_settings
from engines.spark_shell import write_defaults
from scripts import install_delta_jars as installer

pytestmark = pytest.mark.spark


def test_the_sums_are_those_of_the_installed_jars() -> None:
    sums = installer.read_sums(installer.SUMS_FILE.read_text("utf-8"))
    assert len(sums) == 7
    assert installer.wrong_jars(jars_folder(), sums) == []
    assert installer.stray_jars(jars_folder(), sums) == []


def test_spark_reads_the_same_tuning_from_the_shells_file(tmp_path: Path) -> None:
    write_defaults(tmp_path / "conf")
    lines = (tmp_path / "conf/spark-defaults.conf").read_text("utf-8").splitlines()
    written = dict(line.split(" ", maxsplit=1) for line in lines)
    assert written == SESSION_TUNING | driver_settings()
