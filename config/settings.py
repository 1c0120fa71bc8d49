"""Every setting, from the environment or ``.env``, checked before anything else happens."""

import difflib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    AliasChoices,
    BeforeValidator,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from config.countries import COUNTRIES

DEMO_FOLDER = "demo"
"""Where in ``DATA_DIR`` the simulated account has a lake of its own."""

EXPORTS_FOLDER = "exports"
"""In ``DATA_DIR``: what Spotify sent."""

MAINTAINED_FILE = ".maintained"
"""In ``DATA_DIR``; its age shows when the tables were last compacted and cleaned up."""

FeatureSource = Literal["real", "synthetic", "kaggle"]


_SHOWN = 200
"""So much of a wrong value is shown, in characters."""


class SettingsError(ValueError):
    """A setting is wrong; the message is one line that names it and the fix."""


def _time_zone(name: str) -> str:
    if name not in available_timezones():
        near = difflib.get_close_matches(name, available_timezones(), n=1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        raise ValueError(f"no IANA time zone{hint}; write one such as Europe/Berlin")
    return name


def _country(code: str) -> str:
    if code and code not in COUNTRIES:
        hint = " (did you mean GB?)" if code == "UK" else ""
        raise ValueError(f"no ISO 3166-1 alpha-2 code{hint}; write two letters such as DE")
    return code


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("no address; write one such as https://example.org")
    return text


Address = Annotated[str, AfterValidator(_address)]


def _split_commas(value: Any) -> Any:
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _no_repeats(value: tuple[FeatureSource, ...]) -> tuple[FeatureSource, ...]:
    if not value or len(set(value)) != len(value):
        raise ValueError("name each of real, synthetic, kaggle at most once, at least one")
    return value


class Settings(BaseSettings):
    """The settings of one run.

    Each is read from the environment variable of its name in capitals, else from ``.env``.
    """

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        populate_by_name=True,
    )

    data_dir: Path = Path("data")
    """Folder of the lake, of ``exports/`` and of ``kaggle/``."""

    user_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")] = "me"
    """Whose listening it is: 1 to 64 letters, digits, dots, dashes, underscores."""

    timezone: Annotated[str, AfterValidator(_time_zone)] = "UTC"
    """IANA name of the time zone in which hours and dates are counted."""

    allow_synthetic: bool = True
    """Whether synthetic features may replace missing measured ones."""

    feature_preference: Annotated[
        tuple[FeatureSource, ...],
        NoDecode,
        BeforeValidator(_split_commas),
        AfterValidator(_no_repeats),
    ] = ("real", "synthetic", "kaggle")
    """Where features are taken from, first choice first."""

    ingest_interval_hours: float = Field(default=6, gt=0, le=24 * 7)
    """Hours from the start of one scheduled run to the start of the next."""

    engine: Literal["auto", "duckdb", "spark"] = "auto"
    """What computes; ``auto``: Spark where ``SPARK_MASTER`` names a cluster, else DuckDB."""

    spark_master: str = "local[*]"
    """Spark master URL, ``local[*]`` for all cores of this machine."""

    memory_limit: Annotated[
        str, StringConstraints(pattern=r"^(\d+(\.\d+)?\s?[KMGTkmgt]([Ii]?[Bb])?)?$")
    ] = Field(default="", validation_alias=AliasChoices("MEMORY_LIMIT", "SPARK_DRIVER_MEMORY"))
    """Memory that the engine may take, such as ``2GB``; empty: of the machine or container."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """Least severity that is logged."""

    log_format: Literal["text", "json"] = "text"
    """How the scheduler writes its log lines: for people, or one JSON object per line."""

    notify_url: SecretStr | None = None
    """Address to notify, by a plain POST, of failures, expiring sign-ins and possible losses."""

    enrich: Literal["none", "reccobeats", "spotify", "all"] = "all"
    """Which services are asked for the audio features of tracks without measured ones."""

    market: Annotated[
        str, StringConstraints(strip_whitespace=True, to_upper=True), AfterValidator(_country)
    ] = ""
    """Country, two letters (ISO 3166-1), in which tracks must be playable; empty: the account's."""

    spotify_api_url: Address = "https://api.spotify.com/v1/"
    """Base address of Spotify's Web API."""

    spotify_accounts_url: Address = "https://accounts.spotify.com"
    """Base address of the service that signs people in."""

    reccobeats_api_url: Address = "https://api.reccobeats.com"
    """Base address of ReccoBeats."""

    client_id: str | None = Field(
        default=None, validation_alias=AliasChoices("CLIENT_ID", "SPOTIFY_CLIENT_ID")
    )
    """Client id of the person's Spotify app."""

    client_secret: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("CLIENT_SECRET", "SPOTIFY_CLIENT_SECRET")
    )
    """Client secret of the person's Spotify app."""

    redirect_uri: str = Field(
        default="http://127.0.0.1:8888/callback",
        validation_alias=AliasChoices("REDIRECT_URI", "SPOTIFY_REDIRECT_URI"),
    )
    """Redirect URI as registered with the app; Spotify refuses ``localhost``."""

    spotify_refresh_token: SecretStr | None = None
    """Refresh token for a machine without a browser."""

    spotipy_cache: Path | None = None
    """A spotipy token file for a machine without a browser."""

    web_host: str = "127.0.0.1"
    """Address at which the page is reached; any but this machine's own needs ``WEB_PASSWORD``."""

    web_port: int = Field(default=8080, ge=1, le=65535)
    """Port of the page."""

    web_password: SecretStr | None = None
    """Password of the page; without one, only this machine reaches it."""

    web_allowed_hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_commas)] = ()
    """Further names under which browsers may ask for the page, such as a proxy's."""

    web_base_path: Annotated[str, StringConstraints(pattern=r"^(/[A-Za-z0-9_.~-]+)*$")] = ""
    """Path below which a proxy shows the page, such as ``/soundlake``."""

    web_trusted_proxies: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_commas)] = ()
    """Addresses of proxies whose ``X-Forwarded`` headers are believed."""

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def has_credentials(self) -> bool:
        return self.client_id is not None and self.client_secret is not None


def load_settings(**overrides: Any) -> Settings:
    """Read and check the settings; ``overrides`` (by field name) win where they are not None.

    Raises SettingsError with one line that names the first wrong setting and its fix.
    """
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        raise SettingsError(_one_line(error)) from None
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise SettingsError(f".env cannot be read ({why}): fix it or remove it") from None


def _one_line(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    name = _shortened(str(first["loc"][0]).upper()) if first["loc"] else "settings"
    if first["type"] == "extra_forbidden":
        known = [field.upper() for field in Settings.model_fields]
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else "remove the line; .env.example lists all"
        return f"{name} in .env is not a setting: {hint}"
    message = first["msg"].removeprefix("Value error, ")
    given = _shortened(repr(first["input"]))
    return f"{name}={given} is wrong: {_shortened(message)}; set it in .env or the environment"


def _shortened(text: str) -> str:
    """Return a text in one line of bounded length."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
