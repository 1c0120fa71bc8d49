"""A provider of audio features is declared in one place; nothing else names one."""

import re
from pathlib import Path
from typing import get_args

import pytest

from config.settings import FeatureSource, Settings
from engines.models import PROJECT
from ingestion.api_state import ApiState
from schemas.feature_providers import FEATURE_PROVIDERS, FeatureProvider

NAMES = "|".join(each.name for each in FEATURE_PROVIDERS if each.tracks_a_run)
PACKAGES = ("mappers", "ingestion", "lake", "features", "silver/records", "gold", "report")
ASKED = [each for each in FEATURE_PROVIDERS if each.tracks_a_run]


def files() -> list[Path]:
    return [
        path
        for package in PACKAGES
        for path in sorted((PROJECT / package).rglob("*.*"))
        if path.suffix in (".py", ".sql")
    ]


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(PROJECT)))
def test_no_module_names_a_provider(path: Path) -> None:
    assert not re.findall(rf"""["']({NAMES})["']""", path.read_text(encoding="utf-8"))


def test_the_setting_enrich_names_every_provider_that_is_asked() -> None:
    values = get_args(Settings.model_fields["enrich"].annotation)

    assert {*values} == {"none", "all", *(each.name for each in ASKED)}


@pytest.mark.parametrize("provider", FEATURE_PROVIDERS, ids=lambda each: each.name)
def test_a_provider_belongs_to_a_source_that_can_be_preferred(provider: FeatureProvider) -> None:
    assert provider.feature_source in get_args(FeatureSource)


@pytest.mark.parametrize("provider", ASKED, ids=lambda each: each.name)
def test_it_is_remembered_until_when_a_provider_limits_our_rate(provider: FeatureProvider) -> None:
    assert provider.blocked_until in ApiState.model_fields
    assert provider.tracks_a_run % provider.tracks_a_call == 0
    assert [provider.is_wanted(each) for each in ("none", "all", provider.name)] == [
        False,
        True,
        True,
    ]
