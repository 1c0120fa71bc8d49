"""Settings by which clients and commands ask a stand-in for Spotify."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clients.auth.accounts import SCOPES
from config.settings import Settings
from demo.spotify_server import SpotifyStandIn


def connection(stand_in: SpotifyStandIn) -> dict[str, Any]:
    """Return the settings of an app that nobody has signed in to yet."""
    return {
        "client_id": stand_in.accounts.client_id,
        "client_secret": stand_in.accounts.client_secret,
        "spotify_api_url": f"{stand_in.url}/v1/",
        "spotify_accounts_url": stand_in.url,
    }


def signed_in(stand_in: SpotifyStandIn, *scopes: str) -> dict[str, Any]:
    """Return the settings after a person signed in now, with all scopes unless some are named."""
    token = stand_in.accounts.consent(" ".join(scopes or SCOPES))
    return {**connection(stand_in), "spotify_refresh_token": token}


def settings_for(stand_in: SpotifyStandIn, data_dir: Path, *scopes: str, **others: Any) -> Settings:
    """Return the settings of a lake whose person signed in now."""
    return Settings(_env_file=None, data_dir=data_dir, **signed_in(stand_in, *scopes), **others)


def as_environment(settings: Mapping[str, Any]) -> dict[str, str]:
    """Return settings as variables of the environment of a process."""
    return {name.upper(): str(value) for name, value in settings.items()}
