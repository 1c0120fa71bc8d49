"""Spotify's accounts service: consent, access tokens for an hour, refresh tokens that die."""

import base64
import hashlib
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from demo.clock import Clock

ACCESS_LASTS = timedelta(hours=1)
CONSENT_LASTS = timedelta(days=182)
"""Six months, whatever is refreshed in between."""

DEMO_CLIENT_ID = "demo-client"
DEMO_CLIENT_SECRET = "demo-secret"
DEMO_REDIRECT_URI = "http://127.0.0.1:8888/callback"

_CODE_LASTS = timedelta(minutes=10)


@dataclass(frozen=True)
class _Consent:
    """What the listener allowed, and when; all tokens of one sign-in share it."""

    scope: str
    given_at: datetime


@dataclass(frozen=True)
class _Code:
    """An authorization code: good once, for the redirect address that it was sent to.

    ``challenge``: the hash of what must come with it, empty where nothing need come (RFC 7636).
    """

    consent: _Consent
    redirect_uri: str
    challenge: str


class AccountsService:
    """The tokens of one app and one listener.

    ``clock``: by which tokens age.

    ``client_id``, ``client_secret``: of the app. ``redirect_uris``: those registered for the app.
    ``rotates``: a refresh brings a new refresh token, and the one before is dead.
    """

    def __init__(self, clock: Clock) -> None:
        self.client_id = DEMO_CLIENT_ID
        self.client_secret = DEMO_CLIENT_SECRET
        self.redirect_uris = {DEMO_REDIRECT_URI}
        self.rotates = False
        self._clock = clock
        self._lock = threading.Lock()
        self._codes: dict[str, _Code] = {}
        self._refresh: dict[str, _Consent] = {}
        self._access: dict[str, tuple[_Consent, datetime]] = {}

    def consent(self, scope: str, refresh_token: str | None = None) -> str:
        """Sign in without a browser.

        ``scope``: what is allowed, separated by blanks. ``refresh_token``: to be used as it is; a
        new one is made unless given.

        Returns the refresh token.
        """
        token = refresh_token or _new_token()
        with self._lock:
            self._refresh[token] = _Consent(scope, self._clock.now())
        return token

    def access_token(self, scope: str) -> str:
        """Return an access token, good for an hour."""
        with self._lock:
            return self._new_access(_Consent(scope, self._clock.now()))

    def kill_tokens(self) -> None:
        """Have the listener take the app's access away: no token is good any more."""
        with self._lock:
            self._refresh.clear()
            self._access.clear()

    def scope_of(self, access_token: str) -> set[str]:
        """Return what an access token allows.

        Raises KeyError: it is unknown. Raises TimeoutError: it has expired.
        """
        with self._lock:
            consent, expires_at = self._access[access_token]
        if self._clock.now() >= expires_at:
            raise TimeoutError
        return set(consent.scope.split())

    def blueprint(self) -> Blueprint:
        """``/authorize`` and ``/api/token``."""
        routes = Blueprint("accounts", __name__)
        routes.get("/authorize")(self._authorize)
        routes.post("/api/token")(self._token)
        return routes

    def _authorize(self) -> AnyResponse:
        """Return the page that asks the listener, who says yes at once."""
        asked = request.args
        redirect_uri = asked.get("redirect_uri", "")
        if asked.get("client_id") != self.client_id:
            return Response("INVALID_CLIENT: Invalid client", 400)
        if urlsplit(redirect_uri).hostname == "localhost":
            return Response("INVALID_CLIENT: Insecure redirect URI", 400)
        if redirect_uri not in self.redirect_uris:
            return Response("INVALID_CLIENT: Invalid redirect URI", 400)
        if asked.get("response_type") != "code":
            return Response("response_type must be code", 400)
        if asked.get("code_challenge_method", "S256") != "S256":
            return Response("code_challenge_method must be S256", 400)
        code = _new_token()
        with self._lock:
            consent = _Consent(asked.get("scope", ""), self._clock.now())
            self._codes[code] = _Code(consent, redirect_uri, asked.get("code_challenge", ""))
        answer = {"code": code} | {key: asked[key] for key in ("state",) if key in asked}
        return redirect(f"{redirect_uri}?{urlencode(answer)}")

    def _token(self) -> tuple[Response, int]:
        sent = request.authorization
        if sent is None or (sent.username, sent.password) != (self.client_id, self.client_secret):
            return _refused("invalid_client", "Invalid client")
        with self._lock:
            match request.form.get("grant_type"):
                case "authorization_code":
                    return self._by_code()
                case "refresh_token":
                    return self._by_refresh_token()
        return _refused("unsupported_grant_type", "grant_type parameter is missing or unknown")

    def _by_code(self) -> tuple[Response, int]:
        code = self._codes.pop(request.form.get("code", ""), None)
        if code is None or self._clock.now() >= code.consent.given_at + _CODE_LASTS:
            return _refused("invalid_grant", "Invalid authorization code")
        if request.form.get("redirect_uri") != code.redirect_uri:
            return _refused("invalid_grant", "Invalid redirect URI")
        if _hashed(request.form.get("code_verifier", "")) != code.challenge:
            return _refused("invalid_grant", "code_verifier was incorrect")
        refresh_token = _new_token()
        self._refresh[refresh_token] = code.consent
        return self._granted(code.consent, {"refresh_token": refresh_token})

    def _by_refresh_token(self) -> tuple[Response, int]:
        token = request.form.get("refresh_token", "")
        consent = self._refresh.get(token)
        if consent is None:
            return _refused("invalid_grant", "Refresh token revoked")
        if self._clock.now() >= consent.given_at + CONSENT_LASTS:
            return _refused("invalid_grant", "Refresh token expired")
        if not self.rotates:
            return self._granted(consent, {})
        del self._refresh[token]
        successor = _new_token()
        self._refresh[successor] = consent
        return self._granted(consent, {"refresh_token": successor})

    def _granted(self, consent: _Consent, more: dict[str, str]) -> tuple[Response, int]:
        answer = {
            "access_token": self._new_access(consent),
            "token_type": "Bearer",
            "expires_in": int(ACCESS_LASTS.total_seconds()),
            "scope": consent.scope,
        }
        return jsonify(answer | more), 200

    def _new_access(self, consent: _Consent) -> str:
        token = _new_token()
        self._access[token] = (consent, self._clock.now() + ACCESS_LASTS)
        return token


def _new_token() -> str:
    return secrets.token_urlsafe(32)


def _hashed(verifier: str) -> str:
    if not verifier:
        return ""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _refused(error: str, description: str) -> tuple[Response, int]:
    return jsonify({"error": error, "error_description": description}), 400
