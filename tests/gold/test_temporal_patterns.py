"""Counts by local time, worked out by hand, and feature means only where they mean something."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gold.statistics.reasons import few_plays, mostly_synthetic
from schemas.gold_schemas import TEMPORAL_PATTERNS
from schemas.shared_numbers import ARTIST_DONOR_KEEPS, MIN_DAYS, MIN_GROUNDED_SHARE, MIN_PLAYS
from tests.models import compute
from tests.properties import at_most

pytestmark = pytest.mark.heavy

MONDAY = date(2024, 4, 1)
Row = dict[str, Any]


def play(**values: Any) -> Row:
    """Return a counted play on a Monday morning in spring, to vary."""
    row = {
        "user_id": "me",
        "track_key": "a|b",
        "artist_name": "A",
        "artist_key": "a",
        "ms_played": 60_000,
        "duration_ms": 200_000,
        "local_date": MONDAY,
        "hour_of_day": 7,
        "part_of_day": "morning",
        "day_of_week": 1,
        "season": "spring",
        "is_counted": True,
        "valence": 0.5,
        "energy": 0.25,
        "feature_source": "kaggle",
    }
    return row | values


def on(day: date, **values: Any) -> Row:
    season = ("winter", "spring", "summer", "autumn")[day.month % 12 // 3]
    return play(local_date=day, day_of_week=day.isoweekday(), season=season, **values)


def patterns(plays: list[Row]) -> list[Row]:
    return compute("temporal_patterns", {"silver.listening_with_features": plays})


def bucket(plays: list[Row], dimension: str, name: str) -> Row:
    (row,) = (
        row for row in patterns(plays) if (row["dimension"], row["bucket"]) == (dimension, name)
    )
    return row


def by_bucket(rows: list[Row], column: str, dimension: str | None = None) -> dict[Any, Any]:
    """Return a column by dimension and bucket, or by the buckets of one dimension."""
    found = {(row["dimension"], row["bucket"]): row[column] for row in rows}
    assert len(found) == len(rows)
    if dimension is None:
        return found
    return {name: value for (of, name), value in found.items() if of == dimension}


def test_every_dimension_counts_in_local_time() -> None:
    tuesday = play(
        local_date=MONDAY + timedelta(days=1),
        day_of_week=2,
        hour_of_day=23,
        part_of_day="night",
        track_key="c|d",
        ms_played=10_000,
        is_counted=False,
        skipped=True,
    )

    rows = patterns([play(skipped=False), play(), tuesday])

    assert list(rows[0]) == TEMPORAL_PATTERNS.given_names
    assert by_bucket(rows, "plays") == {
        ("hour", "07"): 2,
        ("hour", "23"): 1,
        ("weekday", "1"): 2,
        ("weekday", "2"): 1,
        ("weekday_hour", "1-07"): 2,
        ("weekday_hour", "2-23"): 1,
        ("part_of_day", "morning"): 2,
        ("part_of_day", "night"): 1,
        ("month", "04"): 3,
        ("season", "spring"): 3,
        ("year", "2024"): 3,
        ("year_month", "2024-04"): 3,
    }
    (year,) = (row for row in rows if row["dimension"] == "year")
    assert (year["counted_plays"], year["distinct_tracks"], year["active_days"]) == (2, 2, 2)
    # Both spellings are one artist; 60 s + 60 s + 10 s; of two known skips one was.
    assert year["distinct_artists"] == 1
    assert year["minutes"] == pytest.approx(130 / 60)
    assert (year["skip_known_plays"], year["skip_rate"]) == (2, 0.5)


def test_a_play_of_unknown_length_counts_with_the_length_of_its_track() -> None:
    row = bucket([play(ms_played=None, duration_ms=120_000)], "year", "2024")

    assert row["minutes"] == 2.0
    assert (row["skip_known_plays"], row["skip_rate"]) == (0, None)


def test_each_person_has_their_own_buckets() -> None:
    rows = patterns([play(), play(user_id="you", hour_of_day=8), play(user_id="you")])

    hours = {(row["user_id"], row["bucket"]): row for row in rows if row["dimension"] == "hour"}
    assert {key: row["plays"] for key, row in hours.items()} == {
        ("me", "07"): 1,
        ("you", "07"): 1,
        ("you", "08"): 1,
    }
    assert hours["me", "07"]["distinct_tracks"] == 1


def test_a_track_is_counted_once_in_every_time_it_was_heard_in() -> None:
    """The same track on Monday and Tuesday at 7 h, on Monday at 23 h, and in May of 2025."""
    night = {"hour_of_day": 23, "part_of_day": "night"}
    rows = patterns(
        [
            on(MONDAY),
            on(MONDAY, **night),
            on(MONDAY + timedelta(days=1)),
            on(date(2025, 5, 6)),
            on(MONDAY, track_key="c|d", artist_key=None, **night),
        ]
    )

    tracks = by_bucket(rows, "distinct_tracks")
    assert tracks == {
        ("hour", "07"): 1,
        ("hour", "23"): 2,
        ("weekday", "1"): 2,
        ("weekday", "2"): 1,
        ("weekday_hour", "1-07"): 1,
        ("weekday_hour", "1-23"): 2,
        ("weekday_hour", "2-07"): 1,
        ("part_of_day", "morning"): 1,
        ("part_of_day", "night"): 2,
        ("month", "04"): 2,
        ("month", "05"): 1,
        ("season", "spring"): 2,
        ("year", "2024"): 2,
        ("year", "2025"): 1,
        ("year_month", "2024-04"): 2,
        ("year_month", "2025-05"): 1,
    }
    # An unknown artist is none.
    assert set(by_bucket(rows, "distinct_artists").values()) == {1}
    days = by_bucket(rows, "active_days")
    assert (days["hour", "07"], days["hour", "23"], days["weekday", "2"]) == (3, 1, 2)
    assert (days["season", "spring"], days["year", "2024"], days["month", "05"]) == (3, 2, 1)


plays_anywhen = st.builds(
    on,
    st.dates(date(2022, 12, 20), date(2024, 3, 10)),
    user_id=st.sampled_from(["me", "you"]),
    hour_of_day=st.integers(0, 23),
    track_key=st.sampled_from("abc"),
    artist_key=st.sampled_from(["x", "y", None]),
    is_counted=st.booleans(),
    valence=st.sampled_from([0.5, None]),
)


@at_most(25)
@given(st.lists(plays_anywhen, min_size=1, max_size=30))
def test_distinct_values_are_those_of_the_plays_of_the_bucket(plays: list[Row]) -> None:
    for each in plays:
        each["part_of_day"] = "morning" if 5 <= each["hour_of_day"] < 12 else "evening"
    bucket_of: dict[str, Callable[[Row], str]] = {
        "hour": lambda each: f"{each['hour_of_day']:02}",
        "weekday": lambda each: str(each["day_of_week"]),
        "weekday_hour": lambda each: f"{each['day_of_week']}-{each['hour_of_day']:02}",
        "part_of_day": lambda each: each["part_of_day"],
        "month": lambda each: f"{each['local_date']:%m}",
        "season": lambda each: each["season"],
        "year": lambda each: f"{each['local_date']:%Y}",
        "year_month": lambda each: f"{each['local_date']:%Y-%m}",
    }
    expected: dict[tuple[str, str, str], list[Row]] = {}
    for each in plays:
        for dimension, name in bucket_of.items():
            expected.setdefault((each["user_id"], dimension, name(each)), []).append(each)

    found = {(row["user_id"], row["dimension"], row["bucket"]): row for row in patterns(plays)}

    assert found.keys() == expected.keys()
    for key, row in found.items():
        of_bucket = expected[key]
        featured = [each for each in of_bucket if each["is_counted"] and each["valence"]]
        assert row["distinct_tracks"] == len({each["track_key"] for each in of_bucket})
        assert row["distinct_artists"] == len({each["artist_key"] for each in of_bucket} - {None})
        assert row["active_days"] == len({each["local_date"] for each in of_bucket})
        days = len({each["local_date"] for each in featured})
        assert row["reason"].startswith(f"features of {len(featured)} plays on {days} days; ")


def enough(plays: int = MIN_PLAYS, days: int = 20, **values: Any) -> list[Row]:
    """Return a hundred plays over twenty days."""
    return [play(local_date=MONDAY + timedelta(days=n % days), **values) for n in range(plays)]


def test_enough_measured_plays_have_means() -> None:
    half = enough()[:50] + [each | {"valence": 1.0} for each in enough()[:50]]

    row = bucket(half, "hour", "07")

    assert (row["status"], row["reason"], row["n"]) == ("ok", None, 100)
    assert (row["mean_valence"], row["mean_energy"]) == (0.75, 0.25)
    assert (row["catalogue_share"], row["valence_contrast_kept"]) == (1.0, 1.0)


def test_shares_are_of_the_plays_that_have_features() -> None:
    sources = [
        *enough(50, feature_source="real"),
        *enough(30, feature_source="kaggle"),
        *enough(20, feature_source="synthetic"),
        *enough(40, feature_source=None, valence=None, energy=None),
    ]

    row = bucket(sources, "hour", "07")

    assert (row["plays"], row["n"]) == (140, 100)
    shares = ("measured_share", "catalogue_share", "synthetic_share")
    assert [row[name] for name in shares] == [0.5, 0.3, 0.2]


def test_short_plays_say_nothing_of_the_music() -> None:
    short = [each | {"is_counted": False, "valence": 1.0} for each in enough()]

    row = bucket(enough() + short, "hour", "07")

    assert (row["plays"], row["n"], row["mean_valence"]) == (200, 100, 0.5)


@pytest.mark.parametrize(("plays", "days"), [(MIN_PLAYS - 1, 20), (0, 0)])
def test_too_few_plays_have_no_mean(plays: int, days: int) -> None:
    silent = play(valence=None, energy=None, feature_source=None)

    row = bucket([*enough(plays), silent], "hour", "07")

    assert (row["status"], row["mean_valence"]) == ("too_few_data", None)
    assert row["reason"] == few_plays(plays, days)
    assert few_plays(99, 20) == "features of 99 plays on 20 days; 100 plays on 14 days needed"
    if plays == 0:
        assert row["measured_share"] is row["energy_contrast_kept"] is None


@pytest.mark.parametrize(("days", "status"), [(MIN_DAYS - 1, "too_few_data"), (14, "ok")])
def test_too_few_days_have_no_mean(days: int, status: str) -> None:
    assert bucket(enough(days=days), "hour", "07")["status"] == status


@pytest.mark.parametrize(
    ("made_up", "status"),
    [(MIN_PLAYS * MIN_GROUNDED_SHARE, "ok"), (51, "withheld")],
)
def test_half_of_the_features_must_be_grounded(made_up: float, status: str) -> None:
    borrowed = [each | {"feature_source": "synthetic"} for each in enough()[: int(made_up)]]

    assert bucket(borrowed + enough()[int(made_up) :], "hour", "07")["status"] == status


def test_mostly_synthetic_features_are_withheld_with_what_they_keep() -> None:
    made_up = {"feature_source": "synthetic"}
    artist = [each | made_up | {"feature_donor_level": "artist"} for each in enough()[:40]]
    anywhere = [each | made_up | {"feature_donor_level": "global"} for each in enough()[40:60]]

    row = bucket(enough()[60:] + artist + anywhere, "hour", "07")

    assert (row["status"], row["mean_valence"], row["mean_energy"]) == ("withheld", None, None)
    assert row["reason"] == mostly_synthetic(0.4)
    assert mostly_synthetic(0.4) == (
        "40% of the features measured or from the catalogue; 50% needed"
    )
    assert row["synthetic_share"] == pytest.approx(0.6)
    # p + d * b with p = .4 measured and d = .4 from the same artist.
    for name, keeps in ARTIST_DONOR_KEEPS.items():
        assert row[f"{name}_contrast_kept"] == pytest.approx(0.4 + 0.4 * keeps)
