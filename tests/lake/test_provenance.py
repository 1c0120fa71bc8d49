"""What a commit records is read back, also from lakes of older releases."""

import json

from lake.provenance import Provenance

PROVENANCE = Provenance(
    run_id="run",
    step="silver.tracks",
    reads={"bronze.listening_history_bronze": 3},
    settings={"time_zone": "UTC"},
    transform_version="1-abc",
    affected={"anna": ["2024-01"]},
)


def test_what_was_stored_is_read_back() -> None:
    assert Provenance.from_json(PROVENANCE.to_json()) == PROVENANCE


def test_affected_people_are_stored_under_their_first_name() -> None:
    stored = json.loads(PROVENANCE.to_json())

    assert stored["touched"] == {"anna": ["2024-01"]}
    assert "affected" not in stored


def test_anything_else_is_nothing() -> None:
    assert [Provenance.from_json(each) for each in (None, "", "no JSON", "3", "{}")] == [None] * 5
