"""What a table remembers of a library that changes from day to day."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ingestion.library_history import Row, merge, present
from schemas.library_schemas import PLAYLISTS

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def on(day: int) -> datetime:
    return MONDAY + timedelta(days=day)


def playlist(playlist_id: str, name: str = "Kept", item: str = "{}") -> Row:
    return {"user_id": "me", "playlist_id": playlist_id, "playlist_name": name, "item": item}


def seen(row: Row) -> tuple[datetime, datetime, datetime | None]:
    return row["first_seen"], row["last_seen"], row["removed_at"]


def test_what_is_new_was_seen_first_and_last_now() -> None:
    merged = merge(PLAYLISTS, [], [playlist("a")], on(0))

    assert (merged.added, merged.removed, merged.changed) == (1, 0, 0)
    assert seen(merged.rows[0]) == (on(0), on(0), None)


def test_nothing_is_news_where_only_figures_within_the_item_moved() -> None:
    held = merge(PLAYLISTS, [], [playlist("a", item='{"popularity":1}')], on(0)).rows

    assert not merge(PLAYLISTS, held, [playlist("a", item='{"popularity":2}')], on(1)).is_news


def test_what_changed_is_reported_again_and_keeps_when_it_was_met() -> None:
    held = merge(PLAYLISTS, [], [playlist("a")], on(0)).rows

    merged = merge(PLAYLISTS, held, [playlist("a", "Renamed")], on(1))

    assert (merged.added, merged.removed, merged.changed) == (0, 0, 1)
    assert merged.rows[0]["playlist_name"] == "Renamed"
    assert seen(merged.rows[0]) == (on(0), on(1), None)


def test_what_went_stays_as_it_was_and_says_since_when_it_is_gone() -> None:
    held = merge(PLAYLISTS, [], [playlist("a"), playlist("b")], on(0)).rows

    merged = merge(PLAYLISTS, held, [playlist("b")], on(1))
    later = merge(PLAYLISTS, merged.rows, [playlist("b")], on(2))

    assert (merged.added, merged.removed, merged.changed) == (0, 1, 0)
    assert {row["playlist_id"]: seen(row) for row in merged.rows} == {
        "a": (on(0), on(0), on(1)),
        "b": (on(0), on(1), None),
    }
    assert not later.is_news


def test_what_comes_back_is_gone_no_longer() -> None:
    held = merge(PLAYLISTS, [], [playlist("a")], on(0)).rows
    held = merge(PLAYLISTS, held, [], on(1)).rows

    merged = merge(PLAYLISTS, held, [playlist("a")], on(2))

    assert (merged.added, merged.removed, merged.changed) == (1, 0, 0)
    assert seen(merged.rows[0]) == (on(0), on(2), None)


@given(days=st.lists(st.frozensets(st.sampled_from("abcd")), min_size=1, max_size=8))
def test_whatever_comes_and_goes_the_table_shows_today_and_forgets_nothing(
    days: list[frozenset[str]],
) -> None:
    held: list[Row] = []
    for number, there in enumerate(days):
        merged = merge(PLAYLISTS, held, map(playlist, there), on(number))
        held = merged.rows if merged.is_news else held

        assert sorted(row["playlist_id"] for row in present(held)) == sorted(there)

    met = {each: number for number, there in reversed([*enumerate(days)]) for each in there}
    assert {row["playlist_id"]: row["first_seen"] for row in held} == {
        each: on(number) for each, number in met.items()
    }
    assert all(row["first_seen"] <= row["last_seen"] for row in held)
    assert all(row["last_seen"] < row["removed_at"] for row in held if row["removed_at"])
