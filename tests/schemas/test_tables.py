"""Tables are declared once and whole, and the data dictionary says what they say."""

import re

import pytest

from schemas import ALL_TABLES
from schemas.table import Table
from scripts.build_data_dictionary import PATH, data_dictionary

LAYERS = {"bronze", "silver", "gold", "ops"}


@pytest.mark.parametrize("table", ALL_TABLES, ids=lambda table: table.full_name)
def test_a_table_is_declared_whole(table: Table) -> None:
    assert table.layer in LAYERS
    assert re.fullmatch(r"[a-z_]+", table.name)
    assert table.description.endswith(".")
    assert len(set(table.column_names)) == len(table.column_names)
    assert set(table.key) <= set(table.column_names)
    assert table.partition_by in (None, *table.column_names)
    for column in table.columns:
        assert column.comment, f"{table.full_name}.{column.name}"


def test_a_persons_data_stands_under_the_person_first() -> None:
    for table in ALL_TABLES:
        if "user_id" in table.key:
            assert table.key[0] == "user_id"


def test_no_two_tables_share_a_name() -> None:
    assert len({each.name for each in ALL_TABLES}) == len(ALL_TABLES)


def test_the_data_dictionary_is_current() -> None:
    cure = "run `python scripts/build_data_dictionary.py`"
    assert PATH.read_text(encoding="utf-8") == data_dictionary(), cure
