"""Whatever can be read without loss is read; damage is reported in place, and reading goes on."""

import io
import json
from typing import Any

import pytest

from loaders.json_records import Damage, records_of
from tests.export_samples import Record, extended

THREE = [extended(ts=f"2024-03-0{day}T12:00:00Z", track=f"Söng {day}") for day in (1, 2, 3)]
TEXT = json.dumps(THREE, ensure_ascii=False)
TEXTS = [json.dumps(each, ensure_ascii=False) for each in THREE]


def read(content: bytes, chunk_bytes: int = 1024**2) -> list[Any]:
    return [*records_of(io.BytesIO(content), chunk_bytes)]


def described(found: list[Any]) -> list[str]:
    """Return what stands in each place: the first words of a damage, or the day of a record."""
    return [
        each.detail.split(":")[0] if isinstance(each, Damage) else each["ts"][8:10]
        for each in found
    ]


@pytest.mark.parametrize("chunk_bytes", [7, 100, 1024**2])
@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
        TEXT.encode("cp1252"),
        TEXT.encode() + bytes(4096),
        bytes(512) + TEXT.encode() + bytes(512),
        "\n".join(TEXTS).encode(),
        "\r\n".join(TEXTS).encode("utf-16"),
        "".join(TEXTS).encode(),
        ",\n".join(TEXTS).encode(),
        "".join(f"[{each}]" for each in TEXTS).encode(),
        ",\n".join(f"[{each}]" for each in TEXTS).encode(),
        f"[{','.join(f'[{each}]' for each in TEXTS)}]".encode(),
        b"".join(f"[{each}]\n".encode("utf-8-sig") for each in TEXTS),
        f"[{TEXTS[0]},{TEXTS[1]},{TEXTS[2]},]".encode(),
        bytes(100).join(each.encode() for each in TEXTS),
    ],
)
def test_what_can_be_read_without_loss_is_read(content: bytes, chunk_bytes: int) -> None:
    assert read(content, chunk_bytes) == THREE


@pytest.mark.parametrize("chunk_bytes", [50, 1024**2])
@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (TEXTS[1].replace('"username":', '"username"').encode(), "is damaged here"),
        (TEXTS[1].replace('"a-user-name",', '"a-user-name"').encode(), "is damaged here"),
        (TEXTS[1].replace('"a-user-name"', '"a-user-name').encode(), "is damaged here"),
        (TEXTS[1].replace('"a-user-name"', "nothing").encode(), "is damaged here"),
        (TEXTS[1][:100].encode(), "is damaged here"),
        (TEXTS[1].encode().replace(b"windows", bytes(7)), "is damaged here (NUL bytes"),
        (TEXTS[1].encode().replace(b"windows", b"\xfc\xff"), "is damaged here (bytes that are not"),
        (b'{"ts":' + b'{"a":' * 3000 + b"1" + b"}" * 3001, "is nested too deep here"),
        (b'{"ts":' + b"[" * 3000 + b"1" + b"]" * 3000 + b"}", "is nested too deep here"),
    ],
)
def test_a_damaged_record_is_reported_and_the_next_ones_are_read(
    second: bytes, reason: str, chunk_bytes: int
) -> None:
    content = b"[" + TEXTS[0].encode() + b", " + second + b", " + TEXTS[2].encode() + b"]"

    first, damage, third = read(content, chunk_bytes)

    assert (first, third) == (THREE[0], THREE[2])
    assert damage.detail.startswith(reason)


@pytest.mark.parametrize("chunk_bytes", [50, 1024**2])
@pytest.mark.parametrize("end", [TEXTS[1][:-40], TEXTS[1][:3], "", TEXTS[1][:-40] + "\0" * 50])
def test_a_file_that_is_cut_off_keeps_what_stood_before(end: str, chunk_bytes: int) -> None:
    assert described(read(f"[{TEXTS[0]},{end}".encode(), chunk_bytes)) == [
        "01",
        "breaks off in the middle",
    ]


@pytest.mark.parametrize(
    ("written", "value"),
    [("NaN", None), ("-Infinity", None), ("1e999", None), ("9" * 5000, "9" * 5000), ("5", 5)],
)
def test_numbers_that_are_none(written: str, value: Any) -> None:
    record = json.dumps(extended(offline_timestamp=7)).replace(": 7", f": {written}")

    (found,) = read(f"[{record}]".encode())

    assert found == extended(offline_timestamp=value)


def test_half_a_pair_of_surrogates_becomes_a_question_mark() -> None:
    (found,) = read(rb'[{"ts": "x", "master": "half \ud83d"}]')

    assert found == {"ts": "x", "master": "half ?"}


def test_a_stream_that_fails_is_reported_after_what_it_gave() -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 0:
                raise EOFError("compressed file ended")
            return super().read(len(TEXT.encode()) - 50)

    found = [*records_of(Failing(TEXT.encode()))]

    assert described(found) == ["01", "02", "is damaged (compressed file ended)"]


def test_titles_that_look_like_json_are_titles() -> None:
    odd: list[Record] = [extended(track=title) for title in ('{"', '[{"ts": "', '},\n{"', "Song {")]

    assert read(json.dumps(odd).encode(), 64) == odd
