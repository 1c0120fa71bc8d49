"""A person reads at the end of a run what became of everything."""

from io import StringIO
from pathlib import Path

from rich.console import Console

from config.settings import Settings
from engines.engine import Engine
from incremental.lake import Lake
from incremental.results import SilentObserver
from loaders.privacy_export import find_exports_of_people
from pipeline import run_pipeline
from report.run_summary import print_notes, print_summary
from schemas.silver_schemas import LISTENING_WITH_FEATURES
from tests.export_samples import extended, write_json
from tests.lakes import FEW_STEPS, NOW, land, one, query, run, statuses
from writers.corrections import hide_play
from writers.decisions import exclude

PLAYS = LISTENING_WITH_FEATURES.full_name


def test_the_summary_counts_sources_and_names_what_was_rejected(
    engine: Engine, tmp_path: Path
) -> None:
    good = extended()
    file = write_json(tmp_path / "[odd] name.json", [good, extended(ms_played=-1)])
    land(engine, tmp_path / "lake", [file])
    run_id = one(tmp_path / "lake", "SELECT DISTINCT run_id FROM ops.imported_files")
    said = StringIO()

    console = Console(file=said, width=120)
    print_summary(console, tmp_path / "lake", run_id)
    print_notes(console, [("[a].zip", "is broken")], ["a note"])

    text = said.getvalue()
    assert "me       extended       1      2      1               0          1" in text
    assert "[odd] name.json, record 2: its playing time is negative" in text
    assert "skipped [a].zip: is broken" in text
    assert "· a note" in text


def test_every_record_is_a_play_or_said_to_be_none(engine: Engine, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    long = {"master_metadata_track_name": "Long", "spotify_track_uri": "spotify:track:" + "l" * 22}
    blank = {
        "master_metadata_track_name": "Unknown Track",
        "master_metadata_album_artist_name": "Unknown Artist",
        "ts": "2021-03-05T10:00:00Z",
    }
    extended_records = [
        extended(),
        # 99 minutes twice within 78 seconds, the second under another platform.
        extended(**long, ts="2021-03-06T13:00:00Z", ms_played=5_940_000),
        extended(**long, ts="2021-03-06T13:01:18Z", ms_played=5_940_000, platform="ios"),
        extended(**blank),
        extended(**blank, spotify_track_uri="spotify:local:::Unknown:180"),
        extended(
            ts="2021-03-07T13:00:10Z",
            master_metadata_track_name=None,
            master_metadata_album_artist_name=None,
            spotify_track_uri=None,
            episode_name="Episode",
            episode_show_name="Show",
            spotify_episode_uri="spotify:episode:e",
        ),
    ]
    # A local file without any name.
    untitled = extended(
        master_metadata_track_name="",
        master_metadata_album_artist_name="",
        spotify_track_uri="spotify:local::::180",
        ts="2021-03-05T11:00:00Z",
    )
    account_record = {"endTime": "2021-03-07 13:00", "artistName": "Show", "trackName": "Episode"}
    files = [
        write_json(tmp_path / "endsong_0.json", [*extended_records, untitled]),
        write_json(tmp_path / "StreamingHistory0.json", [account_record | {"msPlayed": 900_000}]),
    ]

    statuses(run(engine, lake, files))

    assert one(lake, "SELECT count(*) FROM silver.listening_with_features") == 2
    said = StringIO()
    print_summary(Console(file=said, width=160), lake, "none")
    counts = {
        words[0]: words[-1] for each in said.getvalue().splitlines() if (words := each.split())
    }
    kinds = ("records", "untitled", "podcasts", "duplicates", "impossible:", "plays", "tracks")
    assert [counts[each] for each in kinds] == ["8", "3", "2", "0", "1", "2", "2"]
    source_file, reason, record_id, counted_as = query(
        lake,
        """
        SELECT source_file, reason, record->>'$.record_id', record->>'$.counted_as'
        FROM ops.rejected_records
        """,
    )[0]
    assert source_file.endswith("endsong_0.json")
    assert reason == "the same track was still playing: nobody hears it twice at once"
    in_bronze = query(
        lake,
        "SELECT record_id FROM bronze.listening_history_bronze WHERE track_name = 'Long' "
        "ORDER BY played_at",
    )
    assert in_bronze == [(counted_as,), (record_id,)]
    assert one(lake, "SELECT count(*) FROM ops.checks WHERE status = 'failed'") == 0


def test_excluded_plays_are_said_where_there_are_any(engine: Engine, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    plays = [extended(f"2024-03-{day:02}T12:00:00Z") for day in (1, 2, 3)]
    rain = [extended(f"2024-04-{day:02}T12:00:00Z", "Drops", "Rain", None) for day in (1, 2)]
    files = [write_json(tmp_path / "endsong_0.json", [*plays, *rain])]
    statuses(run(engine, lake, files))
    said: list[str] = []
    for artist in (None, "artist"):
        if artist:
            exclude(lake, "me", "artist", artist, "Artist", NOW)
            hidden = one(lake, f"SELECT min(play_id) FROM {PLAYS} WHERE artist_name = 'Rain'")
            hide_play(lake, "me", hidden, "Drops", None, NOW)
            statuses(run(engine, lake, files))
        text = StringIO()
        print_summary(Console(file=text, width=120), lake, "none")
        said.append(text.getvalue())

    assert "excluded" not in said[0] and "hidden" not in said[0]
    lines = [each.split() for each in said[1].splitlines()]
    assert ["plays", "excluded", "by", "the", "person", "3"] in lines
    assert ["plays", "hidden", "by", "the", "person", "1"] in lines
    assert ["plays", "1"] in lines
    assert ["podcasts", "and", "audiobooks", "0"] in lines


def test_of_many_people_those_are_shown_whom_the_run_concerned(
    engine: Engine, tmp_path: Path
) -> None:
    lake, exports = tmp_path / "lake", tmp_path / "exports"
    names = [f"p{number:02}" for number in range(25)]
    for name in names:
        write_json(exports / name / "endsong_0.json", [extended("2024-03-01T12:00:00Z")])
    found = find_exports_of_people(exports, "me")
    with Lake(Settings(_env_file=None, data_dir=lake), NOW, engine) as opened:
        outcome = run_pipeline(opened, found, None, SilentObserver(), steps=FEW_STEPS)
    statuses(outcome)
    text = StringIO()

    console = Console(file=text, width=120)
    print_summary(console, lake, outcome.run_id, frozenset({"p17"}))

    lines = [each.split() for each in text.getvalue().splitlines()]
    assert ["p00", "p01", "p02", "p17"] in lines
    assert ["records", "1", "1", "1", "1"] in lines
    assert ["and", "21", "people", "more", "(silver.tracks)"] in lines
    assert ["p19", "extended", "1", "1", "1", "0", "0"] in lines
    assert ["and", "5", "more", "(ops.imported_files)"] in lines
