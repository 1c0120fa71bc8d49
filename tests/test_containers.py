"""The images and services, as far as they can be looked at without an engine."""

import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import pytest
import yaml
from pydantic import AliasChoices

from config.settings import Settings
from demo.accounts_service import DEMO_CLIENT_ID, DEMO_CLIENT_SECRET
from demo.spotify_server import DEMO_REFRESH_TOKEN

ROOT = Path(__file__).resolve().parents[1]
COMPOSE = ROOT / "docker-compose.yml"


def test_one_variable_names_the_image_of_every_service_but_the_clusters() -> None:
    services = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
    cluster = {name for name, each in services.items() if each.get("profiles") == ["cluster"]}

    assert cluster == {
        "spotify-cluster-pipeline",
        "spark-master",
        "spark-worker-1",
        "spark-worker-2",
    }
    assert {"spotify-pipeline", "spotify-scheduler", "spotify-web"} <= services.keys()
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


@pytest.mark.parametrize("service", ["spotify-pipeline", "spotify-scheduler", "spotify-web"])
def test_every_setting_reaches_the_containers(service: str) -> None:
    passed = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"][service]["environment"]
    if service == "spotify-web":  # what is published, so that the page knows who reaches it
        assert passed["WEB_HOST"] == "${WEB_HOST:-127.0.0.1}"
        passed["WEB_HOST"] = "${WEB_HOST:-}"
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
        [program, *(f"--profile={each}" for each in ("demo", "cluster")), "config"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert read.returncode == 0, read.stderr
    assert read.stdout.count("image: soundlake:full") == 9


def test_plain_up_starts_scheduler_and_page_and_a_cluster_no_second_ones() -> None:
    services = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
    started = {name for name, each in services.items() if "profiles" not in each}
    assert started == {"spotify-pipeline", "spotify-scheduler", "spotify-web"}
    commands = {name: " ".join(each["command"]) for name, each in services.items()}
    cluster = {name for name, each in services.items() if each.get("profiles") == ["cluster"]}
    assert not [name for name in cluster if "scheduler.py" in commands[name]]


def test_a_run_on_the_cluster_waits_for_the_schedulers() -> None:
    services = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
    assert services["spotify-pipeline"]["scale"] == 0  # `up` starts no run of its own
    assert services["spotify-cluster-pipeline"]["command"][-2:] == ["--wait", "60"]


def test_a_cluster_gets_none_of_a_persons_settings() -> None:
    services = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
    named: set[str] = set()
    for name in ("spark-master", "spark-worker-1", "spark-worker-2"):
        named |= services[name].get("environment", {}).keys()
        assert "env_file" not in services[name]
    assert named == {f"SPARK_WORKER_{each}" for each in ("CORES", "MEMORY", "DIR", "OPTS")}


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


def test_the_page_is_published_on_this_machine_alone_unless_a_setting_says_otherwise() -> None:
    services = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    default = urlsplit(Settings(_env_file=None).redirect_uri)

    assert ports == {
        "spotify-pipeline": ["127.0.0.1:8888:8888"],
        "spotify-web": [
            "${WEB_HOST:-127.0.0.1}:${WEB_PORT:-8080}:${WEB_PORT:-8080}",
            "127.0.0.1:8888:8888",
        ],
    }
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
