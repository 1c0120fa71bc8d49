"""Whole generated lakes: every computed table has the same rows on both engines."""

import random
from contextlib import suppress
from pathlib import Path

import pytest

from engines.engine import Engine
from engines.python_words import name_key, normalised
from schemas.bronze_schemas import LISTENING_HISTORY
from tests.engines.both import DEFAULTS, compare_lake
from tests.generated_lakes import NOW, GeneratedLake, generate
from tests.models import duckdb_engine
from writers.corrections import MergeRefusedError, hide_play, merge
from writers.decisions import answer, exclude


def _decide(lake: Path, generated: GeneratedLake, draw: random.Random) -> None:
    """Have everybody hide plays, exclude, answer, and say that tracks and artists are the same."""
    named = []
    for row in generated.rows[LISTENING_HISTORY]:
        artist = row.get("artist_name")
        key = name_key(row.get("album_artist_name") or artist, row.get("track_name"))
        if key and normalised(artist or ""):
            named.append((row, key))
    for _ in range(min(len(named), 12)):
        (row, key), (other, other_key) = draw.choice(named), draw.choice(named)
        person = row["user_id"]
        artist, into = (normalised(each["artist_name"]) for each in (row, other))
        hide_play(lake, person, row["record_id"], None, row["played_at"], NOW)
        with suppress(MergeRefusedError):
            merge(lake, person, "track", key, other_key, NOW)
        if draw.random() < 0.3:
            with suppress(MergeRefusedError):
                merge(lake, person, "artist", artist, into, NOW)
            exclude(lake, person, "album", f"{artist}|album 1", None, NOW)
            exclude(lake, person, "track", draw.choice((key, other_key)), None, NOW)
            answer(lake, person, draw.choice((key, other_key)), "no", NOW)


@pytest.mark.spark
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("seed", "plays", "timezone"),
    [
        (1, 150, "Europe/Berlin"),
        pytest.param(2, 1, "UTC", marks=pytest.mark.slow),
        pytest.param(3, 600, "Australia/Lord_Howe", marks=pytest.mark.slow),
        pytest.param(4, 2_000, "Asia/Kathmandu", marks=pytest.mark.slow),
    ],
)
def test_every_table_of_a_generated_lake_is_the_same(
    spark_engine: Engine, tmp_path: Path, seed: int, plays: int, timezone: str
) -> None:
    generated = generate(seed, plays)
    generated.write(tmp_path)
    _decide(tmp_path, generated, random.Random(seed))
    parameters = {**DEFAULTS, "timezone": timezone}

    assert compare_lake(tmp_path, duckdb_engine(), spark_engine, parameters=parameters) == []
