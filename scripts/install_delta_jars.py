"""Install Delta's own jars beside Spark's, once, so that no session has to resolve anything.

Spark's own resolver fetches them in a throw-away session. Of what it brings only Delta's seven jars
are taken, each after a check against ``delta_jars.sha256``: the rest are older duplicates of jars
that Spark ships. To move to another version of Delta, change ``PACKAGE`` and write the new sums::

    cd <ivy folder>/jars && sha256sum io.delta_* io.unitycatalog_*
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

PACKAGE = "io.delta:delta-spark_4.2_2.13:4.4.0"
SUMS_FILE = Path(__file__).with_name("delta_jars.sha256")
OWN_JARS = ("io.delta_*.jar", "io.unitycatalog_*.jar")
ATTEMPTS = 3
RETRY_SECONDS = 10
RESOLVE_SECONDS = 600

_SESSION = """
import sys
from pyspark.sql import SparkSession
builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
builder = builder.config("spark.jars.packages", sys.argv[1]).config("spark.jars.ivy", sys.argv[2])
builder.config("spark.driver.host", "127.0.0.1").getOrCreate().stop()
"""


class InstallError(RuntimeError):
    """The jars cannot be installed; the message is one line."""


def read_sums(text: str) -> dict[str, str]:
    """Return the SHA-256 sum of each jar by file name, from the lines ``sha256sum`` prints."""
    pairs = (line.split(maxsplit=1) for line in text.splitlines() if line.strip())
    return {name.lstrip("*"): digest for digest, name in pairs}


def wrong_jars(folder: Path, sums: Mapping[str, str]) -> list[str]:
    """List the jars of ``sums`` that are missing from ``folder`` or differ from their sum."""
    return [name for name, digest in sums.items() if _sha256(folder / name) != digest]


def stray_jars(folder: Path, sums: Mapping[str, str]) -> list[Path]:
    """List those of Delta's jars in ``folder`` that ``sums`` does not know.

    Such as another version's: two versions on one class path do not go together.
    """
    return [jar for glob in OWN_JARS for jar in folder.glob(glob) if jar.name not in sums]


def install(jars: Path, sums: Mapping[str, str], resolve: Callable[[Path], Path]) -> bool:
    """Bring the jars of ``sums`` into the folder ``jars``; return whether there was anything to do.

    ``resolve`` fetches them, given a scratch folder, and names the folder where they then lie.
    Raises InstallError, with nothing copied, where any is missing, unknown or has a wrong sum.
    """
    if sums and not wrong_jars(jars, sums) and not stray_jars(jars, sums):
        return False
    with tempfile.TemporaryDirectory(prefix="delta-jars-") as scratch:
        fetched = resolve(Path(scratch))
        if unknown := stray_jars(fetched, sums):
            raise InstallError(_refusal(unknown[0].name, "has no sum"))
        if wrong := wrong_jars(fetched, sums):
            there = (fetched / wrong[0]).exists()
            fault = "differs from its sum" if there else "was not fetched, but has a sum"
            raise InstallError(_refusal(wrong[0], fault))
        for stray in stray_jars(jars, sums):
            stray.unlink()
        for name in sums:
            # Renamed into place: a set-up that is cut off leaves no half jar under a jar's name.
            partial = jars / f".{name}.{os.getpid()}"
            shutil.copyfile(fetched / name, partial)
            partial.replace(jars / name)
    return True


def resolve_with_spark(scratch: Path) -> Path:
    """Fetch ``PACKAGE`` with Spark's resolver into ``scratch``.

    Raises InstallError after ``ATTEMPTS`` failures.
    """
    command = [sys.executable, "-c", _SESSION, PACKAGE, str(scratch)]
    for attempt in range(1, ATTEMPTS + 1):
        _say(f"fetching Delta's jars ({PACKAGE}, about half a minute)")
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=RESOLVE_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            reason = f"no answer within {RESOLVE_SECONDS} s"
        else:
            if done.returncode == 0:
                return scratch / "jars"
            reason = _reason(done.stderr)
        _say(f"attempt {attempt} of {ATTEMPTS} failed: {reason}")
        if attempt < ATTEMPTS:
            time.sleep(RETRY_SECONDS)
    raise InstallError(f"{PACKAGE} could not be fetched: is Maven Central within reach?")


def _refusal(jar: str, fault: str) -> str:
    return f"{jar} {fault} in {SUMS_FILE.name}: no jar was installed"


def _sha256(file: Path) -> str | None:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else None


def _reason(log: str) -> str:
    telling = ("SERVER ERROR", "unresolved dependency", "Exception", "Error")
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    found = (line for mark in telling for line in lines if mark in line)
    return next(found, lines[-1] if lines else "no output")


def _spark_jars() -> Path:
    # Looked up, not imported: the import alone would cost more than the whole check.
    spec = importlib.util.find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise InstallError("pyspark is not installed in this environment")
    return Path(spec.origin).with_name("jars")


def _say(message: str) -> None:
    print(f"setup: {message}", file=sys.stderr, flush=True)


def main() -> int:
    try:
        jars = _spark_jars()
        if install(jars, read_sums(SUMS_FILE.read_text("utf-8")), resolve_with_spark):
            _say(f"Delta's jars are in {jars}")
    except InstallError as error:
        _say(str(error))
        return 1
    except Exception as error:  # unexpected: one line here, the rest in a file
        log = Path(os.environ.get("DATA_DIR") or "data") / "logs" / "setup.log"
        with suppress(OSError):
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text(traceback.format_exc(), encoding="utf-8")
        _say(f"Delta's jars could not be installed: {error or type(error).__name__} (see {log})")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
