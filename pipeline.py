"""The steps of a run in their order: what each reads, what each writes.

A step commits one table in one Delta commit that remembers the versions and settings it was made
from. So a run killed anywhere is finished by the next, and a step whose inputs are what they were
is skipped. To add a table that is computed from others: its ``Table``, its module, its ``Step``.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame

from api_imports import RECENTLY_PLAYED, ApiAccess, close_gaps, import_recent_plays
from clients.errors import ApiError, SignInError
from config.clock import utc_now
from config.java import DeltaJarsError, JavaError
from config.settings import Settings, SettingsError
from feature_imports import MEASURED_FEATURES, import_features
from features.catalogue import catalogue_tracks
from features.hot_deck import feature_donors
from features.preference import track_features, tracks_without_features
from features.synthetic import synthetic_features
from features.track_key import ids_of, track_names, with_name_key, with_track_key
from file_imports import import_catalogue, import_exports, note_problem
from gold.complete_days import complete_days
from gold.daily_listening_summary import daily_listening_summary
from gold.genre_analysis import genre_analysis
from gold.monthly_insights import monthly_insights
from gold.mood_cluster_profiles import mood_cluster_profiles
from gold.mood_clusters import mood_clusters
from gold.mood_drivers import mood_drivers
from gold.mood_forecast import mood_forecast
from gold.recommendation_quality import recommendation_quality
from gold.temporal_patterns import temporal_patterns
from gold.track_recommendations import track_recommendations
from gold.wellbeing_indicators import wellbeing_indicators
from increments import (
    update_complete_days,
    update_listening,
    update_profiles,
    update_synthetic,
    update_track_names,
    update_with_genres,
)
from library_imports import LIBRARY, import_library
from loaders.kaggle_catalogue import CatalogueError
from loaders.privacy_export import Discovery, FileProblem
from schemas.bronze_schemas import (
    KAGGLE_TRACKS,
    LISTENING_HISTORY,
    MY_TRACKS_FEATURES,
    SYNTHETIC_FEATURES,
)
from schemas.genre_schemas import ARTIST_GENRES
from schemas.gold_schemas import MOOD_CLUSTER_PROFILES, MOOD_CLUSTERS, TEMPORAL_PATTERNS
from schemas.indicator_schemas import WELLBEING_INDICATORS
from schemas.library_schemas import TOP_ITEMS
from schemas.mood_schemas import MOOD_DRIVERS, MOOD_FORECAST
from schemas.ops_schemas import PIPELINE_RUNS
from schemas.recommendation_schemas import RECOMMENDATION_QUALITY, TRACK_RECOMMENDATIONS
from schemas.silver_schemas import (
    CATALOGUE_TRACKS,
    FEATURE_DONORS,
    LISTENING_WITH_FEATURES,
    TRACK_NAMES,
    TRACKS,
)
from schemas.summary_schemas import (
    ARTIST_SUMMARY,
    DAILY_LISTENING_SUMMARY,
    GENRE_ANALYSIS,
    MONTHLY_INSIGHTS,
)
from silver.artist_genres import artist_genres
from silver.artist_summary import artist_summary
from silver.genre_of_play import with_artist_genre
from silver.listening_with_features import listening_with_features
from silver.plays import distinct_plays
from silver.tracks import tracks
from writers.failures import in_one_line
from writers.steps import (
    Inputs,
    Lake,
    Observer,
    Step,
    StepResult,
    Stopwatch,
    record_run,
    update_people,
)

if TYPE_CHECKING:
    from clients.reccobeats_api import ReccoBeatsApi

# Spark plans a step on one core; more than two at a time would share the second one's memory.
SIDE_BY_SIDE = 2


@dataclass(frozen=True)
class Work:
    """A step's name, what carries it out, and the names of those it must wait for.

    ``stops_run`` says whether nothing more is begun once it failed.
    """

    name: str
    act: Callable[[], StepResult]
    after: tuple[str, ...] = ()
    stops_run: bool = True


def wants_synthetic(settings: Settings) -> bool:
    """Say whether synthetic features may be made and are asked for."""
    return settings.allow_synthetic and "synthetic" in settings.feature_preference


SOURCE_TABLES = {
    "real": MY_TRACKS_FEATURES,
    "synthetic": SYNTHETIC_FEATURES,
    "kaggle": CATALOGUE_TRACKS,
}
"""The table of each source that ``FEATURE_PREFERENCE`` may name."""


def feature_sources(settings: Settings, *, synthetic: bool) -> tuple[str, ...]:
    """Give the preference of the person, less synthetic values where they are not wanted."""
    return tuple(each for each in settings.feature_preference if synthetic or each != "synthetic")


def tracks_to_fill(inputs: Inputs, settings: Settings) -> DataFrame:
    """Give the tracks of the history for which no source has measured features."""
    measured = _features(inputs, feature_sources(settings, synthetic=False))
    return tracks_without_features(ids_of(inputs[TRACK_NAMES]), measured)


def every_track(inputs: Inputs) -> DataFrame:
    """Give all tracks of the history, with what ``synthetic_features`` wants to know of them."""
    return tracks_without_features(ids_of(inputs[TRACK_NAMES]), _features(inputs, preference=()))


def _features(inputs: Inputs, preference: Sequence[str]) -> DataFrame:
    tables = {
        source: inputs[table]
        for source, table in SOURCE_TABLES.items()
        # The catalogue also tells genres, wanted or not as a source of features.
        if source in preference or source == "kaggle"
    }
    ids = ids_of(inputs[TRACK_NAMES]).select("track_key", "track_id")
    return track_features(ids, tables, preference)


def _track_names(inputs: Inputs, _: Settings) -> DataFrame:
    return track_names(with_name_key(inputs[LISTENING_HISTORY]))


def _synthetic(inputs: Inputs, settings: Settings) -> DataFrame:
    return fill(tracks_to_fill(inputs, settings), inputs)


def fill(tracks: DataFrame, inputs: Inputs) -> DataFrame:
    """Make synthetic features for ``tracks`` from the catalogue among the inputs of the step."""
    return synthetic_features(tracks, inputs[CATALOGUE_TRACKS], inputs[FEATURE_DONORS])


def build_listening(inputs: Inputs, settings: Settings) -> DataFrame:
    """Give ``silver.listening_with_features`` from the history, its names and the feature tables.

    Where the history is a part of what people played, the table itself holds the rest.
    """
    played = with_track_key(inputs[LISTENING_HISTORY], inputs[TRACK_NAMES])
    preference = feature_sources(settings, synthetic=settings.allow_synthetic)
    return listening_with_features(
        distinct_plays(played),
        _features(inputs, preference),
        settings.timezone,
        others=inputs.get(LISTENING_WITH_FEATURES),
    )


# The summary of artists tells whose rows a changed genre concerns.
_PLAYS_WITH_GENRE = (LISTENING_WITH_FEATURES, ARTIST_GENRES, ARTIST_SUMMARY)


def _with_genre(inputs: Inputs) -> DataFrame:
    return with_artist_genre(inputs[LISTENING_WITH_FEATURES], inputs[ARTIST_GENRES])


STEPS: tuple[Step, ...] = (
    Step(
        CATALOGUE_TRACKS,
        reads=(KAGGLE_TRACKS,),
        build=lambda inputs, _: catalogue_tracks(inputs[KAGGLE_TRACKS]),
    ),
    Step(
        FEATURE_DONORS,
        reads=(CATALOGUE_TRACKS,),
        build=lambda inputs, _: feature_donors(inputs[CATALOGUE_TRACKS]),
        wanted=wants_synthetic,
    ),
    Step(
        TRACK_NAMES,
        reads=(LISTENING_HISTORY,),
        build=_track_names,
        update=update_track_names,
    ),
    Step(
        SYNTHETIC_FEATURES,
        reads=(TRACK_NAMES, MY_TRACKS_FEATURES, CATALOGUE_TRACKS, FEATURE_DONORS),
        build=_synthetic,
        update=update_synthetic,
        shaped_by=("feature_preference",),
        wanted=wants_synthetic,
        transform_version=2,
    ),
    Step(
        LISTENING_WITH_FEATURES,
        reads=(LISTENING_HISTORY, TRACK_NAMES, *SOURCE_TABLES.values()),
        build=build_listening,
        update=update_listening,
        shaped_by=("timezone", "allow_synthetic", "feature_preference"),
        transform_version=2,
    ),
    Step(
        TRACKS,
        reads=(LISTENING_WITH_FEATURES,),
        build=lambda inputs, _: tracks(inputs[LISTENING_WITH_FEATURES]),
        update=update_people,
        transform_version=2,
    ),
    Step(
        TEMPORAL_PATTERNS,
        reads=(LISTENING_WITH_FEATURES,),
        build=lambda inputs, _: temporal_patterns(inputs[LISTENING_WITH_FEATURES]),
        update=update_people,
        transform_version=2,
    ),
    Step(
        MOOD_CLUSTER_PROFILES,
        reads=(TRACKS,),
        build=lambda inputs, _: mood_cluster_profiles(
            inputs[TRACKS], inputs[MOOD_CLUSTER_PROFILES]
        ),
        update=update_profiles,
        reads_itself=True,
        transform_version=2,
    ),
    Step(
        MOOD_CLUSTERS,
        reads=(TRACKS, MOOD_CLUSTER_PROFILES),
        build=lambda inputs, _: mood_clusters(inputs[TRACKS], inputs[MOOD_CLUSTER_PROFILES]),
        update=update_people,
        transform_version=2,
    ),
    Step(
        ARTIST_GENRES,
        reads=(LISTENING_WITH_FEATURES, CATALOGUE_TRACKS, TOP_ITEMS),
        build=lambda inputs, _: artist_genres(
            complete_days(inputs[LISTENING_WITH_FEATURES]),
            inputs[CATALOGUE_TRACKS],
            inputs[TOP_ITEMS],
        ),
        update=update_complete_days,
    ),
    Step(
        ARTIST_SUMMARY,
        reads=(LISTENING_WITH_FEATURES, ARTIST_GENRES),
        build=lambda inputs, _: artist_summary(_with_genre(inputs)),
        update=update_with_genres,
    ),
    Step(
        DAILY_LISTENING_SUMMARY,
        reads=(*_PLAYS_WITH_GENRE, TRACKS, CATALOGUE_TRACKS),
        build=lambda inputs, _: daily_listening_summary(
            _with_genre(inputs), inputs[TRACKS], inputs[CATALOGUE_TRACKS]
        ),
        update=update_with_genres,
    ),
    Step(
        GENRE_ANALYSIS,
        reads=_PLAYS_WITH_GENRE,
        build=lambda inputs, _: genre_analysis(_with_genre(inputs)),
        update=update_with_genres,
    ),
    Step(
        MONTHLY_INSIGHTS,
        reads=(*_PLAYS_WITH_GENRE, DAILY_LISTENING_SUMMARY),
        build=lambda inputs, _: monthly_insights(
            _with_genre(inputs), inputs[DAILY_LISTENING_SUMMARY]
        ),
        update=update_with_genres,
    ),
    Step(
        WELLBEING_INDICATORS,
        reads=(LISTENING_WITH_FEATURES,),
        build=lambda inputs, _: wellbeing_indicators(
            complete_days(inputs[LISTENING_WITH_FEATURES])
        ),
        update=update_complete_days,
    ),
    Step(
        MOOD_DRIVERS,
        reads=(LISTENING_WITH_FEATURES,),
        build=lambda inputs, _: mood_drivers(complete_days(inputs[LISTENING_WITH_FEATURES])),
        update=update_complete_days,
        transform_version=2,
    ),
    Step(
        MOOD_FORECAST,
        reads=(LISTENING_WITH_FEATURES,),
        # It learns from complete days alone, and needs the last one to count from.
        build=lambda inputs, _: mood_forecast(inputs[LISTENING_WITH_FEATURES]),
        update=update_complete_days,
    ),
    Step(
        RECOMMENDATION_QUALITY,
        reads=(LISTENING_WITH_FEATURES, CATALOGUE_TRACKS),
        build=lambda inputs, _: recommendation_quality(
            complete_days(inputs[LISTENING_WITH_FEATURES]), inputs[CATALOGUE_TRACKS]
        ),
        update=update_complete_days,
        transform_version=2,
    ),
    Step(
        TRACK_RECOMMENDATIONS,
        reads=(
            LISTENING_WITH_FEATURES,
            TRACKS,
            CATALOGUE_TRACKS,
            KAGGLE_TRACKS,
            RECOMMENDATION_QUALITY,
        ),
        build=lambda inputs, _: track_recommendations(
            inputs[LISTENING_WITH_FEATURES],
            inputs[TRACKS],
            inputs[CATALOGUE_TRACKS],
            inputs[KAGGLE_TRACKS],
            inputs[RECOMMENDATION_QUALITY],
        ),
        update=update_people,
    ),
)


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


@dataclass
class RunOutcome:
    """What a run did: every step's result, and the files that could not be taken."""

    run_id: str
    results: list[StepResult] = field(default_factory=list)
    problems: list[FileProblem] = field(default_factory=list)

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
    take_exports = partial(_take_exports, lake, exports, rebuild=rebuild)
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
            Work(MEASURED_FEATURES, take_features, after=after_names),
        ]
    if catalogue is not None:
        take_catalogue = partial(_take_catalogue, lake, catalogue, outcome, rebuild=rebuild)
        work.append(Work(KAGGLE_TRACKS.full_name, take_catalogue))
    wanted = (step for step in STEPS if step.wanted(lake.settings))
    work += [step_as_work(lake, step, rebuild=rebuild) for step in wanted]
    outcome.results = carry_out(lake, work, observer)
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
    """Give a step as work that waits for the tables it reads."""
    tables = tuple(each.full_name for each in step.reads)
    # Of its tables only this one is filled by a step of another name.
    fetched = (MEASURED_FEATURES,) if MY_TRACKS_FEATURES in step.reads else ()
    return Work(
        step.table.full_name,
        partial(step.run, lake, rebuild=rebuild),
        after=(*tables, *fetched),
    )


def carry_out(lake: Lake, work: Sequence[Work], observer: Observer) -> list[StepResult]:
    """Do all the work, two pieces side by side where neither waits for the other, and record it.

    After the first failure nothing more is begun. A piece waits for those in ``after`` that are
    part of the work. Results are in the order in which the pieces ended.
    """
    acts = {each.name: each.act for each in work}
    stops = {each.name: each.stops_run for each in work}
    order = TopologicalSorter({each.name: set(each.after) & acts.keys() for each in work})
    order.prepare()
    results: list[StepResult] = []
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        running: set[Future[StepResult]] = set()
        while True:
            if not any(each.status == "failed" and stops[each.step] for each in results):
                ready = order.get_ready()
                running |= {pool.submit(_carried_out, n, acts[n], observer) for n in ready}
            if not running:
                break
            ended, running = wait(running, return_when=FIRST_COMPLETED)
            for future in ended:
                result = future.result()
                results.append(result)
                order.done(result.step)
                observer.finished(result)
    if lake.is_computing:
        recorded = _carried_out(
            PIPELINE_RUNS.full_name, partial(record_run, lake, results), observer
        )
        # What a full disk stopped cannot be written down either; the person is told all the same.
        if recorded.status == "failed":
            results.append(recorded)
            observer.finished(recorded)
    return results


def _carried_out(name: str, act: Callable[[], StepResult], observer: Observer) -> StepResult:
    watch = Stopwatch(name)
    try:
        with observer.working(name):
            return act()
    except (JavaError, DeltaJarsError):
        # Not the step is at fault but the machine: nothing was done that could be recorded.
        raise
    # Whatever a step dies of, the run must end with its record and one line for the person.
    except Exception as error:
        return watch.result("failed", error=in_one_line(error))


def _take_exports(lake: Lake, exports: Discovery, *, rebuild: bool) -> StepResult:
    result = import_exports(lake, exports, rebuild=rebuild)
    close_gaps(lake)
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
