"""HTTP requests with time limits, retries where they can help, and never hours of waiting.

urllib3's own retries are off. They end before the response body is read, so they would miss a body
that is cut off or not JSON, and they shorten a long ``Retry-After``.
"""

import json
import logging
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from io import BytesIO
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_exponential_jitter
from urllib3 import Retry
from urllib3.exceptions import HTTPError, InvalidHeader

from clients.errors import ApiError, RateLimitedError

Json = dict[str, Any]


@dataclass(frozen=True)
class Patience:
    """How long to wait for a service, in seconds, and how often to try one request.

    A wait is the time in a ``Retry-After``; a pause is our own choice after other errors.
    """

    connect: float = 5
    between_bytes: float = 20
    whole_answer: float = 60
    tries: int = 4
    first_pause: float = 1
    longest_pause: float = 15
    longest_wait: float = 30
    total_wait: float = 300
    default_wait: float = 30
    wait_after_quota: float = 60 * 60


PATIENCE = Patience()
"""The limits of every new session."""

NO_CONTENT: Json = {"status": HTTPStatus.NO_CONTENT.value}
"""The result for HTTP 204."""

_READ_BYTES = 64 * 1024
MAX_ANSWER_BYTES = 64 * 1024**2
"""The largest answer is a page of some hundred items, of a few KB each."""
# Of a form: shorter values are words such as "refresh_token".
_SECRET_LENGTH = 20
# An instant more than a year ahead may not be representable, and no service means it.
_RETRY_AFTER = Retry(retry_after_max=round(timedelta(days=365).total_seconds()))

log = logging.getLogger(__name__)

# spotipy logs whole requests, bearer token included, and errors that are raised anyway.
logging.getLogger("spotipy.client").disabled = True


class JsonSession(requests.Session):
    """Sends requests to one service and returns its JSON answers; raises ApiError for all else.

    Every request has the time limits of ``PATIENCE``. Server errors, truncated or non-JSON answers
    and missing answers are retried after a pause, and a short ``Retry-After`` is
    waited for; a long one, or a used-up quota, raises RateLimitedError at once. Only a GET is
    ever retried. No message holds a header, a query or more of a body than the service's own
    error text, and none of that where it repeats a credential.
    """

    def __init__(self, service: str, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._service = service
        self._now = now
        self._patience = PATIENCE
        self._waited = 0.0
        self._backoff = wait_exponential_jitter(
            initial=self._patience.first_pause,
            max=self._patience.longest_pause,
            jitter=self._patience.first_pause,
        )

    def request(  # type: ignore[override]
        self, method: str, url: str, **kwargs: Any
    ) -> requests.Response:
        """Send a request as ``requests`` does; the body is read and is a JSON object.

        "No content" is ``NO_CONTENT``.
        """
        asking = Retrying(
            retry=retry_if_exception_type(_MayPassError),
            stop=stop_after_attempt(self._patience.tries if method == "GET" else 1),
            wait=self._seconds_to_wait,
            before_sleep=_log_wait,
            reraise=True,
        )
        try:
            return asking(self._ask, method, url, **kwargs)
        except _MayPassError as last:
            raise last.error from None

    def _ask(self, method: str, url: str, **kwargs: Any) -> requests.Response:
        what = f"{method} {urlsplit(url).path}"
        limits = (self._patience.connect, self._patience.between_bytes)
        try:
            response = super().request(
                method, url, **(kwargs | {"timeout": limits, "stream": True})
            )
            self._read_body(response)
        except (requests.RequestException, HTTPError) as error:
            # Their texts hold addresses and headers: the kind of error says enough.
            text = f"{self._service} gave no answer to {what} ({type(error).__name__})"
            raise _MayPassError(ApiError(text)) from None
        if response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
            raise self._refusal(response, what)
        if response.status_code == HTTPStatus.NO_CONTENT:
            response.raw = BytesIO(json.dumps(NO_CONTENT).encode())
        elif _json_object(response) is None:
            raise _MayPassError(ApiError(f"{self._service} gave no JSON answer to {what}"))
        return response

    def _read_body(self, response: requests.Response) -> None:
        """Read the body within the limits of time and size, however slowly it arrives or packed."""
        end, parts, left = monotonic() + self._patience.whole_answer, [], MAX_ANSWER_BYTES
        try:
            while part := response.raw.read1(_READ_BYTES, decode_content=True):
                parts.append(part)
                left -= len(part)
                if left < 0:
                    raise requests.exceptions.ContentDecodingError
                if monotonic() > end:
                    raise requests.ReadTimeout
        finally:
            response.raw.close()
        response.raw = BytesIO(b"".join(parts))

    def _refusal(self, response: requests.Response, what: str) -> Exception:
        status, (reason, message) = response.status_code, _error_in(response)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return self._rate_limit(_retry_after(response), reason)
        detail = f": {message}" if message and not _repeats(message, response.request) else ""
        error = ApiError(f"{self._service} answered {status} to {what}{detail}", status, reason)
        return _MayPassError(error) if status >= HTTPStatus.INTERNAL_SERVER_ERROR else error

    def _rate_limit(self, wait: float | None, reason: str | None) -> Exception:
        patience, quota_is_used_up = self._patience, reason == "QUOTA_EXCEEDED"
        if wait is None:
            wait = patience.wait_after_quota if quota_is_used_up else patience.default_wait
        until = self._now() + timedelta(seconds=wait)
        text = f"rate-limited by {self._service} until {until:%Y-%m-%d %H:%M:%S} UTC"
        error = RateLimitedError(text, until, reason)
        altogether = self._waited + wait
        is_long = wait > patience.longest_wait or altogether > patience.total_wait
        if quota_is_used_up or is_long:
            return error
        self._waited = altogether
        return _MayPassError(error, wait)

    def _seconds_to_wait(self, state: RetryCallState) -> float:
        wait = _last_error(state).wait
        return self._backoff(state) if wait is None else wait


class _MayPassError(Exception):
    """Wraps an error that may pass on retry, after ``wait`` seconds if the service says so."""

    def __init__(self, error: ApiError, wait: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait = wait


def _last_error(state: RetryCallState) -> _MayPassError:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, _MayPassError)
    return error


def _log_wait(state: RetryCallState) -> None:
    log.info("%s; retried in %.1f s", _last_error(state), state.upcoming_sleep)


def _retry_after(response: requests.Response) -> float | None:
    """Return the seconds that ``Retry-After`` asks for, None where it is unusable."""
    header = response.headers.get("Retry-After")
    try:
        return None if header is None else _RETRY_AFTER.parse_retry_after(header)
    except InvalidHeader:
        return None


def _error_in(response: requests.Response) -> tuple[str | None, str | None]:
    """Return the service's code for an error and its message, where it has any."""
    body = _json_object(response)
    if body is None:
        is_forbidden = response.status_code == HTTPStatus.FORBIDDEN
        return None, _plain_text(response) if is_forbidden else None
    error = body.get("error")
    if isinstance(error, dict):
        reason, message = error.get("reason", body.get("reason")), error.get("message")
    else:
        reason, message = body.get("reason", error), error
    return _one_line(reason), _one_line(message)


def _plain_text(response: requests.Response) -> str | None:
    """Return a body that is a line of text; None for HTML pages and binary content."""
    kind = response.headers.get("Content-Type", "text/plain").lower()
    text = response.text.strip()
    is_page = "html" in kind or text.startswith(("<", "{", "["))
    return None if is_page or not text.isprintable() else _one_line(text) or None


def _one_line(text: Any) -> str | None:
    return " ".join(text.split())[:200] if isinstance(text, str) else None


def _repeats(message: str, request: requests.PreparedRequest) -> bool:
    """Return whether a message holds a credential that its request sent."""
    kind, _, given = str(request.headers.get("Authorization", "")).partition(" ")
    sent = [given]
    if kind == "Basic":
        sent += b64decode(given).decode("utf-8", "replace").split(":", 1)[1:]
    body = request.body or ""
    form = parse_qs(body if isinstance(body, str) else body.decode("utf-8", "replace"))
    sent += [value for values in form.values() for value in values if len(value) >= _SECRET_LENGTH]
    return any(each and each in message for each in sent)


def _json_object(response: requests.Response) -> Json | None:
    try:
        answer = response.json()
    except (ValueError, RecursionError):  # no JSON, or nested thousands deep
        return None
    return answer if isinstance(answer, dict) else None
