"""Searches every byte below a folder for words, however a file packs them."""

import base64
import bz2
import gzip
import json
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

import pyarrow.parquet as pq

_PACKED = re.compile(rb"H4sI[0-9A-Za-z+/=]{40,}")  # gzip as base64, as pages hold it


def places_of(folder: Path, words: Iterable[str]) -> list[str]:
    """Return where below ``folder`` any of ``words`` stands, in any case, as "word in file"."""
    wanted = [(each, _ways_to_write(each)) for each in words]
    return sorted(
        {
            f"{word} in {path.relative_to(folder)}"
            for path in folder.rglob("*")
            for content in (str(path.relative_to(folder)).encode(), *_contents(path))
            for word, ways in wanted
            if any(way in content.lower() for way in ways)
        }
    )


def _ways_to_write(word: str) -> set[bytes]:
    low = word.lower()
    escaped = json.dumps(low)[1:-1]
    ways = {low, escaped, escaped.replace('"', '\\"')}
    return {
        *(each.encode() for each in ways),
        low.encode("utf-16-le"),
        base64.b64encode(word.encode())[: 4 * (len(word.encode()) // 3)].lower(),
    }


def _contents(path: Path) -> Iterator[bytes]:
    if path.is_symlink() or not path.is_file():
        return
    content = path.read_bytes()
    yield content
    yield from _unpacked(content)
    for each in _PACKED.findall(content):
        yield gzip.decompress(base64.b64decode(each))
    if path.suffix == ".parquet":
        file = pq.ParquetFile(BytesIO(content))
        yield str(file.metadata.to_dict()).encode()
        for column in file.read().columns:
            yield json.dumps(column.to_pylist(), default=str, ensure_ascii=False).encode()


def _unpacked(content: bytes) -> Iterator[bytes]:
    for unpack in (gzip.decompress, bz2.decompress, lzma.decompress):
        try:
            yield unpack(content)
        except (OSError, EOFError, lzma.LZMAError, zlib.error):
            continue
    if zipfile.is_zipfile(BytesIO(content)):
        with zipfile.ZipFile(BytesIO(content)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield archive.read(name)
