import dataclasses
import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from demo.catalogue import make_catalogue
from demo.draws import Floats
from demo.listener import Listener, make_listeners, simulate, simulate_all
from demo.rhythm import Stay

DAY = dt.timedelta(days=1)
# Known from a run; a change of any draw changes it, and the demo's files with it.
FIRST_PLAY = ("2024-01-01 10:09:03.786000+00:00", "6qutfHVGHqEOvk6nVSciav", 236360)


@pytest.fixture(scope="module")
def small_catalogue() -> pd.DataFrame:
    return make_catalogue(seed=3, n_artists=60, n_tracks=400)


def _person(seed: int = 4, zone: str = "Europe/Berlin", **changes: Any) -> Listener:
    listener = Listener(
        "someone", seed, dt.date(2024, 1, 1), dt.date(2025, 1, 1), 30.0,
        (Stay(dt.date(2024, 1, 1), zone, "DE"),),
    )  # fmt: skip
    return dataclasses.replace(listener, **changes)


def _hour_shares(played_at: "pd.Series[pd.Timestamp]", zone: str | dt.tzinfo) -> Floats:
    hours = played_at.dt.tz_convert(zone).dt.hour.to_numpy()
    return np.bincount(hours, minlength=24) / len(hours)


def _mean_hour(played_at: "pd.Series[pd.Timestamp]", zone: str | dt.tzinfo) -> float:
    """Return the mean hour of a day that is taken to begin at 4 h, when fewest listen."""
    local = played_at.dt.tz_convert(zone)
    return float(((local.dt.hour + local.dt.minute / 60 - 4) % 24).mean())


def _distance(one: Floats, other: Floats) -> float:
    """Return how far the running sums of two histograms lie apart, about their shift in hours."""
    return float(np.abs(np.cumsum(one) - np.cumsum(other)).sum())


def test_the_same_seed_gives_the_same_plays_and_another_does_not(
    small_catalogue: pd.DataFrame,
) -> None:
    first = simulate(_person(), small_catalogue)
    pd.testing.assert_frame_equal(first, simulate(_person(), small_catalogue))
    other = simulate(_person(seed=5), small_catalogue)
    assert list(first["track_id"][:50]) != list(other["track_id"][:50])


def test_the_stream_of_draws_has_not_changed(small_catalogue: pd.DataFrame) -> None:
    first = simulate(_person(), small_catalogue).iloc[0]
    assert (str(first["played_at"]), first["track_id"], first["ms_played"]) == FIRST_PLAY


def test_a_person_does_not_depend_on_who_else_is_simulated(small_catalogue: pd.DataFrame) -> None:
    people = make_listeners(3, 1, dt.date(2024, 1, 1), dt.date(2024, 3, 1))
    assert people[:2] == make_listeners(2, 1, dt.date(2024, 1, 1), dt.date(2024, 3, 1))
    together = list(simulate_all(people, small_catalogue))
    pd.testing.assert_frame_equal(together[2], simulate(people[2], small_catalogue))


@pytest.mark.parametrize("plays_per_day", [0.5, 30.0, 200.0])
def test_plays_follow_each_other_without_overlap(
    small_catalogue: pd.DataFrame, plays_per_day: float
) -> None:
    plays = simulate(_person(plays_per_day=plays_per_day), small_catalogue)
    assert (plays["started_at"].iloc[1:].array >= plays["played_at"].iloc[:-1].array).all()
    length_ms = (plays["played_at"] - plays["started_at"]).dt.total_seconds() * 1000
    assert (length_ms.round() >= plays["ms_played"]).all()
    assert plays["ms_played"].between(0, plays["duration_ms"]).all()


def test_sessions_have_gaps_of_more_than_half_an_hour(plays: pd.DataFrame) -> None:
    silence = (plays["started_at"] - plays["played_at"].shift()).dt.total_seconds() / 60
    assert not silence.between(15, 30.9).any()
    assert 6 < len(plays) / (silence > 30).sum() < 20


def test_all_plays_lie_within_the_history(plays: pd.DataFrame, listener: Listener) -> None:
    local = plays["played_at"].dt.tz_convert("America/Denver")
    assert local.iloc[-1] < pd.Timestamp(listener.end, tz="America/Denver")
    assert plays["started_at"].iloc[0] >= pd.Timestamp(listener.start, tz="Europe/Berlin")
    assert 30_000 <= len(plays) <= 40_000


@pytest.mark.parametrize(
    ("zone", "winter_hours"),
    [("Europe/Berlin", 1), ("America/Denver", -7), ("Australia/Sydney", 11)],
)
def test_the_local_day_stays_the_same_when_clocks_change(
    small_catalogue: pd.DataFrame, zone: str, winter_hours: int
) -> None:
    people = [_person(seed=seed, zone=zone) for seed in range(20)]
    played_at = pd.concat([*simulate_all(people, small_catalogue)])["played_at"]
    month = played_at.dt.month
    winter, summer = played_at[month.isin((1, 2, 12))], played_at[month.isin((6, 7, 8))]
    without_change = dt.timezone(dt.timedelta(hours=winter_hours))
    assert abs(_mean_hour(summer, zone) - _mean_hour(winter, zone)) < 0.35
    assert abs(_mean_hour(summer, without_change) - _mean_hour(winter, without_change)) > 0.6


def test_a_move_takes_rhythm_and_country_along(plays: pd.DataFrame, listener: Listener) -> None:
    moved = pd.Timestamp(listener.stays[1].since, tz="America/Denver")
    before = plays["played_at"] < moved - DAY
    after = (plays["played_at"] > moved + DAY) & (plays["conn_country"] != "PT")
    assert set(plays.loc[before, "conn_country"]) == {"DE"}
    assert set(plays.loc[after, "conn_country"]) == {"US"}
    at_home = _hour_shares(plays.loc[before, "played_at"], "Europe/Berlin")
    moved_rhythm = _hour_shares(plays.loc[after, "played_at"], "America/Denver")
    not_moved = _hour_shares(plays.loc[after, "played_at"], "Europe/Berlin")
    assert _distance(at_home, moved_rhythm) < 0.8
    assert _distance(at_home, not_moved) > 2.0
    assert listener.home_zone == "America/Denver"


def test_days_have_peaks_nights_are_quiet_and_weekends_start_late(plays: pd.DataFrame) -> None:
    at_home = plays[plays["conn_country"] == "US"]["played_at"].dt.tz_convert("America/Denver")
    day_off = at_home.dt.dayofweek >= 5
    workday = np.bincount(at_home[~day_off].dt.hour, minlength=24) / (~day_off).sum()
    weekend = np.bincount(at_home[day_off].dt.hour, minlength=24) / day_off.sum()
    assert workday[2:5].sum() < 0.06
    assert workday[7:10].max() > 1.2 * workday[12:15].mean()
    assert workday[17:22].max() > 1.2 * workday[12:15].mean()
    assert weekend[6:9].sum() < 0.5 * workday[6:9].sum()


def test_a_holiday_is_quiet_and_abroad(plays: pd.DataFrame, listener: Listener) -> None:
    holiday = listener.stays[2].since
    day = plays["played_at"].dt.tz_convert("Europe/Lisbon").dt.date
    during = ((day > holiday) & (day < holiday + 13 * DAY)).sum() / 12
    around = (day > holiday - 60 * DAY) & (day < holiday + 75 * DAY)
    assert during < 0.5 * around.sum() / 134
    assert (plays.loc[(day > holiday) & (day < holiday + 13 * DAY), "conn_country"] == "PT").all()


def test_shares_of_skips_repeats_and_rarities(plays: pd.DataFrame) -> None:
    repeats = plays["track_id"] == plays["track_id"].shift()
    assert 0.10 < plays["skipped"].mean() < 0.25
    assert 0.02 < repeats.mean() < 0.12
    assert 0.001 < (plays["media_type"] == "episode").mean() < 0.02
    assert 5 < (plays["media_type"] == "video").sum() < 200
    assert 0.005 < plays["offline"].mean() < 0.06
    assert 0.005 < plays["incognito"].mean() < 0.04
    assert 0 < (plays["ms_played"] == 0).sum() < 0.01 * len(plays)


def test_reasons_agree_with_what_happened(plays: pd.DataFrame) -> None:
    forward = plays[plays["reason_end"] == "fwdbtn"]
    assert forward["skipped"].all()
    assert forward["ms_played"].median() < 15_000
    done = plays[plays["reason_end"] == "trackdone"]
    assert (done["ms_played"] == done["duration_ms"]).all()
    assert not done["skipped"].any()
    after_skip = plays["reason_end"].shift() == "fwdbtn"
    assert (plays.loc[after_skip, "reason_start"] == "fwdbtn").all()


def test_platforms_change_over_the_years(plays: pd.DataFrame) -> None:
    third = len(plays) // 4
    assert not set(plays["platform"][:third]) & set(plays["platform"][-third:])


def test_favourites_come_and_go(plays: pd.DataFrame) -> None:
    music = plays[plays["media_type"] == "track"]
    week = music["played_at"].dt.tz_localize(None).dt.to_period("W")
    top = music.groupby(week)["artist_name"].agg(lambda artists: artists.mode()[0])
    assert 12 < top.nunique() < 120
    assert (top == top.shift()).mean() > 0.2
    first_month = music["played_at"] < music["played_at"].iloc[0] + 30 * DAY
    last_month = music["played_at"] > music["played_at"].iloc[-1] - 30 * DAY
    known = set(music.loc[first_month, "artist_name"])
    assert (~music.loc[last_month, "artist_name"].isin(known)).mean() > 0.1


def test_music_is_calmer_and_lower_late_at_night(
    plays: pd.DataFrame, catalogue: pd.DataFrame
) -> None:
    music = plays[(plays["conn_country"] == "US") & (plays["media_type"] != "episode")]
    features = catalogue.drop_duplicates("track_id").set_index("track_id")
    hour = music["played_at"].dt.tz_convert("America/Denver").dt.hour.to_numpy()
    for name in ("energy", "valence"):
        values = features[name].loc[music["track_id"]].to_numpy()
        by_day = values[(hour >= 15) & (hour < 20)].mean()
        at_night = values[(hour >= 0) & (hour < 5)].mean()
        assert 0.15 < (by_day - at_night) / values.std() < 0.9


def test_about_a_quarter_of_what_is_heard_is_not_in_the_csv(
    plays: pd.DataFrame, catalogue: pd.DataFrame
) -> None:
    heard = set(plays.loc[plays["media_type"] != "episode", "track_id"])
    tracks = catalogue.drop_duplicates("track_id").set_index("track_id").loc[sorted(heard)]
    missing = tracks[~tracks["in_csv"]]
    assert 0.22 < len(missing) / len(tracks) < 0.33
    known_artists = set(catalogue.loc[catalogue["in_csv"], "album_artist_name"])
    by_known = missing["album_artist_name"].isin(known_artists).mean()
    assert 0.6 < by_known < 0.99


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"end": dt.date(2024, 1, 1)}, "end must be after start"),
        ({"plays_per_day": 0.0}, "plays_per_day"),
        ({"plays_per_day": 201.0}, "plays_per_day"),
        ({"stays": ()}, "stays"),
        ({"stays": (Stay(dt.date(2024, 1, 2), "Europe/Berlin", "DE"),)}, "stays"),
    ],
)
def test_impossible_people_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _person(**changes)
