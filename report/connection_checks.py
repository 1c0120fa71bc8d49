"""Check each setting and each connection; one line each, with the fix."""

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from threading import Thread
from typing import TypeVar

from clients.auth.spotify_auth import TokenKeeper
from clients.errors import ApiError, SignInError
from clients.reccobeats_api import ReccoBeatsApi
from clients.spotify_api import SpotifyApi
from config.settings import EXPORTS_FOLDER, Settings, SettingsError
from engines.choice import engine_name
from engines.spark_java import DeltaJarsError, JavaError, java_version, require_delta_jars
from loaders.kaggle_catalogue import CatalogueError, check_header
from loaders.privacy_export import find_exports_of_people
from schemas.feature_providers import RECCOBEATS, SPOTIFY

ANSWER_SECONDS = 30.0
"""Time limit of one request to a service, in all."""

KNOWN_TRACK = "11dFghVXANMlKmJXsNCbNl"
"""The track to request from services: that of Spotify's own documentation."""

Answer = TypeVar("Answer")


class Verdict(Enum):
    """The result of a check: only ``FAILED`` keeps Soundlake from working."""

    OK = "ok"
    NOTE = "note"
    FAILED = "failed"


@dataclass(frozen=True)
class Check:
    """One check; ``said`` is one line, with the fix where one is needed."""

    subject: str
    verdict: Verdict
    said: str


def checks(read_settings: Callable[[], Settings], now: Callable[[], datetime]) -> Iterator[Check]:
    """Check everything in turn; nothing is written and Spark is not started."""
    try:
        settings = read_settings()
    except SettingsError as error:
        yield Check("settings", Verdict.FAILED, str(error))
        return
    yield Check("settings", Verdict.OK, f"valid; lake in {settings.data_dir}")
    yield from _engine(settings)
    yield _data_folder(settings.data_dir)
    yield _exports(settings)
    yield _catalogue(settings.data_dir / "kaggle" / "dataset.csv")
    yield from _spotify(settings, now)
    yield _reccobeats(settings)
    yield _notifications(settings)


def _engine(settings: Settings) -> Iterator[Check]:
    """Check what the engine needs: DuckDB nothing, Spark its Java and its jars."""
    if engine_name(settings) == "duckdb":
        yield Check("engine", Verdict.OK, "DuckDB, in the process: needs no Java")
        return
    yield Check("engine", Verdict.OK, f"Apache Spark at {settings.spark_master}")
    yield _java()
    yield _delta_jars()


def _java() -> Check:
    try:
        return Check("Java", Verdict.OK, f"version {java_version()}")
    except JavaError as error:
        return Check("Java", Verdict.FAILED, str(error))


def _delta_jars() -> Check:
    try:
        require_delta_jars()
    except DeltaJarsError as error:
        return Check("Delta's jars", Verdict.FAILED, str(error))
    return Check("Delta's jars", Verdict.OK, "in place")


def _data_folder(data_dir: Path) -> Check:
    nearest = next(each for each in (data_dir, *data_dir.absolute().parents) if each.exists())
    try:
        with tempfile.TemporaryFile(dir=nearest):
            return Check("data folder", Verdict.OK, f"{data_dir} can be written")
    except OSError as error:
        said = (
            f"{data_dir} cannot be written ({error.strerror}): fix its permissions or set "
            "DATA_DIR to a folder of yours"
        )
        return Check("data folder", Verdict.FAILED, said)


def _exports(settings: Settings) -> Check:
    folder = settings.data_dir / EXPORTS_FOLDER
    found = find_exports_of_people(folder, settings.user_id)
    if found.problems:
        first = found.problems[0]
        said = (
            f"{len(found.problems)} file(s) cannot be imported, first {first.name}: {first.reason}"
        )
        return Check("exports", Verdict.NOTE, said)
    if not found.files:
        return Check("exports", Verdict.NOTE, f"none: put the zip that Spotify sent into {folder}")
    return Check("exports", Verdict.OK, f"{len(found.files)} file(s) of history in {folder}")


def _catalogue(path: Path) -> Check:
    if not path.exists():
        said = f"none: put the Kaggle dataset.csv into {path.parent} for real audio features"
        return Check("catalogue", Verdict.NOTE, said)
    try:
        check_header(path)
    except CatalogueError as error:
        return Check("catalogue", Verdict.NOTE, str(error))
    return Check("catalogue", Verdict.OK, str(path))


def _spotify(settings: Settings, now: Callable[[], datetime]) -> Iterator[Check]:
    """Check the Web API request by request, as long as it answers."""
    if not settings.has_credentials:
        missing = " and ".join(
            name
            for name, value in (
                ("CLIENT_ID", settings.client_id),
                ("CLIENT_SECRET", settings.client_secret),
            )
            if value is None
        )
        said = f"{missing} not set: exports only; register an app with Spotify for the Web API"
        yield Check("credentials", Verdict.NOTE, said)
        return
    yield Check("credentials", Verdict.OK, "CLIENT_ID and CLIENT_SECRET are set")
    keeper = TokenKeeper(settings, now)
    api = SpotifyApi(settings, keeper, now)
    questions = {
        "sign-in": lambda: _sign_in(keeper, now()),
        "Web API": lambda: _account(api),
        "recently played": lambda: _recently_played(api),
    }
    for subject, question in questions.items():
        check = _asked(subject, question, Verdict.FAILED)
        yield check
        if check.verdict is Verdict.FAILED:
            return
    yield _spotify_features(settings, api)


def _asked(subject: str, question: Callable[[], Check], otherwise: Verdict) -> Check:
    try:
        return _in_time(question)
    except TimeoutError:
        said = f"no answer within {ANSWER_SECONDS:g} s: check the network, try again later"
        return Check(subject, otherwise, said)
    except (SignInError, ApiError) as error:
        return Check(subject, otherwise, str(error))


def _in_time(question: Callable[[], Answer]) -> Answer:
    """Raises TimeoutError: looking up a name, for one, knows no time limit of its own."""
    answer: Future[Answer] = Future()

    def ask() -> None:
        try:
            answer.set_result(question())
        except Exception as error:
            answer.set_exception(error)

    Thread(target=ask, daemon=True).start()
    return answer.result(timeout=ANSWER_SECONDS)


def _sign_in(keeper: TokenKeeper, now: datetime) -> Check:
    keeper.get_access_token()
    warning, ends_at = keeper.warning(), keeper.ends_at
    if warning is not None:
        return Check("sign-in", Verdict.NOTE, warning)
    if ends_at is None:
        return Check("sign-in", Verdict.OK, "valid; since when is not known")
    days = (ends_at - now).days
    return Check("sign-in", Verdict.OK, f"valid until {ends_at:%Y-%m-%d}, {days} days left")


def _account(api: SpotifyApi) -> Check:
    api.me()
    return Check("Web API", Verdict.OK, "answers")


def _recently_played(api: SpotifyApi) -> Check:
    plays = api.recently_played()
    if not plays:
        return Check("recently played", Verdict.NOTE, "answers, but shows no play")
    said = f"{len(plays)} plays, the last of {plays[0].get('played_at', 'an unknown time')}"
    return Check("recently played", Verdict.OK, said)


def _spotify_features(settings: Settings, api: SpotifyApi) -> Check:
    subject = "audio features"
    if not SPOTIFY.is_wanted(settings.enrich):
        return Check(subject, Verdict.NOTE, f"Spotify is not asked (ENRICH={settings.enrich})")

    def ask() -> Check:
        try:
            api.audio_features(KNOWN_TRACK)
        except ApiError as error:
            if error.status != 403:
                raise
            said = (
                "Spotify refuses them (403), as for every newer app: other sources replace it, see "
                "docs/FIX_403_AUDIO_FEATURES.md"
            )
            return Check(subject, Verdict.NOTE, said)
        return Check(subject, Verdict.OK, "Spotify still provides them to this app")

    return _asked(subject, ask, Verdict.NOTE)


def _reccobeats(settings: Settings) -> Check:
    subject = "ReccoBeats"
    if not RECCOBEATS.is_wanted(settings.enrich):
        return Check(subject, Verdict.NOTE, f"not asked (ENRICH={settings.enrich})")

    def ask() -> Check:
        known = ReccoBeatsApi(settings.reccobeats_api_url).audio_features([KNOWN_TRACK])
        said = "answers" if known else "answers, but does not know the track it was asked for"
        return Check(subject, Verdict.OK, said)

    return _asked(subject, ask, Verdict.NOTE)


def _notifications(settings: Settings) -> Check:
    if settings.notify_url is None:
        said = "NOTIFY_URL is not set: failures and possible losses are in the log only"
        return Check("notifications", Verdict.NOTE, said)
    return Check("notifications", Verdict.OK, "NOTIFY_URL is set; no test message was sent")
