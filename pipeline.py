"""The steps of a run in order: what each reads and what it writes.

A step writes one table in one Delta commit that records the versions and settings it was computed
from. So a run killed anywhere is finished by the next, and a step whose inputs are unchanged is
skipped. To add a table that is computed from others: its ``Table`` and its model. Only a table
whose rows depend on a setting, or that changes affect in a special way, needs a ``Step``.

Longer than two screens because a run is read from here: what it does, in what order, and what
becomes of its failures.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

from cli.messages import in_one_line, is_failure, keep_traceback, with_log
from clients.errors import ApiError, SignInError
from config.clock import utc_now
from config.settings import Settings, SettingsError
from engines import models
from engines.models import Parameters
from engines.spark_java import DeltaJarsError, JavaError
from features import steps as features_steps
from gold import steps as gold_steps
from incremental.lake import Lake
from incremental.proofs import prove_changes
from incremental.results import Observer, StepResult, StepTimer
from incremental.runs import record_run
from incremental.step import Step
from ingestion.api_session import ApiSession
from ingestion.audio_features import MEASURED_FEATURES, import_features
from ingestion.availability import AVAILABILITY, check_availability
from ingestion.catalogue import import_catalogue
from ingestion.excluded_playlist import EXCLUDED, import_exclusions
from ingestion.exports import import_exports
from ingestion.gap_updates import note_gaps
from ingestion.imported_files import keep_problems
from ingestion.library import LIBRARY, import_library
from ingestion.play_gaps import Gap
from ingestion.recent_plays import RECENTLY_PLAYED, import_recent_plays
from ingestion.sync_kinds import SYNCS, SyncKind
from lake.reader import open_lake
from loaders.kaggle_catalogue import CatalogueError
from loaders.privacy_export import Discovery, FileProblem
from schemas import ALL_TABLES
from schemas.availability_schemas import AVAILABILITY_CHECKS
from schemas.bronze_schemas import (
    IS_MUSIC,
    KAGGLE_TRACKS,
    LISTENING_HISTORY,
    MY_TRACKS_FEATURES,
)
from schemas.decision_schemas import EXCLUSIONS
from schemas.library_schemas import PLAYLIST_ITEMS, PLAYLISTS
from schemas.library_schemas import TABLES as LIBRARY_TABLES
from schemas.ops_schemas import CHECKS, IMPORTED_FILES, PIPELINE_RUNS, PLAY_GAPS
from schemas.silver_schemas import (
    CATALOGUE_TRACKS,
    LISTENING_WITH_FEATURES,
    TRACK_NAMES,
)
from schemas.table import Table
from silver import steps as silver_steps
from silver.steps import listening_parameters

if TYPE_CHECKING:
    from clients.reccobeats_api import ReccoBeatsApi


@dataclass(frozen=True)
class Work:
    """A step's name, the function that does it, and the tables that it reads and writes.

    It depends on the steps that write what it reads, and on those named in ``depends_on``.
    ``stops_run`` says whether no further step starts once it failed. It is skipped where it is not
    possible (``is_possible``) when its turn comes.
    """

    name: str
    act: Callable[[], StepResult]
    reads: tuple[Table, ...] = ()
    writes: tuple[Table, ...] = ()
    depends_on: tuple[str, ...] = ()
    stops_run: bool = True
    is_possible: Callable[[], bool] = lambda: True


_OWN_STEPS = (*features_steps.STEPS, *silver_steps.STEPS, *gold_steps.STEPS)


def _steps() -> tuple[Step, ...]:
    """Return a step for every table that has a model, each after those that it depends on."""
    own = {each.table: each for each in _OWN_STEPS}
    computed = [each for each in ALL_TABLES if each.name in models.files()]
    steps = {table: own.get(table, Step(table)) for table in computed}
    order = TopologicalSorter({table: steps[table].depends_on for table in computed})
    return tuple(steps[table] for table in order.static_order() if table in steps)


STEPS = _steps()
"""The step of every computed table, each after those it depends on."""


def build_listening(lake: Lake) -> None:
    """Compute ``silver.listening_with_features`` from bronze tables registered in the engine.

    The result is registered by the table's name.
    """
    parameters = listening_parameters(lake.settings)
    for table in (CATALOGUE_TRACKS, TRACK_NAMES):
        models.compute(lake.engine, table.name, {})
        lake.engine.run(table.full_name, f"SELECT * FROM {table.name}")
    models.compute(lake.engine, LISTENING_WITH_FEATURES.name, parameters)


@dataclass
class RunOutcome:
    """What a run did: every step's result, the files that could not be imported or are missing.

    ``has_plays`` says whether the lake has any plays now; without plays nothing is computed.
    ``has_written`` says whether any table has a new version.
    """

    run_id: str
    results: list[StepResult] = field(default_factory=list)
    problems: list[FileProblem] = field(default_factory=list)
    missing: list[tuple[str, Gap]] = field(default_factory=list)
    has_plays: bool = True
    has_written: bool = False

    @property
    def failed(self) -> list[StepResult]:
        return [each for each in self.results if each.status == "failed"]

    @property
    def has_failed(self) -> bool:
        return any(each.status == "failed" for each in self.results)

    @property
    def has_news(self) -> bool:
        return any(each.status == "written" for each in self.results)


def run_pipeline(
    lake: Lake,
    exports: Discovery,
    catalogue: Path | None,
    observer: Observer,
    session: ApiSession | None = None,
    reccobeats: "ReccoBeatsApi | None" = None,
    *,
    rebuild: bool = False,
    steps: Sequence[Step] = STEPS,
    only: SyncKind | None = None,
) -> RunOutcome:
    """Import what is new, then bring every computed table up to date.

    With ``only``, that alone is asked for, and no file is read. The lake's lock must be held. A
    step that fails ends the run there: what was committed before stays, and the next run continues
    from it. Only a failure of a service does not stop the run. Of ``steps`` those run that the
    settings ask for.
    """
    outcome = RunOutcome(lake.run_id, problems=list(exports.problems))
    take_exports = partial(_take_exports, lake, exports, outcome, rebuild=rebuild)
    has_plays = partial(_has_plays, lake)
    sync = None if only is None else SYNCS[only]
    work = []
    if sync is None:
        work.append(
            Work(
                LISTENING_HISTORY.full_name,
                take_exports,
                writes=(LISTENING_HISTORY, IMPORTED_FILES, PLAY_GAPS),
                # The plays that the API shows are gone tomorrow, those in files are not.
                depends_on=(RECENTLY_PLAYED,),
            )
        )
    if session is not None:
        ask = partial(import_recent_plays, lake, session)
        read_library = partial(import_library, lake, session, full=rebuild)
        if sync is not None and sync.parts:
            read_library = partial(
                import_library, lake, session, full=sync.is_full, parts=sync.parts
            )
        take_features = partial(_take_features, lake, session, reccobeats)
        asked = [
            Work(RECENTLY_PLAYED, ask, writes=(LISTENING_HISTORY, PLAY_GAPS), stops_run=False),
            Work(
                LIBRARY,
                read_library,
                writes=(*LIBRARY_TABLES, AVAILABILITY_CHECKS),
                depends_on=(RECENTLY_PLAYED,),
                stops_run=False,
            ),
            Work(
                EXCLUDED,
                partial(import_exclusions, lake, session),
                reads=(TRACK_NAMES,),
                writes=(EXCLUSIONS, PLAYLISTS, PLAYLIST_ITEMS),
                depends_on=(LIBRARY,),
                stops_run=False,
            ),
            Work(
                MEASURED_FEATURES,
                take_features,
                reads=(LISTENING_HISTORY, TRACK_NAMES),
                writes=(MY_TRACKS_FEATURES,),
                depends_on=(LIBRARY,),
                is_possible=has_plays,
            ),
            Work(
                AVAILABILITY,
                partial(_check_availability, lake, session),
                reads=(LISTENING_HISTORY,),
                writes=(AVAILABILITY_CHECKS,),
                # Of the requests that Spotify allows, those of the other steps come first.
                depends_on=(LIBRARY, EXCLUDED, MEASURED_FEATURES),
            ),
        ]
        work += [each for each in asked if sync is None or each.name == sync.step]
    if catalogue is not None and sync is None:
        take_catalogue = partial(_take_catalogue, lake, catalogue, outcome, rebuild=rebuild)
        writes = (KAGGLE_TRACKS, IMPORTED_FILES)
        work.append(Work(KAGGLE_TRACKS.full_name, take_catalogue, writes=writes))
    wanted = (step for step in steps if step.wanted(lake.settings))
    computed = (step_as_work(lake, step, rebuild=rebuild) for step in wanted)
    work += [replace(each, is_possible=has_plays) for each in computed]
    outcome.results = run_steps(lake, work, observer)
    outcome.has_plays = has_plays()
    outcome.has_written = lake.has_written
    return outcome


def compute_from_sources(
    settings: Settings, former: Path, now: datetime, observer: Observer
) -> list[StepResult]:
    """Compute every table of a lake that has none of them yet.

    It takes the place of the lake in ``former``: as there, parameters stay that are to stay once a
    table was built with them.
    """
    former_lake = Lake(settings.model_copy(update={"data_dir": former}), now)
    with Lake(settings, now) as lake:
        if not _has_plays(lake):
            return []
        wanted = [step for step in STEPS if step.wanted(settings)]
        parameters = {
            step.table: step.parameters_now(former_lake) for step in wanted if step.sticky
        }
        steps = [
            replace(step, parameters=partial(_given, parameters[step.table]))
            if step.sticky
            else step
            for step in wanted
        ]
        work = [step_as_work(lake, step, rebuild=True) for step in steps]
        return run_steps(lake, work, observer)


def _given(parameters: Parameters, settings: Settings) -> Parameters:
    return parameters


def bytes_to_read(
    settings: Settings, exports: Discovery, *, rebuild: bool, steps: Sequence[Step] = STEPS
) -> int:
    """Estimate how much a run has to read: new files, and the history where a table is rebuilt.

    As columns the history takes a tenth of the size of the exports.
    """
    new_files = sum(
        each.size for each in exports.files if (each.name, each.fingerprint) not in exports.known
    )
    lake = Lake(settings, utc_now())
    wanted = (step for step in steps if step.wanted(settings))
    if not rebuild and all(step.has_recipe(lake) for step in wanted):
        return new_files
    history = LISTENING_HISTORY.path(settings.data_dir).rglob("*.parquet")
    return new_files + 10 * sum(each.stat().st_size for each in history)


def step_as_work(lake: Lake, step: Step, *, rebuild: bool) -> Work:
    """Return a step as work."""
    return Work(
        step.table.full_name,
        partial(step.run, lake, rebuild=rebuild),
        reads=step.depends_on,
        writes=(step.table,),
    )


def run_steps(lake: Lake, work: Sequence[Work], observer: Observer) -> list[StepResult]:
    """Do all the work, each piece after those of it that it waits for; record it.

    After the first failure no further piece is started. Results are in the order of execution.
    """
    by_name = {each.name: each for each in work}
    order = TopologicalSorter(dependencies(work))
    results: list[StepResult] = []
    is_whole = True
    for name in order.static_order():
        if not by_name[name].is_possible():
            continue
        result = _carried_out(lake, name, by_name[name].act, observer)
        results.append(result)
        observer.finished(result)
        if result.status == "failed" and by_name[name].stops_run:
            is_whole = False
            break
    if lake.follows_killed and is_whole:
        # The killed run changed tables and proved nothing of them.
        lake.changed |= {each.table: None for each in STEPS if each.table.exists(lake.data_dir)}
    if lake.changed:
        prove = partial(prove_changes, lake, is_whole=is_whole)
        proved = _carried_out(lake, CHECKS.full_name, prove, observer)
        results.append(proved)
        observer.finished(proved)
    if lake.has_written:
        record = partial(record_run, lake, results)
        recorded = _carried_out(lake, PIPELINE_RUNS.full_name, record, observer)
        # On a full disk the failure cannot be recorded either, but it is still reported.
        if recorded.status == "failed":
            results.append(recorded)
            observer.finished(recorded)
    return results


def dependencies(work: Sequence[Work]) -> dict[str, set[str]]:
    """Return the names of the pieces that each piece of work depends on, by its name."""
    writers: defaultdict[Table, set[str]] = defaultdict(set)
    for each in work:
        for table in each.writes:
            writers[table].add(each.name)
    names = {each.name for each in work}
    return {
        each.name: names.intersection(each.depends_on).union(
            *(writers[table] for table in each.reads)
        )
        - {each.name}
        for each in work
    }


def _carried_out(
    lake: Lake, name: str, act: Callable[[], StepResult], observer: Observer
) -> StepResult:
    timer = StepTimer(name)
    try:
        with observer.working(name):
            return act()
    except (JavaError, DeltaJarsError, SettingsError):
        # The machine is at fault, not the step: there is nothing to record.
        raise
    except (ApiError, SignInError) as error:
        return timer.result("failed", error=str(error))
    # Whatever the error, the run must end with its record and a one-line message.
    except BaseException as error:
        if not is_failure(error):
            raise
        file = keep_traceback(lake.data_dir, lake.run_id, error)
        return timer.result("failed", error=with_log(in_one_line(error), file))


def _has_plays(lake: Lake) -> bool:
    """Return whether the lake has any music, or had when it was last computed."""
    if LISTENING_WITH_FEATURES.exists(lake.data_dir):
        return True
    if not LISTENING_HISTORY.exists(lake.data_dir):
        return False
    with open_lake(lake.data_dir, [LISTENING_HISTORY]) as tables:
        query = f"SELECT 1 FROM {LISTENING_HISTORY.full_name} WHERE {IS_MUSIC} LIMIT 1"
        return tables.execute(query).fetchone() is not None


def _take_exports(
    lake: Lake, exports: Discovery, outcome: RunOutcome, *, rebuild: bool
) -> StepResult:
    result = import_exports(lake, exports, rebuild=rebuild)
    has_new_files = result.status == "written" or lake.follows_killed
    outcome.missing += note_gaps(lake, has_new_files=has_new_files)
    return result


def _take_features(
    lake: Lake, session: ApiSession, reccobeats: "ReccoBeatsApi | None"
) -> StepResult:
    """Fetch audio features; an unavailable service is only reported, as features can come later."""
    timer = StepTimer(MEASURED_FEATURES)
    try:
        return import_features(lake, session, reccobeats)
    except (ApiError, SignInError) as error:
        session.notes.append(f"audio features: {error}; asked again by the next run")
        return timer.result("nothing_new")


def _check_availability(lake: Lake, session: ApiSession) -> StepResult:
    """Check which tracks can be played; that it cannot be done now is only reported."""
    timer = StepTimer(AVAILABILITY)
    try:
        return check_availability(lake, session)
    except (ApiError, SignInError) as error:
        session.notes.append(f"availability: {error}; asked again by the next run")
        return timer.result("nothing_new")


def _take_catalogue(lake: Lake, path: Path, outcome: RunOutcome, *, rebuild: bool) -> StepResult:
    """Import the catalogue; a bad one is only reported, and the plays are imported without it."""
    timer = StepTimer(KAGGLE_TRACKS.full_name)
    try:
        return import_catalogue(lake, path, rebuild=rebuild)
    except CatalogueError as error:
        problem = FileProblem(lake.settings.user_id, str(path), str(error))
        keep_problems(lake, [problem])
        outcome.problems.append(problem)
        return timer.result("nothing_new")
