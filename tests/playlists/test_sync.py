"""A rule's playlist at the stand-in holds what the rule wants, whatever happens on the way."""

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from clients.errors import ApiError, RateLimitedError
from clients.http import JsonSession
from demo.spotify_faults import Fault, hung_up, rate_limited, server_error
from playlists.edits import Edits
from playlists.rule_sync import MappedElsewhereError, map_playlist
from schemas.library_schemas import PLAYLISTS
from schemas.playlist_schemas import PLAYLIST_MAPPINGS, PLAYLIST_SYNCS
from tests.playlists.conftest import IDS, SLUG, Person, uri
from tests.report.small_lakes import put

WRITES = ("POST", "PUT", "DELETE")


def test_a_new_playlist_is_private_and_takes_few_calls(person: Person) -> None:
    outcome = person.sync(*range(500))

    assert person.numbers == [*range(500)]
    assert (person.playlist.is_public, person.playlist.name) == (False, "Never played")
    assert len(person.asked(*WRITES)) == outcome.writes == 6
    assert outcome.reads == len(person.asked("GET"))
    assert (outcome.status, outcome.added, outcome.item_count) == ("written", 500, 500)
    mapping = person.mapping()
    assert (mapping.status, mapping.item_count) == ("active", 500)
    assert mapping.playlist_id == person.playlist.playlist_id
    assert mapping.snapshot_id == person.spotify.state(person.playlist.playlist_id).snapshot_id
    assert person.syncs("status, writes, added, removed, item_count, snapshot_after") == [
        ("written", 6, 500, 0, 500, mapping.snapshot_id)
    ]


def test_nothing_changed_is_one_read_and_no_write(person: Person) -> None:
    person.sync(1, 2, 3)
    versions = [
        table.path(person.settings.data_dir).rglob("*.json")
        for table in (PLAYLIST_MAPPINGS, PLAYLIST_SYNCS)
    ]
    before = [[*each] for each in versions]

    outcome = person.sync(1, 2, 3)

    (asked,) = person.asked()
    assert (asked.method, asked.path) == ("GET", f"/v1/playlists/{person.playlist.playlist_id}")
    assert (outcome.status, outcome.reads, outcome.writes) == ("unchanged", 1, 0)
    after = [
        [*table.path(person.settings.data_dir).rglob("*.json")]
        for table in (PLAYLIST_MAPPINGS, PLAYLIST_SYNCS)
    ]
    assert after == before


def test_changes_take_a_call_each(person: Person) -> None:
    person.sync(*range(300))

    outcome = person.sync(*range(7), 400, *range(7, 290))

    assert person.numbers == [*range(7), 400, *range(7, 290)]
    assert len(person.asked(*WRITES)) == 2
    assert (outcome.added, outcome.removed) == (1, 10)


def test_no_track_stands_there_twice(person: Person) -> None:
    person.sync(1, 2, 1, 3, 2)
    assert person.numbers == [1, 2, 3]
    person.put([1, 2, 2, 3, 3, 3])

    person.sync(1, 2, 3)

    assert person.numbers == [1, 2, 3]


def test_a_rule_that_wants_nothing_empties_its_playlist(person: Person) -> None:
    person.sync(1, 2)
    person.sync()
    assert person.numbers == []
    assert person.sync().status == "unchanged"


def test_a_dry_run_writes_nothing_anywhere(person: Person) -> None:
    outcome = person.sync(1, 2, dry_run=True)
    assert (outcome.status, outcome.added) == ("planned", 2)
    assert person.account.playlists == {}
    assert not PLAYLIST_MAPPINGS.exists(person.settings.data_dir)
    person.sync(1, 2)
    before = person.mapping()

    outcome = person.sync(2, 3, 4, dry_run=True)

    assert (outcome.status, outcome.added, outcome.removed) == ("planned", 2, 1)
    assert person.asked(*WRITES) == []
    assert (person.numbers, person.mapping()) == ([1, 2], before)


def test_edits_by_hand_are_found_and_overwritten(person: Person) -> None:
    person.sync(1, 2, 3, 4)
    person.put([4, 1, 2, 9])

    outcome = person.sync(1, 2, 3, 4)

    assert outcome.edits == Edits((uri(9),), (uri(3),), is_reordered=True)
    assert person.numbers == [1, 2, 3, 4]
    edits = "edits_added, edits_removed, edits_reordered, keep_edits"
    assert person.syncs(edits)[-1] == (1, 1, True, False)


def keeping_edits(person: Person) -> None:
    playlist_id = person.playlist.playlist_id
    map_playlist(
        person.settings.data_dir, "me", SLUG, playlist_id, person.clock.now(), keep_edits=True
    )


def test_edits_by_hand_are_kept_where_the_mapping_says_so(person: Person) -> None:
    person.sync(1, 2, 3, 4)
    keeping_edits(person)
    person.put([1, 9, 2, 4])  # 9 added behind 1, 3 removed

    first = person.sync(1, 2, 3, 4)
    assert (first.status, first.writes) == ("edited", 0)
    assert first.edits == Edits((uri(9),), (uri(3),))
    assert person.numbers == [1, 9, 2, 4]
    person.sync(5, 1, 2, 3, 4)
    assert person.numbers == [5, 1, 9, 2, 4]
    assert person.sync(5, 1, 2, 3, 4).reads == 1
    person.sync(5, 3)
    assert person.numbers == [5, 9]
    person.put([5, 3])  # 9 removed again, 3 added again
    person.sync(5, 3, 9)
    assert person.numbers == [5, 3]


def test_an_order_by_hand_is_kept_where_the_mapping_says_so(person: Person) -> None:
    person.sync(1, 2, 3, 4)
    keeping_edits(person)
    person.put([4, 3, 2, 1])

    assert person.sync(1, 2, 3, 4).edits == Edits(is_reordered=True)
    person.sync(6, 1, 2, 4)

    assert person.numbers == [4, 2, 1, 6]


def test_an_edit_while_a_sync_writes_is_found(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.sync(1, 2)
    keeping_edits(person)
    request = JsonSession.request

    def edited_before_writing(self: JsonSession, method: str, url: str, **kwargs: Any) -> Any:
        if method in WRITES and IDS[9] not in person.playlist.track_ids:
            person.playlist.add(IDS[9], person.clock.now())
        return request(self, method, url, **kwargs)

    monkeypatch.setattr(JsonSession, "request", edited_before_writing)
    outcome = person.sync(1, 2, 3)

    assert outcome.edits.added == (uri(9),)
    assert sorted(person.numbers) == [1, 2, 3, 9]


def test_a_playlist_given_by_hand_is_written(person: Person) -> None:
    playlist = person.account.add_playlist("Mine")
    person.put([7, 8])
    now = person.clock.now()
    map_playlist(person.settings.data_dir, "me", SLUG, playlist.playlist_id, now, keep_edits=True)

    person.sync(1, 7)
    assert person.numbers == [1, 7, 8]
    map_playlist(person.settings.data_dir, "me", SLUG, playlist.playlist_id, now, keep_edits=False)
    person.sync(1, 2)
    assert person.numbers == [1, 2]
    with pytest.raises(MappedElsewhereError, match=SLUG):
        map_playlist(person.settings.data_dir, "me", "other", playlist.playlist_id, now)


def test_somebody_elses_playlist_cannot_be_synced(person: Person) -> None:
    theirs = person.account.add_playlist("Theirs", "friend")
    map_playlist(person.settings.data_dir, "me", SLUG, theirs.playlist_id, person.clock.now())

    with pytest.raises(ApiError, match="403"):
        person.sync(1)


def test_a_public_playlist_is_told(person: Person) -> None:
    playlist = person.account.add_playlist("Mine")
    playlist.is_public = True
    map_playlist(person.settings.data_dir, "me", SLUG, playlist.playlist_id, person.clock.now())

    with pytest.raises(ApiError, match="its playlist is public"):
        person.sync(1)
    playlist.is_public = False
    person.sync(1)
    assert person.numbers == [1]


# Deleted playlists.


def deleted(person: Person) -> None:
    person.playlist.is_followed = False


def purged(person: Person) -> None:
    person.account.playlists.clear()


@pytest.mark.parametrize("delete", [deleted, purged])
def test_a_deleted_playlist_ends_its_mapping(
    person: Person, delete: Callable[[Person], None]
) -> None:
    person.sync(1, 2)
    delete(person)

    outcome = person.sync(1, 2, 3)

    assert (outcome.status, outcome.writes) == ("ended", 0)
    assert (person.mapping().status, person.mapping().end_reason) == ("ended", "deleted at Spotify")
    assert person.syncs("status")[-1] == ("ended",)
    assert person.sync(1, 2, 3).status == "skipped"
    assert person.asked() == []
    former = {*person.account.playlists}
    assert person.sync(1, 2, 3, is_asked_for=True).status == "written"
    assert len({*person.account.playlists} - former) == 1


def test_one_that_the_library_lacks_is_noticed_without_changes(person: Person) -> None:
    person.sync(1, 2)
    deleted(person)
    assert person.sync(1, 2).status == "unchanged"  # Spotify still shows it by its id
    row = {"user_id": "me", "playlist_id": person.playlist.playlist_id}
    removed_at = person.clock.now() + timedelta(seconds=1)
    put(person.settings.data_dir, PLAYLISTS, [{**row, "removed_at": removed_at}])

    assert person.sync(1, 2).status == "ended"


# What goes wrong on the way.


class Killed(BaseException):
    """The process was killed."""


def killed_at(monkeypatch: pytest.MonkeyPatch, number: int, *, after: bool) -> Callable[[], None]:
    """Have the request with this number kill the process, before or after it is carried out.

    Returns what ends that.
    """
    request, sent = JsonSession.request, 0

    def request_or_die(self: JsonSession, method: str, url: str, **kwargs: Any) -> Any:
        nonlocal sent
        sent += 1
        if sent == number and not after:
            raise Killed
        try:
            return request(self, method, url, **kwargs)
        finally:
            if sent == number:
                raise Killed

    monkeypatch.setattr(JsonSession, "request", request_or_die)
    return lambda: monkeypatch.setattr(JsonSession, "request", request)


@pytest.mark.parametrize(("after", "lag"), [(False, 0), (True, 0), (True, 3)])
def test_a_sync_killed_anywhere_is_finished_by_the_next(
    person: Person, monkeypatch: pytest.MonkeyPatch, after: bool, lag: int
) -> None:
    person.stand_in.web_api.playlists.lag = lag
    wishes = [[*range(102)], [*range(2, 9), 300, *range(12, 30)], [5, 4, 3, 2, 1]]
    for number in count(1, step=1 + lag):
        person.account.playlists.clear()
        person.memory.clear()
        revive = killed_at(monkeypatch, number, after=after)
        killed = None
        try:
            for numbers in wishes:
                killed = numbers
                person.quick_sync(*numbers)
        except Killed:
            revive()
        else:
            revive()
            break
        assert killed is not None
        person.quick_sync(*killed)
        assert (number, person.numbers) == (number, killed)  # of the only playlist
        outcome = person.quick_sync(*wishes[1])
        assert (person.numbers, outcome.edits) == (wishes[1], Edits())
        assert person.quick_sync(*wishes[1]).writes == 0
    assert number > 15


@pytest.mark.parametrize("after", [False, True])
def test_edits_are_kept_and_told_apart_when_syncs_are_killed(
    person: Person, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    for number in range(1, 9):
        person.account.playlists.clear()
        person.memory.clear()
        person.quick_sync(1, 2, 3)
        person.memory[SLUG] = person.memory[SLUG]._replace(keep_edits=True)
        person.put([1, 9, 2, 3])
        revive = killed_at(monkeypatch, number, after=after)
        with pytest.raises(Killed):
            while True:
                person.quick_sync(4, 1, 2)
                person.quick_sync(1, 2, 3)
        revive()
        person.quick_sync(5, 1, 2, 6)
        assert (number, person.numbers) == (number, [5, 1, 9, 2, 6])


FAULTS = [
    rate_limited(2),
    server_error(502),
    server_error(503, comes_late=True),
    hung_up(),
]


@pytest.mark.parametrize("lag", [0, 3])
@pytest.mark.parametrize("fault", FAULTS, ids=["429", "502", "late 503", "hung up"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_fault_on_the_way_leaves_no_track_and_no_playlist_twice(
    person: Person, fault: Fault, method: str, lag: int
) -> None:
    person.stand_in.web_api.playlists.lag = lag
    for wish in ([*range(150)], [3, 2, 1], [1, 3, 2], [3, 1, 4, 2]):
        person.stand_in.faults.add(fault, "/v1/", method=method)
        outcome = person.quick_sync(*wish)
        assert (person.numbers, outcome.edits) == (wish, Edits())  # of the only playlist
    person.stand_in.faults.clear()
    person.quick_sync(*wish)
    assert person.quick_sync(*wish).reads == 1


def test_a_killed_sync_is_finished_with_what_the_lake_kept(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (2, 5):  # in the creation of the playlist, and while tracks are added
        revive = killed_at(monkeypatch, number, after=True)
        with pytest.raises(Killed):
            person.sync(*range(250))
        revive()
    assert person.mapping().pending_uris is not None

    person.sync(*range(250))

    assert person.numbers == [*range(250)]
    assert person.syncs("status, edits_added") == [("written", 0)]


def test_a_long_wait_ends_a_sync_and_the_next_one_finishes_it(person: Person) -> None:
    person.sync(1)
    person.stand_in.faults.add(rate_limited(9000), method="POST", path="/v1/")

    with pytest.raises(RateLimitedError, match=re.escape("rate-limited by Spotify until")):
        person.sync(1, 2)
    person.sync(1, 2)

    assert person.numbers == [1, 2]


def test_two_rules_have_two_playlists(person: Person) -> None:
    person.sync(1, slug="one")
    person.sync(2, slug="two")
    person.sync(1, 3, slug="one")

    held = [each.track_ids for each in person.account.playlists.values()]
    assert sorted(map(len, held)) == [1, 2]
