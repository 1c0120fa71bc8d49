"""What is fuzzed: a function each, which does one execution and raises where a promise breaks."""

import asyncio
import csv
import io
import json
import os
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import requests

from clients.http import JsonSession, Patience
from config.settings import Settings, SettingsError, load_settings
from engines.arrow import arrow_schema
from incremental.lake import Lake
from ingestion.catalogue import import_catalogue
from ingestion.exports import import_exports, stage_file
from lake.reader import open_lake
from loaders.json_records import Damage, records_of
from loaders.kaggle_catalogue import COLUMNS, CatalogueError
from loaders.privacy_export import ExportFile, find_exports, read_records
from mappers import library_mapper
from mappers.export_mapper import export_rows
from mappers.features_mapper import KnownTrack, features_row
from mappers.recently_played import history_row, known_plays, new_plays, problem_of, reported_plays
from playlists.conditions import condition
from playlists.rule_files import EXAMPLES, SUFFIXES, read_rule
from playlists.rules import RuleError
from schemas import library_schemas
from schemas.bronze_schemas import LISTENING_HISTORY, MY_TRACKS_FEATURES
from schemas.table import Table
from tests.export_samples import account, extended
from tests.soak.fuzz_mutations import (
    HOSTILE_NAMES,
    ODD_INSTANTS,
    PACKERS,
    TOKENS,
    encoded,
    odd_value,
    tarred,
    with_odd_bytes,
    with_odd_fields,
    zipped,
)
from web.uploads import RefusedUploadError, keep, safe_name

Target = Callable[[Random], None]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
_NAMES = (
    "endsong_0.json", "Streaming_History_Audio_2020_1.json", "StreamingHistory0.json", "odd.json",
    "Streaming_History_Video_2020.json", "Playlist1.json", "a.txt", "no_suffix", "x.jsonl",
    "../../out.json", "/etc/cron.d/x.json", "C:\\x.json", "..\\up.json", "a/../../b.json",
    "__MACOSX/._endsong_0.json", "dir/", "endsong_0.json", "\x01endsong.json", "😀/endsong_1.json",
)  # fmt: skip


_RULE = {
    "name": "Rule",
    "all": [
        {"gt": {"playCount": 5}},
        {"any": [{"contains": {"title": "night"}}, {"is": {"artist": "Band"}}]},
        {"inTheLast": {"lastPlayed": 30}},
        {"inTheRange": {"energy": [0.2, 0.8]}},
    ],
    "sort": "-playCount,title",
    "limit": 50,
    "comment": "a comment",
    "public": False,
}


class BrokenPromiseError(AssertionError):
    """What a reader returned does not add up."""


def require(condition: bool, broken: str) -> None:
    if not condition:
        raise BrokenPromiseError(broken)


def fuzz_json(random: Random) -> None:
    """Read bytes as records: it ends, and yields values or damages, text that can be stored."""
    content = with_odd_bytes(encoded(_records(random), random), random)
    chunk = random.choice((1, 3, 64, 4_096, 1024**2))
    if len(content) > 20_000:
        chunk = max(chunk, 64)
    for record in records_of(io.BytesIO(content), chunk):
        if not isinstance(record, Damage):
            json.dumps(record, ensure_ascii=False).encode()


def fuzz_export_file(random: Random) -> None:
    """Read one file as a run does: every record of it is a row, kept or rejected with a reason."""
    content = encoded(_records(random), random)
    if random.random() < 0.7:
        content = with_odd_bytes(content, random)
    with _folder() as folder:
        path = folder / random.choice(("endsong_0.json", "StreamingHistory1.json", "a.json"))
        path.write_bytes(content)
        _read_all(folder)


def fuzz_archive(random: Random) -> None:
    """Read an archive, nested or damaged: nothing is written, everything found is accounted for."""
    with _folder() as folder:
        name, content = _archive(random, depth=0)
        (folder / name).write_bytes(content)
        before = {each: each.stat().st_size for each in folder.rglob("*")}
        _read_all(folder)
        require({e: e.stat().st_size for e in folder.rglob("*")} == before, "something was written")


def fuzz_landing(random: Random) -> None:
    """Import files into a lake, twice: read = kept + known + rejected, names byte for byte."""
    with _folder() as folder:
        given: Counter[tuple[Any, ...]] = Counter()
        for number in range(random.choice((1, 2, 3))):
            records = _records(random)
            (folder / "in").mkdir(exist_ok=True)
            (folder / "in" / f"endsong_{number}.json").write_bytes(encoded(records, random))
        settings = Settings(_env_file=None, data_dir=folder / "lake")
        found = find_exports([folder / "in"], "me")
        for file in found.files:
            rows = export_rows(enumerate(read_records(file), 1), "me", file.name, file.kind, NOW)
            given.update({_named(row): 1 for row in rows if row["reject_reason"] is None})
        for rebuild in (False, True):
            with Lake(settings, NOW) as lake:
                import_exports(lake, found, rebuild=rebuild)
        with open_lake(folder / "lake") as lake_now:
            if not found.files:
                return
            sums = lake_now.execute(
                "SELECT count(*), count_if(records_read <> records_kept + records_known"
                " + records_rejected OR least(records_kept, records_known, records_rejected) < 0),"
                " sum(records_kept) FROM ops.imported_files"
            ).fetchall()
            ((files, wrong, kept),) = sums
            require(files == 2 * len(found.files), "a file is not accounted for")
            require(wrong == 0, "read is not kept + known + rejected")
            landed = lake_now.execute(
                "SELECT played_at, track_name, artist_name, album_name, ms_played, record_id"
                " FROM bronze.listening_history_bronze"
            ).fetchall()
            require(kept == len(landed), "kept is not what landed")
            require(len({each[-1] for each in landed}) == len(landed), "a key is there twice")
            for played_at, *names, ms_played, record_id in landed:
                row = (played_at.astimezone(UTC), *names, ms_played, record_id)
                require(row in given, f"changed on its way: {row}")
            require({each[-1] for each in given} == {each[-1] for each in landed}, "lost a record")


def fuzz_catalogue(random: Random) -> None:
    """Import a CSV: refused in one line, or every row kept, known or rejected."""
    content = with_odd_bytes(_catalogue(random), random)
    if random.random() < 0.15:
        content = content.decode("utf-8", "replace").encode(
            random.choice(("utf-16", "latin-1", "utf-8-sig")), "replace"
        )
    with _folder() as folder:
        path = folder / "dataset.csv"
        path.write_bytes(content)
        settings = Settings(_env_file=None, data_dir=folder / "lake")
        try:
            with Lake(settings, NOW) as lake:
                import_catalogue(lake, path, rebuild=False)
        except CatalogueError as error:
            require("\n" not in str(error) and str(path) in str(error), "no line with the file")
            return
        with open_lake(folder / "lake") as lake_now:
            ((read, kept, known, rejected),) = lake_now.execute(
                "SELECT records_read, records_kept, records_known, records_rejected"
                " FROM ops.imported_files"
            ).fetchall()
            require(read == kept + known + rejected, "read is not kept + known + rejected")
            require(min(kept, known, rejected) >= 0, "a count is negative")
            ((rows,),) = lake_now.execute(
                "SELECT count(*) FROM bronze.kaggle_tracks_bronze"
            ).fetchall()
            require(rows == kept, "kept is not what landed")


def fuzz_recent_plays(random: Random) -> None:
    """Read an answer on recent plays: each item is refused in words or a row that can be stored."""
    items: list[Any] = [_item(random, number) for number in range(random.randrange(1, 8))]
    items = [with_odd_fields(each, random) for each in items]
    if random.random() < 0.3:
        items = _as_answered(items, random)
    valid = [each for each in items if problem_of(each, NOW) is None]
    plays = reported_plays(valid, by_start_before=random.random() < 0.5)
    require(len(plays) == len(valid), "an item is lost")
    known = known_plays(
        [(each.track, each.title, each.told_at, each.played_at) for each in plays[::2]]
    )
    rows = [history_row(each, "me", "run", NOW) for each in new_plays(plays, known)]
    _store(LISTENING_HISTORY, rows)
    all_rows = [history_row(each, "me", "run", NOW) for each in plays]
    _store(LISTENING_HISTORY, all_rows)
    names = [each["track"].get("name") for each in valid]
    require(Counter(names) == Counter(row["track_name"] for row in all_rows), "a name changed")


def fuzz_library(random: Random) -> None:
    """Read a library: rows that can be stored, whatever the items hold."""
    tracks = [_item(random, number)["track"] for number in range(4)]
    added = "2024-01-01T00:00:00Z"
    album = {"id": "album", "name": "Album", "artists": [{"id": "a", "name": "A"}],
             "tracks": {"items": tracks, "next": None}, "total_tracks": 4}  # fmt: skip
    playlist = {"id": "list", "name": "List", "owner": {"id": "me"}, "items": {"total": 3}}

    def odd(value: Any) -> list[Any]:
        # The client hands on objects alone.
        found = [with_odd_fields(value, random) for _ in range(3)]
        return [each for each in found if isinstance(each, dict)]

    saved = [each for track in tracks for each in odd({"added_at": added, "track": track})]
    _store(library_schemas.SAVED_TRACKS, library_mapper.saved_track_rows(saved, "me"))
    albums = odd({"added_at": added, "album": album})
    _store(library_schemas.SAVED_ALBUMS, library_mapper.saved_album_rows(albums, "me"))
    for album_id, inner in library_mapper.tracks_of_saved_albums(albums).items():
        rows = library_mapper.album_track_rows(inner or [], album_id, "me")
        _store(library_schemas.ALBUM_TRACKS, rows)
    _store(library_schemas.PLAYLISTS, library_mapper.playlist_rows(odd(playlist), "me", "me"))
    entries = [each for track in tracks for each in odd({"added_at": added, "item": track})]
    rows = library_mapper.playlist_item_rows(entries, "list", "me")
    _store(library_schemas.PLAYLIST_ITEMS, rows)
    tops = [each for track in tracks for each in odd(track)]
    _store(library_schemas.TOP_ITEMS, library_mapper.top_item_rows(tops, "tracks", "short", "me"))


def fuzz_features(random: Random) -> None:
    """Read an answer on audio features: a row that can be stored and is in its ranges."""
    answer = with_odd_fields(
        {"valence": 0.5, "energy": 0.5, "tempo": 120.0, "key": 3, "mode": 1, "loudness": -5.0,
         "danceability": 0.5, "time_signature": 4, "isrc": "XX0000000000"},
        random, chance=0.5,
    )  # fmt: skip
    if not isinstance(answer, dict | None):
        answer = None
    row = features_row(KnownTrack("id", "Song"), "reccobeats", answer, NOW)
    require(row["status"] in ("ok", "not_known"), "neither known nor unknown")
    _store(MY_TRACKS_FEATURES, [row])


def fuzz_answers(random: Random) -> None:
    """Take any answer over HTTP: a JSON object or an error of ours, within bounds."""
    from clients.errors import ApiError

    content = with_odd_bytes(encoded({"items": [_item(random, 1)]}, random), random)
    response = requests.Response()
    response.status_code = random.choice((200, 200, 204, 302, 400, 401, 403, 404, 429, 500, 503))
    header = random.choice(("1", "0", "-1", "1e9", "9" * 30, "soon", "", "inf", "nan", "１"))
    response.headers["Retry-After"] = header
    response.headers["Content-Type"] = random.choice(("application/json", "text/html", "", "x"))
    response.raw = _Raw(content)
    session = JsonSession("Spotify", lambda: NOW)
    session.mount("https://", _Answering(response))
    session._patience = _IMPATIENT
    try:
        answer = session.request("POST", "https://api.example/v1/me")
        require(isinstance(answer.json(), dict), "no object")
    except ApiError as error:
        require("\n" not in str(error), "more than a line")


def fuzz_settings(random: Random) -> None:
    """Read a file of settings: settings, or one line that names what is wrong."""
    lines = [
        f"{name.upper()}={random.choice((odd_value(random), default.default))}"
        for name, default in Settings.model_fields.items()
        if random.random() < 0.3
    ]
    text = "\n".join(lines)
    content = with_odd_bytes(text.encode("utf-8", "replace"), random)
    before, environment = Path.cwd(), dict(os.environ)
    with _folder() as folder:
        (folder / ".env").write_bytes(content)
        os.chdir(folder)
        try:
            load_settings()
        except SettingsError as error:
            require(len(str(error).splitlines()) == 1, "not one line")
            require(len(str(error)) < 2_000, "a line without end")
        finally:
            os.chdir(before)
            require(dict(os.environ) == environment, "the environment changed")


def fuzz_rules(random: Random) -> None:
    """Read the file of a rule: conditions in SQL, or one line that says what is wrong."""
    example = random.choice(sorted(EXAMPLES.iterdir()))
    content = example.read_bytes()
    if random.random() < 0.5:
        content = encoded(with_odd_fields(_RULE, random, 0.1), random)
    with _folder() as folder:
        path = folder / f"rule{random.choice(SUFFIXES)}"
        path.write_bytes(with_odd_bytes(content, random))
        try:
            rule = read_rule(path)
        except RuleError as error:
            require(len(str(error).splitlines()) == 1, "not one line")
            return
        found = condition(rule.where, NOW.date())
        with duckdb.connect() as connection:
            (statement,) = connection.extract_statements(f"SELECT 1 WHERE {found.sql}")
            require(statement.type == duckdb.StatementType.SELECT, "more than a condition")


def fuzz_upload(random: Random) -> None:
    """Drop a file on the page: refused in one line, or a file in the folder and nowhere else."""
    name = random.choice((*HOSTILE_NAMES, "../../x.zip", "a/b\\c.zip", ".zip", "my data.ZIP"))
    name += random.choice(("", ".zip"))
    _, content = _archive(random, depth=0)

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 1_000):
            yield content[start : start + 1_000]

    with _folder() as folder:
        target = folder / "exports"
        try:
            size = random.choice((None, len(content), len(content) + 1))
            kept = asyncio.run(keep(chunks(), size, name, target))
            require(kept.parent == target and kept.read_bytes() == content, "not as it was sent")
            require(safe_name(kept.name) == kept.name, "its name is not safe")
        except RefusedUploadError as error:
            require("\n" not in str(error), "more than a line")
        left = [each.name for each in folder.rglob("*") if each.is_file()]
        require(all(each.lower().endswith(".zip") for each in left), f"left behind: {left}")


TARGETS: dict[str, Target] = {
    "json": fuzz_json,
    "export file": fuzz_export_file,
    "archive": fuzz_archive,
    "landing": fuzz_landing,
    "catalogue": fuzz_catalogue,
    "recent plays": fuzz_recent_plays,
    "library": fuzz_library,
    "features": fuzz_features,
    "answers": fuzz_answers,
    "settings": fuzz_settings,
    "rules": fuzz_rules,
    "upload": fuzz_upload,
}


_IMPATIENT = Patience(tries=1, longest_wait=0, total_wait=0, default_wait=0)


class _Answering(requests.adapters.BaseAdapter):
    def __init__(self, response: requests.Response) -> None:
        super().__init__()
        self._response = response

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        self._response.request = request
        self._response.url = str(request.url)
        return self._response

    def close(self) -> None:
        pass


class _Raw(io.BytesIO):
    def read1(self, size: int | None = -1, /, decode_content: bool = False) -> bytes:
        return super().read1(size or -1)


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        yield Path(folder)


def _records(random: Random) -> list[Any]:
    make: Callable[[str, str, str], Any] = random.choice((_extended, _account))
    instants = [f"2024-0{1 + n % 9}-11T10:{n:02}:00Z" for n in range(random.randrange(12))]
    records = [
        make(
            random.choice(ODD_INSTANTS) if random.random() < 0.1 else at,
            random.choice(HOSTILE_NAMES) if random.random() < 0.4 else "Song",
            random.choice(HOSTILE_NAMES) if random.random() < 0.4 else "Artist",
        )
        for at in instants
    ]
    if records and random.random() < 0.3:
        records += records[-2:]
    return records if random.random() < 0.3 else with_odd_list(records, random)


def with_odd_list(records: list[Any], random: Random) -> list[Any]:
    odd = with_odd_fields(records, random, 0.05)
    return odd if isinstance(odd, list) else [odd]


def _extended(at: str, track: str, artist: str) -> Any:
    return extended(ts=at, track=track, artist=artist)


def _account(at: str, track: str, artist: str) -> Any:
    return account(at[:16].replace("T", " "), track, artist)


def _item(random: Random, number: int) -> dict[str, Any]:
    ended = NOW - timedelta(minutes=4 * number)
    name = random.choice(HOSTILE_NAMES) if random.random() < 0.3 else f"Song {number}"
    artist = {"id": "artist", "name": "Artist", "uri": "spotify:artist:artist"}
    return {
        "played_at": f"{ended:%Y-%m-%dT%H:%M:%S}.123Z",
        "context": {"type": "playlist", "uri": "spotify:playlist:x"},
        "track": {
            "id": f"id{number}", "name": name, "uri": f"spotify:track:id{number}", "type": "track",
            "duration_ms": 200_000, "artists": [artist], "external_ids": {"isrc": "XX1"},
            "album": {"id": "al", "name": "Album", "artists": [artist]}, "disc_number": 1,
            "track_number": number, "popularity": 3, "explicit": False, "is_local": False,
        },
    }  # fmt: skip


def _as_answered(items: list[Any], random: Random) -> list[Any]:
    """Return what a client makes of the items once they were bytes."""
    response = requests.Response()
    response._content = with_odd_bytes(encoded({"items": items}, random), random)
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        return []
    found = answer.get("items") if isinstance(answer, dict) else None
    return found if isinstance(found, list) else []


def _catalogue(random: Random) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=random.choice(("\n", "\r\n")))
    writer.writerow(["", *COLUMNS])
    for number in range(random.randrange(6)):
        row: list[Any] = [number]
        for name in COLUMNS:
            value: Any = 0.5 if name not in ("track_id", "track_genre") else f"{name}{number}"
            row.append(odd_value(random) if random.random() < 0.1 else value)
        writer.writerow(row)
    return text.getvalue().encode("utf-8", "replace")


def _archive(random: Random, depth: int) -> tuple[str, bytes]:
    members: dict[str, bytes] = {}
    for _ in range(random.randrange(1, 4)):
        if depth < 4 and random.random() < 0.3:
            name, content = _archive(random, depth + 1)
        else:
            name = random.choice(_NAMES)
            content = encoded(_records(random), random)
            if random.random() < 0.1:
                content += b" " * random.choice((1_000, 20_000_000))
        if random.random() < 0.1:
            name = random.choice(HOSTILE_NAMES)[:200] + name
        members[name] = content
    name = f"my_spotify_data_{random.randrange(100)}"
    match random.randrange(4):
        case 0:
            suffix, packed = ".tar", tarred(members, random)
            suffix = random.choice((".tar", ".tgz", ".tar.gz", ".tar.bz2"))
        case 1:
            suffix = random.choice([*PACKERS])
            packed = PACKERS[suffix](next(iter(members.values())))
            suffix = f".json{suffix}"
        case _:
            suffix, packed = ".zip", zipped(members, random)
    if random.random() < 0.5:
        packed = with_odd_bytes(packed, random)
    if random.random() < 0.05:
        packed += random.choice(TOKENS) * 3
    return f"{name}{suffix}", packed


def _read_all(folder: Path) -> None:
    """Find and stage everything below a folder, and check that the counts add up."""
    found = find_exports([folder], "me")
    for problem in found.problems:
        require(len(problem.reason.splitlines()) == 1, f"not one line: {problem.reason!r}")
    with _folder() as scratch:
        for number, file in enumerate(found.files):
            _stage(file, scratch / f"{number}.parquet")


def _stage(file: ExportFile, target: Path) -> None:
    counts = stage_file(file, target, NOW, None)
    rows = pq.read_table(target).to_pylist()
    records = list(read_records(file))
    require(len(rows) == len(records), "a record has no row")
    damages = sum(isinstance(each, Damage) for each in records)
    require(counts.read[file.name] == len(records) - damages, "not all that was read is counted")
    rejected = sum(each["reject_reason"] is not None for each in rows)
    require(counts.rejected[file.name] == rejected - damages, "not all rejected are counted")
    alone = export_rows(enumerate(records, 1), "me", file.name, file.kind, NOW)
    for row, other in zip(rows, alone, strict=True):
        require(row["record_id"] == other.get("record_id"), "a record's id depends on its reader")
        require(row["track_name"] == other.get("track_name"), "a name depends on its reader")
        require(row["reject_reason"] == other["reject_reason"], "a reason depends on its reader")
        if row["reject_reason"] is None:
            require(None not in (row["record_id"], row["played_at"], row["played_month"]), "no key")


def _named(row: dict[str, Any]) -> tuple[Any, ...]:
    names = ("played_at", "track_name", "artist_name", "album_name", "ms_played", "record_id")
    return tuple(row.get(name) for name in names)


def _store(table: Table, rows: list[dict[str, Any]]) -> None:
    """Make columns of rows, as the writer does; raises where a value does not fit its type."""
    for each in arrow_schema(table.columns):
        column = pa.array([row.get(each.name) for row in rows], each.type)
        if each.name in table.key and each.name not in ("entry_id",):
            require(column.null_count == 0 or each.name not in rows[0], f"no {each.name}")
