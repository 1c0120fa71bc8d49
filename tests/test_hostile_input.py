"""Whatever is fed to a reader: no crash, no hang, bounded memory, every record accounted for.

Each target of the fuzzer is run on a few inputs here, and for as long as wanted by
``python -m tests.soak.fuzz``. What one run in a million would hit stands below by itself.
"""

import html
import io
import json
import resource
import tarfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from clients import http
from clients.errors import ApiError
from clients.spotify_api import _cursor_of
from config.settings import SettingsError, load_settings
from engines.engine import Engine
from ingestion.exports import stage_file
from loaders import archives
from loaders.json_records import Damage, records_of
from loaders.privacy_export import find_exports, read_records
from mappers.features_mapper import KnownTrack, features_row
from mappers.library_mapper import saved_album_rows
from mappers.recently_played import problem_of
from report.page.write import write_page
from schemas.gold_schemas import TEMPORAL_PATTERNS
from tests.export_samples import account, extended, write_json, write_zip
from tests.lakes import NOW, one, query, run, steps_to
from tests.properties import at_most
from tests.soak.fuzz import execute
from tests.soak.fuzz_mutations import HOSTILE_NAMES
from tests.soak.fuzz_targets import TARGETS

SLOW = {"archive", "landing", "catalogue", "upload"}
MEGABYTE = 1024**2


@pytest.mark.parametrize("target", sorted(TARGETS.keys() - SLOW))
@at_most(40)
@given(seed=st.integers(0, 2**32))
def test_a_reader_keeps_its_promises(target: str, seed: int) -> None:
    failure = execute(target, seed)
    assert failure is None, failure


@pytest.mark.parametrize("target", sorted(SLOW))
@at_most(4)
@given(seed=st.integers(0, 2**32))
def test_a_slow_reader_keeps_its_promises(target: str, seed: int) -> None:
    failure = execute(target, seed)
    assert failure is None, failure


@contextmanager
def within(seconds: float, megabytes: float) -> Iterator[None]:
    """Hold what is done to limits of time and of memory beyond what was there."""
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    yield
    assert time.process_time() - begun < seconds
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert more * 1024 < megabytes * MEGABYTE


def staged(path: Path, scratch: Path) -> tuple[list[str | None], list[str | None]]:
    """Return the titles and the reasons of all rows that a file becomes."""
    (file,) = find_exports([path], "me").files
    stage_file(file, scratch / "rows.parquet", NOW, None)
    rows = pq.read_table(scratch / "rows.parquet").to_pylist()
    return [each["track_name"] for each in rows], [each["reject_reason"] for each in rows]


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":[', '{"ts":'])
def test_a_hundred_thousand_levels_are_one_damage(tmp_path: Path, opening: str) -> None:
    good = json.dumps(extended())
    path = tmp_path / "endsong_0.json"
    path.write_text(f"[{good},\n{opening * 100_000}\n,{good}]")

    with within(20, 300):
        titles, reasons = staged(path, tmp_path)

    assert titles.count("Song") >= 1
    assert any(reasons) or opening == "["


@pytest.mark.parametrize(
    "filling",
    [
        "\n\n\n\n x" * 100_000,
        "\n" * 600_000 + "x",
        "\0" * 600_000,
        "[" * 600_000,
        "]" * 600_000,
        "{" * 600_000,
        ',{"' * 100_000,
        ",{ " * 100_000,
        '\n{"a":1,' * 40_000,
        "\\" * 600_000,
        '"\\u' * 200_000,
    ],
)
def test_damage_takes_no_longer_to_pass_than_it_is_long(tmp_path: Path, filling: str) -> None:
    good = json.dumps(extended())
    path = tmp_path / "endsong_0.json"
    path.write_text(f'[{good},\n{{"ts": oops {filling}\n{good},\n{good}]')

    with within(10, 300):
        titles, reasons = staged(path, tmp_path)

    assert titles[0] == "Song"
    assert any(reasons)


def test_levels_in_a_field_are_not_followed(tmp_path: Path) -> None:
    deep = json.dumps(extended(track="Deep"))[:-1] + ', "more": ' + "[" * 900 + "]" * 900 + "}"
    path = tmp_path / "endsong_0.json"
    path.write_text(f"[{json.dumps(extended())}, {deep}]")

    titles, reasons = staged(path, tmp_path)

    assert titles == ["Song", "Deep"]
    assert reasons == [None, None]


def test_a_record_of_a_hundred_megabytes_is_a_damage_between_two_records(tmp_path: Path) -> None:
    path = tmp_path / "endsong_0.json"
    with path.open("w", encoding="utf-8") as file:
        file.write(f"[{json.dumps(extended(track='First'))}, ")
        file.write(json.dumps(extended(track="X"))[:-1] + ', "more": "')
        for _ in range(100):
            file.write("x" * MEGABYTE)
        file.write('"},\n' + json.dumps(extended(track="Last")) + "]")

    with within(30, 400):
        titles, reasons = staged(path, tmp_path)

    assert titles == ["First", None, "Last"]
    assert [each is None for each in reasons] == [True, False, True]


def test_numbers_of_any_length_are_read(tmp_path: Path) -> None:
    path = tmp_path / "endsong_0.json"
    record = json.dumps(extended(ms_played=1))
    numbers = ["9" * 5_000, "-" + "9" * 400, "1e400", "-1e400", "NaN", "1e-400", "0." + "3" * 5_000]
    odd = [record.replace('"ms_played": 1', f'"ms_played": {each}') for each in numbers]
    path.write_text(f"[{', '.join([record, *odd])}]")

    titles, reasons = staged(path, tmp_path)

    assert len(titles) == 8
    assert reasons[0] is None
    # The sixth is 0 to whoever computes with 64 bits.
    assert [each is None for each in reasons] == [True, *[False] * 5, True, False]


def test_members_that_share_their_bytes_are_no_way_around_the_limit(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    stream = io.BytesIO()
    member = json.dumps([extended()]).encode() + b" " * 4 * MEGABYTE
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("endsong_0.json", member)
        first = archive.infolist()[0]
        for number in range(1, 200):
            again = zipfile.ZipInfo(f"endsong_{number}.json")
            for name in ("file_size", "compress_size", "CRC", "header_offset", "compress_type"):
                setattr(again, name, getattr(first, name))
            archive.filelist.append(again)
            archive.NameToInfo[again.filename] = again
    bomb.write_bytes(stream.getvalue())
    assert bomb.stat().st_size < 40_000

    found = find_exports([bomb], "me")

    read = sum(each.size for each in found.files)
    assert read <= archives.MAX_COMPRESSION_RATIO * bomb.stat().st_size + 16 * MEGABYTE
    assert any("more than any export of its size" in each.reason for each in found.problems)


def test_a_packed_tar_does_not_fill_the_disk(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.tar.gz"
    with tarfile.open(bomb, "w:gz") as archive:
        for name in ("a.bin", "endsong_0.json"):
            info = tarfile.TarInfo(name)
            info.size = 64 * MEGABYTE
            archive.addfile(info, io.BytesIO(b" " * info.size))

    with within(10, 100):
        found = find_exports([bomb], "me")

    assert not found.files
    assert any("more than any export of its size" in each.reason for each in found.problems)


def test_a_damaged_archive_in_an_archive_is_named(tmp_path: Path) -> None:
    inner = write_zip(tmp_path / "inner.zip", {"endsong_0.json": [extended()]}).read_bytes()
    # The directory says that the member begins before the file.
    damaged = inner.replace(b"PK\x05\x06", b"PK\x05\x06", 1)
    place = damaged.rfind(b"PK\x05\x06") + 16
    start = int.from_bytes(damaged[place : place + 4], "little")
    damaged = damaged[:place] + (start + 90_000).to_bytes(4, "little") + damaged[place + 4 :]
    outer = tmp_path / "outer.zip"
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("inner.zip", damaged)
        archive.writestr("endsong_1.json", json.dumps([extended()]))

    found = find_exports([outer], "me")

    assert [each.inside[-1] for each in found.files] == ["endsong_1.json"]
    (problem,) = found.problems
    assert "inner.zip" in problem.name


def test_names_come_through_byte_for_byte_to_silver_and_escaped_to_the_page(
    engine: Engine, tmp_path: Path
) -> None:
    whole = [each for each in HOSTILE_NAMES if "\ud800" not in each and each.strip(" ")]
    exports = [
        write_json(
            tmp_path / "endsong_0.json",
            [
                extended(
                    ts=f"2024-03-{1 + day:02}T{place // 60:02}:{place % 60:02}:00Z",
                    track=f"{name}",
                    artist=name,
                    master_metadata_album_album_name=name,
                    track_id=None,
                    spotify_track_uri=f"spotify:track:{place:022}",
                )
                for day in range(2)
                for place, name in enumerate(whole)
            ],
        )
    ]
    run(engine, tmp_path / "lake", exports, steps=steps_to(TEMPORAL_PATTERNS))
    lake = tmp_path / "lake"

    expected = Counter({(name, name, name): 2 for name in whole})
    for table in ("bronze.listening_history_bronze", "silver.listening_with_features"):
        found = query(lake, f"SELECT track_name, artist_name, album_name FROM {table}")
        assert Counter(found) == expected, table
    page = write_page(lake, "me", NOW, out=tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script>alert(" not in page
    assert "<img src=x" not in page
    shown = [each for each in whole if "<" in each and html.escape(each) in page]
    assert shown


def test_every_record_of_every_encoding_is_accounted_for(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    encodings = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
    for number, encoding in enumerate(encodings):
        record = extended(ts=f"2024-04-0{1 + number}T10:00:00Z", track="Größe", artist="Ärzte")
        path = folder / f"endsong_{number}.json"
        path.write_bytes(json.dumps([record], ensure_ascii=False).encode(encoding))

    run(engine, tmp_path / "lake", [folder], steps=())

    found = query(tmp_path / "lake", "SELECT track_name FROM bronze.listening_history_bronze")
    assert found == [("Größe",)] * len(encodings)
    assert one(
        tmp_path / "lake",
        "SELECT bool_and(records_read = records_kept + records_known + records_rejected)"
        " FROM ops.imported_files",
    )


def test_of_a_key_that_is_there_twice_the_last_counts_for_every_reader(tmp_path: Path) -> None:
    text = json.dumps(extended())[:-1] + ', "ms_played": 7}'
    path = tmp_path / "endsong_0.json"
    path.write_text(f"[{text}]")
    (file,) = find_exports([path], "me").files

    (record,) = read_records(file)
    (other,) = records_of(io.BytesIO(path.read_bytes()))

    assert not isinstance(other, Damage)
    assert record["ms_played"] == other["ms_played"] == 7


def test_numbers_of_services_that_fit_no_column_are_null() -> None:
    row = features_row(
        KnownTrack("id"), "reccobeats", {"valence": 0.5, "energy": 0.5, "loudness": 10**400}, NOW
    )
    assert (row["status"], row["loudness"]) == ("ok", None)
    item = {"added_at": "2024-01-01T00:00:00Z", "album": {"id": "a", "total_tracks": 2**31}}
    assert saved_album_rows([item], "me")[0]["total_tracks"] is None
    assert _cursor_of({"cursors": {"before": "9" * 5_000}}) is None
    assert problem_of({"played_at": "9999-12-31T23:59:59Z"}, NOW) == "its time lies in the future"


def test_an_answer_without_end_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless:
        def read1(self, size: int, *, decode_content: bool) -> bytes:
            return b"[" * size

        def close(self) -> None:
            pass

    response = requests.Response()
    response.status_code, response.raw = 200, Endless()
    monkeypatch.setattr(requests.Session, "request", lambda *_, **__: response)

    with within(20, 200), pytest.raises(ApiError, match="gave no answer"):
        http.JsonSession("Spotify", lambda: NOW).request("POST", "https://api.example/v1/me")


def test_a_wrong_setting_is_one_line_however_long_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for text in (f"WEB_BASE_PATH={'a' * 5_000}", f"{'A' * 5_000}=1", "TIMEZONE='a\nb'"):
        (tmp_path / ".env").write_text(text)
        with pytest.raises(SettingsError) as wrong:
            load_settings()
        assert len(str(wrong.value).splitlines()) == 1
        assert len(str(wrong.value)) < 1_000


def test_account_data_keeps_odd_names_too(engine: Engine, tmp_path: Path) -> None:
    names = [each for each in HOSTILE_NAMES if "\ud800" not in each and each.strip(" ")]
    records = [
        account(end_time=f"2024-03-01 {place // 60:02}:{place % 60:02}", track=name, artist=name)
        for place, name in enumerate(names)
    ]
    path = write_json(tmp_path / "StreamingHistory0.json", records)

    run(engine, tmp_path / "lake", [path], steps=())

    found = query(
        tmp_path / "lake", "SELECT track_name, artist_name FROM bronze.listening_history_bronze"
    )
    assert Counter(found) == Counter((name, name) for name in names)
