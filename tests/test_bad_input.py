"""Bad input never stops the good, and each bad thing is named with its cure."""

import csv
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings
from demo.catalogue import make_catalogue, write_catalogue
from engines.engine import Engine
from incremental.lake import Lake
from ingestion.catalogue import import_catalogue
from loaders.kaggle_catalogue import COLUMNS
from tests.export_samples import account, extended, write_json, write_zip
from tests.lakes import NOW, land, one, query, row_counts, run, statuses


@pytest.fixture(scope="module")
def lake(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lake made from one good file and one of every bad thing."""
    folder = tmp_path_factory.mktemp("bad")
    exports = folder / "exports"
    write_json(exports / "good.json", [extended(ts=f"2024-03-0{day}T12:00:00Z") for day in (1, 2)])
    truncated = json.dumps([extended(ts="2024-04-01T12:00:00Z", track="Kept"), extended()])
    (exports / "truncated.json").write_text(truncated[:-50], encoding="utf-8")
    write_json(exports / "package.json", {"name": "no export"})
    write_json(exports / "Streaming_History_Audio_2020_1.json", [])
    write_json(
        exports / "odd.json",
        [
            extended(ms_played="lots"),
            account(ms_played=5) | {"ts": "2024-05-01T00:00:00Z", "ms_played": -4},
            extended(ts="2099-01-01T00:00:00Z"),
            extended(ts="2024-05-02T00:00:00Z", track="Good among bad"),
        ],
    )
    write_zip(exports / "slip.zip", {"../out.json": [extended()], "endsong_1.json": [extended()]})
    catalogue = write_json(folder / "dataset.csv", "track_id,artists\n")
    catalogue.write_text("track_id,artists\n1,A\n", encoding="utf-8")
    outcome = run(engine, folder / "lake", [exports], catalogue, allow_synthetic=False)
    assert "failed" not in statuses(outcome).values()
    (folder / "problems.json").write_text(
        json.dumps([(Path(each.name).name, each.reason) for each in outcome.problems])
    )
    return folder / "lake"


def test_the_good_data_lands(lake: Path) -> None:
    names = {
        row[0] for row in query(lake, "SELECT track_name FROM bronze.listening_history_bronze")
    }

    assert names == {"Song", "Kept", "Good among bad"}
    # Two of good.json, and the one of slip.zip that good.json holds too.
    assert one(lake, "SELECT count(*) FROM silver.listening_with_features") == 4


def test_every_bad_record_is_kept_with_file_position_and_reason(lake: Path) -> None:
    found = query(
        lake,
        "SELECT parse_filename(source_file), position, reason FROM ops.rejected_records "
        "WHERE position IS NOT NULL ORDER BY 1, 2",
    )

    assert [(name, position) for name, position, _ in found] == [
        ("odd.json", 1),
        ("odd.json", 2),
        ("odd.json", 3),
        ("truncated.json", 2),
    ]
    assert [reason for *_, reason in found[:3]] == [
        "its playing time is missing or not a whole number",
        "its playing time is negative",
        "its time lies in the future",
    ]
    assert "download it again" in found[3][2]


def test_every_bad_file_is_named_with_its_cure(lake: Path) -> None:
    problems = dict(json.loads((lake.parent / "problems.json").read_text()))

    assert "is not a Spotify streaming history" in problems["package.json"]
    assert "leads out of the archive" in problems["out.json"]
    assert "lacks the column(s) album_name" in problems["dataset.csv"]
    kept = one(lake, "SELECT count(*) FROM ops.rejected_records WHERE position IS NULL")
    assert kept == len(problems)


def test_a_bad_file_that_stays_costs_nothing_and_is_kept_once(engine: Engine, lake: Path) -> None:
    before = row_counts(lake)

    outcome = run(
        engine, lake, [lake.parent / "exports"], lake.parent / "dataset.csv", allow_synthetic=False
    )

    assert set(statuses(outcome).values()) == {"nothing_new"}
    assert len(outcome.problems) == 3
    after = row_counts(lake)
    assert {**after, "ops.pipeline_runs": 0} == {**before, "ops.pipeline_runs": 0}


def test_a_bad_row_of_the_catalogue_is_rejected_and_its_oddities_are_taken(
    engine: Engine, tmp_path: Path
) -> None:
    catalogue = make_catalogue(n_artists=20, n_tracks=100)
    path = tmp_path / "dataset.csv"
    write_catalogue(catalogue, path)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    nothing = "9990,untitled,,,,0,0,False,0.5,0.6,7,-9.4,0,0.06,0.7,3.96e-06,0.07,0.7,0.0,4,k-pop\n"
    quoted = (
        '9991,quoted,"A;B, C","An ""album""","Song, live",1,1,True,0.5,0.6,7,-9.4,0,0.06,0.7,0.0,'
        "0.07,0.7,99.0,0,k-pop\n"
    )
    bad = "9992,bad,A,B,C,1,1,False,much,0.6,7,-9.4,0,0.06,0.7,0.0,0.07,,99.0,4,k-pop\n"
    path.write_text("".join([*lines, nothing, quoted, quoted, bad]), encoding="utf-8")

    with Lake(Settings(_env_file=None, data_dir=tmp_path / "lake"), NOW, engine) as lake:
        result = import_catalogue(lake, path, rebuild=False)

    assert (result.rows_in, result.rows_rejected) == (len(lines) - 1 + 4, 1)
    rows = query(
        tmp_path / "lake",
        "SELECT track_id, artists, album_name, track_name, instrumentalness, tempo, explicit "
        "FROM bronze.kaggle_tracks_bronze WHERE track_id IN ('untitled', 'quoted', 'bad') "
        "ORDER BY 1",
    )
    assert rows == [
        ("quoted", "A;B, C", 'An "album"', "Song, live", 0.0, 99.0, True),
        ("untitled", None, None, None, 3.96e-06, 0.0, False),
    ]
    ((reason,),) = query(tmp_path / "lake", "SELECT reason FROM ops.rejected_records")
    assert reason == "its features are not numeric"
    kept = one(tmp_path / "lake", "SELECT count(*) FROM bronze.kaggle_tracks_bronze")
    with path.open(encoding="utf-8", newline="") as stream:
        distinct = {(row["track_id"], row["track_genre"]) for row in csv.DictReader(stream)}
    assert kept == len(distinct) - 1


def test_whole_numbers_and_flags_of_the_catalogue_may_have_decimal_points(
    engine: Engine, tmp_path: Path
) -> None:
    path = tmp_path / "dataset.csv"
    plain = "0,plain,A,B,C,73,200000,True,0.5,0.6,7,-9.4,1,0.06,0.7,0.0,0.07,0.7,99.0,4,pop\n"
    pointed = (
        "1,pointed,A,B,C,73.0,200000.0,1.0,0.5,0.6,7.0,-9.4,1.0,0.06,0.7,0.0,0.07,0.7,99,4.0,pop\n"
    )
    odd = "2,odd,A,B,C,73.5,inf,perhaps,0.5,0.6,x,nan,1e999,0.06,0.7,0.0,0.07,0.7,-inf,,pop\n"
    header = ",".join(("", *COLUMNS)) + "\n"
    path.write_text(header + plain + pointed + odd, encoding="utf-8")

    with Lake(Settings(_env_file=None, data_dir=tmp_path / "lake"), NOW, engine) as lake:
        import_catalogue(lake, path, rebuild=False)

    rows = query(
        tmp_path / "lake",
        "SELECT popularity, duration_ms, explicit, key, mode, time_signature, loudness, tempo "
        "FROM bronze.kaggle_tracks_bronze ORDER BY track_id DESC",
    )
    assert rows == [
        (73, 200_000, True, 7, 1, 4, -9.4, 99.0),
        (73, 200_000, True, 7, 1, 4, -9.4, 99.0),
        (None,) * 8,
    ]


def test_a_file_that_is_named_twice_is_read_once(engine: Engine, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "exports" / "a.zip", {"endsong_0.json": [extended()]})

    result = land(engine, tmp_path / "lake", [path, path.parent, path])

    assert (result.rows_in, result.rows_out) == (1, 1)


def test_the_audiobooks_of_the_account_data_land(engine: Engine, tmp_path: Path) -> None:
    book = {"endTime": "2024-03-01 12:05", "msPlayed": 60_000, "authorName": "Author"}
    chapters = [book | {"audiobookName": "Book", "chapterName": f"{n}"} for n in (1, 2)]
    path = write_zip(tmp_path / "a.zip", {"MyData/StreamingHistory_audiobook_0.json": chapters})

    result = land(engine, tmp_path / "lake", [path])

    assert (result.rows_in, result.rows_out) == (2, 2)
    rows = query(
        tmp_path / "lake",
        "SELECT DISTINCT media_type, source, artist_name, album_name, ms_played "
        "FROM bronze.listening_history_bronze",
    )
    assert rows == [("audiobook", "account", "Author", "Book", 60_000)]


def test_each_damaged_record_is_reported_and_all_others_land(
    engine: Engine, tmp_path: Path
) -> None:
    good = [json.dumps(extended(ts=f"2024-03-0{day}T12:00:00Z")) for day in range(1, 6)]
    deep = '{"ts":"2024-01-01T00:00:00Z","x":' + "[" * 3000 + "]" * 3000 + "}"
    texts = [good[0], good[1][:-30], good[2], deep, good[3].replace("180000", "9" * 5000), good[4]]
    path = tmp_path / "endsong_0.json"
    path.write_text(f"[{','.join(texts)}]")

    result = land(engine, tmp_path / "lake", [path])

    assert (result.rows_out, result.rows_rejected) == (3, 1)
    rejected = query(
        tmp_path / "lake", "SELECT position, reason FROM ops.rejected_records ORDER BY ALL"
    )
    assert [(position, reason.split(" (")[0]) for position, reason in rejected] == [
        (2, "the file is damaged here"),
        (4, "the file is nested too deep here: skipped"),
        (5, "its playing time is missing or not a whole number"),
    ]


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """Yield a file system of 600 KB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip("needs the right to mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


def test_a_full_disk_is_named_and_nothing_half_written_is_visible(
    engine: Engine, tiny_disk: Path, tmp_path: Path
) -> None:
    data_dir = tiny_disk / "lake"
    noise = [
        extended(ts=f"2024-03-{day:02}T{hour:02}:00:00Z", track=os.urandom(900).hex())
        for day in range(1, 29)
        for hour in range(24)
    ]
    more = write_json(tmp_path / "more.json", noise)

    outcome = run(engine, data_dir, [more])

    failed = next(each for each in outcome.results if each.status == "failed")
    assert failed.step == "bronze.listening_history_bronze"
    assert failed.error is not None
    assert "disk is full" in failed.error
    for name, count in row_counts(data_dir).items():
        assert count == 0 or name.startswith("ops."), name
