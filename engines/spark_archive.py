"""The class-data archive: Spark's thousands of classes parsed and checked once, not at every start.

Java refuses an archive that was made for other jars or another Java, and says nothing. So what it
was made for is kept beside it, and an archive that no longer fits is neither used nor taken for
made.
"""

import json
import os
import shutil
from pathlib import Path

from engines.spark_java import jars, java_program, spark_home


def archive() -> Path:
    """Return the file of the archive; beside it, as JSON, what it was made for."""
    return spark_home() / "soundlake.jsa"


def archive_options() -> list[str]:
    """Return the options with which Java starts from the archive; none where it does not fit."""
    return [f'"-XX:SharedArchiveFile={archive()}"', "-Xlog:cds=off"] if is_fresh() else []


def class_path() -> str:
    """Return Spark's jars in one order: Java refuses an archive that was made with another.

    Put first on the class path, before the folder of the same jars that Spark adds by itself.
    """
    return os.pathsep.join(map(str, jars()))


def is_fresh() -> bool:
    """Return whether the archive was made for the jars and the Java that are there now."""
    try:
        return archive().exists() and json.loads(_made_for().read_text()) == _surroundings()
    except (OSError, json.JSONDecodeError):
        return False


def keep(made: Path) -> None:
    """Put an archive that Java just made in its place, and note what it was made for."""
    _made_for().unlink(missing_ok=True)
    shutil.move(made, archive())
    _made_for().write_text(json.dumps(_surroundings()))


def _made_for() -> Path:
    return archive().with_suffix(".json")


def _surroundings() -> list[list[str | int]]:
    """Return Java and every jar on the class path with size and time of change, as Java looks."""
    java = java_program()
    files = [*([java.resolve()] if java else []), *jars()]
    return [[str(each), each.stat().st_size, each.stat().st_mtime_ns] for each in files]
