"""Signs a person in to Spotify, and gives batch code its access token without a person."""

import hashlib
import webbrowser
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

from pydantic import BaseModel, ValidationError

from clients.auth.accounts import (
    SCOPES,
    WRITE_PLAYLISTS,
    SignIn,
    address_to_agree_at,
    redeem_code,
    renew,
    require_credentials,
)
from clients.auth.redirect import (
    Answer,
    code_in,
    listening,
    require_redirect_uri,
)
from clients.auth.token_file import TOKEN_FILE, TokenFile, Tokens
from clients.errors import HOW_TO_SIGN_IN, SignInError
from config.desktop import has_browser
from config.settings import Settings

__all__ = [
    "CONSENT_LASTS",
    "MAY_NOT_WRITE",
    "SCOPES",
    "TOKEN_FILE",
    "WARN_BEFORE",
    "SignIn",
    "TokenKeeper",
    "Tokens",
    "has_sign_in",
    "sign_in",
    "sign_in_address",
    "sign_out",
    "store_tokens_for",
]

CONSENT_LASTS = timedelta(days=181)
"""Six months at their shortest, so that no warning comes late."""

WARN_BEFORE = timedelta(days=14)
"""How long before its end a consent causes a warning."""

SIGN_IN_WAIT = timedelta(minutes=5)
"""How long a person has for the sign-in."""

NO_APP_TO_WRITE = (
    "playlists are written at Spotify: set CLIENT_ID and CLIENT_SECRET of your app in .env"
)
MAY_NOT_WRITE = f"this sign-in may not write playlists: {HOW_TO_SIGN_IN}"

# A token that expires while a request is under way is useless.
_SPARE = timedelta(minutes=1)


class TokenKeeper:
    """Keeps batch code signed in; never prompts and never blocks.

    spotipy's ``auth_manager``. ``now`` returns the time in UTC.
    """

    def __init__(self, settings: Settings, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._now = now
        self._file = TokenFile(settings.data_dir)

    def get_access_token(self, as_dict: bool = False, check_cache: bool = True) -> str:
        """Return an access token, renewed where it is about to end or ``check_cache`` is False.

        ``as_dict`` belongs to spotipy's protocol, which asks for the bare token. Raises SignInError
        where only a person can help, ApiError where Spotify cannot answer.
        """
        tokens = self._present()
        if not check_cache or tokens.expires_at - self._now() < _SPARE:
            tokens = self._renewed(tokens)
        return tokens.access_token

    def require_right_to_write(self) -> None:
        """Raise SignInError where the sign-in is known to lack the right to write playlists."""
        self.get_access_token()  # who signed in elsewhere is asked for their rights by it
        if self.lacks_right_to_write:
            raise SignInError(MAY_NOT_WRITE)

    @property
    def lacks_right_to_write(self) -> bool:
        """Whether the sign-in is known to lack the right to write playlists; nobody is asked."""
        tokens = self._file.read()
        if tokens is None or not tokens.scope:
            return False
        return WRITE_PLAYLISTS not in tokens.scope.split()

    @property
    def consented_at(self) -> datetime | None:
        """When the person agreed; None where that is not known or nobody did."""
        tokens = self._file.read()
        return None if tokens is None else tokens.consented_at

    @property
    def ends_at(self) -> datetime | None:
        """When the consent ends, whatever is renewed until then; None where not known."""
        consented_at = self.consented_at
        return None if consented_at is None else consented_at + CONSENT_LASTS

    def warning(self) -> str | None:
        """Return one line on a sign-in that ends within ``WARN_BEFORE``, else None."""
        ends_at = self.ends_at
        if ends_at is None or ends_at - self._now() >= WARN_BEFORE:
            return None
        return f"the sign-in at Spotify ends about {ends_at:%Y-%m-%d}: {HOW_TO_SIGN_IN}"

    def _present(self) -> Tokens:
        """Return the present tokens; those of the environment where they were not adopted yet."""
        stored = self._file.read()
        given = _environment_token(self._settings, is_needed=stored is None)
        if given is not None and (stored is None or stored.environment_seen != _hash(given)):
            ended = datetime.min.replace(tzinfo=UTC)
            return Tokens("", given, ended, scope="", environment_seen=_hash(given))
        if stored is None:
            raise SignInError(f"nobody is signed in at Spotify: {HOW_TO_SIGN_IN}")
        return stored

    def _renewed(self, old: Tokens) -> Tokens:
        with self._file.alone():
            tokens = self._present()
            if tokens == old:  # else another process was quicker
                tokens = renew(self._settings, old, self._now)
                self._file.write(tokens)
        return tokens


def has_sign_in(settings: Settings) -> bool:
    """Return whether there are tokens: in the lake's own file or in the environment."""
    return (
        TokenFile(settings.data_dir).exists()
        or settings.spotify_refresh_token is not None
        or settings.spotipy_cache is not None
    )


def sign_in(
    settings: Settings,
    say: Callable[[str], None],
    ask: Callable[[str], str] | None,
    now: Callable[[], datetime],
) -> Tokens:
    """Let a person sign in, and store the tokens.

    A browser opens where there is one; the address is shown in any case. The answer comes by the
    redirect URI's port on this machine or, where there is a terminal to ``ask`` at, by pasting the
    final address or its code: whichever is first. Raises SignInError where nobody signs in within
    ``SIGN_IN_WAIT`` or a setting is in the way, ApiError where Spotify cannot answer.
    """
    require_credentials(settings)
    require_redirect_uri(settings.redirect_uri)
    begun = SignIn()
    return store_tokens_for(settings, _code_from_person(settings, begun, say, ask), begun, now)


def sign_in_address(settings: Settings, begun: SignIn) -> str:
    """Return the address at which a person agrees, for those who wait for its answer themselves.

    Its state comes back with the code. Raises SignInError where a setting is in the way.
    """
    require_credentials(settings)
    require_redirect_uri(settings.redirect_uri)
    return address_to_agree_at(settings, begun)


def store_tokens_for(
    settings: Settings, code: str, begun: SignIn, now: Callable[[], datetime]
) -> Tokens:
    """Return the tokens for the code that a sign-in ended with, stored as those of the lake.

    Raises as ``redeem_code`` does.
    """
    tokens = redeem_code(settings, code, begun, now)
    given = _environment_token(settings, is_needed=False)
    tokens = replace(tokens, environment_seen=None if given is None else _hash(given))
    file = TokenFile(settings.data_dir)
    with file.alone():
        file.write(tokens)
    return tokens


def sign_out(settings: Settings) -> None:
    """Delete the tokens of the lake, if there are any; those of the environment remain."""
    file = TokenFile(settings.data_dir)
    with file.alone():
        file.delete()


def _code_from_person(
    settings: Settings,
    begun: SignIn,
    say: Callable[[str], None],
    ask: Callable[[str], str] | None,
) -> str:
    state, address = begun.state, address_to_agree_at(settings, begun)
    answers: Queue[Answer] = Queue()
    with listening(settings.redirect_uri, state, answers) as is_listening:
        if not is_listening and ask is None:
            raise SignInError(
                f"cannot listen at REDIRECT_URI={settings.redirect_uri}: free its port, or "
                "sign in at a terminal, where the final address can be pasted"
            )
        say(f"Sign in at Spotify with this address:\n{address}")
        if has_browser():
            webbrowser.open(address)
        if ask is not None:
            _start_asking(ask, say, state, answers, is_listening)
        try:
            answer = answers.get(timeout=SIGN_IN_WAIT.total_seconds())
        except Empty:
            minutes = SIGN_IN_WAIT / timedelta(minutes=1)
            answer = SignInError(f"nobody signed in within {minutes:g} min: {HOW_TO_SIGN_IN}")
    if isinstance(answer, SignInError):
        raise answer
    return answer


def _start_asking(
    ask: Callable[[str], str],
    say: Callable[[str], None],
    state: str,
    answers: "Queue[Answer]",
    is_listening: bool,
) -> None:
    """Ask in the background until a usable answer was pasted or the input ends."""

    def work() -> None:
        try:
            while True:
                pasted = ask("If the last page does not load, paste its address here: ").strip()
                code = code_in(pasted, state) if "=" in pasted else pasted
                if code:
                    answers.put(code)
                    return
                say("That is not the address of this sign-in: paste the whole last address.")
        except SignInError as error:
            answers.put(error)
        except EOFError:
            if not is_listening:
                answers.put(SignInError(f"no address was pasted: {HOW_TO_SIGN_IN}"))

    # If the answer came another way, the thread that waits at the terminal must not block the exit.
    Thread(target=work, daemon=True).start()


class _SpotipyCache(BaseModel):
    refresh_token: str


def _environment_token(settings: Settings, *, is_needed: bool) -> str | None:
    """Return the refresh token of SPOTIFY_REFRESH_TOKEN, else of SPOTIPY_CACHE, else None.

    A cache that cannot be read is an error only where the token ``is_needed``.
    """
    if settings.spotify_refresh_token is not None:
        return settings.spotify_refresh_token.get_secret_value().strip()
    if settings.spotipy_cache is None:
        return None
    try:
        return _refresh_token_in(settings.spotipy_cache)
    except SignInError:
        if is_needed:
            raise
        return None


def _refresh_token_in(cache: Path) -> str:
    try:
        return _SpotipyCache.model_validate_json(cache.read_bytes()).refresh_token
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
    except ValidationError:  # its text holds the content of the file
        problem = "is not a token file of spotipy's"
    raise SignInError(f"SPOTIPY_CACHE={cache} {problem}: name another, or {HOW_TO_SIGN_IN}")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
