"""The lists of one person: what to play, in which order, and why, as text.

NumPy and pandas only. The order of the functions is that of ``TRACK_RECOMMENDATIONS``' purposes.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from gold.recommendations.explanations import day, how_many, season_name, times
from gold.recommendations.known_tracks import CatalogueOfPerson
from gold.recommendations.listener import CURRENT_DAYS, SHOWN_SOUND, NoListError, Person
from gold.recommendations.ranking_metrics import Codes, Floats
from gold.recommendations.ranking_models import (
    Hashes,
    Past,
    best,
    chances,
    novel_list,
    repeat_list,
    strength,
)
from gold.recommendations.sound_steps import MIN_TRACKS, SOUND, STEPS, TARGETS, is_there, steps
from gold.recommendations.works import by_work
from gold.statistics.feature_shares import GROUNDED_SOURCES, SOURCE_OF_SHARE
from schemas.shared_numbers import MIN_PLAYS
from schemas.statuses import NO_SKILL, OK, TOO_FEW_DATA
from silver.names.exact_numbers import DECIMALS

LOVED_PLAYS = 10
SILENT_DAYS = 180
MAX_STEP_TRACKS = 1000


def recommend(history: pd.DataFrame, songs: pd.DataFrame, quality: pd.DataFrame) -> pd.DataFrame:
    """Return the lists of one person: the columns of ``TRACK_RECOMMENDATIONS``.

    ``history``: their rows of ``track_history``, at least one; ``songs``: of ``unheard_songs``;
    ``quality``: of ``gold.recommendation_quality``. A purpose without a list has one row of rank 0
    with status and reason. What is from the catalogue has no names yet, and the catalogue's genre
    in ``listed_genre``.
    """
    user_id = str(history["user_id"].iloc[0])
    person = Person(
        user_id,
        history.sort_values("track_key", ignore_index=True),
        by_work(history),
        songs.sort_values("name_key", ignore_index=True),
        quality,
    )
    makers: dict[str, Callable[[Person], pd.DataFrame]] = {
        "repeat": _repeat,
        "rediscover": _rediscover,
        "discover": _discover,
        **{purpose: partial(_steps, purpose=purpose) for purpose in TARGETS},
    }
    lists = []
    for purpose, make in makers.items():
        try:
            if person.past.plays.sum() < MIN_PLAYS:
                raise NoListError(
                    TOO_FEW_DATA, f"{person.past.plays.sum()} plays; {MIN_PLAYS} needed"
                )
            found = _with_sound(person, make(person))
        except NoListError as nothing:
            found = pd.DataFrame([{"rank": 0, "status": nothing.status, "reason": nothing.reason}])
        lists.append(found.assign(user_id=user_id, purpose=purpose))
    # Through objects: columns that hold nothing in one list have no type of their own there.
    return pd.concat([each.astype(object) for each in lists], ignore_index=True)


def _repeat(person: Person) -> pd.DataFrame:
    model, status, reason = person.shipped("repeat")
    offered = person.is_offered
    chance = _chance(person, person.known.hashes)
    chosen, scores = repeat_list(model, person.past.where(offered), chance[offered])
    found = person.tracks[offered].iloc[chosen]
    why = [
        f"{times(plays)}, {how_many(recent, plays)}in your last 4 weeks"
        if recent
        else f"{times(plays)}, last on {day(last)}"
        for plays, recent, last in _each(found, "plays", "plays_28", "last_date")
    ]
    return _list(found, scores, why, model).assign(status=status, reason=reason)


def _rediscover(person: Person) -> pd.DataFrame:
    is_silent = person.tracks["silent_days"].to_numpy(dtype=np.int64) >= SILENT_DAYS
    is_lost = (person.past.plays >= LOVED_PLAYS) & is_silent & person.is_offered
    lost = np.flatnonzero(is_lost)
    if len(lost) == 0:
        raise NoListError(
            TOO_FEW_DATA,
            f"no track with {LOVED_PLAYS} plays has been silent for {SILENT_DAYS} days",
        )
    scores = person.past.plays[lost].astype(np.float64)
    top = best(scores, (person.past.last_day[lost],))
    found = person.tracks.iloc[lost[top]]
    why = [
        f"{times(plays)}, most of them in {season_name(season)}, not since {day(last)}"
        for plays, season, last in _each(found, "plays", "season_number", "last_date")
    ]
    return _list(found, scores[top], why, "most_played_silent").assign(status=OK, reason=None)


def _discover(person: Person) -> pd.DataFrame:
    known, past = person.known, person.past
    catalogue = CatalogueOfPerson.of(person.songs.assign(track_key=None), known)
    artists, genres = known.of_artists(past), known.of_genres(past)
    is_heard = np.zeros(len(person.songs), dtype=np.bool_)
    pool = catalogue.candidates.pool(is_heard, artists.plays > 0)
    if len(pool) == 0:
        raise NoListError(TOO_FEW_DATA, "the catalogue has no track that you never heard")
    model, status, reason = person.shipped("novel")
    chance = _chance(person, catalogue.hashes)
    chosen, scores = novel_list(model, pool, catalogue.candidates, artists, genres, chance)
    found = person.songs.iloc[chosen].rename(columns={"name_key": "track_key"})
    found["feature_source"] = found["valence"].map(
        lambda value: None if pd.isna(value) else "kaggle"
    )
    why = _why_discover(person, catalogue, artists, genres, chosen)
    return _list(found, scores, why, model).assign(
        status=status, reason=reason, listed_genre=found["track_genre"].to_numpy()
    )


def _why_discover(
    person: Person, catalogue: CatalogueOfPerson, artists: Past, genres: Past, chosen: Codes
) -> list[str]:
    """Name the artist of each where heard, else its genre."""
    candidates = catalogue.candidates
    by_chosen = np.isin(person.known.artist, candidates.artist[chosen])
    spelled = person.tracks[["artist_name"]].assign(artist=person.known.artist)[by_chosen].dropna()
    names = spelled.groupby("artist")["artist_name"].min().to_dict()
    why = []
    for each in chosen.tolist():
        artist, genre = int(candidates.artist[each]), int(candidates.genre[each])
        popularity = f"popularity {candidates.popularity[each]} of 100"
        if artist >= 0 and artists.plays[artist] > 0:
            name = names.get(artist, person.known.artists[artist])
            why.append(f"by {name}, whom you {times(int(artists.plays[artist]))}")
        elif genre >= 0 and genres.plays[genre] > 0:
            heard = times(int(genres.plays[genre]))
            why.append(
                f"of the genre {person.known.genres[genre]}, which you {heard}; {popularity}"
            )
        else:
            why.append(f"one of the best known songs that you never heard, {popularity}")
    return why


def _steps(person: Person, purpose: str) -> pd.DataFrame:
    target, current = TARGETS[purpose], person.current
    has_sound = person.tracks[list(SOUND)].notna().all(axis=1).to_numpy()
    is_played = person.is_offered & (person.past.plays > 0)
    usable = np.flatnonzero(person.is_grounded & has_sound & is_played)
    if len(usable) < MIN_TRACKS:
        raise NoListError(
            TOO_FEW_DATA,
            f"{len(usable)} tracks that you played have measured or catalogue features; "
            f"{MIN_TRACKS} needed",
        )
    if is_there(target, current):
        raise NoListError(NO_SKILL, f"your last {CURRENT_DAYS} days have {target.words} already")
    most_played = best(
        person.past.plays[usable].astype(np.float64),
        (person.past.last_day[usable],),
        MAX_STEP_TRACKS,
    )
    usable = np.sort(usable[most_played])
    sounds = person.tracks[list(SOUND)].to_numpy(dtype=np.float64)[usable]
    rows, nearness = steps(target, current, sounds)
    found = person.tracks.iloc[usable[rows]]
    why = [
        f"song {place} of {STEPS} on the way to {target.words}; you {times(plays)}"
        for place, (plays,) in enumerate(_each(found, "plays"), start=1)
    ]
    relevance = strength(person.shipped("repeat")[0], person.past)[usable]
    relevant = best(relevance, (person.past.plays[usable],), STEPS)
    shifts = {"random": sounds.mean(axis=0), "relevance": sounds[relevant].mean(axis=0)}
    compared = {
        f"{name}_{feature}_shift": round(float(shift[place] - current[place]), DECIMALS)
        for name, shift in shifts.items()
        for place, feature in enumerate(SHOWN_SOUND)
    }
    return _list(found, nearness, why, "steps").assign(**compared, status=OK, reason=None)


def _list(found: pd.DataFrame, scores: Floats, why: list[str], model: str) -> pd.DataFrame:
    names = ("track_key", "track_id", "track_name", "artist_name", *SHOWN_SOUND, "feature_source")
    return (
        found.reindex(columns=list(names))
        .reset_index(drop=True)
        .assign(
            rank=np.arange(1, len(found) + 1),
            score=scores.round(DECIMALS),
            explanation=why,
            model=model,
        )
    )


def _with_sound(person: Person, found: pd.DataFrame) -> pd.DataFrame:
    """Add the predicted shift of each track, and where the features of the list are from."""
    is_grounded = found["feature_source"].isin(GROUNDED_SOURCES)
    for name, current in zip(SHOWN_SOUND, person.shown_current, strict=True):
        shift = (found[name].astype(np.float64) - current).round(DECIMALS)
        found[f"predicted_{name}_shift"] = shift.where(is_grounded)
    sources = found["feature_source"].dropna()
    for name, source in SOURCE_OF_SHARE.items():
        found[name] = round(float((sources == source).mean()), DECIMALS) if len(sources) else None
    return found


def _chance(person: Person, hashes: Hashes) -> Floats:
    return chances(hashes, f"{person.user_id}|track_recommendations")


def _each(found: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """Return the values of these columns, a tuple a row."""
    return list(found[list(columns)].itertuples(index=False, name=None))
