"""What runs remember about the services, by clocks that may be wrong."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingestion.api_state import ApiState, load_state, save_state

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
YEAR = timedelta(days=365)


def test_what_is_stored_comes_back(tmp_path: Path) -> None:
    save_state(tmp_path, "me", ApiState(quiet_polls=3), NOW)

    assert load_state(tmp_path, "me", NOW) == ApiState(quiet_polls=3, saved_at=NOW)
    assert load_state(tmp_path, "you", NOW) == ApiState()


@pytest.mark.parametrize(
    ("clock", "is_heeded"),
    [
        (-YEAR, False),
        (timedelta(hours=-2), False),
        (timedelta(minutes=-5), True),  # two machines on one folder never agree to the second
        (YEAR, True),
    ],
)
def test_a_clock_that_was_ahead_keeps_nobody_from_asking(
    tmp_path: Path, clock: timedelta, is_heeded: bool
) -> None:
    limit = NOW + timedelta(hours=1)
    save_state(tmp_path, "me", ApiState(blocked_until=limit, library_read_at=NOW), NOW)

    state = load_state(tmp_path, "me", NOW + clock)

    assert (state.blocked_until == limit) is is_heeded
    assert (state.library_read_at == NOW) is is_heeded
