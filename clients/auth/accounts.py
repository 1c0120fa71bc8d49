"""The requests to Spotify's accounts service: the consent page and the tokens.

spotipy's own sign-in is not used: it writes secrets to its log, waits without limit, and stores a
rotated token in a way that may lose it.
"""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from pydantic import BaseModel, ValidationError
from requests.auth import HTTPBasicAuth

from clients.auth.token_file import Tokens
from clients.errors import HOW_TO_SIGN_IN, ApiError, SignInError
from clients.http import JsonSession
from config.settings import Settings

WRITE_PLAYLISTS = "playlist-modify-private"
"""The right to write private playlists; sign-ins from before it was asked for lack it."""

SCOPES: tuple[str, ...] = (
    "user-read-recently-played",
    "user-library-read",
    "user-top-read",
    "playlist-read-private",
    "playlist-read-collaborative",
    "user-read-private",
    WRITE_PLAYLISTS,
)
"""The permissions a person agrees to, once, for everything the project does."""


def _new_secret() -> str:
    return secrets.token_urlsafe(48)


@dataclass(frozen=True)
class SignIn:
    """One sign-in under way, and by what its answer is known.

    ``state`` comes back with the code: an answer without it is of another sign-in. The code is of
    use with the ``verifier`` alone, which is sent with it and never shown (PKCE, RFC 7636).
    """

    state: str = field(default_factory=_new_secret)
    verifier: str = field(default_factory=_new_secret, repr=False)

    @property
    def challenge(self) -> str:
        """The hash of the verifier, by which Spotify knows it again."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()


class _Answer(BaseModel):
    access_token: str
    expires_in: int
    refresh_token: str | None = None
    scope: str | None = None


def require_credentials(settings: Settings) -> HTTPBasicAuth:
    """Return the app's id and secret; SignInError names the settings where they are not set."""
    if settings.client_id is None or settings.client_secret is None:
        raise SignInError(
            "CLIENT_ID and CLIENT_SECRET are not set: copy both from your app's page at "
            "https://developer.spotify.com/dashboard into .env"
        )
    secret = settings.client_secret.get_secret_value()
    return HTTPBasicAuth(settings.client_id.encode(), secret.encode())


def address_to_agree_at(settings: Settings, begun: SignIn) -> str:
    """Return the address at which a person signs in and agrees to ``SCOPES``."""
    query = {
        "client_id": settings.client_id,
        "response_type": "code",
        "redirect_uri": settings.redirect_uri,
        "scope": " ".join(SCOPES),
        "state": begun.state,
        "code_challenge_method": "S256",
        "code_challenge": begun.challenge,
    }
    return f"{_base(settings)}/authorize?{urlencode(query)}"


def redeem_code(
    settings: Settings, code: str, begun: SignIn, now: Callable[[], datetime]
) -> Tokens:
    """Return the first tokens for the code that a sign-in ended with.

    Raises SignInError where Spotify refuses it, ApiError where Spotify cannot answer.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": settings.redirect_uri,
        "code_verifier": begun.verifier,
    }
    refused = (
        "Spotify rejected the code: it works once, within minutes, and REDIRECT_URI must be "
        f"as at your app's page; {HOW_TO_SIGN_IN}"
    )
    answer = _ask_for_tokens(settings, form, refused, now)
    if answer.refresh_token is None:
        raise ApiError("Spotify's accounts service returned no refresh token")
    return Tokens(
        access_token=answer.access_token,
        refresh_token=answer.refresh_token,
        expires_at=now() + timedelta(seconds=answer.expires_in),
        scope=answer.scope or "",
        consented_at=now(),
    )


def renew(settings: Settings, tokens: Tokens, now: Callable[[], datetime]) -> Tokens:
    """Return new tokens for old ones; a refresh token that is not replaced stays valid.

    Raises SignInError where the consent has ended, ApiError where Spotify cannot answer.
    """
    form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
    given = f" (yours was given on {tokens.consented_at:%Y-%m-%d})" if tokens.consented_at else ""
    refused = (
        "the sign-in has ended: a consent lasts six months and can be withdrawn"
        f"{given}; {HOW_TO_SIGN_IN}"
    )
    answer = _ask_for_tokens(settings, form, refused, now)
    return replace(
        tokens,
        access_token=answer.access_token,
        refresh_token=answer.refresh_token or tokens.refresh_token,
        expires_at=now() + timedelta(seconds=answer.expires_in),
        scope=answer.scope or tokens.scope,
    )


def _ask_for_tokens(
    settings: Settings, form: Mapping[str, str], refused: str, now: Callable[[], datetime]
) -> _Answer:
    credentials = require_credentials(settings)
    with JsonSession("Spotify's accounts service", now) as session:
        try:
            answer = session.post(
                f"{_base(settings)}/api/token",
                data=form,
                auth=credentials,
                allow_redirects=False,  # the secret must not be sent elsewhere
            )
            return _Answer.model_validate(answer.json())
        except ApiError as error:
            if error.reason == "invalid_grant":
                raise SignInError(refused) from None
            if error.reason == "invalid_client":
                raise SignInError(
                    "Spotify does not know CLIENT_ID and CLIENT_SECRET: copy both from your app's "
                    "page at https://developer.spotify.com/dashboard into .env"
                ) from None
            raise
        except ValidationError:  # its text holds what the answer held
            raise ApiError("Spotify's accounts service returned no tokens") from None


def _base(settings: Settings) -> str:
    return settings.spotify_accounts_url.rstrip("/")
