"""Months of a few plays, worked out by hand, and of many, by plain SQL over the plays."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from gold.statistics.burn_in import BURN_IN_DAYS
from schemas.summary_schemas import MONTHLY_INSIGHTS
from tests.gold.play_samples import (
    ARTIST,
    Row,
    by_sql,
    heard,
    numbered,
    random_plays,
    rows_of,
    short,
    top_in_sql,
)
from tests.models import compute

pytestmark = pytest.mark.heavy


def months(
    plays: list[Row], popularity: dict[str, int] | None = None, spans: list[Row] | None = None
) -> list[dict[str, Any]]:
    """Return the months of plays; ``popularity`` of some track keys, ``spans`` of coverage."""
    tracks = {(each["user_id"], each["track_key"]) for each in plays}
    return compute(
        "monthly_insights",
        {
            "silver.listening_with_features": numbered(plays),
            "silver.listening_coverage": spans or [],
            "silver.tracks": [{"user_id": user, "track_key": key} for user, key in tracks],
            "silver.catalogue_tracks": [
                {"track_id": key, "track_genre": "pop", "popularity": value, "name_keys": [key]}
                for key, value in (popularity or {}).items()
            ],
        },
    )


def by_month(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    found = {row["month"]: row for row in rows}
    assert len(found) == len(rows)
    return found


def every_day(first: date, last: date, plays: int = 1) -> list[Row]:
    """Return so many plays on every day from the first to the last."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [heard(f"{day} {8 + n:02}:00") for day in days for n in range(plays)]


def test_growth_is_from_one_complete_month_to_the_next() -> None:
    plays = [
        *every_day(date(2024, 1, 15), date(2024, 2, 29), plays=2),
        *every_day(date(2024, 3, 1), date(2024, 4, 10), plays=3),
    ]

    result = months(plays)
    found = by_month(result)

    assert list(result[0]) == MONTHLY_INSIGHTS.given_names
    assert {
        month: (row["total_plays"], row["days_covered"], row["is_complete"], row["active_days"])
        for month, row in found.items()
    } == {
        "2024-01": (34, 17, False, 17),
        "2024-02": (58, 29, True, 29),
        "2024-03": (93, 31, True, 31),
        "2024-04": (30, 10, False, 10),
    }
    # 93 plays after 58. January and April are known in part, and compared with nothing.
    assert {month: row["plays_growth_rate"] for month, row in found.items()} == {
        "2024-01": None,
        "2024-02": None,
        "2024-03": round((93 / 58 - 1) * 100, 6),
        "2024-04": None,
    }
    assert [found[f"2024-0{n}"]["plays_per_day"] for n in (1, 2, 3, 4)] == [2.0, 2.0, 3.0, 3.0]


def test_a_month_after_a_silent_one_has_no_growth() -> None:
    plays = [heard("2024-01-01 08:00"), heard("2024-01-31 08:00"), heard("2024-03-31 08:00")]

    found = by_month(months(plays))

    assert sorted(found) == ["2024-01", "2024-03"]
    assert all(row["is_complete"] for row in found.values())
    assert found["2024-03"]["plays_growth_rate"] is None


def test_growth_of_a_handful_of_plays_is_none() -> None:
    """One play in January and 430 in February are no growth of 42,900 %."""
    plays = [
        heard("2024-01-01 08:00"),
        *every_day(date(2024, 2, 1), date(2024, 2, 29), plays=14),
        *every_day(date(2024, 3, 1), date(2024, 3, 31)),
    ]

    found = by_month(months(plays))

    assert (found["2024-01"]["is_complete"], found["2024-02"]["is_complete"]) == (True, True)
    assert found["2024-02"]["plays_growth_rate"] is None
    # After many plays, few are a decline that can be shown.
    assert found["2024-03"]["plays_growth_rate"] == round((31 / 406 - 1) * 100, 6)


def covered(*spans: tuple[str, str]) -> list[Row]:
    """Return rows of ``silver.listening_coverage``, from one local date to another."""
    return [
        {
            "user_id": "me",
            "begins_at": datetime.fromisoformat(first).replace(tzinfo=UTC),
            "ends_at": datetime.fromisoformat(last).replace(tzinfo=UTC),
            "first_date": date.fromisoformat(first),
            "last_date": date.fromisoformat(last),
        }
        for first, last in spans
    ]


def test_what_no_source_covers_is_neither_complete_nor_compared() -> None:
    plays = [
        *every_day(date(2023, 1, 1), date(2023, 6, 10), plays=2),
        *every_day(date(2023, 9, 21), date(2024, 2, 29), plays=2),
    ]
    spans = covered(("2023-01-01", "2023-06-10"), ("2023-09-21", "2024-02-29"))

    found = by_month(months(plays, spans=spans))

    # Of June and September ten days each are covered; July and August are not there at all.
    known = {
        month: (row["days_covered"], row["is_complete"], row["plays_per_day"])
        for month, row in found.items()
        if month in ("2023-05", "2023-06", "2023-09", "2023-10")
    }
    assert known == {
        "2023-05": (31, True, 2.0),
        "2023-06": (10, False, 2.0),
        "2023-09": (10, False, 2.0),
        "2023-10": (31, True, 2.0),
    }
    growth = {month: row["plays_growth_rate"] for month, row in found.items()}
    assert [growth[month] for month in ("2023-06", "2023-09", "2023-10")] == [None] * 3
    assert growth["2023-11"] == round((60 / 62 - 1) * 100, 6)
    # 90 days are known before April and before January, counted again from the unknown time on; in
    # June are fewer than 30 plays.
    with_share = [month for month, row in found.items() if row["discovery_share"] is not None]
    assert sorted(with_share) == ["2023-04", "2023-05", "2024-01", "2024-02"]


def test_december_goes_before_january() -> None:
    plays = [
        *every_day(date(2023, 12, 1), date(2023, 12, 31)),
        *every_day(date(2024, 1, 1), date(2024, 1, 31)),
    ]

    assert by_month(months(plays))["2024-01"]["plays_growth_rate"] == 0.0


def test_each_person_has_months_of_their_own() -> None:
    mine = every_day(date(2024, 1, 1), date(2024, 1, 31))
    annas = [each | {"user_id": "anna"} for each in every_day(date(2024, 2, 1), date(2024, 2, 29))]

    rows = rows_of(months(mine + annas), "user_id", "month", "is_complete", "plays_growth_rate")

    assert rows == {("me", "2024-01", True, None), ("anna", "2024-02", True, None)}


def test_a_month_by_hand() -> None:
    friday, saturday = "2024-03-01", "2024-03-02"
    plays = [
        heard(f"{friday} 23:00", "One", "A", genre="pop"),
        heard(f"{friday} 23:30", "One", "A", genre="pop"),
        heard(f"{saturday} 00:30", "Two", "B", genre="rock", ms_played=200_000),
        heard(f"{saturday} 01:00", "Two", "B", genre="rock"),
        short("2024-03-05 12:00", "Three", "C", genre="jazz"),
    ]

    popularity = {"a|one": 40, "b|two": 80}
    row = by_month(months(plays, popularity))["2024-03"]

    assert (row["total_plays"], row["counted_plays"], row["active_days"]) == (5, 4, 2)
    assert (row["unique_tracks"], row["unique_artists"], row["unique_genres"]) == (2, 2, 2)
    # Two plays each: what was heard longer comes first.
    assert (row["top_artist"], row["top_track"], row["top_track_artist"]) == ("B", "Two", "B")
    assert (row["top_genre"], row["top_genre_plays"], row["top_artist_plays"]) == ("rock", 2, 2)
    assert row["most_active_weekday"] == 6
    assert (row["popularity_known_plays"], row["sessions"]) == (4, 2)
    # Counts hold of any number of plays, means and shares do not.
    means = ("average_listening_hour", "listening_hour_concentration", "mainstream_score")
    assert [row[name] for name in means] == [None] * 3
    assert row["status"] == "too_few_data"
    assert row["reason"] == "4 plays of 30 s and more; 30 needed for means and shares"

    row = by_month(months(plays * 8, popularity))["2024-03"]

    assert (row["counted_plays"], row["status"], row["reason"]) == (32, "ok", None)
    # From 23:00 to 01:00: around midnight.
    assert row["average_listening_hour"] == pytest.approx(0, abs=1e-5)
    assert (row["mainstream_score"], row["mainstream_tendency"]) == (60.0, "moderate")


def test_a_tendency_is_a_score_in_a_word() -> None:
    scores = {"71": "high", "70": "moderate", "51": "moderate", "50": "niche"}
    plays = [
        heard("2024-03-01 08:00", user_id=score, track_key=score)
        for score in scores
        for _ in range(30)
    ]

    found = months(plays, {score: int(score) for score in scores})

    assert dict(rows_of(found, "user_id", "mainstream_tendency")) == scores


def test_without_popularities_there_is_no_tendency() -> None:
    row = by_month(months([heard("2024-03-01 08:00")] * 30))["2024-03"]

    assert (row["mainstream_score"], row["mainstream_tendency"]) == (None, None)
    assert row["mainstream_reason"] == (
        "popularity known of 0 of 30 counted plays; half of them and at least 30 needed"
    )
    # The month's other numbers stand: its status is not that of a single one.
    assert (row["status"], row["reason"]) == ("ok", None)


def test_discovery_is_shown_once_the_lake_knows_the_person() -> None:
    april = date(2024, 4, 1)
    long_enough, too_short = (april - timedelta(days=BURN_IN_DAYS - n) for n in (0, 1))
    plays = [
        heard("2024-04-02 08:00", "Three", first_play=True),
        *(heard(f"2024-04-02 09:{minute}", "One") for minute in range(10, 49)),
        short("2024-04-03 11:00", "Four", first_play=True),
    ]
    people = {"me": long_enough, "later": too_short}
    everything = [
        each | {"user_id": user}
        for user, day in people.items()
        for each in (heard(f"{day} 08:00", "One", first_play=True), *plays)
    ]

    rows = rows_of(months(everything), "user_id", "month", "new_tracks", "discovery_share")

    assert {row for row in rows if row[1] == "2024-04"} == {
        # One of 40 counted plays.
        ("me", "2024-04", 1, 0.025),
        ("later", "2024-04", 1, None),
    }
    assert {row[3] for row in rows if row[1] != "2024-04"} == {None}


def test_a_month_of_short_plays_has_no_top_and_no_busy_weekday() -> None:
    (row,) = months([short("2024-03-01 08:00", genre="pop", first_play=True)])

    assert (row["total_plays"], row["counted_plays"], row["active_days"]) == (1, 0, 0)
    assert (row["unique_tracks"], row["unique_genres"], row["sessions"]) == (0, 0, 0)
    assert (row["top_artist"], row["top_track"], row["top_genre"]) == (None, None, None)
    assert (row["most_active_weekday"], row["average_listening_hour"]) == (None, None)


def test_of_equal_weekdays_the_one_with_more_minutes_comes_first_then_the_first() -> None:
    plays = [
        # A Friday and a Saturday of March, a Monday and a Tuesday of April.
        heard("2024-03-01 12:00"),
        heard("2024-03-02 12:00", ms_played=180_001),
        heard("2024-04-02 12:00"),
        heard("2024-04-08 12:00"),
    ]

    found = rows_of(months(plays), "month", "most_active_weekday")

    assert found == {("2024-03", 6), ("2024-04", 1)}


def test_what_is_heard_on_several_days_is_one_thing_of_the_month() -> None:
    plays = [
        heard("2024-03-01 23:50", "One", "Abba", session_id="me-1", genre="pop"),
        heard("2024-03-02 00:10", "One", "ABBA", session_id="me-1", genre="pop"),
        heard("2024-03-02 00:20", "Two", "Zappa", session_id="me-1", genre="rock"),
        heard("2024-03-31 23:30", "Two", "Zappa", session_id="me-2", genre="rock"),
        # Still March in UTC, but April where the person lives.
        heard("2024-04-01 00:30", "Two", "Zappa", session_id="me-2", genre="rock"),
    ]
    plays[0] |= {"track_key": "abba|one"}
    plays[1] |= {"track_key": "abba|one", "ms_played": 200_000}

    found = by_month(months(plays))

    assert (found["2024-03"]["total_plays"], found["2024-04"]["total_plays"]) == (4, 1)
    assert [
        (row["unique_tracks"], row["unique_artists"], row["unique_genres"], row["sessions"])
        for row in (found["2024-03"], found["2024-04"])
    ] == [(2, 2, 2, 2), (1, 1, 1, 1)]
    # Two plays each, Abba's 20 s longer; written in two ways, the least comes first.
    march = found["2024-03"]
    assert (march["top_artist"], march["top_artist_plays"]) == ("ABBA", 2)
    assert (march["top_track"], march["top_track_artist"]) == ("One", "ABBA")


def test_a_plain_count_finds_the_same() -> None:
    plays = random_plays()

    result = months(plays)

    month = "strftime(local_date, '%Y-%m')"
    assert by_sql(
        plays,
        f"""
        WITH monthly AS (
            SELECT user_id, {month} AS month, min(local_date) AS first, max(local_date) AS last,
                   count(*) AS plays, count_if(is_counted) AS counted,
                   round(sum(coalesce(ms_played, duration_ms)) / 60000, 6),
                   count(DISTINCT track_key) FILTER (is_counted),
                   count(DISTINCT {ARTIST}) FILTER (is_counted),
                   count(DISTINCT genre) FILTER (is_counted),
                   count(DISTINCT session_id) FILTER (is_counted),
                   count(DISTINCT local_date) FILTER (is_counted),
                   count_if(is_counted AND first_play)
            FROM plays GROUP BY user_id, month
        ), person AS (
            SELECT user_id, min(first) AS first, max(last) AS last FROM monthly GROUP BY user_id
        ), whole AS (
            SELECT monthly.*, person.first <= (month || '-01')::DATE
                   AND person.last >= last_day((month || '-01')::DATE) AS is_complete
            FROM monthly JOIN person USING (user_id)
        )
        SELECT whole.* EXCLUDE (first, last),
               if(whole.is_complete AND before.is_complete AND before.plays >= 30,
                  round((whole.plays / before.plays - 1) * 100, 6), NULL)
        FROM whole LEFT JOIN whole AS before ON whole.user_id = before.user_id
        AND strftime((whole.month || '-01')::DATE - INTERVAL 1 DAY, '%Y-%m') = before.month
        """,
    ) == rows_of(
        result,
        "user_id",
        "month",
        "total_plays",
        "counted_plays",
        "minutes",
        "unique_tracks",
        "unique_artists",
        "unique_genres",
        "sessions",
        "active_days",
        "new_tracks",
        "is_complete",
        "plays_growth_rate",
    )
    for kind in ("artist", "track", "genre"):
        top = by_sql(plays, f"SELECT person, grouped, name, n FROM ({top_in_sql(kind, month)})")
        assert top == rows_of(result, "user_id", "month", f"top_{kind}", f"top_{kind}_plays")
    weekday = by_sql(plays, f"SELECT person, grouped, name FROM ({top_in_sql('weekday', month)})")
    assert weekday == rows_of(result, "user_id", "month", "most_active_weekday")


def test_the_order_of_the_plays_changes_nothing() -> None:
    plays = random_plays()
    popularity = {f"artist {n % 7}|song {n}": n for n in range(30)}

    rows = months(plays, popularity)
    others = months(random.Random(1).sample(plays, len(plays)), popularity)

    names = MONTHLY_INSIGHTS.given_names
    assert rows_of(rows, *names) == rows_of(others, *names)
    assert any(row["status"] == "ok" for row in rows)
