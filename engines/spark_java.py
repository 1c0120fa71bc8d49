"""The Java that runs Spark and the jars it is given: found, and refused in one line."""

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

MIN_JAVA = 17
_CURE = "install Java 17 or newer (Debian/Ubuntu: apt-get install openjdk-17-jre-headless)"


class JavaError(RuntimeError):
    """Java is missing or too old; the message is one line with the cure."""


class DeltaJarsError(RuntimeError):
    """Delta's jars are not in place; the message is one line with the cure."""


def java_program() -> Path | None:
    """Return the Java that Spark will start: ``JAVA_HOME``'s, else the first on the PATH."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which(str(Path(home) / "bin" / "java") if home else "java")
    return Path(java) if java else None


def java_version() -> int:
    """Return the major version of the Java that Spark will start.

    Raises JavaError where there is none, or where it is older than ``MIN_JAVA``.
    """
    java = java_program()
    if java is None:
        home = os.environ.get("JAVA_HOME")
        where = f"JAVA_HOME={home} has no bin/java" if home else "no java on the PATH"
        raise JavaError(f"Java is missing ({where}): {_CURE}")
    printed = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(?:1\.)?(\d+)', printed.stderr + printed.stdout)
    if found is None:
        raise JavaError(f"{java} does not say its version: {_CURE}")
    major = int(found.group(1))
    if major < MIN_JAVA:
        raise JavaError(f"Java {major} at {java} is too old: {_CURE}")
    return major


def spark_home() -> Path:
    """Return the folder of PySpark, found without importing it.

    Raises DeltaJarsError where it is not installed.
    """
    found = find_spec("pyspark")
    if found is None or found.origin is None:
        raise DeltaJarsError("Apache Spark is not installed: run `make setup-spark`")
    return Path(found.origin).parent


def jars_folder() -> Path:
    """Return the folder of Spark's own jars, where Delta's are put by ``make setup-spark``."""
    return spark_home() / "jars"


def jars() -> list[Path]:
    """Return Spark's and Delta's jars in one order, whatever the file system's."""
    return sorted(jars_folder().glob("*.jar"))


def require_delta_jars() -> None:
    """Raise DeltaJarsError where Delta's jars are not beside Spark's."""
    if not any(jars_folder().glob("*delta-spark_*.jar")):
        raise DeltaJarsError("Delta's jars are not beside Spark's: run `make setup-spark`")
