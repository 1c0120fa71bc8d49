"""A purged person stands nowhere any more; everybody else's lake is as if they had never come."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import main
import pipeline
import run_ingestion
from config.settings import Settings
from engines.engine import Engine
from incremental.lake import Lake
from ingestion.api_state import ApiState, save_state
from ingestion.exports import import_exports, known_exports
from ingestion.missing_files import missing_files
from lake.people import people_of
from lake.verification import Verification
from loaders.privacy_export import find_exports_of_people
from schemas import ALL_TABLES
from schemas.availability_schemas import AVAILABILITY_CHECKS
from schemas.bronze_schemas import KAGGLE_TRACKS, LISTENING_HISTORY, MY_TRACKS_FEATURES
from schemas.library_schemas import SAVED_TRACKS
from schemas.ops_schemas import LOGS, PLAY_GAPS
from schemas.playlist_schemas import PLAYLIST_MAPPINGS
from tests.compare_lakes import differences
from tests.export_samples import extended, write_json, write_zip
from tests.lakes import one, query, rows_of
from tests.left_bytes import places_of
from tests.writers.small_backups import commit, record
from writers.corrections import hide_play, merge
from writers.decisions import answer, exclude
from writers.lake_lock import lake_lock
from writers.purge import FREE_OF_PEOPLE, SOURCES

pytestmark = pytest.mark.heavy

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GONE, STAYS = "zofia-1974", "bertil"
ONLY_GONE = ("Qxzolany", "Vwyntrella")  # an artist and the titles that only one has
SHARED = ("Everyone", "Common Song")


def plays(artist: str, title: str, number: int, since: str = "2024-03-01") -> list[dict[str, Any]]:
    begin = datetime.fromisoformat(f"{since}T08:00:00+00:00")
    return [
        extended(
            ts=f"{begin + timedelta(hours=7 * each):%Y-%m-%dT%H:%M:%SZ}",
            track=f"{title} {each % 9}",
            artist=artist,
            track_id=f"{title.replace(' ', ''):x<20}{each % 9:02}"[:22],
        )
        for each in range(number)
    ]


OF_GONE = [*plays(*ONLY_GONE, 60), *plays(*SHARED, 20, "2024-05-01")]
OF_STAYS = [*plays("Nordlys", "Fjell", 70), *plays(*SHARED, 30, "2024-04-01")]
LINE = {"run_id": "r", "line_number": 1, "logged_at": NOW, "level": "INFO", "logger": "steps"}
FORBIDDEN = (GONE, *ONLY_GONE)


def invoke(app: Any, *arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    return result.exit_code, " ".join(result.output.split())


def run(lake: Path, *flags: str) -> str:
    code, said = invoke(run_ingestion.app, "--data-dir", lake, "--no-api", *flags)
    assert code == 0, said
    return said


def purge(lake: Path, *flags: str, user: str = GONE) -> str:
    code, said = invoke(main.app, "purge", "--user", user, "--data-dir", lake, *flags)
    assert code == 0, said
    return said


@pytest.fixture(scope="module", autouse=True)
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Take no setting from outside; ``USER_ID`` is the one who stays."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("elsewhere"))
        for name in Settings.model_fields:
            patch.delenv(name.upper(), raising=False)
            patch.delenv(f"SPOTIFY_{name.upper()}", raising=False)
        patch.setenv("USER_ID", STAYS)
        yield


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a lake of two people, with traces of the one in everything that a lake has.

    What is returned is a copy; it is put back to its place before each test.
    """
    lake = tmp_path_factory.mktemp("both") / "data"
    exports = lake / "exports"
    write_json(exports / GONE / "Streaming_History_Audio_2024_0.json", OF_GONE)
    broken = [extended(ts="no time", track=ONLY_GONE[1]), extended(ms_played=-1, track="Qxzolany")]
    write_json(exports / GONE / "Streaming_History_Audio_2024_1.json", broken)
    write_json(exports / GONE / "Identity.json", {"displayName": "Zofia Qxzolany"})
    write_zip(exports / STAYS / "my.zip", {"Streaming_History_Audio_2024_0.json": OF_STAYS})
    _leave_traces(lake)
    run(lake)
    (lake / "reports" / GONE / "part.html").write_text("Qxzolany")
    invoke(main.app, "export", "--table", "silver.tracks", "--data-dir", lake)
    commit(lake, LOGS, [LINE | {"message": f"{GONE} played Qxzolany"}])
    shutil.copytree(lake / "bronze", lake / ".replaced-earlier" / "bronze")
    commit(lake / "demo", LISTENING_HISTORY, [record(1, user_id=GONE)])
    copy = lake.with_name("copy")
    lake.rename(copy)
    return copy


@pytest.fixture
def lake(both: Path) -> Path:
    """Return a lake of two people of a test's own; files in it are known by their paths."""
    return _put_back(both)


def _put_back(copy: Path) -> Path:
    lake = copy.with_name("data")
    shutil.rmtree(lake, ignore_errors=True)
    shutil.copytree(copy, lake)
    return lake


@pytest.fixture(scope="module")
def purged(both: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a lake from which one of the two was purged with all files, and what was said."""
    lake = _put_back(both)
    said = purge(lake, "--exports", "--yes")
    again = run(lake)
    kept = tmp_path_factory.mktemp("purged") / "data"
    lake.rename(kept)
    return kept, f"{said} {again}"


@pytest.fixture
def without_computing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the computed tables out of a purge: the tests are about the others."""
    monkeypatch.setattr(pipeline, "compute_from_sources", lambda *_: [])


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the lake of the one who stays, in which the other never was."""
    lake = tmp_path_factory.mktemp("alone") / "data"
    write_zip(
        lake / "exports" / STAYS / "my.zip", {"Streaming_History_Audio_2024_0.json": OF_STAYS}
    )
    _measure(lake, "Common Song 1", "Everyone")
    answer(lake, STAYS, "nordlys|fjell 1", "no", NOW)
    merge(lake, STAYS, "artist", "nordlys", "fjell", NOW)
    run(lake)
    return lake


def _measure(lake: Path, title: str, artist: str) -> None:
    row = {
        "track_id": f"{title.replace(' ', '')[:-1]:x<20}{title[-1]:>02}"[:22],
        "track_name": title,
        "artist_name": artist,
        "valence": 0.5,
        "energy": 0.5,
        "source": "reccobeats",
        "status": "ok",
        "fetched_at": NOW,
    }
    commit(lake, MY_TRACKS_FEATURES, [row])


def _leave_traces(lake: Path) -> None:
    """Put the person into whatever runs, the page and commands write."""
    for title, artist in (("Common Song 1", "Everyone"), (f"{ONLY_GONE[1]} 2", ONLY_GONE[0])):
        _measure(lake, title, artist)
    answer(lake, STAYS, "nordlys|fjell 1", "no", NOW)
    answer(lake, GONE, "qxzolany|vwyntrella 1", "yes", NOW, track_name="Vwyntrella 1")
    exclude(lake, GONE, "artist", "qxzolany", "Qxzolany", NOW)
    for month in (4, 5):
        at = datetime(2024, month, 1, 8, tzinfo=UTC)
        hide_play(lake, GONE, f"hidden {month}", "Vwyntrella 1 by Qxzolany", at, NOW)
    merge(lake, GONE, "artist", "qxzolany", "nordlys", NOW, name="Qxzolany")
    merge(lake, STAYS, "artist", "nordlys", "fjell", NOW)
    saved = {
        "user_id": GONE,
        "track_id": "a" * 22,
        "added_at": NOW,
        "track_name": "Vwyntrella 7",
        "artist_name": "Qxzolany",
        "first_seen": NOW,
        "last_seen": NOW,
    }
    commit(lake, SAVED_TRACKS, [saved])
    check = {"track_id": "b" * 22, "market": "account", "is_playable": False}
    check |= {"first_checked_at": NOW, "last_checked_at": NOW}
    commit(lake, AVAILABILITY_CHECKS, [check | {"user_id": GONE}])
    gap = {"user_id": GONE, "gap_id": "g", "source": "api", "kind": "outage", "run_id": "r"}
    rule = {"created_at": NOW, "status": "ended", "keep_edits": False}
    rules = [(GONE, "theirs"), (GONE, "shared"), (STAYS, "shared")]
    commit(lake, PLAYLIST_MAPPINGS, [rule | {"user_id": who, "slug": slug} for who, slug in rules])
    for slug, text in (("theirs", "Qxzolany"), ("shared", "genre"), ("unused", "mood")):
        (lake / "playlists").mkdir(exist_ok=True)
        (lake / "playlists" / f"{slug}.yaml").write_text(text)
    commit(lake, PLAY_GAPS, [gap | {"lost_until": NOW, "detected_at": NOW}])
    save_state(lake, GONE, ApiState(last_poll_at=NOW), NOW)
    save_state(lake, STAYS, ApiState(last_poll_at=NOW), NOW)
    (lake / "logs").mkdir(exist_ok=True)
    (lake / "logs" / "r.log").write_text(f"ValueError: {GONE}")
    (lake / ".sql_history").write_text(f"SELECT '{GONE}'")
    (lake / ".pseudonym_key").write_text("00" * 32)
    (lake / ".spotify_tokens.json").write_text("{}")


def differing(one_lake: Path, other: Path) -> dict[str, str]:
    found = differences(one_lake, other)
    return {name: what for name, what in found.items() if what not in (None, "empty", "missing")}


def findings(lake: Path) -> list[str]:
    return [each for _, found in Verification(lake).stages() for each in found]


def test_no_byte_of_the_person_is_left(both: Path, purged: tuple[Path, str]) -> None:
    lake, said = purged
    assert len(places_of(both, FORBIDDEN)) > 50  # the search finds what is there

    assert places_of(lake, FORBIDDEN) == []
    assert people_of(lake) == [STAYS]
    assert "a person was purged" in said
    assert [row[-1] for row in rows_of(lake, LOGS.full_name)] == ["a person was purged"]
    assert (lake / ".spotify_tokens.json").exists(), "the sign-in is that of USER_ID"
    assert (lake / "exports" / STAYS / "my.zip").exists()
    rules = sorted(each.name for each in (lake / "playlists").iterdir())
    assert rules == ["shared.yaml", "unused.yaml"]
    gone = ("demo", "logs", "exported", ".sql_history", ".pseudonym_key", ".replaced-earlier")
    assert not any((lake / each).exists() for each in gone)


def test_the_lake_is_as_if_the_person_had_never_come(purged: tuple[Path, str], alone: Path) -> None:
    lake, said = purged

    assert differing(lake, alone) == {}
    assert findings(lake) == []
    assert said.endswith("nothing new")


def test_rows_that_follow_from_ones_own_plays_alone_are_as_before(
    both: Path, purged: tuple[Path, str]
) -> None:
    names = (
        LISTENING_HISTORY.full_name,
        "silver.listening_coverage",
        "gold.daily_listening_summary",
        "gold.temporal_patterns",
        "gold.wellbeing_indicators",
        "ops.verdicts",
    )
    for name in names:
        rows = f"SELECT * FROM {name} WHERE user_id = '{STAYS}' ORDER BY ALL"
        assert query(purged[0], rows) == query(both, rows) != []


def test_features_of_tracks_that_others_played_stay(both: Path, purged: tuple[Path, str]) -> None:
    measured = f"SELECT track_name FROM {MY_TRACKS_FEATURES.full_name} ORDER BY 1"

    assert query(both, measured) == [("Common Song 1",), ("Vwyntrella 2",)]
    assert query(purged[0], measured) == [("Common Song 1",)]


def test_without_yes_it_shows_what_would_go_and_changes_nothing(lake: Path) -> None:
    before = {path: path.read_bytes() for path in lake.rglob("*") if path.is_file()}

    code, said = invoke(main.app, "purge", "--user", GONE, "--data-dir", lake)

    assert code == 2
    assert "bronze.listening_history_bronze 80 rows" in said
    assert "nothing was purged: --yes does it" in said
    assert {p: p.read_bytes() for p in before if not p.name.startswith(".lake")} == {
        p: content for p, content in before.items() if not p.name.startswith(".lake")
    }


@pytest.mark.usefixtures("without_computing")
def test_at_a_terminal_it_asks(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.purge_commands._is_at_a_terminal", lambda: True)
    arguments = ["purge", "--user", GONE, "--data-dir", str(lake)]

    no = CliRunner().invoke(main.app, arguments, input="n\n")
    assert (no.exit_code, people_of(lake)) == (0, [STAYS, GONE])
    assert no.output.endswith("nothing was purged\n")

    yes = CliRunner().invoke(main.app, arguments, input="y\n")
    assert (yes.exit_code, people_of(lake)) == (0, [STAYS])


@pytest.mark.parametrize("user", ["", "..", "exports"])
def test_what_is_no_name_of_a_person_deletes_nothing(lake: Path, user: str) -> None:
    code, _ = invoke(main.app, "purge", "--user", user, "--data-dir", lake, "--yes")

    assert code == 2
    assert (lake / "reports" / STAYS).exists()


def test_an_unknown_person_is_a_line_with_those_there_are(lake: Path) -> None:
    code, said = invoke(main.app, "purge", "--user", "nobody", "--data-dir", lake, "--yes")

    assert (code, said) == (
        2,
        f"nothing in {lake} is about --user nobody; there is {STAYS}, {GONE}".replace("  ", " "),
    )


def test_a_folder_without_a_lake_is_not_made(lake: Path) -> None:
    code, _ = invoke(main.app, "purge", "--user", GONE, "--data-dir", lake / "no", "--yes")

    assert code == 2
    assert not (lake / "no").exists()


@pytest.mark.usefixtures("without_computing")
def test_exports_that_stay_are_named_and_come_back(lake: Path) -> None:
    said = purge(lake, "--yes")

    assert "The next run imports again from " in said
    assert f"{lake / 'exports' / GONE}" in said
    known = known_exports(lake, NOW)
    found = find_exports_of_people(lake / "exports", STAYS, known).files
    assert {each.user_id for each in found if (each.name, each.fingerprint) not in known} == {GONE}
    purge(lake, "--exports", "--yes")
    assert places_of(lake, FORBIDDEN) == []


def test_a_lake_that_a_run_holds_is_left_alone(lake: Path) -> None:
    with lake_lock(lake):
        code, _ = invoke(main.app, "purge", "--user", GONE, "--data-dir", lake, "--yes")

    assert code == 3
    assert GONE in people_of(lake)


@pytest.mark.usefixtures("without_computing")
def test_the_only_person_leaves_an_empty_lake(lake: Path) -> None:
    purge(lake, "--exports", "--yes")
    said = purge(lake, "--exports", "--yes", user=STAYS)

    assert people_of(lake) == []
    assert "USER_ID names the person" in said
    assert places_of(lake, (STAYS, "Nordlys", "Fjell", *FORBIDDEN)) == []
    assert not (lake / ".spotify_tokens.json").exists()
    assert not (lake / "playlists").exists()
    assert [each.full_name for each in ALL_TABLES if each.exists(lake)] == [LOGS.full_name]


@pytest.mark.usefixtures("without_computing")
def test_records_before_a_date_go_and_are_not_imported_again(
    lake: Path, engine: Engine, tmp_path: Path
) -> None:
    said = purge(lake, "--before", "2024-04-15", "--yes")

    assert "it is not imported from them again" in said
    for each in ("exports", "playlists"):
        (lake / each).rename(tmp_path / each)
    assert places_of(lake, ONLY_GONE[:1]) == [
        f"Qxzolany in {each}" for each in _library_and_decisions(lake)
    ]
    (tmp_path / "exports").rename(lake / "exports")
    corrected = f"SELECT item_key FROM ops.corrections WHERE user_id = '{GONE}' ORDER BY 1"
    assert query(lake, corrected) == [("hidden 5",), ("qxzolany",)]
    first = f"SELECT min(played_at) FROM {LISTENING_HISTORY.full_name} WHERE user_id = '{GONE}'"
    assert one(lake, first) == datetime(2024, 5, 1, 8, tzinfo=UTC)
    assert findings(lake) == []

    # Every file is read again, and one that is cut short is read record by record.
    whole = (lake / "exports" / GONE / "Streaming_History_Audio_2024_0.json").read_text()
    (lake / "exports" / GONE / "endsong_0.json").write_text(whole[:-9])
    settings = Settings(_env_file=None, data_dir=lake, user_id=STAYS)
    with Lake(settings, NOW, engine) as opened:
        found = find_exports_of_people(lake / "exports", STAYS)
        assert import_exports(opened, found, rebuild=True).rows_out == 0
    assert one(lake, first) == datetime(2024, 5, 1, 8, tzinfo=UTC)
    assert findings(lake) == []
    assert missing_files(lake) == {}


def _library_and_decisions(lake: Path) -> list[str]:
    """Return the files of tables that hold no play: what was saved, answered, excluded."""
    tables = (
        "bronze/saved_tracks_bronze",
        "ops/corrections",
        "ops/exclusions",
        "ops/verdicts",
    )
    return sorted(
        str(path.relative_to(lake))
        for table in tables
        for path in (lake / table).rglob("*.parquet")
        if places_of(path.parent, ONLY_GONE[:1])
    )


def test_exports_go_with_a_whole_person_only(lake: Path) -> None:
    code, said = invoke(
        main.app, "purge", "--user", GONE, "--before", "2024-01-01", "--exports", "--data-dir", lake
    )

    assert code == 2
    assert "--exports deletes whole files" in said


def test_every_table_without_people_is_accounted_for() -> None:
    """A new table in which a row is not about a person needs a rule for its purge."""
    no_people = {each for each in SOURCES if "user_id" not in each.column_names}

    assert no_people == {KAGGLE_TRACKS, MY_TRACKS_FEATURES, LOGS, *FREE_OF_PEOPLE}
