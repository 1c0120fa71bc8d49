"""Notifications to the owner of the lake: a plain POST, as ntfy accepts it."""

import logging
from queue import Empty, SimpleQueue
from threading import Thread

import requests

from config.settings import Settings

MAX_SECONDS = 5.0

log = logging.getLogger("notify")
# At DEBUG it logs the paths of addresses, and that of NOTIFY_URL is as good as a password.
logging.getLogger("urllib3").setLevel(logging.INFO)


def notify(settings: Settings, title: str, message: str) -> bool:
    """POST ``message`` with a ``Title`` header to ``NOTIFY_URL``; return whether it was accepted.

    Takes five seconds at most and never raises: errors are logged, without the address.
    False, too, where no address is set.
    """
    if settings.notify_url is None:
        return False
    address = settings.notify_url.get_secret_value()
    problems: SimpleQueue[str | None] = SimpleQueue()
    # In a thread that may be left behind: looking up a host has no time limit of its own.
    Thread(target=lambda: problems.put(_post(address, title, message)), daemon=True).start()
    try:
        problem = problems.get(timeout=MAX_SECONDS)
    except Empty:
        problem = f"no answer within {MAX_SECONDS:g} s"
    if problem is None:
        log.info("sent to NOTIFY_URL: %s", title)
    else:
        log.warning("could not send to NOTIFY_URL (%s); check it in .env: %s", problem, title)
    return problem is None


def _post(address: str, title: str, message: str) -> str | None:
    """Return what went wrong, None if nothing did."""
    try:
        with requests.post(
            address,
            data=message.encode(),
            headers={"Title": title.encode()},
            timeout=MAX_SECONDS,
            allow_redirects=False,  # a redirected POST arrives as a GET, without the message
            stream=True,
        ) as answer:
            return None if answer.status_code < 300 else f"HTTP {answer.status_code}"
    except Exception as error:  # of any kind: an unsent message is no reason to fail
        return type(error).__name__  # its text may hold the address
