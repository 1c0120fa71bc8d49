"""A source of plays is declared in one place; nothing else names one."""

import re
from pathlib import Path
from typing import Any

import pytest

from engines.models import PROJECT
from schemas.play_sources import PLAY_SOURCES, PlaySource, file_kinds, source_of_files
from tests.silver.histories import after_noon, listening, record

NAMES = "|".join(each.name for each in PLAY_SOURCES)
# Folders that call things so that are none of these sources: demo/ is the simulated account's.
PACKAGES = ("mappers", "loaders", "ingestion", "lake", "features", "silver", "gold", "incremental")
TAPE = PlaySource("tape", rank=0)


def plays(*records: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return id, platform and sources of the plays of a history that one source more reports."""
    found = listening(*records, sources=[*PLAY_SOURCES, TAPE])
    return [(row["play_id"], row["platform"], row["sources"]) for row in found]


def files() -> list[Path]:
    return [
        path
        for package in PACKAGES
        for path in sorted((PROJECT / package).rglob("*.*"))
        if path.suffix in (".py", ".sql")
    ]


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(PROJECT)))
def test_no_module_names_a_source(path: Path) -> None:
    found = re.findall(rf"""["']({NAMES})["']""", path.read_text(encoding="utf-8"))

    assert not found


def test_every_source_has_a_rank_of_its_own() -> None:
    assert len({each.rank for each in PLAY_SOURCES}) == len(PLAY_SOURCES)


@pytest.mark.parametrize("source", PLAY_SOURCES, ids=lambda each: each.name)
def test_files_of_music_bear_the_name_of_their_source(source: PlaySource) -> None:
    kinds = {kind.name for of, kind in file_kinds() if of is source}

    assert not kinds or source.name in kinds
    assert all(source_of_files(each) is source for each in kinds)


def test_a_source_more_is_a_declaration_more() -> None:
    found = plays(
        record(source="extended", platform="ios", played_at=after_noon(0)),
        record(source="tape", platform="tape deck", played_at=after_noon(20)),
        record(source="tape", platform="tape deck", played_at=after_noon(900)),
    )

    assert found == [
        ("r001", "tape deck", ["extended", "tape"]),
        ("r002", "tape deck", ["tape"]),
    ]
