"""The steps of a run in their order: what each reads, what each writes.

A step commits one table in one Delta commit that remembers the versions and settings it was made
from. So a run killed anywhere is finished by the next, and a step whose inputs are what they were
is skipped. To add a table that is computed from others: its ``Table`` and its model. Only a table
whose rows depend on a setting, or that a change concerns in a way of its own, has a ``Step`` here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

from api_imports import RECENTLY_PLAYED, ApiAccess, import_recent_plays
from clients.errors import ApiError, SignInError
from config.clock import utc_now
from config.settings import Settings, SettingsError
from engines import models
from engines.models import Parameters
from engines.spark_java import DeltaJarsError, JavaError
from feature_imports import MEASURED_FEATURES, import_features
from file_imports import import_catalogue, import_exports, note_problem
from gap_imports import note_gaps
from incremental.affected import (
    complete_days_of_anybody,
    listeners_of_changed_artists,
    listeners_of_measured_tracks,
    listeners_of_renamed_tracks,
    listeners_of_synthetic_tracks,
    model_of_everybody,
    names_of_new_records,
    names_of_people,
    names_of_tracks,
    people_of_changed_rows,
    people_unless_the_model_changes,
    people_with_changed_counted_days,
    people_with_changed_days,
    people_with_new_records,
    people_with_other_covered_dates,
    tracks_to_fill_again,
)
from incremental.lake import Lake
from incremental.proofs import prove_changes
from incremental.results import Observer, StepResult, Stopwatch
from incremental.runs import record_run
from incremental.step import Step
from library_imports import LIBRARY, import_library
from loaders.kaggle_catalogue import CatalogueError
from loaders.privacy_export import Discovery, FileProblem
from play_gaps import Gap
from rejections import keep_impossible_plays
from report.lake_reader import open_lake
from schemas import ALL_TABLES
from schemas.bronze_schemas import (
    IS_MUSIC,
    KAGGLE_TRACKS,
    LISTENING_HISTORY,
    MY_TRACKS_FEATURES,
    SYNTHETIC_FEATURES,
)
from schemas.genre_schemas import ARTIST_GENRES
from schemas.gold_schemas import MOOD_CLUSTER_PROFILES, MOOD_CLUSTERS
from schemas.indicator_schemas import WELLBEING_INDICATORS
from schemas.library_schemas import TABLES as LIBRARY_TABLES
from schemas.mood_schemas import MOOD_DRIVERS, MOOD_FORECAST
from schemas.ops_schemas import CHECKS, IMPORTED_FILES, PIPELINE_RUNS, PLAY_GAPS
from schemas.recommendation_schemas import RECOMMENDATION_QUALITY
from schemas.silver_schemas import (
    CATALOGUE_TRACKS,
    FEATURE_DONORS,
    LISTENING_COVERAGE,
    LISTENING_WITH_FEATURES,
    TRACK_NAMES,
)
from schemas.summary_schemas import (
    ARTIST_SUMMARY,
    DAILY_LISTENING_SUMMARY,
    GENRE_ANALYSIS,
    MONTHLY_INSIGHTS,
)
from writers.failures import in_one_line, is_failure, keep_traceback, with_log

if TYPE_CHECKING:
    from clients.reccobeats_api import ReccoBeatsApi


@dataclass(frozen=True)
class Work:
    """A step's name, what carries it out, and the names of those it must wait for.

    ``stops_run`` says whether nothing more is begun once it failed. It is left out where, when its
    turn comes, there is nothing to do it with (``is_possible``).
    """

    name: str
    act: Callable[[], StepResult]
    after: tuple[str, ...] = ()
    stops_run: bool = True
    is_possible: Callable[[], bool] = lambda: True


def wants_synthetic(settings: Settings) -> bool:
    """Say whether synthetic features may be made and are asked for."""
    return settings.allow_synthetic and "synthetic" in settings.feature_preference


def source_ranks(settings: Settings) -> Parameters:
    """Return the place of each source of features in the person's preference.

    Null where it is not wanted.
    """
    preferred = [
        each
        for each in settings.feature_preference
        if each != "synthetic" or settings.allow_synthetic
    ]
    return {
        f"{source}_rank": preferred.index(source) if source in preferred else None
        for source in ("real", "synthetic", "kaggle")
    }


def _listening_parameters(settings: Settings) -> Parameters:
    return {"timezone": settings.timezone, **source_ranks(settings)}


def _coverage_parameters(settings: Settings) -> Parameters:
    return {"timezone": settings.timezone}


def synthetic_parameters(settings: Settings) -> Parameters:
    """Return the parameters by which synthetic features are made for tracks that lack others.

    Whoever asked for those of every track (``every_track``) keeps them: see ``Step.kept``.
    """
    return {**source_ranks(settings), "synthetic_rank": None, "every_track": False}


_FETCHED_BY = {MY_TRACKS_FEATURES: MEASURED_FEATURES} | dict.fromkeys(LIBRARY_TABLES, LIBRARY)
"""The tables that a step of another name fills."""

_BY_COMPLETE_DAYS = {LISTENING_WITH_FEATURES: people_with_changed_days}
_BY_GENRE = {ARTIST_GENRES: listeners_of_changed_artists}
_BY_GENRE_AND_COVERAGE = {**_BY_GENRE, LISTENING_COVERAGE: people_with_other_covered_dates}

_OWN_STEPS = (
    Step(FEATURE_DONORS, wanted=wants_synthetic),
    Step(TRACK_NAMES, narrow=names_of_new_records),
    Step(
        SYNTHETIC_FEATURES,
        parameters=synthetic_parameters,
        find_part=tracks_to_fill_again,
        narrow=names_of_tracks,
        wanted=wants_synthetic,
        kept=("every_track",),
    ),
    Step(
        LISTENING_WITH_FEATURES,
        parameters=_listening_parameters,
        follow={
            LISTENING_HISTORY: people_with_new_records,
            TRACK_NAMES: listeners_of_renamed_tracks,
            MY_TRACKS_FEATURES: listeners_of_measured_tracks,
            SYNTHETIC_FEATURES: listeners_of_synthetic_tracks,
        },
        narrow=names_of_people,
        keep_left_out=keep_impossible_plays,
    ),
    Step(
        LISTENING_COVERAGE,
        parameters=_coverage_parameters,
        follow={
            LISTENING_HISTORY: people_with_new_records,
            IMPORTED_FILES: people_of_changed_rows,
            PLAY_GAPS: people_of_changed_rows,
        },
        may_be_empty=True,
    ),
    Step(
        MOOD_CLUSTER_PROFILES,
        find_part=people_unless_the_model_changes,
        narrow=model_of_everybody,
    ),
    Step(MOOD_CLUSTERS, may_be_empty=True),
    Step(ARTIST_GENRES, find_part=complete_days_of_anybody),
    Step(ARTIST_SUMMARY, follow=_BY_GENRE),
    # The summary of artists tells whom another genre of an artist concerns.
    Step(DAILY_LISTENING_SUMMARY, follow=_BY_GENRE, after=(ARTIST_SUMMARY,)),
    Step(GENRE_ANALYSIS, follow=_BY_GENRE, after=(ARTIST_SUMMARY,)),
    Step(MONTHLY_INSIGHTS, follow=_BY_GENRE_AND_COVERAGE, after=(ARTIST_SUMMARY,)),
    Step(
        WELLBEING_INDICATORS,
        follow={**_BY_COMPLETE_DAYS, LISTENING_COVERAGE: people_with_other_covered_dates},
        may_be_empty=True,
        version=2,
    ),
    Step(MOOD_DRIVERS, follow=_BY_COMPLETE_DAYS, may_be_empty=True),
    # It learns from complete days alone, and needs the last one to count from.
    Step(
        MOOD_FORECAST,
        follow={
            LISTENING_WITH_FEATURES: people_with_changed_counted_days,
            LISTENING_COVERAGE: people_with_other_covered_dates,
        },
        version=2,
        may_be_empty=True,
    ),
    Step(RECOMMENDATION_QUALITY, follow=_BY_COMPLETE_DAYS, may_be_empty=True),
)


def _steps() -> tuple[Step, ...]:
    """Return a step for every table that has a model, each after those that it waits for."""
    own = {each.table: each for each in _OWN_STEPS}
    computed = [each for each in ALL_TABLES if each.name in models.files()]
    steps = {table: own.get(table, Step(table)) for table in computed}
    order = TopologicalSorter({table: steps[table].waits_for for table in computed})
    return tuple(steps[table] for table in order.static_order() if table in steps)


STEPS = _steps()


def synthetic_step(settings: Settings) -> Step:
    """Give the step that makes synthetic features.

    Raises SettingsError where the settings switch them off.
    """
    step = next(each for each in STEPS if each.table is SYNTHETIC_FEATURES)
    if not step.wanted(settings):
        raise SettingsError(
            "synthetic features are switched off: set ALLOW_SYNTHETIC=true and name "
            "'synthetic' in FEATURE_PREFERENCE"
        )
    return step


def build_listening(lake: Lake) -> None:
    """Compute ``silver.listening_with_features`` of bronze tables that the engine knows already.

    The result is known to the engine by the table's name.
    """
    parameters = _listening_parameters(lake.settings)
    for table in (CATALOGUE_TRACKS, TRACK_NAMES):
        models.compute(lake.engine, table.name, {})
        lake.engine.run(table.full_name, f"SELECT * FROM {table.name}")
    models.compute(lake.engine, LISTENING_WITH_FEATURES.name, parameters)


@dataclass
class RunOutcome:
    """What a run did: every step's result, the files that could not be taken or are missing.

    ``has_plays`` says whether the lake has any by now; without one nothing was computed.
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
    access: ApiAccess | None = None,
    reccobeats: "ReccoBeatsApi | None" = None,
    *,
    rebuild: bool = False,
) -> RunOutcome:
    """Import what is new, then bring every computed table up to date.

    The lake's lock must be held. A step that fails ends the run there: what was committed before
    stays, and the next run goes on from it. Only the services may fail without keeping anything
    else back.
    """
    outcome = RunOutcome(lake.run_id, problems=list(exports.problems))
    take_exports = partial(_take_exports, lake, exports, outcome, rebuild=rebuild)
    has_plays = partial(_has_plays, lake)
    work = [Work(LISTENING_HISTORY.full_name, take_exports, after=(RECENTLY_PLAYED,))]
    if access is not None:
        # The plays that the API shows are gone tomorrow, those of files are not: they come first.
        ask = partial(import_recent_plays, lake, access)
        read_library = partial(import_library, lake, access, full=rebuild)
        take_features = partial(_take_features, lake, access, reccobeats)
        after_names = (LISTENING_HISTORY.full_name, TRACK_NAMES.full_name, LIBRARY)
        work += [
            Work(RECENTLY_PLAYED, ask, stops_run=False),
            Work(LIBRARY, read_library, after=(RECENTLY_PLAYED,), stops_run=False),
            Work(MEASURED_FEATURES, take_features, after=after_names, is_possible=has_plays),
        ]
    if catalogue is not None:
        take_catalogue = partial(_take_catalogue, lake, catalogue, outcome, rebuild=rebuild)
        work.append(Work(KAGGLE_TRACKS.full_name, take_catalogue))
    wanted = (step for step in STEPS if step.wanted(lake.settings))
    computed = (step_as_work(lake, step, rebuild=rebuild) for step in wanted)
    work += [replace(each, is_possible=has_plays) for each in computed]
    outcome.results = carry_out(lake, work, observer)
    outcome.has_plays = has_plays()
    outcome.has_written = lake.has_written
    return outcome


def bytes_to_read(settings: Settings, exports: Discovery, *, rebuild: bool) -> int:
    """Give about how much a run has to read: new files, and the history where a table is anew.

    Columns compress the history to a tenth of what the exports are.
    """
    new_files = sum(
        each.size for each in exports.files if (each.name, each.fingerprint) not in exports.known
    )
    lake = Lake(settings, utc_now())
    wanted = (step for step in STEPS if step.wanted(settings))
    if not rebuild and all(step.has_recipe(lake) for step in wanted):
        return new_files
    history = LISTENING_HISTORY.path(settings.data_dir).rglob("*.parquet")
    return new_files + 10 * sum(each.stat().st_size for each in history)


def step_as_work(lake: Lake, step: Step, *, rebuild: bool) -> Work:
    """Return a step as work that waits for the tables it reads."""
    tables = tuple(each.full_name for each in step.waits_for)
    fetched = tuple(_FETCHED_BY[each] for each in step.waits_for if each in _FETCHED_BY)
    return Work(
        step.table.full_name,
        partial(step.run, lake, rebuild=rebuild),
        after=(*tables, *dict.fromkeys(fetched)),
    )


def carry_out(lake: Lake, work: Sequence[Work], observer: Observer) -> list[StepResult]:
    """Do all the work, each piece after those in its ``after`` that are part of it; record it.

    After the first failure nothing more is begun. Results are in the order of the pieces.
    """
    by_name = {each.name: each for each in work}
    order = TopologicalSorter({each.name: {*each.after} & by_name.keys() for each in work})
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
    if lake.changed:
        prove = partial(prove_changes, lake, is_whole=is_whole)
        proved = _carried_out(lake, CHECKS.full_name, prove, observer)
        results.append(proved)
        observer.finished(proved)
    if lake.has_written:
        record = partial(record_run, lake, results)
        recorded = _carried_out(lake, PIPELINE_RUNS.full_name, record, observer)
        # What a full disk stopped cannot be written down either; the person is told all the same.
        if recorded.status == "failed":
            results.append(recorded)
            observer.finished(recorded)
    return results


def _carried_out(
    lake: Lake, name: str, act: Callable[[], StepResult], observer: Observer
) -> StepResult:
    watch = Stopwatch(name)
    try:
        with observer.working(name):
            return act()
    except (JavaError, DeltaJarsError, SettingsError):
        # Not the step is at fault but the machine: nothing was done that could be recorded.
        raise
    except (ApiError, SignInError) as error:
        return watch.result("failed", error=str(error))
    # Whatever a step dies of, the run must end with its record and one line for the person.
    except BaseException as error:
        if not is_failure(error):
            raise
        file = keep_traceback(lake.data_dir, lake.run_id, error)
        return watch.result("failed", error=with_log(in_one_line(error), file))


def _has_plays(lake: Lake) -> bool:
    """Return whether there is any music, or was when the lake was last computed."""
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
    outcome.missing += note_gaps(lake, has_new_files=result.status == "written")
    return result


def _take_features(lake: Lake, access: ApiAccess, reccobeats: "ReccoBeatsApi | None") -> StepResult:
    """Features can be had from elsewhere or later: a service that is out is named, no more."""
    watch = Stopwatch(MEASURED_FEATURES)
    try:
        return import_features(lake, access, reccobeats)
    except (ApiError, SignInError) as error:
        access.notes.append(f"audio features: {error}; asked again by the next run")
        return watch.result("nothing_new")


def _take_catalogue(lake: Lake, path: Path, outcome: RunOutcome, *, rebuild: bool) -> StepResult:
    """A catalogue that is none stops nothing: it is named, and the plays land without it."""
    watch = Stopwatch(KAGGLE_TRACKS.full_name)
    try:
        return import_catalogue(lake, path, rebuild=rebuild)
    except CatalogueError as error:
        problem = FileProblem(lake.settings.user_id, str(path), str(error))
        note_problem(lake, problem)
        outcome.problems.append(problem)
        return watch.result("nothing_new")
