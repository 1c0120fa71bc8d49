"""The health of a lake: its last run, gaps, sign-in and tables, and what to do about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import duckdb

from clients.auth.spotify_auth import TokenKeeper, has_sign_in
from clients.errors import HOW_TO_SIGN_IN
from config.settings import EXPORTS_FOLDER, MAINTAINED_FILE, Settings
from lake.delta_tables import open_table
from lake.reader import has_table, rows_of
from loaders.export_names import WHERE_EXPORTS_ARE
from report.listening_rate import DAYS_LOOKED_AT, ListeningRate, listening_rate
from schemas import ALL_TABLES
from schemas.bronze_schemas import KAGGLE_TRACKS
from schemas.ops_schemas import PIPELINE_RUNS, PLAY_GAPS
from schemas.silver_schemas import LISTENING_WITH_FEATURES

UPKEEP_OVERDUE = timedelta(days=14)
_POLLS_MISSED = 2


class LastRun(NamedTuple):
    """The last run that changed something or failed; one with nothing new leaves no record."""

    run_id: str
    started_at: datetime
    seconds: float
    written: int
    failed_step: str | None
    error: str | None


class Gap(NamedTuple):
    """Two instants between which plays may be missing; open until ``closed_at`` is known."""

    kind: str
    lost_from: datetime | None
    lost_until: datetime
    detected_at: datetime
    closed_at: datetime | None


class TableSize(NamedTuple):
    """The size of a table, without files that only its older versions need."""

    name: str
    files: int
    megabytes: float
    rows: int


class SignIn(NamedTuple):
    """A person's consent: since when and until when, and what to do if it ends soon."""

    consented_at: datetime | None
    ends_at: datetime | None
    warning: str | None


class Polling(NamedTuple):
    """What runs remember about the Web API: the last poll, and a rate limit.

    ``features_refused_until`` is when Spotify is asked for audio features again after its 403.
    """

    last_poll_at: datetime | None = None
    blocked_until: datetime | None = None
    features_refused_until: datetime | None = None


@dataclass(frozen=True)
class LakeHealth:
    """What ``doctor`` shows; None where nothing is known."""

    now: datetime
    last_run: LastRun | None
    polling: Polling
    sign_in: SignIn | None
    gaps: Sequence[Gap]
    rate: ListeningRate | None
    sizes: Sequence[TableSize]
    has_catalogue: bool
    is_upkeep_overdue: bool

    @property
    def open_gaps(self) -> list[Gap]:
        return [each for each in self.gaps if each.closed_at is None]


def lake_health(
    lake: duckdb.DuckDBPyConnection, settings: Settings, polling: Polling, now: datetime
) -> LakeHealth:
    """Look at the lake in ``DATA_DIR``, opened with all its tables, and at its person's sign-in.

    Asks no service. Raises SignInError where the sign-in cannot be read.
    """
    has_plays = has_table(lake, LISTENING_WITH_FEATURES.full_name)
    return LakeHealth(
        now=now,
        last_run=_last_run(lake),
        polling=polling,
        sign_in=sign_in_of(settings, now),
        gaps=play_gaps(lake, settings.user_id),
        rate=(
            listening_rate(lake, settings.user_id, settings.ingest_interval_hours)
            if has_plays
            else None
        ),
        sizes=_sizes(lake, settings.data_dir),
        has_catalogue=KAGGLE_TRACKS.exists(settings.data_dir),
        is_upkeep_overdue=_is_upkeep_overdue(lake, settings.data_dir, now),
    )


def advice(health: LakeHealth, settings: Settings) -> list[str]:
    """Return what a person should do, one line each, the most urgent first."""
    given = []
    run, rate = health.last_run, health.rate
    if run is not None and run.failed_step is not None:
        given.append(
            f"{run.failed_step} failed in the last run ({run.error}): "
            "start another with `python main.py run-once`, it continues from there"
        )
    if settings.has_credentials:
        given += _advice_on_sign_in(health, settings)
    if health.open_gaps:
        given.append(advice_on_gaps(health.open_gaps, settings.data_dir / EXPORTS_FOLDER))
    if settings.has_credentials and rate is not None:
        present, better = settings.ingest_interval_hours, rate.recommended_hours
        if better < present and rate.days_at_risk[present]:
            given.append(
                f"set INGEST_INTERVAL_HOURS={better:g} in .env: {risk_in_words(rate, present)}"
            )
    if not health.has_catalogue:
        given.append(advice_on_catalogue(settings.data_dir / "kaggle"))
    if health.is_upkeep_overdue:
        given.append("no upkeep for two weeks: join small files with `python main.py maintain`")
    return given


def advice_on_gaps(open_gaps: Sequence[Gap], exports: Path | str) -> str:
    """Return what to do about gaps, of which there is at least one."""
    first = min(each.lost_from or each.lost_until for each in open_gaps)
    return (
        f"plays may be missing since {first:%Y-%m-%d}: ask Spotify for your data "
        f"({WHERE_EXPORTS_ARE}) and put the zip into {exports}"
    )


def advice_on_catalogue(catalogue: Path | str) -> str:
    """Return what to do where there is no catalogue."""
    return f"no catalogue: put the Kaggle dataset.csv into {catalogue} for real audio features"


def risk_in_words(rate: ListeningRate, present_hours: float) -> str:
    """Return what the present interval can lose, and the recommended one."""
    better = rate.recommended_hours
    said = (
        f"at the present {present_hours:g} h you could have lost plays on "
        f"{rate.days_at_risk[present_hours]} of the {DAYS_LOOKED_AT} days to {rate.until}"
    )
    if better == present_hours:
        return said
    return f"{said}, at {better:g} h on {rate.days_at_risk[better]}"


def _advice_on_sign_in(health: LakeHealth, settings: Settings) -> list[str]:
    if health.sign_in is None:
        return [f"nobody is signed in at Spotify, so no play is fetched: {HOW_TO_SIGN_IN}"]
    given = [] if health.sign_in.warning is None else [health.sign_in.warning]
    if _is_polled_too_seldom(health, settings):
        polled_at = health.polling.last_poll_at
        last = "never" if polled_at is None else f"last on {polled_at:%Y-%m-%d %H:%M} UTC"
        given.append(
            f"the Web API was polled {last}: start the scheduler with "
            "`docker-compose up -d spotify-scheduler` or `python main.py run-continuous`"
        )
    return given


def _is_polled_too_seldom(health: LakeHealth, settings: Settings) -> bool:
    polled_at, blocked_until, _ = health.polling
    if blocked_until is not None and blocked_until > health.now:
        return False
    late = _POLLS_MISSED * timedelta(hours=settings.ingest_interval_hours)
    return polled_at is None or health.now - polled_at > late


def _last_run(lake: duckdb.DuckDBPyConnection) -> LastRun | None:
    if not has_table(lake, PIPELINE_RUNS.full_name):
        return None
    found = lake.execute(
        """
        SELECT run_id, min(started_at),
               epoch(max(started_at + to_milliseconds((seconds * 1000)::bigint)) - min(started_at)),
               count_if(status = 'written'),
               arg_max(step, started_at) FILTER (status = 'failed'),
               arg_max(error, started_at) FILTER (status = 'failed')
        FROM ops.pipeline_runs GROUP BY run_id ORDER BY 2 DESC LIMIT 1
        """
    ).fetchone()
    return None if found is None else LastRun(*found)


def sign_in_of(settings: Settings, now: datetime) -> SignIn | None:
    """Return the sign-in of the lake's person; raises SignInError where it cannot be read."""
    if not has_sign_in(settings):
        return None
    keeper = TokenKeeper(settings, lambda: now)
    return SignIn(keeper.consented_at, keeper.ends_at, keeper.warning())


def play_gaps(lake: duckdb.DuckDBPyConnection, user_id: str) -> list[Gap]:
    """Return the times in which plays of a person may be missing, the earliest first."""
    return rows_of(lake, PLAY_GAPS, Gap, Gap._fields, user_id, "lost_from")


def _sizes(lake: duckdb.DuckDBPyConnection, data_dir: Path) -> list[TableSize]:
    sizes = []
    for table in ALL_TABLES:
        # One that a run made since the lake was opened is not among its tables.
        if has_table(lake, table.full_name) and table.exists(data_dir):
            files = open_table(table.path(data_dir)).get_add_actions()
            megabytes = sum(files.column("size_bytes").to_pylist()) / 1e6
            rows = lake.execute(f"SELECT count(*) FROM {table.full_name}").fetchone()
            sizes.append(
                TableSize(table.full_name, files.num_rows, megabytes, rows[0] if rows else 0)
            )
    return sizes


def _is_upkeep_overdue(lake: duckdb.DuckDBPyConnection, data_dir: Path, now: datetime) -> bool:
    """Return whether upkeep is overdue; without any, time counts from the lake's first run."""
    stamp = data_dir / MAINTAINED_FILE
    if stamp.exists():
        return now - datetime.fromtimestamp(stamp.stat().st_mtime, UTC) > UPKEEP_OVERDUE
    if not has_table(lake, PIPELINE_RUNS.full_name):
        return False
    found = lake.execute("SELECT min(started_at) FROM ops.pipeline_runs").fetchone()
    return found is not None and found[0] is not None and now - found[0] > UPKEEP_OVERDUE
