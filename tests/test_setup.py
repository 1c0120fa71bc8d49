"""Setting up: the jar installer, the set-up script, the settings' example, the containers."""

import hashlib
import itertools
import os
import pwd
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import pytest
import yaml
from pydantic import AliasChoices

from config.settings import Settings
from demo.accounts_service import DEMO_CLIENT_ID, DEMO_CLIENT_SECRET
from demo.spotify_server import DEMO_REFRESH_TOKEN
from schemas import ALL_TABLES
from schemas.lakes import find_lake
from scripts import install_delta_jars as installer

ROOT = Path(__file__).resolve().parents[1]
COMPOSE = ROOT / "docker-compose.yml"
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


def bare_checkout(tmp_path: Path) -> Path:
    """Return a checkout with a set-up script, no packages and a pip that says what it did."""
    checkout = tmp_path / "checkout"
    (checkout / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts/setup.sh", checkout / "scripts")
    for each in ("install_delta_jars.py", "make_class_archive.py"):
        (checkout / "scripts" / each).write_text("")
    for each in ("", "-light", "-dev", "-uv"):
        (checkout / f"requirements{each}.txt").write_text("# nothing\n")
    return checkout


def set_up(
    checkout: Path, part: str = "run", **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "scripts/setup.sh", part],
        cwd=checkout,
        env={
            **os.environ,
            "PYTHON": sys.executable,
            "REAL_PYTHON": sys.executable,
            "UV": "works",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_set_up_that_was_cut_off_starts_again_and_a_done_one_is_kept(tmp_path: Path) -> None:
    checkout = bare_checkout(tmp_path)
    first = set_up(checkout)
    assert first.returncode == 0, first.stderr
    assert "making .venv" in first.stderr

    again = set_up(checkout)
    assert (again.returncode, again.stderr) == (0, "")

    half_made = checkout / ".venv/half-made"
    half_made.touch()
    (checkout / ".venv/.installing").touch()
    repaired = set_up(checkout)
    assert repaired.returncode == 0, repaired.stderr
    assert "making .venv" in repaired.stderr
    assert not half_made.exists()


def test_without_java_a_run_is_set_up_and_spark_stops_at_once_with_one_line(
    tmp_path: Path,
) -> None:
    checkout, no_java = bare_checkout(tmp_path), str(tmp_path / "no-java")
    stopped = set_up(checkout, "spark", JAVA_HOME=no_java)
    assert stopped.returncode == 1
    assert stopped.stderr.count("\n") == 1
    assert "Java 17" in stopped.stderr
    assert not (checkout / ".venv").exists()

    pretend_installer(checkout)
    assert set_up(checkout, "run", JAVA_HOME=no_java).returncode == 0


PRETENDED = """#!/bin/sh
case "$1 $2" in
  "-m uv")
    [ "$UV" = missing ] && exit 1
    [ "$3" = --version ] && exit
    echo "uv $*" >>installed
    [ "$UV" = works ]
    ;;
  "-m pip") [ "$3" = --version ] || echo "pip $*" >>installed ;;
  *) exec "$REAL_PYTHON" "$@" ;;
esac
"""


def pretend_installer(checkout: Path) -> None:
    """Return a checkout a .venv whose uv and pip only note what they are asked to install."""
    python = checkout / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(PRETENDED)
    python.chmod(0o755)


@pytest.mark.parametrize(
    ("environment", "env_file", "is_set_up"),
    [
        ({}, "", False),
        ({"ENGINE": "spark"}, "", True),
        ({}, "ENGINE=spark\n", True),
        ({}, "export engine = 'spark'\n", True),
        ({"ENGINE": "duckdb"}, "ENGINE=spark\n", False),
        ({}, "#ENGINE=spark\n", False),
        ({}, "SPARK_MASTER=spark://there:7077\n", True),
        ({"SPARK_MASTER": "local[2]"}, "", False),
        ({"ENGINE": "spork"}, "", False),  # which the run says in one line
    ],
)
def test_spark_is_set_up_where_the_settings_ask_for_it(
    tmp_path: Path, environment: dict[str, str], env_file: str, is_set_up: bool
) -> None:
    checkout = bare_checkout(tmp_path)
    pretend_installer(checkout)
    (checkout / ".env").write_text(env_file)
    java = checkout / "java/bin/java"
    java.parent.mkdir(parents=True)
    java.write_text("""#!/bin/sh\necho 'openjdk version "17.0.1"'\n""")
    java.chmod(0o755)
    environment = {"ENGINE": "", "SPARK_MASTER": "", "PYTHONPATH": str(ROOT)} | environment

    done = set_up(checkout, "auto", JAVA_HOME=str(checkout / "java"), **environment)

    assert done.returncode == 0, done.stderr
    assert (checkout / ".venv/.stamp-requirements.txt").exists() == is_set_up


@pytest.mark.parametrize(
    ("uv", "installers", "said"),
    [
        ("works", ["uv"], ""),
        ("missing", ["pip", "pip"], "uv cannot be installed here: going on with pip"),
        ("broken", ["uv", "pip"], "going on with pip"),
    ],
)
def test_uv_installs_and_where_it_cannot_pip_does_each_by_hashes(
    tmp_path: Path, uv: str, installers: list[str], said: str
) -> None:
    checkout = bare_checkout(tmp_path)
    pretend_installer(checkout)

    done = set_up(checkout, "run", UV=uv)

    assert done.returncode == 0, done.stderr
    assert said in done.stderr
    lines = (checkout / "installed").read_text().splitlines()
    assert [line.split()[0] for line in lines] == installers
    assert all("--require-hashes" in line for line in lines)
    assert lines[-1].endswith("-r requirements-light.txt")


def test_the_first_list_installed_is_not_installed_again_with_the_next(tmp_path: Path) -> None:
    checkout = bare_checkout(tmp_path)
    pretend_installer(checkout)
    for part in ("dev", "run", "dev"):
        assert set_up(checkout, part).returncode == 0

    assert len((checkout / "installed").read_text().splitlines()) == 1


def test_without_a_recent_python_set_up_stops_with_one_line(tmp_path: Path) -> None:
    checkout = bare_checkout(tmp_path)
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("bash", "dirname", "id", "sed", "head", "cmp", "java", "rm"):
        found = shutil.which(tool)
        assert found is not None
        (tools / tool).symlink_to(found)
    old = tools / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 && exit\nexit 1\n')
    old.chmod(0o755)
    stopped = set_up(checkout, PATH=str(tools), PYTHON="")
    assert stopped.returncode == 1
    assert stopped.stderr == "setup: Python 3.11 or newer is needed (found: Python 3.9.2)\n"


def test_make_has_every_target_and_lists_them() -> None:
    if shutil.which("make") is None:
        pytest.skip("needs make")
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = set(re.findall(r"^  make ([\w-]+)", listed, flags=re.MULTILINE))
    tests = {"test", "test-fast", "test-slow", "test-spark", "test-engines"}
    assert targets == tests | {"help", "setup", "setup-spark", "run", "shell"} | {
        "lint",
        "lock",
        "clean",
    }


def test_the_example_lists_every_setting_at_its_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    listed = dict(re.findall(r"^#([A-Z_]+)=(.*)$", "\n".join(lines), flags=re.MULTILINE))
    assert list(listed) == [name.upper() for name in Settings.model_fields]
    # No line is in force, and each setting has its comment right above.
    assert all(line == "" or line.startswith("#") for line in lines)
    for before, line in itertools.pairwise(lines):
        assert not re.match(r"#[A-Z_]+=", line) or before.startswith("# ")

    written = {name: value for name, value in listed.items() if value}
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    default = Settings(_env_file=None)
    for name, value in written.items():
        monkeypatch.setenv(name, value)
    assert Settings(_env_file=None) == default


def test_one_variable_names_the_image_of_every_service_but_the_clusters() -> None:
    services = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
    cluster = {name for name, each in services.items() if each.get("profiles") == ["cluster"]}

    assert cluster == {
        "spotify-cluster-pipeline",
        "spark-master",
        "spark-worker-1",
        "spark-worker-2",
    }
    assert {"spotify-pipeline", "spotify-scheduler"} <= services.keys()
    for name, service in services.items():
        target = "full" if name in cluster else "${SOUNDLAKE_TARGET:-full}"
        assert service["image"] == f"soundlake:{target}"
        assert service["build"] == {"context": ".", "target": target}
        assert service["volumes"] == ["./data:/data"]
    assert services["spotify-cluster-pipeline"]["environment"]["ENGINE"] == "spark"


def test_the_full_image_is_what_is_built_where_no_target_is_named() -> None:
    stages = re.findall(r"^FROM \S+ AS (\w+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.M)
    assert stages == ["base", "light", "full"]


@pytest.mark.parametrize(
    ("given", "engine"),
    [
        ({}, "auto"),
        ({"ENGINE": ""}, "auto"),
        ({"ENGINE": "", "DEFAULT_ENGINE": "spark"}, "spark"),
        ({"ENGINE": "duckdb", "DEFAULT_ENGINE": "spark"}, "duckdb"),
        ({"ENGINE": "spark"}, "spark"),
    ],
)
def test_an_image_has_an_engine_of_its_own_where_none_is_named(
    given: dict[str, str], engine: str
) -> None:
    started = enter(given, with_spark=True)
    assert (started.returncode, started.stdout) == (0, f"{engine}\n"), started.stderr


def test_an_image_without_spark_refuses_it_in_one_line() -> None:
    started = enter({"ENGINE": "spark"}, with_spark=False)
    assert (started.returncode, started.stdout) == (2, "")
    assert started.stderr.count("\n") == 1
    assert "SOUNDLAKE_TARGET=full" in started.stderr


def test_an_empty_memory_does_not_reach_spark_which_would_not_start() -> None:
    started = enter({"SPARK_DRIVER_MEMORY": ""}, "SPARK_DRIVER_MEMORY", with_spark=True)
    assert (started.returncode, started.stdout) == (1, ""), started.stderr
    started = enter({"SPARK_DRIVER_MEMORY": "4g"}, "SPARK_DRIVER_MEMORY", with_spark=True)
    assert started.stdout == "4g\n", started.stderr


def enter(
    given: dict[str, str], variable: str = "ENGINE", *, with_spark: bool
) -> subprocess.CompletedProcess[str]:
    """Start ``printenv`` by the entrypoint, as the owner of the data folder."""
    if os.getuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root and setpriv, as there are in a container")
    with TemporaryDirectory() as data:
        nobody = pwd.getpwnam("nobody")
        os.chown(data, nobody.pw_uid, nobody.pw_gid)
        entrypoint = shutil.copy(ROOT / "docker/entrypoint.sh", data)
        if with_spark:
            (Path(data) / "spark-submit").touch(mode=0o755)
        return subprocess.run(
            [entrypoint, "printenv", variable],
            env={"PATH": f"{data}:/usr/sbin:/usr/bin:/sbin:/bin", "DATA_DIR": data, **given},
            capture_output=True,
            text=True,
            check=False,
        )


def test_every_setting_reaches_the_containers() -> None:
    block = COMPOSE.read_text("utf-8").split("&settings", maxsplit=1)[1].split("\n\n")[0]
    passed = dict(re.findall(r"^    ([A-Z_]+): (.*)$", block, flags=re.MULTILINE))
    assert passed.pop("SPARK_EXECUTOR_MEMORY").startswith("${SPARK_WORKER_MEMORY:-1g}")
    names: set[str] = set()
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        names |= (
            {str(each) for each in alias.choices}
            if isinstance(alias, AliasChoices)
            else {name.upper()}
        )
    assert passed == {name: f"${{{name}:-}}" for name in names} | {"DATA_DIR": "/data"}


def test_docker_compose_takes_the_file(tmp_path: Path) -> None:
    program = shutil.which("docker-compose")
    if program is None:
        pytest.skip("needs docker-compose")
    shutil.copy(COMPOSE, tmp_path)
    # Without a .env and without an engine: the file is only read.
    read = subprocess.run(
        [program, *(f"--profile={each}" for each in ("scheduler", "demo", "cluster")), "config"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert read.returncode == 0, read.stderr
    assert read.stdout.count("image: soundlake:full") == 8


def test_a_cluster_gets_none_of_a_persons_settings() -> None:
    text = COMPOSE.read_text("utf-8")
    cluster = text[text.index("x-spark:") : text.index("\nservices:\n")]
    names = set(re.findall(r"\b([A-Z][A-Z_]+): ", cluster))
    assert names == {f"SPARK_WORKER_{each}" for each in ("CORES", "MEMORY", "DIR", "OPTS")}


def test_the_demo_asks_the_stand_in_and_gets_none_of_a_persons_settings() -> None:
    services = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
    stand_in, scheduler = services["spotify-stand-in"], services["spotify-demo-scheduler"]
    address = "http://spotify-stand-in:8090"

    assert stand_in["profiles"] == scheduler["profiles"] == ["demo"]
    assert stand_in["command"][-4:] == ["--port", "8090", "--speed", "1440"]
    assert "environment" not in stand_in
    given = scheduler["environment"]
    assert given.pop("SPOTIFY_API_URL") == f"{address}/v1/"
    assert given.pop("SPOTIFY_ACCOUNTS_URL") == address
    assert given.pop("RECCOBEATS_API_URL") == f"{address}/reccobeats"
    assert given.pop("CLIENT_ID") == DEMO_CLIENT_ID
    assert given.pop("CLIENT_SECRET") == DEMO_CLIENT_SECRET
    assert given.pop("SPOTIFY_REFRESH_TOKEN") == DEMO_REFRESH_TOKEN
    assert given == {"DATA_DIR": "/data/live-demo", "INGEST_INTERVAL_HOURS": "0.03"}


def test_only_the_sign_in_has_a_port_and_only_on_this_machine() -> None:
    services = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    default = urlsplit(Settings(_env_file=None).redirect_uri)

    assert ports == {"spotify-pipeline": ["127.0.0.1:8888:8888"]}
    assert (default.hostname, default.port) == ("127.0.0.1", 8888)


def test_a_missing_data_folder_is_made_for_the_owner_of_the_one_around_it() -> None:
    if os.getuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root and setpriv, as there are in a container")
    nobody = pwd.getpwnam("nobody")
    with TemporaryDirectory() as folder:  # not below a folder that only root may enter
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        entrypoint = shutil.copy(ROOT / "docker/entrypoint.sh", folder)
        data = Path(folder) / "live-demo"
        started = subprocess.run(
            [entrypoint, "id", "-u"],
            env={**os.environ, "DATA_DIR": str(data)},
            capture_output=True,
            text=True,
            check=False,
        )

        assert (started.returncode, started.stdout) == (0, f"{nobody.pw_uid}\n"), started.stderr
        assert data.stat().st_uid == nobody.pw_uid


def test_an_empty_setting_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = Settings(_env_file=None)
    for name in Settings.model_fields:
        monkeypatch.setenv(name.upper(), "")
    assert Settings(_env_file=None) == expected


def test_the_shell_shows_the_simulated_account_while_there_is_nothing_else(tmp_path: Path) -> None:
    assert find_lake(tmp_path) == tmp_path
    for lake in (tmp_path / "demo", tmp_path):
        log = ALL_TABLES[0].path(lake) / "_delta_log"
        log.mkdir(parents=True)
        (log / f"{0:020}.json").touch()
        assert find_lake(tmp_path) == lake
