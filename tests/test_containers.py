"""The images and services, as far as they can be looked at without an engine."""

import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
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
BASE_IMAGE = "python:3.11-slim-bookworm"


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
        args = {"BASE_IMAGE": f"${{BASE_IMAGE:-{BASE_IMAGE}}}"}
        assert service["build"] == {"context": ".", "target": target, "args": args}
        assert service["volumes"] == ["./data:/data"]
    assert services["spotify-cluster-pipeline"]["environment"]["ENGINE"] == "spark"


def test_the_full_image_is_what_is_built_where_no_target_is_named() -> None:
    stages = re.findall(r"^FROM \S+ AS (\w+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.M)
    assert stages == ["base", "light", "full"]


def test_the_base_image_is_an_argument_that_ci_leaves_as_it_is() -> None:
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    assert [each for each in lines if "BASE_IMAGE" in each and not each.startswith("#")] == [
        f"ARG BASE_IMAGE={BASE_IMAGE}",
        "FROM ${BASE_IMAGE} AS base",
    ]
    ci = [*(ROOT / ".ci").iterdir(), *(ROOT / ".github/workflows").iterdir()]
    assert not [each.name for each in ci if "BASE_IMAGE" in each.read_text("utf-8")]


def test_every_service_is_read_only_but_for_named_places_and_gains_no_rights() -> None:
    for name, service in yaml.safe_load(COMPOSE.read_text("utf-8"))["services"].items():
        assert service["read_only"] is True, name
        assert service["tmpfs"] == ["/tmp:exec,mode=1777", "/run/soundlake:mode=1777"]
        assert service["cap_drop"] == ["ALL"]
        # To hand over to the owner of the data folder; the command itself has none.
        assert service["cap_add"] == ["CHOWN", "DAC_OVERRIDE", "SETGID", "SETUID"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "privileged" not in service


def test_nothing_of_a_person_goes_into_an_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split("\n")
    assert {".*", "**/.*", "*.zip", "data"} <= set(ignored)  # .env, tokens, exports, the lake
    assert not [each for each in ignored if each.startswith("!")]


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
    with data_of_nobody() as data:
        if with_spark:
            (data / "spark-submit").touch(mode=0o755)
        return entered(data, ["printenv", variable], given)


@contextmanager
def data_of_nobody() -> Iterator[Path]:
    """Make a data folder that belongs to another than root."""
    if os.getuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root and setpriv, as there are in a container")
    with TemporaryDirectory() as name:  # not below a folder that only root may enter
        nobody = pwd.getpwnam("nobody")
        os.chown(name, nobody.pw_uid, nobody.pw_gid)
        yield Path(name)


def entered(
    data: Path, command: list[str], given: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Start a command by the entrypoint; programs in ``data`` come first."""
    return subprocess.run(
        [shutil.copy(ROOT / "docker/entrypoint.sh", data), *command],
        env={"PATH": f"{data}:/usr/sbin:/usr/bin:/sbin:/bin", "DATA_DIR": str(data), **given},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_command_gains_no_rights_and_has_no_capability() -> None:
    with data_of_nobody() as data:
        started = entered(data, ["cat", "/proc/self/status"], {})
    status = dict(line.split(":\t") for line in started.stdout.splitlines() if ":\t" in line)
    assert status["NoNewPrivs"] == "1"
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
    assert status["Uid"].split() == [str(pwd.getpwnam("nobody").pw_uid)] * 4


def test_a_cluster_has_one_secret_which_is_in_files_of_the_owner_alone() -> None:
    with data_of_nobody() as data:
        # Prints its arguments, its settings and whether they are in its environment.
        (data / "spark-class").write_text(
            '#!/bin/sh\necho "$@"\nstat -c %a "$SPARK_CONF_DIR/spark-defaults.conf"\n'
            'cat "$SPARK_CONF_DIR/spark-defaults.conf"\nprintenv\n'
        )
        shutil.copy(data / "spark-class", data / "run")
        for program in ("spark-class", "run"):
            (data / program).chmod(0o755)
        (data / "spark-defaults.conf").write_text("spark.ui.enabled false\n")
        own = {"SPARK_CONF_DIR": str(data), "SOUNDLAKE_RUN_DIR": str(data)}
        on_cluster = own | {"SPARK_MASTER": "spark://spark-master:7077"}

        without = entered(data, ["run"], on_cluster)
        master = entered(data, ["spark-class", "Master"], own)
        secret = (data / ".spark_secret").read_text()
        worker = entered(data, ["spark-class", "Worker"], own)
        driver = entered(data, ["run"], on_cluster)
        local = entered(data, ["run"], own)

        assert (data / ".spark_secret").read_text() == secret
        assert (data / ".spark_secret").stat().st_mode & 0o777 == 0o600
        assert not list(data.glob(".spark_secret.*"))
    assert re.fullmatch("[0-9a-f]{64}", secret)
    for started in (master, worker, driver):
        assert started.returncode == 0, started.stderr
        arguments, mode, *settings = started.stdout.splitlines()
        assert secret not in arguments
        assert mode == "600"
        assert settings[:4] == [
            "spark.ui.enabled false",
            "spark.authenticate true",
            f"spark.authenticate.secret {secret}",
            "spark.network.crypto.enabled true",
        ]
        assert not [each for each in settings[4:] if secret in each]
    for started in (without, local):
        assert "spark.authenticate" not in started.stdout


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
    nobody = pwd.getpwnam("nobody")
    with data_of_nobody() as folder:
        data = folder / "live-demo"
        started = entered(folder, ["id", "-u"], {"DATA_DIR": str(data)})

        assert (started.returncode, started.stdout) == (0, f"{nobody.pw_uid}\n"), started.stderr
        assert data.stat().st_uid == nobody.pw_uid
