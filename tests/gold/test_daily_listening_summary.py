"""Days of a few plays, worked out by hand, and of many, by plain SQL over the plays."""

import cmath
import random
from datetime import date
from typing import Any

import pytest

from schemas.summary_schemas import DAILY_LISTENING_SUMMARY
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


def release(track_id: str, popularity: int | None, *name_keys: str, genre: str = "pop") -> Row:
    """Return a row of ``silver.catalogue_tracks``."""
    return {
        "track_id": track_id,
        "track_genre": genre,
        "popularity": popularity,
        "name_keys": [*name_keys],
    }


def days(plays: list[Row], catalogue: list[Row] | None = None) -> list[dict[str, Any]]:
    """Return the days of plays, each of whose tracks has the id that a play has."""
    tracks = {(each["user_id"], each["track_key"], each.get("track_id")) for each in plays}
    names = ("user_id", "track_key", "track_id")
    return compute(
        "daily_listening_summary",
        {
            "silver.listening_with_features": numbered(plays),
            "silver.tracks": [dict(zip(names, track, strict=True)) for track in tracks],
            "silver.catalogue_tracks": catalogue or [],
        },
    )


def only_day(plays: list[Row], catalogue: list[Row] | None = None) -> dict[str, Any]:
    (row,) = days(plays, catalogue)
    return row


def test_a_day_by_hand() -> None:
    plays = [
        heard("2024-03-01 08:00", "One", "A", genre="pop", first_play=True),
        heard("2024-03-01 09:00", "One", "a", genre="pop"),
        heard("2024-03-01 10:00", "Two", "B", genre="rock", session_id="me-2"),
        heard("2024-03-01 11:00", "Three", "B", genre=None, session_id="me-2"),
        short("2024-03-01 12:00", "Four", "C", genre="jazz", session_id="me-3", first_play=True),
    ]

    row = only_day(plays)

    assert list(row) == DAILY_LISTENING_SUMMARY.given_names
    assert (row["user_id"], row["date"]) == ("me", date(2024, 3, 1))
    assert (row["total_plays"], row["counted_plays"]) == (5, 4)
    assert row["minutes"] == round(12 + 1 / 6, 6)
    assert (row["unique_tracks"], row["unique_artists"], row["unique_genres"]) == (3, 2, 2)
    # 'A' and 'a' are one artist. Both artists have two plays of six minutes: the least by name.
    assert (row["top_artist"], row["top_artist_plays"]) == ("A", 2)
    assert (row["top_track"], row["top_track_artist"], row["top_track_plays"]) == ("One", "A", 2)
    assert (row["top_genre"], row["top_genre_plays"]) == ("pop", 2)
    # The short play is of a third session and a new track, but not counted.
    assert (row["sessions"], row["new_tracks"]) == (2, 1)
    # Counts hold of any number of plays, means and shares do not.
    assert row["genre_known_plays"] == 3
    means = ("genre_diversity_score", "average_listening_hour", "listening_hour_concentration")
    assert [row[name] for name in means] == [None] * 3
    assert row["status"] == "too_few_data"
    assert row["reason"] == "4 plays of 30 s and more; 5 needed for means and shares"

    row = only_day([*plays, *plays])

    assert (row["counted_plays"], row["status"], row["reason"]) == (8, "ok", None)
    # p = 2/3 and 1/3: e^H = 3 / 2^(2/3).
    assert row["genre_known_plays"] == 6
    assert row["genre_diversity_score"] == pytest.approx(3 / 2 ** (2 / 3), abs=1e-6)
    assert row["average_listening_hour"] == pytest.approx(9.5, abs=1e-5)


def test_the_day_is_the_local_one() -> None:
    # Half past midnight an hour east of Greenwich: the day before in UTC.
    assert only_day([heard("2024-03-01 00:30")])["date"] == date(2024, 3, 1)


def test_the_mean_hour_goes_around_the_clock() -> None:
    times = {
        "midnight": ("23:00", "01:00"),
        "later": ("23:30", "01:30"),
        "opposite": ("08:00", "20:00"),
        "evening": ("20:00", "22:00"),
    }
    plays = [
        heard(f"2024-03-01 {at}", user_id=who)
        for who, both in times.items()
        for at in (*both, *both, *both)
    ]

    found = {row["user_id"]: row for row in days(plays)}

    hours = {who: row["average_listening_hour"] for who, row in found.items()}
    assert hours["opposite"] is None
    assert hours["later"] == pytest.approx(0.5, abs=1e-5)
    assert hours["evening"] == pytest.approx(21, abs=1e-5)
    assert min(hours["midnight"], 24 - hours["midnight"]) == pytest.approx(0, abs=1e-5)
    # Two points an hour from their mean: R = cos 15°.
    assert found["midnight"]["listening_hour_concentration"] == pytest.approx(0.965926, abs=2e-6)
    assert found["opposite"]["listening_hour_concentration"] == pytest.approx(0, abs=2e-6)


def test_a_session_past_midnight_is_one_of_both_days() -> None:
    plays = [
        heard("2024-03-01 23:50", session_id="me-1"),
        heard("2024-03-02 00:10", session_id="me-1"),
        heard("2024-03-02 12:00", session_id="me-2"),
    ]

    assert rows_of(days(plays), "date", "sessions") == {
        (date(2024, 3, 1), 1),
        (date(2024, 3, 2), 2),
    }


def test_of_equals_the_one_heard_longer_comes_first_then_the_least_name() -> None:
    longer = [
        heard("2024-03-01 08:00", "A", "A", genre="a"),
        heard("2024-03-01 09:00", "Z", "Z", genre="z", ms_played=180_001),
    ]
    equal = [
        heard("2024-03-02 08:00", "Z", "Z", genre="z"),
        heard("2024-03-02 09:00", "A", "A", genre="a"),
    ]

    tops = ("top_artist", "top_track", "top_track_artist", "top_genre")
    assert rows_of(days(longer + equal), "date", *tops) == {
        (date(2024, 3, 1), "Z", "Z", "Z", "z"),
        (date(2024, 3, 2), "A", "A", "A", "a"),
    }


def test_of_several_spellings_the_least_is_shown() -> None:
    plays = [
        heard("2024-03-01 08:00", "Song", "Abba", track_key="abba|song"),
        heard("2024-03-01 09:00", "SONG", "ABBA", track_key="abba|song"),
        heard("2024-03-01 10:00", "song", "abba", track_key="abba|song"),
    ]

    row = only_day(plays)

    assert (row["top_artist"], row["top_artist_plays"]) == ("ABBA", 3)
    assert (row["top_track"], row["top_track_artist"]) == ("SONG", "ABBA")


def test_diversity_is_the_number_of_equally_frequent_genres() -> None:
    people: dict[str, tuple[list[str | None], int | None]] = {
        "few": (["pop"] * 4, None),
        "same": (["pop"] * 5, 1),
        "even": (["pop", "rock", "jazz", "folk"] * 3, 4),
        "none": ([None] * 9, None),
    }
    plays = [
        heard(f"2024-03-01 08:{n:02}", user_id=person, genre=genre)
        for person, (genres, _) in people.items()
        for n, genre in enumerate(genres)
    ]

    found = dict(rows_of(days(plays), "user_id", "genre_diversity_score"))

    assert (found.pop("none"), found.pop("few")) == (None, None)
    assert found == pytest.approx({name: n for name, (_, n) in people.items() if n}, abs=1e-6)


def test_a_day_of_short_plays_has_no_top_and_no_mean() -> None:
    row = only_day([short("2024-03-01 08:00", genre="pop")])

    assert (row["total_plays"], row["counted_plays"], row["unique_genres"]) == (1, 0, 0)
    nulls = ("top_artist", "top_track", "top_genre", "top_artist_plays", "average_listening_hour")
    assert [row[name] for name in nulls] == [None] * 5
    assert (row["sessions"], row["mainstream_score"], row["status"]) == (0, None, "too_few_data")


def test_popularity_is_that_of_the_most_popular_release_by_id_or_name() -> None:
    plays = [
        heard("2024-03-01 08:00", "One", "A", track_id="1"),
        heard("2024-03-01 08:10", "Two", "A", track_id="2"),
        heard("2024-03-01 08:20", "Two", "A", track_id="2"),
        heard("2024-03-01 08:30", "Unknown", "A"),
        short("2024-03-01 08:40", "One", "A", track_id="1"),
    ]
    catalogue = [
        release("1", 40, "someone|else"),
        release("9", 10, "a|two"),
        release("8", 70, "a|two", "b|two"),
        release("7", None, "a|unknown"),
    ]

    row = only_day(plays + plays, catalogue)

    # Twice 40 + 70 + 70 over six of eight counted plays.
    assert (row["popularity_sum"], row["popularity_known_plays"]) == (360, 6)
    assert (row["mainstream_score"], row["mainstream_reason"]) == (60.0, None)


def test_a_popular_track_of_several_people_ids_and_genres_counts_once_a_play() -> None:
    plays = [
        heard("2024-03-01 08:00", "One", "A", track_id="1"),
        heard("2024-03-01 08:00", "One", "A", track_id="1", user_id="anna"),
        heard("2024-03-01 08:00", "One", "A", track_id="2", user_id="ben"),
    ]
    catalogue = [
        release("1", 60, "a|one", genre="pop"),
        release("1", 60, "a|one", genre="rock"),
        release("2", 20, "a|one"),
    ]

    assert rows_of(days(plays, catalogue), "user_id", "total_plays", "popularity_sum") == {
        ("me", 1, 60),
        ("anna", 1, 60),
        ("ben", 1, 60),
    }


def test_half_of_the_counted_plays_are_enough_for_a_mean_popularity() -> None:
    plays = [
        *(heard(f"2024-03-01 08:{n:02}", "One", "A") for n in range(5)),
        *(heard(f"2024-03-01 09:{n:02}", "Two", "A") for n in range(5)),
        short("2024-03-01 08:20", "Three", "A"),
    ]
    catalogue = [release("1", 40, "a|one")]

    assert only_day(plays, catalogue)["mainstream_score"] == 40.0
    row = only_day(plays[1:], catalogue)
    assert row["mainstream_score"] is None
    assert row["mainstream_reason"] == (
        "popularity known of 4 of 9 counted plays; half of them and at least 5 needed"
    )


def test_a_minority_of_known_popularities_has_no_mean() -> None:
    plays = [heard(f"2024-03-01 08:{n:02}", f"Song {n}", "A") for n in range(5)]
    catalogue = [release("1", 90, "a|song 0"), release("2", 80, "a|song 1")]

    row = only_day(plays, catalogue)

    assert (row["mainstream_score"], row["popularity_known_plays"]) == (None, 2)
    assert row["mainstream_reason"] == (
        "popularity known of 2 of 5 counted plays; half of them and at least 5 needed"
    )
    # The day's other numbers stand: its status is not that of a single one.
    assert (row["status"], row["reason"]) == ("ok", None)


def test_a_plain_count_finds_the_same() -> None:
    plays = random_plays()

    result = days(plays)

    assert by_sql(
        plays,
        f"""
        SELECT user_id, local_date, count(*), count_if(is_counted),
               round(sum(coalesce(ms_played, duration_ms)) / 60000, 6),
               count(DISTINCT track_key) FILTER (is_counted),
               count(DISTINCT {ARTIST}) FILTER (is_counted),
               count(DISTINCT genre) FILTER (is_counted),
               count(DISTINCT session_id) FILTER (is_counted),
               count_if(is_counted AND first_play)
        FROM plays GROUP BY user_id, local_date
        """,
    ) == rows_of(
        result,
        "user_id",
        "date",
        "total_plays",
        "counted_plays",
        "minutes",
        "unique_tracks",
        "unique_artists",
        "unique_genres",
        "sessions",
        "new_tracks",
    )
    for kind in ("artist", "track", "genre"):
        top = by_sql(
            plays, f"SELECT person, grouped, name, n FROM ({top_in_sql(kind, 'local_date')})"
        )
        shown = [row for row in result if row[f"top_{kind}"]]
        assert top == rows_of(shown, "user_id", "date", f"top_{kind}", f"top_{kind}_plays")


def test_plain_sums_find_the_same_mean_hours() -> None:
    plays = random_plays()

    found = [row for row in days(plays) if row["counted_plays"] >= 5]

    expected = by_sql(
        plays,
        """
        WITH clock AS (
            SELECT user_id, local_date,
                   2 * pi() * (epoch(played_at) + utc_offset_minutes * 60) / 86400 AS angle
            FROM plays WHERE is_counted
        )
        SELECT user_id, local_date, avg(cos(angle)), avg(sin(angle))
        FROM clock GROUP BY user_id, local_date HAVING count(*) >= 5
        """,
    )
    points = {(user, day): complex(x, y) for user, day, x, y in expected}
    rows = rows_of(
        found, "user_id", "date", "listening_hour_concentration", "average_listening_hour"
    )
    assert {row[:2] for row in rows} == points.keys()
    for user, day, concentration, hour in rows:
        point = points[user, day]
        assert concentration == pytest.approx(abs(point), abs=2e-6)
        assert (hour is None) == (abs(point) < 0.2)
        if hour is not None:
            shown = cmath.rect(1, hour * cmath.pi / 12)
            assert shown == pytest.approx(point / abs(point), abs=1e-5)


def test_the_order_of_the_rows_changes_nothing() -> None:
    plays = random_plays()
    known = [release(str(n), n, f"artist {n % 7}|song {n}") for n in range(30)]
    chance = random.Random(1)

    rows = days(plays, known)
    others = days(chance.sample(plays, len(plays)), chance.sample(known, len(known)))

    names = DAILY_LISTENING_SUMMARY.given_names
    assert rows_of(rows, *names) == rows_of(others, *names)
    assert any(row["status"] == "ok" for row in rows)
