"""The lists of a person: what may be in them, why it is there, and when there is none."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from engines.python_words import work_title
from gold.recommendations.explanations import season_name
from gold.recommendations.ranking_models import MODELS
from gold.recommendations.ranking_terms import BILLION, HALF_LIVES
from schemas.common_columns import CONTINUOUS_FEATURES
from schemas.recommendation_schemas import PURPOSES, TRACK_RECOMMENDATIONS
from tests.models import compute

pytestmark = pytest.mark.heavy

NEWEST = date(2024, 6, 30)
FEATURE_PURPOSES = ("calm", "lift", "focus")
Row = dict[str, Any]
Rows = list[Row]


def artist_of(title: str) -> str:
    """Return one of seven artists."""
    return f"Artist {sum(title.encode()) % 7}"


def track_plays(title: str, days_ago: Iterable[int], **values: Any) -> Rows:
    """Return a play of one track, at noon on each of these days before the newest play."""
    artist = artist_of(title)
    return [
        {
            "user_id": "me",
            "track_key": f"{artist.lower()}|{title}",
            "track_id": f"id-{title}",
            "track_name": title.title(),
            "artist_name": artist,
            "artist_key": artist.lower(),
            "is_counted": True,
            "local_date": NEWEST - timedelta(days=ago),
            "played_at": datetime(2024, 6, 30, 12, tzinfo=UTC) - timedelta(days=ago),
            "feature_source": "real",
            **dict.fromkeys(CONTINUOUS_FEATURES, 0.5),
        }
        | values
        for ago in days_ago
    ]


def library() -> Rows:
    """120 tracks of every valence and energy, played now and then, and a loud last week."""
    plays = []
    for number in range(120):
        sound = {"valence": number % 11 / 10, "energy": number % 13 / 12, "speechiness": 0.04}
        ago = range(10 + number % 30, 10 + number % 30 + 3 * (1 + number % 3), 3)
        plays += track_plays(f"song {number:03d}", ago, **sound, instrumentalness=number % 5 / 5)
    return plays + [
        each
        for ago in range(6)
        for number in range(5)
        for each in track_plays(f"loud {number}", [ago], valence=0.4, energy=0.9)
    ]


def tracks_of(plays: Rows) -> Rows:
    """Return the rows of ``silver.tracks``; names and features are those of the last play."""
    found: dict[tuple[str, str], Row] = {}
    for play in sorted(plays, key=lambda play: play["played_at"]):
        key = play["user_id"], play["track_key"]
        track = found.get(key, {"plays": 0})
        found[key] = play | {
            "work_key": f"{play['artist_key']}|{work_title(play['track_name'])}",
            "plays": track["plays"] + 1,
            "first_played_at": track.get("first_played_at", play["played_at"]),
            "last_played_at": play["played_at"],
        }
    return list(found.values())


def catalogue_row(artist: str, title: str, popularity: int, **values: Any) -> dict[str, Any]:
    key = f"{artist}|{title}".lower()
    return {
        "track_id": f"c-{key}",
        "track_genre": "pop",
        "popularity": popularity,
        "name_keys": [key],
        "work_keys": [f"{artist.lower()}|{work_title(title)}"],
        "artist_keys": [artist.lower()],
        "artists": f"{artist};Guest",
        "track_name": title,
        "valence": 0.9,
        "energy": 0.8,
    } | values


# Artists 0 to 6 are heard; so are two of their songs, one by another name under its id.
CATALOGUE = [
    *(catalogue_row(f"Artist {number % 7}", f"New {number:02d}", number) for number in range(35)),
    catalogue_row("Nobody", "Hit", 90),
    catalogue_row("Nobody", "Flop", 10),
    catalogue_row(artist_of("song 003"), "song 003", 99),
    catalogue_row("Artist 4", "Renamed", 98, track_id="id-song 004"),
]


def quality_rows(repeat: str = "popularity", status: str = "ok", novel_status: str = "ok") -> Rows:
    return [
        {
            "user_id": "me",
            "task": task,
            "model": model,
            "ships": model == shipped,
            "status": found,
            "reason": None if found == "ok" else "the reason",
            "weeks": 20,
            "n_test_plays": 500,
        }
        for task, shipped, found in (
            ("repeat", repeat, status),
            ("novel", "decayed_frequency_28", novel_status),
        )
        for model in MODELS
    ]


def recommended(
    plays: Rows,
    catalogue: Rows = CATALOGUE,
    quality: Rows | None = None,
    verdicts: Rows | None = None,
) -> Rows:
    made = compute(
        "track_recommendations",
        {
            "silver.listening_with_features": numbered(plays),
            "silver.tracks": tracks_of(plays),
            "silver.catalogue_tracks": catalogue,
            "bronze.kaggle_tracks_bronze": catalogue,
            "gold.recommendation_quality": quality_rows() if quality is None else quality,
            "ops.verdicts": verdicts or [],
        },
    )
    assert {tuple(row) for row in made} == {tuple(TRACK_RECOMMENDATIONS.given_names)}
    return made


def numbered(plays: Rows) -> Rows:
    return [{"play_id": str(number)} | play for number, play in enumerate(plays)]


def of_purpose(rows: Rows, purpose: str, user: str = "me") -> Rows:
    mine = (row for row in rows if (row["user_id"], row["purpose"]) == (user, purpose))
    return sorted(mine, key=lambda row: row["rank"])


@pytest.fixture(scope="module")
def lists() -> Rows:
    """Return a library, three songs of old, and somebody who has played next to nothing."""
    old = [
        *track_plays("lost", [*range(400, 415), *range(500, 505)]),
        *track_plays("lost but less", range(300, 310)),
        *track_plays("too few", range(300, 309)),
        *track_plays("skipped lately", range(300, 340)),
        *track_plays("skipped lately", [9], is_counted=False),
        *track_plays("glimpsed", [3] * 60, is_counted=False),
    ]
    newcomer = track_plays("first", range(5), user_id="newcomer")
    return recommended([*library(), *old, *newcomer])


def test_every_person_has_every_purpose_once_a_rank(lists: Rows) -> None:
    keys = [(row["user_id"], row["purpose"], row["rank"]) for row in lists]
    assert len(keys) == len(set(keys))
    assert {key[:2] for key in keys} == {
        (user, purpose) for user in ("me", "newcomer") for purpose in PURPOSES
    }
    for purpose in PURPOSES:
        ranks = [row["rank"] for row in of_purpose(lists, purpose)]
        assert ranks == list(range(1, len(ranks) + 1))
        assert len(ranks) <= 50


def test_somebody_new_is_shown_what_is_missing(lists: Rows) -> None:
    for purpose in PURPOSES:
        (row,) = of_purpose(lists, purpose, "newcomer")
        assert (row["rank"], row["status"]) == (0, "too_few_data")
        assert row["reason"] == "5 plays; 100 needed"
        assert row["track_key"] is None and row["score"] is None


def test_play_again_holds_only_heard_tracks_in_the_shipped_order(lists: Rows) -> None:
    repeat = of_purpose(lists, "repeat")
    assert len(repeat) == 50
    assert {row["model"] for row in repeat} == {"popularity"}
    assert {row["status"] for row in repeat} == {"ok"}
    # Skipped lately 40, lost 20, lost but less 10, too few 9, loud 6 each.
    assert [(row["track_name"], row["score"]) for row in repeat[:4]] == [
        ("Skipped Lately", 40),
        ("Lost", 20),
        ("Lost But Less", 10),
        ("Too Few", 9),
    ]
    assert [row["score"] for row in repeat[4:9]] == [6] * 5
    assert "Glimpsed" not in {row["track_name"] for row in repeat}
    assert repeat[4]["explanation"] == "played 6 times, all in your last 4 weeks"
    assert repeat[3]["explanation"] == "played 9 times, last on 4 September 2023"


def test_of_equal_plays_the_later_then_the_lower_key_goes_first(lists: Rows) -> None:
    loud = of_purpose(lists, "repeat")[4:9]
    assert [row["track_key"] for row in loud] == sorted(row["track_key"] for row in loud)


def test_rediscovered_is_what_was_loved_and_is_silent(lists: Rows) -> None:
    found = of_purpose(lists, "rediscover")
    assert [row["track_name"] for row in found] == ["Lost", "Lost But Less"]
    # 400 days before 30 June 2024; 15 plays up to mid-April 2023, 5 in February.
    assert found[0]["explanation"] == (
        "played 20 times, most of them in spring 2023, not since 27 May 2023"
    )
    assert found[1]["explanation"].endswith(
        "most of them in summer 2023, not since 4 September 2023"
    )


def test_discovered_is_never_heard(lists: Rows) -> None:
    found = of_purpose(lists, "discover")
    names = {row["track_name"] for row in found}
    assert names.isdisjoint({"song 003", "Song 003", "Renamed", "Flop"})
    # Three of each of the seven artists, the most popular ones, and the hit.
    assert names == {f"New {number:02d}" for number in range(14, 35)} | {"Hit"}
    by_known = [row for row in found if row["track_name"] != "Hit"]
    assert all(row["explanation"].startswith("by Artist ") for row in by_known)
    assert {row["artist_name"] for row in by_known} == {f"Artist {n}, Guest" for n in range(7)}
    (hit,) = [row for row in found if row["track_name"] == "Hit"]
    assert hit["explanation"] == (
        "one of the best known songs that you never heard, popularity 90 of 100"
    )
    assert {row["feature_source"] for row in found} == {"kaggle"}
    assert {row["catalogue_share"] for row in found} == {1.0}


def test_calm_goes_down_in_energy_and_keeps_the_rest(lists: Rows) -> None:
    calm = of_purpose(lists, "calm")
    assert len(calm) == 20
    shifts = [row["predicted_energy_shift"] for row in calm]
    # The last week: 30 plays at 0.9.
    assert calm[-1]["energy"] - 0.9 == pytest.approx(shifts[-1], abs=1e-6)
    assert shifts[-1] < -0.5 < shifts[0]
    assert calm[0]["random_energy_shift"] - 0.02 < sum(shifts) / 20 + 0.2
    assert abs(calm[-1]["predicted_valence_shift"]) < 0.2
    assert {row["measured_share"] for row in calm} == {1.0}
    assert calm[2]["explanation"].startswith(
        "song 3 of 20 on the way to a calmer sound; you played "
    )


def test_random_shift_is_that_of_the_mean_of_all_tracks(lists: Rows) -> None:
    heard: dict[str, float] = {}
    for each in library():
        heard[each["track_key"]] = each["valence"]
    heard |= dict.fromkeys(["lost", "less", "few", "skipped"], 0.5)
    expected = sum(heard.values()) / len(heard) - 0.4
    (shift,) = {row["random_valence_shift"] for row in of_purpose(lists, "lift")}
    assert shift == pytest.approx(expected, abs=1e-6)
    assert of_purpose(lists, "lift")[-1]["predicted_valence_shift"] > expected


def test_focus_ends_with_few_words(lists: Rows) -> None:
    assert {row["status"] for row in of_purpose(lists, "focus")} == {"ok"}
    assert {row["model"] for row in of_purpose(lists, "focus")} == {"steps"}


def without_measured(plays: Rows) -> Rows:
    return [each | {"feature_source": "synthetic"} for each in plays]


UNTOUCHED = ("track_key", "score", "rank", "explanation", "model", "status", "reason")


def test_without_measured_features_only_what_is_based_on_them_goes() -> None:
    plays = [*library(), *track_plays("lost", range(400, 415))]
    before = recommended(plays)
    after = recommended(without_measured(plays))
    for purpose in FEATURE_PURPOSES:
        assert len(of_purpose(before, purpose)) == 20
        (row,) = of_purpose(after, purpose)
        assert (row["rank"], row["status"]) == (0, "withheld")
        assert row["reason"] == (
            "0% of the features of the last 7 days' plays measured or from the catalogue; "
            "50% needed"
        )
        assert row["track_key"] is None and row["random_valence_shift"] is None
    for purpose in ("repeat", "rediscover", "discover"):
        kept = [
            [[row[name] for name in UNTOUCHED] for row in of_purpose(each, purpose)]
            for each in (before, after)
        ]
        assert kept[0] == kept[1]
        assert {row["predicted_valence_shift"] for row in of_purpose(after, purpose)} == {None}
        assert None not in {row["predicted_valence_shift"] for row in of_purpose(before, purpose)}


def recent_of(plays: Rows, numbers: str) -> Rows:
    return [each for each in plays if each["track_name"][-1] in numbers]


def test_half_measured_is_enough_and_less_is_not() -> None:
    plays = library()
    recent = [each for each in plays if each["track_name"].startswith("Loud")]
    older = [each for each in plays if not each["track_name"].startswith("Loud")]
    # Five tracks of six plays each in the last week: three of them, and two.
    two = [*recent_of(recent, "01"), *without_measured(recent_of(recent, "234"))]
    three = [*recent_of(recent, "012"), *without_measured(recent_of(recent, "34"))]
    enough = of_purpose(recommended([*older, *three]), "calm")
    assert {row["status"] for row in enough} == {"ok"}
    (row,) = of_purpose(recommended([*older, *two]), "calm")
    assert row["reason"].startswith("40% of the features of the last 7 days' plays")


def test_a_model_without_skill_is_not_shown_as_if_it_won() -> None:
    unproved = quality_rows("decayed_frequency_28", "no_skill", "too_few_data")
    rows = recommended(library(), quality=unproved)
    for purpose in ("repeat", "discover"):
        found = of_purpose(rows, purpose)
        assert len(found) > 1
        assert {(row["model"], row["status"]) for row in found} == {
            ("decayed_frequency_28", "no_skill")
        }
        assert {row["reason"] for row in found} == {
            "not shown to be better than a random list: the reason"
        }
    unmeasured = of_purpose(recommended(library(), quality=[]), "repeat")
    assert {row["reason"] for row in unmeasured} == {
        "how well these lists predict what you play could not be tested"
    }


def test_without_a_catalogue_there_is_nothing_to_discover() -> None:
    rows = recommended(library(), catalogue=[])
    (row,) = of_purpose(rows, "discover")
    assert (row["rank"], row["status"]) == (0, "too_few_data")
    assert row["reason"] == "the catalogue has no track that you never heard"
    assert len(of_purpose(rows, "repeat")) == 50


def test_people_get_lists_of_their_own_in_whatever_order_plays_come() -> None:
    plays = library()
    both = recommended([*({**each, "user_id": "you"} for each in plays), *reversed(plays)])
    alone = recommended(plays)
    assert sorted((row for row in both if row["user_id"] == "me"), key=str) == sorted(
        alone, key=str
    )
    assert {row["user_id"] for row in both} == {"me", "you"}


def test_what_is_from_the_catalogue_is_written_as_under_its_genre_there() -> None:
    """A release that stands under two genres is one song, in the writing of the first of them."""
    twice = [
        catalogue_row("Nobody", "Hit", 90, track_genre="rock", track_name="Hit (Rock)"),
        catalogue_row("Nobody", "Hit", 90, track_genre="jazz", track_name="Hit (Jazz)"),
    ]
    (hit,) = of_purpose(recommended(library(), twice), "discover")
    assert (hit["track_name"], hit["artist_name"]) == ("Hit (Jazz)", "Nobody, Guest")
    assert (hit["track_key"], hit["track_id"]) == ("nobody|hit", "c-nobody|hit")


def test_new_songs_of_a_heard_genre_say_so() -> None:
    genre = [each | {"genre": "pop"} for each in library()]
    (hit,) = of_purpose(recommended(genre, [catalogue_row("Nobody", "Hit", 90)]), "discover")
    plays = sum(1 for _ in genre)
    assert hit["explanation"] == (
        f"of the genre pop, which you played {plays} times; popularity 90 of 100"
    )


def test_of_an_artist_heard_for_seconds_only_the_well_known_songs_are_new() -> None:
    plays = [
        *library(),
        *(
            each | {"track_key": "b|x", "artist_key": "b", "is_counted": False}
            for each in library()
        ),
    ]
    catalogue = [catalogue_row("B", "Hit", 80), catalogue_row("B", "Flop", 70)]
    found = of_purpose(recommended(plays, catalogue), "discover")
    assert [row["track_name"] for row in found] == ["Hit"]


def test_no_work_is_new_twice_nor_that_was_heard_under_another_title() -> None:
    artist = artist_of("song 003")
    of_artist = [
        'Song 003 - From "Film"',
        "Song 003 (feat. Guest) - 2011 Remaster",
        "Fresh (feat. Guest)",
        "Fresh (feat.Guest)",
        "Fresh",
        "Fresh - Somebody Remix",
    ]
    catalogue = [catalogue_row(artist, title, 50 - n) for n, title in enumerate(of_artist)]
    # The same work of a film under the singer and under the composer.
    for singer, others in (("Singer", ["composer"]), ("Composer", ["singer"])):
        row = catalogue_row(singer, 'Tune - From "Film"', 80)
        keys = [f"{each}|tune" for each in (singer.lower(), *others)]
        catalogue.append(row | {"work_keys": keys})

    found = of_purpose(recommended(library(), catalogue), "discover")

    titles = {row["track_name"] for row in found}
    assert titles == {"Fresh (feat. Guest)", "Fresh - Somebody Remix", 'Tune - From "Film"'}
    assert len(found) == 3


def test_recordings_of_one_work_are_one_entry_of_a_list() -> None:
    plays = library()
    for title, ago in (
        ("old", [300] * 8),
        ("old - 2011 remaster", [290] * 6),
        ("alone", [300] * 9),
    ):
        plays += [
            each | {"artist_name": "A", "artist_key": "a", "track_key": f"a|{title}"}
            for each in track_plays(title, ago)
        ]

    lists = recommended(plays)

    # Fourteen plays of the work; nine of the other are too few to be missed.
    (lost,) = of_purpose(lists, "rediscover")
    assert (lost["track_key"], lost["score"]) == ("a|old", 14)
    assert "played 14 times" in lost["explanation"]
    # A work that was heard lately in another recording is not silent.
    again = [
        each | {"artist_name": "A", "artist_key": "a", "track_key": "a|old - live"}
        for each in track_plays("old - live", [2])
    ]
    (nothing,) = of_purpose(recommended([*plays, *again]), "rediscover")
    assert (nothing["rank"], nothing["status"]) == (0, "too_few_data")


def test_what_one_person_heard_is_new_to_another() -> None:
    plays = [
        *track_plays("song", [0], user_id="one"),
        *track_plays("other", [0], user_id="two", artist_key=artist_of("song").lower()),
    ]
    plays[1]["track_key"] = f"{artist_of('song').lower()}|other"
    catalogue = [
        *(catalogue_row(artist_of("song"), title, 30) for title in ("Song", "Other")),
        *(catalogue_row(artist_of("song"), f"New {number}", number) for number in range(4)),
        catalogue_row("Nobody", "Hit", 75),
    ]
    inputs = {
        "silver.listening_with_features": numbered(plays),
        "silver.tracks": tracks_of(plays),
        "silver.catalogue_tracks": catalogue,
    }
    found = compute("unheard_songs", inputs)
    titles = {
        user: sorted(row["name_key"].split("|")[1] for row in found if row["user_id"] == user)
        for user in ("one", "two")
    }
    # The three most popular of the artist that are left, and the hit.
    assert titles == {
        "one": ["hit", "new 2", "new 3", "other"],
        "two": ["hit", "new 2", "new 3", "song"],
    }


@pytest.mark.parametrize(
    ("kind", "key", "left"),
    [
        ("artist", "a", {"duet", "hit"}),
        # Whoever is named first.
        ("artist", "guest", {"hit", "one", "two"}),
        ("track", "a|one", {"duet", "hit", "two"}),
        ("track", "id:c-a|one", {"duet", "hit", "one", "two"}),
        ("album", "a|first", {"duet", "hit", "two"}),
        ("album", "b|first", {"duet", "hit", "one", "two"}),
        ("show", "a", {"duet", "hit", "one", "two"}),
    ],
)
def test_what_a_person_excluded_is_not_new_to_them(kind: str, key: str, left: set[str]) -> None:
    played = [
        *track_plays("song", [0], user_id="one", artist_key="a"),
        *track_plays("song", [0], user_id="two", artist_key="a"),
    ]
    catalogue = [
        catalogue_row("A", "One", 30),
        catalogue_row("A", "Two", 30),
        catalogue_row("B", "Duet", 90, artist_keys=["b", "guest"]),
        catalogue_row("Nobody", "Hit", 75),
    ]
    named = [
        {"track_id": each["track_id"], "track_genre": "pop", "album_name": album}
        for each, album in zip(catalogue, ("FIRST", "Second", "Other", "Other"), strict=True)
    ]
    found = compute(
        "unheard_songs",
        {
            "silver.listening_with_features": numbered(played),
            "silver.tracks": tracks_of(played),
            "silver.catalogue_tracks": catalogue,
            "bronze.kaggle_tracks_bronze": named,
            "ops.exclusions": [{"user_id": "one", "kind": kind, "item_key": key}],
        },
    )

    titles = {
        user: {row["name_key"].split("|")[1] for row in found if row["user_id"] == user}
        for user in ("one", "two")
    }
    assert titles == {"one": left, "two": {"duet", "hit", "one", "two"}}


def test_what_a_person_says_is_the_same_is_not_new_to_them() -> None:
    played = [
        *track_plays("song", [0], user_id="one", artist_key="a"),
        *track_plays("song", [0], user_id="two", artist_key="a"),
    ]
    titles = ("One", "Two", "Three", "Four")
    catalogue = [
        catalogue_row("B", "Song", 30),
        *(catalogue_row("B", each, 40 + place) for place, each in enumerate(titles)),
        catalogue_row("A", "Known", 20),
        catalogue_row("C", "Other Name", 90),
    ]
    heard = played[0]["track_key"]

    def same(kind: str, item_key: str, into_key: str) -> dict[str, Any]:
        return {"user_id": "one", "kind": kind, "item_key": item_key, "into_key": into_key}

    found = compute(
        "unheard_songs",
        {
            "silver.listening_with_features": numbered(played),
            "silver.tracks": tracks_of(played),
            "silver.catalogue_tracks": catalogue,
            "ops.corrections": [same("artist", "b", "a"), same("track", "c|other name", heard)],
        },
    )

    songs = {
        user: sorted((row["name_key"], row["artist"]) for row in found if row["user_id"] == user)
        for user in ("one", "two")
    }
    # Their songs are those of one artist: three of them, the heard one left out.
    assert songs["one"] == [("b|four", "a"), ("b|three", "a"), ("b|two", "a")]
    assert songs["two"] == [("a|known", "a"), ("c|other name", "c")]


def test_a_refused_track_is_in_no_list_again_under_whichever_title() -> None:
    lists = recommended(library(), CATALOGUE)
    before = {purpose: of_purpose(lists, purpose) for purpose in PURPOSES}
    offered = ("repeat", "discover", "calm", "lift", "focus")
    first = {purpose: before[purpose][0]["track_key"] for purpose in offered}
    answers = [
        {"user_id": "me", "track_key": key, "verdict": "no", "purpose": "repeat"}
        for key in {*first.values()}
    ]

    after = recommended(library(), CATALOGUE, verdicts=answers)

    assert not {row["track_key"] for row in after} & set(first.values())
    for purpose in ("repeat", "discover"):
        assert len(of_purpose(after, purpose)) >= len(before[purpose]) - len(answers)
    # What was heard still counts: the artist is as known as before.
    key = before["discover"][1]["track_key"]
    (one, other) = (
        next(row for row in of_purpose(each, "discover") if row["track_key"] == key)
        for each in (lists, after)
    )
    assert one["explanation"] == other["explanation"]


def test_a_refusal_holds_for_every_recording_of_the_work() -> None:
    plays = library()
    for title, ago in (("old", [300] * 8), ("old - 2011 remaster", [290] * 6)):
        plays += [
            each | {"artist_name": "A", "artist_key": "a", "track_key": f"a|{title}"}
            for each in track_plays(title, ago)
        ]
    refused = [{"user_id": "me", "track_key": "a|old - 2011 remaster", "verdict": "no"}]

    assert [row["track_key"] for row in of_purpose(recommended(plays), "rediscover")] == ["a|old"]
    (nothing,) = of_purpose(recommended(plays, verdicts=refused), "rediscover")
    assert (nothing["rank"], nothing["status"]) == (0, "too_few_data")


def test_a_welcome_track_is_not_new_again_and_may_be_repeated() -> None:
    lists = recommended(library(), CATALOGUE)
    new, old = (of_purpose(lists, each)[0]["track_key"] for each in ("discover", "repeat"))
    answers = [{"user_id": "me", "track_key": key, "verdict": "yes"} for key in (new, old)]
    another = [{"user_id": "you", "track_key": old, "verdict": "no"}]

    after = recommended(library(), CATALOGUE, verdicts=[*answers, *another])

    assert new not in {row["track_key"] for row in of_purpose(after, "discover")}
    assert of_purpose(after, "repeat")[0]["track_key"] == old


# What is known of each track.


def history(*plays: Row) -> dict[str, Row]:
    rows = compute(
        "track_history",
        {
            "silver.listening_with_features": numbered([*plays]),
            "silver.tracks": tracks_of([*plays]),
        },
    )
    assert len({row["track_key"] for row in rows}) == len(rows)
    return {row["track_name"]: row for row in rows}


def test_recent_plays_are_counted_from_the_newest_play_of_any_track() -> None:
    ages = (0, 6, 7, 27, 28, 200)
    (found,) = history(*track_plays("a", ages)).values()
    assert (found["plays"], found["plays_7"], found["plays_28"]) == (6, 2, 4)
    assert found["silent_days"] == 0
    assert found["last_date"] == NEWEST
    assert found["last_day"] == (NEWEST - date(1970, 1, 1)).days
    for half_life in HALF_LIVES:
        expected = sum(0.5 ** ((age + 1) / half_life) for age in ages)
        assert found[f"memory_{half_life}"] == pytest.approx(expected * BILLION, abs=len(ages))
    found = history(*track_plays("a", ages), *track_plays("b", [-5], is_counted=False))
    assert (found["A"]["plays_7"], found["A"]["silent_days"]) == (1, 5)


def test_short_plays_end_a_silence_and_count_for_nothing_else() -> None:
    plays = [*track_plays("a", [300, 301]), *track_plays("a", [2], is_counted=False)]
    found = history(*plays, *track_plays("b", [0]), *track_plays("c", [50], is_counted=False))
    assert (found["A"]["plays"], found["A"]["plays_28"], found["A"]["silent_days"]) == (2, 0, 2)
    assert found["A"]["last_day"] == (NEWEST - timedelta(days=300) - date(1970, 1, 1)).days
    assert found["A"]["last_date"] == NEWEST - timedelta(days=2)
    nothing = [found["C"][name] for name in ("plays", "last_day", "season_number", "memory_448")]
    assert nothing == [0, None, None, 0]


@pytest.mark.parametrize(
    ("days", "season"),
    [
        (["2023-12-01"], "winter 2023/24"),
        (["2024-02-29"], "winter 2023/24"),
        (["2024-03-01"], "spring 2024"),
        (["2024-08-31"], "summer 2024"),
        (["2023-09-01"], "autumn 2023"),
        # Of equal seasons the earlier one.
        (["2024-03-01", "2024-04-01", "2023-09-01", "2023-10-01", "2024-01-01"], "autumn 2023"),
    ],
)
def test_the_season_of_a_track_is_that_of_most_plays(days: list[str], season: str) -> None:
    ago = [(NEWEST - date.fromisoformat(day)).days for day in days]
    (found,) = history(*track_plays("a", ago)).values()
    assert season_name(found["season_number"]) == season
