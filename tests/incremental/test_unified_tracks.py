"""The table of all tracks follows the library, the plays and what is excluded."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from config.settings import Settings
from engines.engine import Engine
from incremental.lake import Lake
from schemas.library_schemas import SAVED_TRACKS
from schemas.unified_schemas import UNIFIED_TRACKS
from tests.export_samples import extended, write_json
from tests.lakes import NOW, query, rows_of, run, statuses, steps_to
from writers.decisions import exclude, include_again

STEPS = steps_to(UNIFIED_TRACKS)
NAME = UNIFIED_TRACKS.full_name


def saved(track_id: str, title: str, **others: Any) -> dict[str, Any]:
    return {
        **dict.fromkeys(SAVED_TRACKS.column_names),
        "user_id": "me",
        "track_id": track_id,
        "added_at": NOW,
        "track_name": title,
        "artist_name": "Artist",
        "first_seen": NOW,
        "last_seen": NOW,
        **others,
    }


def test_what_changes_is_followed_and_the_result_is_that_of_a_rebuild(
    engine: Engine, tmp_path: Path
) -> None:
    lake, exports = tmp_path / "lake", tmp_path / "exports"
    write_json(exports / "endsong_0.json", [extended("2024-01-01T10:00:00Z", "Song", "Artist")])

    def computed() -> str:
        return statuses(run(engine, lake, [exports], steps=STEPS))[NAME]

    def put_saved(*rows: dict[str, Any]) -> None:
        with Lake(Settings(_env_file=None, data_dir=lake), NOW, engine) as opened:
            opened.replace_rows(SAVED_TRACKS, rows, "library")

    def found() -> list[tuple[Any, ...]]:
        columns = "track_name, counted_plays, saved_at IS NOT NULL, is_excluded"
        return query(lake, f"SELECT {columns} FROM {NAME} ORDER BY 1")

    assert computed() == "written"
    assert found() == [("Song", 1, False, False)]
    put_saved(saved("new", "Unheard"), saved("other id", "Song"))
    assert computed() == "written"
    assert found() == [("Song", 1, True, False), ("Unheard", 0, True, False)]
    assert computed() == "nothing_new"
    exclude(lake, "me", "artist", "artist", "Artist", NOW)
    assert computed() == "written"
    assert found() == [("Song", 1, True, True), ("Unheard", 0, True, True)]
    include_again(lake, "me", "artist", "artist", NOW)
    gone = NOW + timedelta(days=1)
    put_saved(saved("new", "Unheard", removed_at=gone), saved("other id", "Song"))
    write_json(exports / "endsong_1.json", [extended("2024-01-02T10:00:00Z", "Song", "Artist")])
    assert computed() == "written"
    assert found() == [("Song", 2, True, False)]

    grown = rows_of(lake, NAME)
    statuses(run(engine, lake, [exports], steps=STEPS, rebuild=True))
    assert rows_of(lake, NAME) == grown
