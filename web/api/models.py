"""What views, things, days and sessions are as data."""

from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from report.page.parts import Block, Section, View
from schemas.statuses import Status
from web.views import Shown, view_of


class ColumnOut(BaseModel):
    title: str
    format: str = Field(description="`count`, `minutes`, `percent` (a share of 1), `date`, …")


class TableOut(BaseModel):
    columns: list[ColumnOut]
    rows: list[list[Any]]


class FigureOut(BaseModel):
    label: str
    value: Any
    format: str
    change: float | None = Field(description="share by which it differs from the time before")


class BlockOut(BaseModel):
    """A question and its answer. Where ``status`` is not ``ok``, ``reason`` says why."""

    id: str
    title: str
    status: Status
    reason: str
    sentence: str
    note: str
    figures: list[FigureOut]
    table: TableOut | None


class ViewOut(BaseModel):
    id: str
    title: str
    first: date
    last: date
    blocks: list[BlockOut]


def view_out(section: Shown) -> ViewOut:
    """Return a view as data."""
    return ViewOut(
        id=section.section.id,
        title=section.section.title,
        first=section.period.first,
        last=section.period.last,
        blocks=blocks_out(section.section),
    )


def blocks_out(section: Section) -> list[BlockOut]:
    """Return the blocks of a section as data, of each the one view it has."""
    return [_block(each) for each in section.blocks]


def _block(block: Block) -> BlockOut:
    chosen = view_of(block)
    return BlockOut(
        id=block.id,
        title=block.title,
        status=chosen.status,
        reason=chosen.reason,
        sentence=chosen.sentence,
        note=block.note,
        figures=[
            FigureOut(label=each.label, value=each.value, format=each.format, change=each.change)
            for each in chosen.figures
        ],
        table=_table(chosen),
    )


def _table(chosen: View) -> TableOut | None:
    if chosen.table is None:
        return None
    return TableOut(
        columns=[ColumnOut(title=each.title, format=each.format) for each in chosen.table.columns],
        rows=[list(row) for row in chosen.table.rows],
    )
