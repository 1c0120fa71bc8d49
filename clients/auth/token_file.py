"""The token file that keeps a person signed in: written atomically, readable only by its owner."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from clients.errors import HOW_TO_SIGN_IN, ApiError, SignInError
from config.folders import make_private_folder

TOKEN_FILE = ".spotify_tokens.json"
"""Name of the file in ``DATA_DIR``."""

# Longer than any other process takes to renew the tokens.
_LOCK_SECONDS = 60


@dataclass(frozen=True)
class Tokens:
    """The tokens of a sign-in, as last renewed.

    ``consented_at`` is when the person agreed, None where the tokens came from elsewhere.
    ``environment_seen`` is a hash of the token that the environment held when these were stored.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: AwareDatetime
    scope: str
    consented_at: AwareDatetime | None = None
    environment_seen: str | None = None


_TOKENS = TypeAdapter(Tokens)


class TokenFile:
    """The tokens of the lake in ``data_dir``."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / TOKEN_FILE

    def exists(self) -> bool:
        return self._path.exists()

    def read(self) -> Tokens | None:
        """Return the tokens, None where there is no file; SignInError where it is damaged."""
        try:
            return _TOKENS.validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SignInError(f"{self._path} cannot be read ({error.strerror})") from None
        except ValidationError:  # its text holds the content of the file
            raise SignInError(
                f"{self._path} is damaged: delete it, then {HOW_TO_SIGN_IN}"
            ) from None

    def write(self, tokens: Tokens) -> None:
        """Replace the stored tokens atomically; SignInError where that is impossible."""
        try:
            make_private_folder(self._path.parent)
            self._replace_by(_TOKENS.dump_json(tokens, indent=2))
        except OSError as error:
            raise self._unwritable(error) from None

    def delete(self) -> None:
        """Delete the stored tokens, if there are any; SignInError where that is impossible."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(error) from None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes from renewing the tokens meanwhile: each works only once."""
        lock = FileLock(self._path.with_suffix(".lock"), timeout=_LOCK_SECONDS)
        try:
            make_private_folder(self._path.parent)
            lock.acquire()
        except Timeout:
            raise ApiError(
                f"another process is renewing {self._path} for {_LOCK_SECONDS} s: run again"
            ) from None
        except OSError as error:
            raise self._unwritable(error) from None
        try:
            yield
        finally:
            lock.release()

    def _replace_by(self, content: bytes) -> None:
        descriptor, name = tempfile.mkstemp(prefix=TOKEN_FILE, dir=self._path.parent)  # mode 0600
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            Path(name).replace(self._path)
        except BaseException:
            Path(name).unlink()
            raise
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _unwritable(self, error: OSError) -> SignInError:
        return SignInError(
            f"{self._path} cannot be written ({error.strerror}): fix the permissions of DATA_DIR"
        )
