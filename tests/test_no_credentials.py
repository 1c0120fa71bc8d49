"""No credential in any byte of the data folder, in any output, or on any page."""

import base64
import gzip
import json
import logging
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

import main
import run_ingestion
from clients.auth.spotify_auth import SCOPES, TOKEN_FILE
from clients.http import PATIENCE
from config.clock import utc_now
from config.settings import load_settings
from demo.catalogue import make_catalogue
from demo.clock import Clock
from demo.listener import Listener
from demo.simulated_account import simulated_account
from demo.spotify_faults import Fault
from demo.spotify_server import SpotifyStandIn
from schemas.ops_schemas import LOGS
from schemas.silver_schemas import LISTENING_COVERAGE
from tests.lakes import one, steps_to
from tests.stand_ins import as_environment, connection
from web.application import application

CLIENT_SECRET = "sentinel client+secret/of=the app"
REFRESH_TOKEN = "sentinel-refresh-token"
PASSWORD = "sentinel password"
TOPIC = "sentinel-topic-of-notifications"
ADDRESS = "http://127.0.0.1:8080"


def spellings() -> set[str]:
    """Return every credential as it is, and as a request or a log may write it."""
    plain = {CLIENT_SECRET, REFRESH_TOKEN, PASSWORD, TOPIC}
    pair = base64.b64encode(f"demo-client:{CLIENT_SECRET}".encode()).decode()
    quoted = {each for name in plain for each in (quote(name), quote(name, safe=""))}
    return plain | quoted | {name.replace(" ", "+") for name in plain} | {pair}


def contents(file: Path) -> Iterator[str]:
    """Return what a file holds: its bytes, and what is compressed in them."""
    raw = file.read_bytes()
    yield raw.decode("latin-1")
    if file.suffix == ".parquet":
        with closing(pq.ParquetFile(file)) as parquet:
            yield str(parquet.metadata.metadata)
            yield json.dumps(parquet.read().to_pylist(), default=str, ensure_ascii=False)
    elif raw[:2] == b"\x1f\x8b":
        yield gzip.decompress(raw).decode("latin-1")
    elif zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                yield archive.read(name).decode("latin-1")


def found_in(texts: Iterator[str]) -> set[str]:
    return {each for text in texts for each in spellings() if each in text}


@pytest.fixture
def stand_in(
    clean_environment: None, slept: list[float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SpotifyStandIn]:
    """Spotify, and an environment that leads there with credentials that are easily found."""
    today = datetime.now(UTC).date()
    listener = Listener("me", 3, today - timedelta(days=3), today + timedelta(days=1))
    account = simulated_account(listener, make_catalogue(n_artists=20, n_tracks=120))
    with SpotifyStandIn(account, Clock(datetime.now(UTC))) as server:
        server.accounts.client_secret = CLIENT_SECRET
        server.accounts.consent(" ".join(SCOPES), REFRESH_TOKEN)
        for name, value in {
            **as_environment(connection(server)),
            "DATA_DIR": str(tmp_path / "lake"),
            "LOG_LEVEL": "DEBUG",
            "ENGINE": "duckdb",
            "ENRICH": "reccobeats",
            "RECCOBEATS_API_URL": f"{server.url}/reccobeats",
            "SPOTIFY_REFRESH_TOKEN": REFRESH_TOKEN,
            "WEB_PASSWORD": PASSWORD,
            "NOTIFY_URL": f"http://127.0.0.1:9/{TOPIC}?auth={TOPIC}",  # where nobody answers
        }.items():
            monkeypatch.setenv(name, value)
        yield server


def code_of(command: Callable[[], object]) -> int:
    with pytest.raises(SystemExit) as ended:
        command()
    return int(ended.value.code or 0)


def run() -> int:
    return code_of(lambda: run_ingestion.app([], obj=steps_to(LISTENING_COVERAGE)))


def test_no_credential_lands_or_is_told(
    stand_in: SpotifyStandIn,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    lake = tmp_path / "lake"
    assert run() == 0
    assert LISTENING_COVERAGE.exists(lake)
    # Services that repeat what they were sent, then one that takes the sign-in away.
    access_token = json.loads((lake / TOKEN_FILE).read_text())["access_token"]
    stand_in.faults.add(
        repeating(f"no such token: {access_token}"), "/v1/me/player", PATIENCE.tries
    )
    assert run() == 1
    stand_in.accounts.kill_tokens()
    stand_in.faults.add(repeating(f"{CLIENT_SECRET} {REFRESH_TOKEN}"), "/api/token", times=1)
    assert run() == 1
    assert run() == 1
    for command in (["test"], ["stats"], ["doctor"], ["maintain"]):
        code_of(lambda: main.app(command))  # noqa: B023
    pages = list(asked_pages())

    printed = capfd.readouterr()
    told = [printed.out, printed.err, caplog.text]
    assert found_in(iter(told)) == set()
    assert not [each for each in told if access_token in each]
    assert "could not send to NOTIFY_URL" in printed.err + caplog.text
    assert found_in(iter(pages)) == set()
    assert one(lake, f"SELECT count(*) FROM {LOGS.full_name}") > 0
    for file in lake.rglob("*"):
        if file.is_file() and file.name != TOKEN_FILE:
            texts = list(contents(file))
            assert found_in(iter(texts)) == set(), file
            assert not [each for each in texts if access_token in each], file
    assert stat.S_IMODE((lake / TOKEN_FILE).stat().st_mode) == 0o600


def repeating(message: str) -> Fault:
    return Fault(500, body=json.dumps({"error": {"status": 500, "message": message}}))


def asked_pages() -> Iterator[str]:
    """Return answers of the page with their headers: errors, refusals, what it shows of itself."""
    app = application(load_settings(), utc_now, Path(main.__file__).parent)
    with TestClient(app, base_url=ADDRESS, raise_server_exceptions=False) as client:
        answers = [
            client.post("/password", data={"password": "wrong"}),
            client.get("/api/v1/summary", headers={"Authorization": "Basic wrong"}),
            client.post("/password", data={"password": PASSWORD}, follow_redirects=False),
        ]
        paths = ("/", "/settings", "/nothing", "/openapi.json", "/api/v1/runs?per_page=x")
        answers += [client.get(each) for each in paths]
    assert {401, 403, 404, 422} <= {each.status_code for each in answers}
    for each in answers:
        yield f"{each.headers}\n{each.text}"


def test_what_is_searched_for_would_be_found(tmp_path: Path) -> None:
    import pyarrow as pa

    pq.write_table(pa.table({"a": [REFRESH_TOKEN]}), tmp_path / "a.parquet", compression="zstd")
    (tmp_path / "b.gz").write_bytes(gzip.compress(quote(PASSWORD).encode()))
    with zipfile.ZipFile(tmp_path / "c.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x", TOPIC * 9)
    found = {file.name: found_in(contents(file)) for file in tmp_path.iterdir()}
    assert found == {
        "a.parquet": {REFRESH_TOKEN},
        "b.gz": {quote(PASSWORD)},
        "c.zip": {TOPIC},
    }
