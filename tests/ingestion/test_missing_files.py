"""A file of an export that is missing is noticed, reported, and forgotten once it comes."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engines.engine import Engine
from ingestion.gap_updates import missing_in_words
from ingestion.missing_files import HistoryFile, gaps_between, gaps_of_unsorted
from ingestion.play_gaps import Gap
from loaders.file_series import Place, place_in_series
from schemas.play_sources import EXTENDED
from tests.export_samples import account, extended, write_json
from tests.lakes import query, run


def at(year: int, month: int = 1, day: int = 1) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


def audio(number: int | None, begins: datetime, ends: datetime) -> HistoryFile:
    return HistoryFile("folder", "streaming_history_audio", number, begins, ends)


def endsong(number: int, begins: datetime, ends: datetime) -> HistoryFile:
    return HistoryFile("folder", "endsong", number, begins, ends)


def windows(gaps: Any) -> list[tuple[Any, ...]]:
    return [(each.lost_from, each.lost_until, each.missing_files) for each in gaps]


def test_names_show_the_place_of_a_file() -> None:
    assert place_in_series("a/Streaming_History_Audio_2018-2021_4.json") == Place(
        "a", "streaming_history_audio", 4
    )
    assert place_in_series("a.zip!MyData/endsong_12.json") == Place("a.zip!MyData", "endsong", 12)
    assert place_in_series("b/StreamingHistory0.json").number == 0
    assert place_in_series("b/StreamingHistory_music_1 (2).json") == Place(
        "b", "streaminghistory_music", 1
    )
    assert place_in_series("b/Streaming_History_Audio_2025.json").number is None


def test_a_number_that_is_left_out_is_a_file_that_is_missing() -> None:
    files = [audio(0, at(2015), at(2016)), audio(2, at(2018), at(2019))]

    (gap,) = gaps_between(files, [(at(2015), at(2016)), (at(2018), at(2019))])

    assert windows([gap]) == [(at(2016), at(2018), "streaming_history_audio_…_1.json")]
    said = missing_in_words("me", gap)
    assert "2016-01-01 to 2018-01-01" in said
    assert "streaming_history_audio_…_1.json" in said


def test_what_another_source_covers_is_not_missing() -> None:
    files = [audio(0, at(2015), at(2016)), audio(2, at(2016, 6), at(2019))]

    assert windows(gaps_between(files, [(at(2015), at(2019))])) == []


def test_what_comes_before_the_first_number_is_missing() -> None:
    files = [audio(2, at(2018), at(2019))]

    assert windows(gaps_between(files, [(at(2018), at(2019))])) == [
        (None, at(2018), "streaming_history_audio_…_0.json, streaming_history_audio_…_1.json")
    ]


def test_a_silence_of_years_is_reported_whatever_the_numbers() -> None:
    files = [
        audio(0, at(2015), at(2016)),
        audio(1, at(2018), at(2019)),
        audio(2, at(2019, 9), at(2020)),
    ]
    covered = [(each.begins_at, each.ends_at) for each in files]

    assert windows(gaps_between(files, covered)) == [(at(2016), at(2018), None)]


def test_old_files_each_hold_all_years() -> None:
    files = [endsong(0, at(2015), at(2020)), endsong(2, at(2015, 2), at(2020, 2))]

    assert windows(gaps_between(files, [])) == []
    assert windows(gaps_of_unsorted(files, [])) == [(at(2015), at(2020, 2), "endsong_1.json")]
    assert windows(gaps_of_unsorted(files, [(at(2014), at(2021))])) == []
    assert windows(gaps_of_unsorted([*files, endsong(1, at(2015), at(2020))], [])) == []


def test_a_missing_year_is_noticed_and_forgotten_once_it_comes(
    engine: Engine, tmp_path: Path
) -> None:
    lake, folder = tmp_path / "lake", tmp_path / "exports"

    def year(number: int, year: int) -> None:
        records = [
            extended(ts=f"{year}-{month:02}-01T12:00:00Z", track=f"Song {month}", track_id=None)
            for month in range(1, 13)
        ]
        write_json(folder / f"Streaming_History_Audio_{year}_{number}.json", records)

    for number, each in ((0, 2019), (2, 2021)):
        year(number, each)
    first = run(engine, lake, [folder])
    again = run(engine, lake, [folder])
    gaps = "SELECT kind, source, lost_from, lost_until, missing_files, closed_at FROM ops.play_gaps"
    noticed = query(lake, gaps)
    year(1, 2020)
    whole = run(engine, lake, [folder])

    gap = Gap(
        "missing_file",
        datetime(2019, 12, 1, 12, tzinfo=UTC),
        datetime(2021, 1, 1, 12, tzinfo=UTC),
        EXTENDED,
        "streaming_history_audio_…_1.json",
    )
    assert first.missing == [("me", gap)]
    assert noticed == [
        ("missing_file", "extended", gap.lost_from, gap.lost_until, gap.missing_files, None)
    ]
    assert (again.missing, whole.missing) == ([], [])
    assert query(lake, "SELECT count(*) FROM ops.play_gaps WHERE closed_at IS NULL") == [(0,)]
    spans = query(lake, "SELECT first_date, last_date FROM silver.listening_coverage")
    assert [(str(one), str(other)) for one, other in spans] == [("2019-01-01", "2021-12-01")]


def test_two_account_exports_do_not_close_a_gap_between_them(
    engine: Engine, tmp_path: Path
) -> None:
    lake = tmp_path / "lake"
    exports = [
        write_json(
            tmp_path / str(year) / "StreamingHistory0.json",
            [account(f"{year}-01-01 12:00"), account(f"{year}-12-01 12:00", "Other")],
        )
        for year in (2019, 2022)
    ]
    run(engine, lake, exports[:1])
    _lose(lake, at(2020, 5), at(2020, 6))

    run(engine, lake, exports)

    closed = "SELECT closed_by FROM ops.play_gaps WHERE kind = 'window_full'"
    assert query(lake, closed) == [(None,)]
    between = write_json(
        tmp_path / "late" / "StreamingHistory0.json",
        [account("2020-04-01 12:00", "A"), account("2020-07-01 12:00", "B")],
    )
    run(engine, lake, [*exports, between])
    assert query(lake, closed) == [("account",)]


def _lose(data_dir: Path, lost_from: datetime, lost_until: datetime) -> None:
    from config.settings import Settings
    from incremental.lake import Lake
    from schemas.ops_schemas import PLAY_GAPS
    from tests.lakes import NOW

    row = Gap("window_full", lost_from, lost_until).row("me", "earlier", NOW)
    with Lake(Settings(_env_file=None, data_dir=data_dir), NOW) as lake:
        lake.append_rows(PLAY_GAPS, [row], PLAY_GAPS.full_name)
