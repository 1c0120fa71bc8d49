"""What the page refuses: other names, other sites, tricks with paths and queries, markup."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from report.page.sections import SECTIONS
from tests.lakes import one
from tests.web.addresses import Address, addresses, pages
from tests.web.conftest import ADDRESS, ODD_NAMES, PASSWORD, PLAYS, SECRET, TOKEN, Made

SQL = ("' OR 1=1 --", "'; DROP TABLE plays; --", '"; DROP TABLE plays; --', "\x00", "%", "[]", "☃")
VIEW = "/view/overview"


def id_of(address: Address) -> str:
    return f"{address.method} {address.template}"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8080",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "evil.example@127.0.0.1",
        "127.0.0.1:8080/static/?",  # a path within the name, which is not to be taken for one
        "localhost.",
        "10.0.0.1",
        "0.0.0.0",
        "[::2]",
        "127.0.0.1:port",
        "",
    ],
)
def test_a_name_that_is_not_the_pages_is_refused(client: TestClient, host: str) -> None:
    for path in (VIEW, "/api/v1/summary", "/static/web.js", "/healthz", "/callback"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code == 421
        assert "WEB_ALLOWED_HOSTS" in answer.json()["detail"]


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "127.0.0.1", "LOCALHOST:8080", "[::1]:8080"])
def test_this_machine_is_known_by_its_names(client: TestClient, host: str) -> None:
    assert client.get(VIEW, headers={"Host": host}).status_code == 200


def test_further_names_can_be_set(make: Made) -> None:
    with TestClient(make(web_allowed_hosts="music.home, nas.local"), base_url=ADDRESS) as client:
        assert client.get(VIEW, headers={"Host": "Music.home"}).status_code == 200
        assert client.get(VIEW, headers={"Host": "home"}).status_code == 421


def test_a_page_on_every_address_is_known_by_addresses_but_not_by_names(make: Made) -> None:
    with TestClient(make(web_host="0.0.0.0"), base_url=ADDRESS) as client:
        assert client.get(VIEW, headers={"Host": "192.168.1.5:8080"}).status_code == 200
        assert client.get(VIEW, headers={"Host": "rebound.example:8080"}).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:8081"},  # another program of this machine
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": ADDRESS},
    ],
)
def test_another_site_changes_nothing(client: TestClient, headers: dict[str, str]) -> None:
    changing = [each for each in addresses() if each.method not in ("GET", "HEAD")]
    assert changing
    for address in changing:
        answer = client.request(address.method, address.path(), headers=headers)
        assert answer.status_code == 403, id_of(address)


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": ADDRESS}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}],
)
def test_the_page_and_programs_may_change_things(
    client: TestClient, headers: dict[str, str]
) -> None:
    answer = client.post("/api/v1/syncs", json={"kind": "files"}, headers=headers)
    assert answer.status_code == 202


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py",
        "/static/%2e%2e/server.py",
        "/static/..%2fserver.py",
        "/static/report/../../../config/settings.py",
        "/static/%2e%2e/%2e%2e/.env",
        "/static/..%5c..%5c.env",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/web.js%00.html",
        "/static/" + 300 * "a",
        "/data/runs/..%2f..%2f.web_secret",
        "/view/..%2f..%2f.web_secret",
        "//evil.example/static/web.js",
    ],
)
def test_no_path_leads_out(client: TestClient, path: str) -> None:
    assert client.get(ADDRESS + path).status_code == 404


def test_what_needs_no_password_is_not_a_way_in(locked: TestClient) -> None:
    for path in (
        "/static/../api/v1/summary",
        "/static/%2e%2e/api/v1/summary",
        "/healthz/../api/v1/summary",
        "/password/../settings",
        "/passwords",
        "/password/forget",
        "/callback/../settings",
        "//api/v1/summary",
        "/api/v1/summary?/static/",
    ):
        answer = locked.get(ADDRESS + path)
        assert answer.status_code in (303, 401, 404), path
        assert answer.headers.get("location") in (None, "/password")


@pytest.mark.parametrize("address", [*addresses()], ids=id_of)
def test_sql_is_text_in_every_parameter(client: TestClient, lake: Path, address: Address) -> None:
    if address.template.endswith("/events"):
        pytest.skip("never ends where there is such a run")
    for text in SQL:
        for name in (*address.parts, *address.query, *address.form):
            part = {name: text.replace("%", "%25").replace("\x00", "%00")}
            answer = client.request(
                address.method,
                address.path(**part) if name in address.parts else address.path(),
                params={name: text} if name in address.query else {},
                data={name: text} if name in address.form else None,
            )
            assert answer.status_code < 500, (name, text)
            assert "Traceback" not in answer.text
    assert client.get("/api/v1/summary").json()["plays"] == PLAYS
    assert one(lake, "SELECT count(*) FROM silver.listening_with_features") == PLAYS


class Markup(HTMLParser):
    """Collects what of a page would run, and pictures, of which the names tell."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        runs = tag == "script" and "src" not in given and given.get("type") != "application/json"
        is_odd = tag in ("img", "b", "i", "iframe", "object", "base")
        handles = any(name.startswith("on") for name in given)
        leads = any(
            (given.get(name) or "").strip().lower().startswith("javascript:")
            for name in ("href", "src", "action", "formaction")
        )
        if runs or is_odd or handles or leads:
            self.faults.append(self.get_starttag_text() or tag)


def shown_pages(client: TestClient) -> dict[str, str]:
    """Return every page that there is, by its path."""
    paths = {address.path() for address in pages()} | {f"/view/{name}" for name in SECTIONS}
    run_id = client.post("/api/v1/syncs", json={"kind": "files"}).json()["run_id"]
    while client.get(f"/api/v1/syncs/{run_id}").json()["status"] == "running":
        pass
    paths |= {f"/data/runs/{run_id}", "/nothing", f"/view/{ODD_NAMES[1][0]}", "/callback"}
    answers = {path: client.get(path, follow_redirects=True) for path in sorted(paths)}
    for answer in answers.values():
        assert answer.status_code < 500
    return {path: answer.text for path, answer in answers.items()}


def test_names_are_text_on_every_page(client: TestClient) -> None:
    shown = shown_pages(client)
    for path, text in shown.items():
        markup = Markup()
        markup.feed(text)
        assert not markup.faults, path
        assert " 49 " not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown["/view/what"]


def test_no_secret_is_on_a_page(make: Made) -> None:
    app = make(web_password=PASSWORD)
    with TestClient(app, base_url=ADDRESS, follow_redirects=False) as client:
        client.post("/password", data={"password": PASSWORD})
        shown = shown_pages(client)
        shown["openapi"] = client.get("/openapi.json").text
    for path, text in shown.items():
        for secret in (SECRET, TOKEN, PASSWORD):
            assert secret not in text, path


def test_scripts_come_from_files_alone(client: TestClient) -> None:
    for path in (VIEW, "/settings", "/nothing", "/healthz", "/static/web.js", "/openapi.json"):
        headers = client.get(path).headers
        rules = dict(
            rule.strip().split(" ", 1) for rule in headers["content-security-policy"].split(";")
        )
        assert rules["script-src"] == "'self'"
        assert rules["default-src"] == rules["frame-ancestors"] == rules["base-uri"] == "'none'"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"  # forms say where they come from


def failing(app: FastAPI) -> TestClient:
    def fail() -> None:
        raise RuntimeError(f"the secret is {SECRET}")

    app.add_api_route("/fails", fail)
    app.add_api_route("/api/v1/fails", fail)
    return TestClient(app, base_url=ADDRESS, raise_server_exceptions=False)


def test_a_failure_tells_nothing_of_itself(make: Made, caplog: pytest.LogCaptureFixture) -> None:
    with failing(make()) as client:
        page, answer = client.get("/fails"), client.get("/api/v1/fails")

    assert (page.status_code, answer.status_code) == (500, 500)
    for text in (page.text, answer.text):
        assert SECRET not in text
        assert "RuntimeError" not in text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "RuntimeError" in caplog.text  # but the log does


def test_the_way_back_of_a_sign_in_shows_no_settings(locked: TestClient) -> None:
    answer = locked.get("/callback", params={"state": "guessed", "code": "stolen"})
    assert answer.status_code == 400
    assert "sign in again" in answer.text
    assert "Import a history" not in answer.text


def test_cookies_are_secure_where_the_page_is_under_https(make: Made) -> None:
    app = make(web_password=PASSWORD)
    given = {}
    for scheme in ("http", "https"):
        with TestClient(app, base_url=f"{scheme}://127.0.0.1:8080") as client:
            answer = client.post("/password", data={"password": PASSWORD}, follow_redirects=False)
            given[scheme] = answer.headers["set-cookie"].lower()
    assert "secure" not in given["http"]
    assert given["https"].endswith("; secure")
