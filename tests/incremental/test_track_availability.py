"""What is known of a person's tracks follows every check."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from config.settings import Settings
from engines.engine import Engine
from incremental.lake import Lake
from ingestion.availability_checks import keep_checks
from schemas.availability_schemas import TRACK_AVAILABILITY
from tests.export_samples import extended, write_json
from tests.lakes import NOW, query, rows_of, run, statuses, steps_to

STEPS = steps_to(TRACK_AVAILABILITY)
NAME = TRACK_AVAILABILITY.full_name


def check(track_id: str, days: int, *, playable: bool, user_id: str = "me") -> dict[str, Any]:
    at = NOW + timedelta(days=days)
    return {
        "user_id": user_id,
        "track_id": track_id,
        "market": "account",
        "is_playable": playable,
        "reason": None,
        "other_track_id": None,
        "isrc": "QZDEM0000001",
        "found_track_id": None,
        "searched_at": None,
        "first_checked_at": at,
        "last_checked_at": at,
    }


def test_checks_are_followed_and_the_result_is_that_of_a_rebuild(
    engine: Engine, tmp_path: Path
) -> None:
    lake, exports = tmp_path / "lake", tmp_path / "exports"
    write_json(exports / "endsong_0.json", [extended("2024-01-01T10:00:00Z", "Song", "Artist")])

    def computed() -> str:
        return statuses(run(engine, lake, [exports], steps=STEPS))[NAME]

    def keep(*checks: dict[str, Any]) -> None:
        with Lake(Settings(_env_file=None, data_dir=lake), NOW, engine) as opened:
            assert keep_checks(opened, checks, "availability") == len(checks)

    def found() -> list[tuple[Any, ...]]:
        columns = "user_id, track_id, is_available, moved_to_track_id"
        return query(lake, f"SELECT {columns} FROM {NAME} ORDER BY ALL")

    computed()
    assert found() == []
    keep(check("a", 0, playable=True), check("a", 0, playable=False, user_id="you"))
    assert computed() == "written"
    assert found() == [("me", "a", True, None), ("you", "a", False, None)]
    assert computed() == "nothing_new"
    keep(check("a", 9, playable=False), check("b", 9, playable=True))
    assert computed() == "written"
    assert found() == [
        ("me", "a", False, "b"),
        ("me", "b", True, None),
        ("you", "a", False, None),
    ]

    grown = rows_of(lake, NAME)
    statuses(run(engine, lake, [exports], steps=STEPS, rebuild=True))
    assert rows_of(lake, NAME) == grown
