"""A person's account at the services during one run."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from incremental.lake import Lake
from ingestion.api_state import ApiState, load_state, save_state
from ingestion.play_gaps import Gap

if TYPE_CHECKING:
    from clients.spotify_api import SpotifyApi


@dataclass
class ApiSession:
    """A person's account at the services during one run, and the notes to print about it."""

    spotify: "SpotifyApi"
    user_id: str
    state: ApiState
    notes: list[str] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    sign_in_ended: str | None = None

    @classmethod
    def of(cls, lake: Lake, spotify: "SpotifyApi") -> "ApiSession":
        user_id = lake.settings.user_id
        return cls(spotify, user_id, load_state(lake.data_dir, user_id, lake.now))

    def wait_until(self, lake: Lake, until: datetime) -> None:
        """Remember that Spotify takes no request before an instant, for later runs too."""
        self.state.blocked_until = until
        save_state(lake.data_dir, self.user_id, self.state, lake.now)
