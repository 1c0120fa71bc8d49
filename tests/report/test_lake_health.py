"""How a lake fares, and what a person is advised to do about it."""

import os
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from clients.auth.token_file import TokenFile, Tokens
from config.settings import MAINTAINED_FILE, Settings
from lake.reader import open_lake
from report.health_report import print_health
from report.lake_health import Gap, LakeHealth, Polling, advice, lake_health
from schemas.bronze_schemas import KAGGLE_TRACKS
from schemas.ops_schemas import PIPELINE_RUNS, PLAY_GAPS
from schemas.silver_schemas import LISTENING_WITH_FEATURES, TRACKS
from tests.report.small_lakes import Row, at, every, play, put, step, track

NOW = at(20)
JUST_ASKED = Polling(NOW)
CREDENTIALS: dict[str, Any] = {"client_id": "id", "client_secret": "secret"}


def settings_of(data_dir: Path, **others: Any) -> Settings:
    return Settings(_env_file=None, data_dir=data_dir, **others)


def health_of(settings: Settings, polling: Polling = JUST_ASKED) -> LakeHealth:
    with open_lake(settings.data_dir) as lake:
        return lake_health(lake, settings, polling, NOW)


def advised(settings: Settings, polling: Polling = JUST_ASKED) -> str:
    return "\n".join(advice(health_of(settings, polling), settings))


def gap(day: int, **others: Any) -> Row:
    return {
        "user_id": "me",
        "gap_id": f"{day}",
        "source": "api",
        "kind": "window_full",
        "lost_from": at(day, hour=1),
        "lost_until": at(day, hour=3),
        "detected_at": at(day, hour=6),
        "run_id": "run",
        **others,
    }


def sign_in_at(data_dir: Path, consented_at: datetime | None) -> None:
    TokenFile(data_dir).write(Tokens("access", "refresh", NOW, "", consented_at))


def test_the_last_run_is_reported_with_the_step_that_failed(tmp_path: Path) -> None:
    older = [step("silver.tracks", at(1), "failed", run_id="older", error="old")]
    newer = [
        step("bronze.listening_history_bronze", at(2), "nothing_new", run_id="newer"),
        step("silver.tracks", at(2) + timedelta(seconds=5), run_id="newer"),
        step(
            "gold.mood_clusters",
            at(2) + timedelta(seconds=20),
            "failed",
            run_id="newer",
            error="disk full",
        ),
    ]
    put(tmp_path, PIPELINE_RUNS, older + newer)

    settings = settings_of(tmp_path)
    run = health_of(settings).last_run

    assert run == ("newer", at(2), 30.0, 1, "gold.mood_clusters", "disk full")
    assert "gold.mood_clusters failed in the last run (disk full)" in advised(settings)


def test_gaps_of_the_person_are_open_until_an_export_covers_them(tmp_path: Path) -> None:
    rows = [gap(3), gap(1, closed_at=at(9), closed_by="extended"), gap(2, user_id="anna")]
    put(tmp_path, PLAY_GAPS, rows)

    settings = settings_of(tmp_path)
    health = health_of(settings)

    assert len(health.gaps) == 2
    assert health.open_gaps == [
        Gap("window_full", at(3, hour=1), at(3, hour=3), at(3, hour=6), None)
    ]
    assert "plays may be missing since 2026-03-03" in advised(settings)
    assert "Extended streaming history" in advised(settings)


def test_a_lake_without_the_table_has_no_gaps(tmp_path: Path) -> None:
    put(tmp_path, PIPELINE_RUNS, [step("silver.tracks", at(1))])

    assert health_of(settings_of(tmp_path)).gaps == []


def test_tables_are_sized_as_they_stand(tmp_path: Path) -> None:
    put(tmp_path, TRACKS, [track("One"), track("Two")])
    put(tmp_path, TRACKS, [track("Three")])
    on_disk = sum(each.stat().st_size for each in tmp_path.rglob("*.parquet"))

    (size,) = health_of(settings_of(tmp_path)).sizes

    assert (size.name, size.files, size.rows) == ("silver.tracks", 2, 3)
    assert size.megabytes == pytest.approx(on_disk / 1e6)


def test_a_table_that_a_run_makes_meanwhile_is_not_sized_yet(tmp_path: Path) -> None:
    put(tmp_path, TRACKS, [track("A")])
    with open_lake(tmp_path) as lake:
        put(tmp_path, KAGGLE_TRACKS, [{"track_id": "a", "track_genre": "rock"}])
        sizes = lake_health(lake, settings_of(tmp_path), JUST_ASKED, NOW).sizes
    assert [each.name for each in sizes] == [TRACKS.full_name]


def test_a_sign_in_shows_its_end_and_warns_before_it(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, **CREDENTIALS)
    sign_in_at(tmp_path, NOW - timedelta(days=1))
    fresh = health_of(settings).sign_in
    sign_in_at(tmp_path, NOW - timedelta(days=175))
    old = health_of(settings).sign_in

    assert fresh is not None
    assert fresh.warning is None
    assert old is not None
    assert old.consented_at == NOW - timedelta(days=175)
    assert old.warning is not None
    assert "main.py login" in old.warning
    assert old.warning in advised(settings)


def test_with_credentials_and_nobody_signed_in_the_cure_is_login(tmp_path: Path) -> None:
    assert "main.py login" in advised(settings_of(tmp_path, **CREDENTIALS))
    assert "main.py login" not in advised(settings_of(tmp_path))


@pytest.mark.parametrize(
    ("hours_ago", "is_late"), [(11, False), (13, True), (None, True)], ids=["11", "13", "never"]
)
def test_the_scheduler_is_asked_for_where_two_polls_were_missed(
    tmp_path: Path, hours_ago: int | None, is_late: bool
) -> None:
    sign_in_at(tmp_path, NOW)
    polling = Polling() if hours_ago is None else Polling(NOW - timedelta(hours=hours_ago))

    said = advised(settings_of(tmp_path, **CREDENTIALS), polling)

    assert ("start the scheduler" in said) == is_late


def test_polls_that_spotify_forbids_are_not_missed(tmp_path: Path) -> None:
    sign_in_at(tmp_path, NOW)
    settings = settings_of(tmp_path, **CREDENTIALS)

    assert "start the scheduler" not in advised(settings, Polling(at(1), blocked_until=at(21)))
    assert "start the scheduler" in advised(settings, Polling(at(1), blocked_until=at(19)))


def test_a_shorter_interval_is_advised_where_plays_could_have_been_lost(tmp_path: Path) -> None:
    # Sixty plays in three hours: the fifty that the API shows come in two and a half.
    moments = every(3, 60, datetime(2026, 3, 1, tzinfo=UTC))
    put(tmp_path, LISTENING_WITH_FEATURES, [play(moment) for moment in moments])
    long, short, alone = (
        settings_of(tmp_path, ingest_interval_hours=6, **CREDENTIALS),
        settings_of(tmp_path, ingest_interval_hours=2, **CREDENTIALS),
        settings_of(tmp_path, ingest_interval_hours=6),
    )

    assert (
        "set INGEST_INTERVAL_HOURS=2 in .env: at the present 6 h you could have lost plays on 1 of "
        "the 90 days to 2026-03-01, at 2 h on 0"
    ) in advised(long)
    assert "INGEST_INTERVAL_HOURS" not in advised(short)
    assert "INGEST_INTERVAL_HOURS" not in advised(alone)


def test_a_catalogue_is_asked_for_where_there_is_none(tmp_path: Path) -> None:
    assert "no catalogue" in advised(settings_of(tmp_path))
    put(tmp_path, KAGGLE_TRACKS, [])
    assert "no catalogue" not in advised(settings_of(tmp_path))


@pytest.mark.parametrize(("days_ago", "is_due"), [(13, False), (15, True)])
def test_upkeep_is_asked_for_after_two_weeks(tmp_path: Path, days_ago: int, is_due: bool) -> None:
    then = NOW - timedelta(days=days_ago)
    looked_after, never = tmp_path / "looked_after", tmp_path / "never"
    put(never, PIPELINE_RUNS, [step("silver.tracks", then)])
    put(looked_after, PIPELINE_RUNS, [step("silver.tracks", NOW - timedelta(days=300))])
    (looked_after / MAINTAINED_FILE).touch()
    os.utime(looked_after / MAINTAINED_FILE, (then.timestamp(), then.timestamp()))

    for lake in (looked_after, never):
        assert ("main.py maintain" in advised(settings_of(lake))) == is_due


def test_all_of_it_is_printed(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, **CREDENTIALS)
    sign_in_at(tmp_path, NOW - timedelta(days=81))
    put(tmp_path, PIPELINE_RUNS, [step("silver.tracks", at(2))])
    put(tmp_path, PLAY_GAPS, [gap(day) for day in range(1, 12)])
    put(tmp_path, TRACKS, [track("One", feature_provider="kaggle", feature_match="id")])
    polling = Polling(NOW, at(21), at(27))
    said = StringIO()

    with open_lake(tmp_path) as lake:
        health = lake_health(lake, settings, polling, NOW)
        print_health(Console(file=said, width=140), lake, health, settings)

    text = " ".join(said.getvalue().split())
    assert "last run with news 2026-03-02 12:00 UTC, 10 s, tables written: 1 (run)" in text
    assert "asked on 2026-03-20 12:00 UTC" in text
    assert "rate-limited by Spotify until 2026-03-21 12:00 UTC" in text
    assert "refused (403), requested again on 2026-03-27" in text
    assert "of 2025-12-29, ends on 2026-06-28, 100 days left" in text
    assert "gaps 11 open, 0 closed by an export" in text
    assert "2026-03-11 01:00 2026-03-11 03:00 more plays than the API shows" in text
    assert "and 1 earlier; all of them in ops.play_gaps" in text
    assert "catalogue id 1 1 100.0%" in text
    assert "silver.tracks 1 0.0 1" in text
    assert "→ plays may be missing since 2026-03-01" in text
