"""A run that was killed is known to the next."""

from pathlib import Path

from writers.unfinished_run import note_begun, note_ended


def test_a_run_without_an_end_is_known_to_the_next_one_alone(tmp_path: Path) -> None:
    assert not note_begun(tmp_path)
    note_ended(tmp_path)
    assert not note_begun(tmp_path)  # and is killed

    assert note_begun(tmp_path)
    note_ended(tmp_path)
    assert not note_begun(tmp_path)


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    assert not note_begun(tmp_path / "missing")
    note_ended(tmp_path / "missing")
