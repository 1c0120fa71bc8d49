"""Serves the application: on the page's port, and where sign-ins at Spotify come back."""

import errno
import logging
import socket
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn

from config.desktop import is_in_container
from config.settings import Settings, SettingsError
from engines.no_pandas import keep_pandas_out
from web.application import application
from web.security import EVERY_ADDRESS, is_loopback, require_password_on_public

log = logging.getLogger("web")
_BACKLOG = 128
_STOP_SECONDS = 5


def address_of(settings: Settings) -> str:
    """Return the address to open."""
    host = "127.0.0.1" if settings.web_host in EVERY_ADDRESS else settings.web_host
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{settings.web_port}{settings.web_base_path}/"


def serve(settings: Settings, now: Callable[[], datetime], root: Path) -> None:
    """Serve until stopped.

    Raises SettingsError where others could reach the page without a password, or where its port is
    taken. In a container it listens on all addresses: what reaches it is what is published, which
    ``WEB_HOST`` names.
    """
    require_password_on_public(settings)
    keep_pandas_out()
    app = application(settings, now, root)
    host = settings.web_host
    # Without WEB_HOST nobody said that only this machine reaches a published port.
    if is_in_container() and "web_host" in settings.model_fields_set:
        host = "0.0.0.0"
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.web_trusted_proxies),
        forwarded_allow_ips=list(settings.web_trusted_proxies),
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
    with closing(_listening(host, settings.web_port, "WEB_PORT")) as main:
        sockets = [main]
        callback = _callback_socket(settings)
        if callback is not None:
            sockets.append(callback)
        uvicorn.Server(config).run(sockets=sockets)


def _callback_socket(settings: Settings) -> socket.socket | None:
    """Return where sign-ins come back, if that is another port of this machine and free."""
    parts = urlsplit(settings.redirect_uri)
    if not is_loopback(parts.hostname or "") or parts.port in (None, settings.web_port):
        return None
    host = "0.0.0.0" if is_in_container() else str(parts.hostname)
    try:
        return _listening(host, int(parts.port or 0), "REDIRECT_URI")
    except SettingsError as error:
        log.warning("%s; sign-ins at Spotify cannot come back until then", error)
        return None


def _listening(host: str, port: int, setting: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except OSError as error:
        made.close()
        fix = f"free that port or set {setting}"
        if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
            fix = "set WEB_HOST to an address of this machine"
        raise SettingsError(f"cannot listen at {host}:{port} ({error.strerror}): {fix}") from None
    made.listen(_BACKLOG)
    return made
