"""What a row says of a play: when it was, whether it counts, which features its track has.

Instants around clock changes are worked out by hand from the zones' rules.
"""

from datetime import datetime
from typing import Any

import pytest

from schemas.silver_schemas import LISTENING_WITH_FEATURES
from tests.features.samples import SOUND
from tests.silver.histories import after_noon, features_of, listening, record

pytestmark = pytest.mark.heavy


def at(instant: str, **values: Any) -> dict[str, Any]:
    return record(played_at=datetime.fromisoformat(f"{instant}+00:00"), **values)


@pytest.mark.parametrize(
    ("timezone", "instant", "local_date", "hour", "offset", "weekday"),
    [
        # Berlin 2024: clocks go from 02:00 to 03:00 on 31 March, from 03:00 to 02:00 on 27 October.
        ("Europe/Berlin", "2024-03-31 00:59:59", "2024-03-31", 1, 60, 7),
        ("Europe/Berlin", "2024-03-31 01:00:00", "2024-03-31", 3, 120, 7),
        ("Europe/Berlin", "2024-10-27 00:30:00", "2024-10-27", 2, 120, 7),
        ("Europe/Berlin", "2024-10-27 01:30:00", "2024-10-27", 2, 60, 7),
        ("Europe/Berlin", "2024-10-27 02:00:00", "2024-10-27", 3, 60, 7),
        ("Europe/Berlin", "2024-12-31 23:30:00", "2025-01-01", 0, 60, 3),
        # Denver 2024: forward on 10 March at 09:00 UTC, back on 3 November at 08:00 UTC.
        ("America/Denver", "2024-03-10 08:59:59", "2024-03-10", 1, -420, 7),
        ("America/Denver", "2024-03-10 09:00:00", "2024-03-10", 3, -360, 7),
        ("America/Denver", "2024-11-03 07:30:00", "2024-11-03", 1, -360, 7),
        ("America/Denver", "2024-11-03 08:30:00", "2024-11-03", 1, -420, 7),
        ("America/Denver", "2024-07-01 05:59:59", "2024-06-30", 23, -360, 7),
        # Kolkata knows no clock change, and half an hour.
        ("Asia/Kolkata", "2024-03-31 18:29:59", "2024-03-31", 23, 330, 7),
        ("Asia/Kolkata", "2024-03-31 18:30:00", "2024-04-01", 0, 330, 1),
        ("Asia/Kolkata", "2024-10-27 01:00:00", "2024-10-27", 6, 330, 7),
        # Kathmandu and the Chatham Islands know three quarters; there the clocks change, too.
        ("Asia/Kathmandu", "2024-03-31 18:14:59", "2024-03-31", 23, 345, 7),
        ("Asia/Kathmandu", "2024-03-31 18:15:00", "2024-04-01", 0, 345, 1),
        ("Pacific/Chatham", "2024-04-06 13:59:59", "2024-04-07", 3, 825, 7),
        ("Pacific/Chatham", "2024-04-06 14:00:00", "2024-04-07", 2, 765, 7),
        # Lord Howe Island changes by half an hour: back on 7 April 2024 at 02:00.
        ("Australia/Lord_Howe", "2024-04-06 14:59:59", "2024-04-07", 1, 660, 7),
        ("Australia/Lord_Howe", "2024-04-06 15:00:00", "2024-04-07", 1, 630, 7),
        # Newfoundland changed at one minute past midnight until 2011.
        ("America/St_Johns", "2010-03-14 03:30:59", "2010-03-14", 0, -210, 7),
        ("America/St_Johns", "2010-03-14 03:31:00", "2010-03-14", 1, -150, 7),
    ],
)
def test_the_wall_clock_is_right_on_both_sides_of_a_clock_change(
    timezone: str, instant: str, local_date: str, hour: int, offset: int, weekday: int
) -> None:
    (row,) = listening(at(instant), timezone=timezone)

    assert str(row["local_date"]) == local_date
    assert (row["hour_of_day"], row["utc_offset_minutes"]) == (hour, offset)
    assert (row["day_of_week"], row["is_weekend"]) == (weekday, weekday >= 6)
    assert row["played_month"] == instant[:7]


def test_the_week_begins_with_monday_and_ends_with_the_weekend() -> None:
    rows = listening(*(at(f"2024-03-{day:02} 12:00:00") for day in range(4, 11)))

    assert [row["day_of_week"] for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    assert [row["is_weekend"] for row in rows] == [False] * 5 + [True] * 2


def test_the_parts_of_the_day_meet_without_gap() -> None:
    rows = listening(*(at(f"2024-03-01 {hour:02}:00:00") for hour in range(24)))

    assert [row["part_of_day"] for row in rows] == (
        ["late_night"] * 5 + ["morning"] * 7 + ["afternoon"] * 5 + ["evening"] * 5 + ["night"] * 2
    )


def test_part_of_the_day_and_season_are_those_of_the_wall_clock() -> None:
    (row,) = listening(at("2024-02-29 23:30:00"), timezone="Asia/Kolkata")

    assert (row["part_of_day"], row["season"]) == ("morning", "spring")
    assert row["played_month"] == "2024-02"


def test_seasons_are_meteorological() -> None:
    rows = listening(*(at(f"2024-{month:02}-01 12:00:00") for month in range(1, 13)))

    assert [row["season"] for row in rows] == (
        ["winter"] * 2 + ["spring"] * 3 + ["summer"] * 3 + ["autumn"] * 3 + ["winter"]
    )


@pytest.mark.parametrize(
    ("ms_played", "is_counted"),
    [(0, False), (29_999, False), (30_000, True), (200_000, True), (None, True)],
)
def test_a_play_counts_from_thirty_seconds_on_or_if_its_length_is_unknown(
    ms_played: int | None, is_counted: bool
) -> None:
    (row,) = listening(record(ms_played=ms_played))

    assert row["is_counted"] is is_counted


@pytest.mark.parametrize(
    ("skipped", "reason_end", "ms_played", "expected"),
    [
        # That it was skipped is to be believed.
        (True, "trackdone", 200_000, (True, "flag")),
        (True, None, None, (True, "flag")),
        # That it was not is what newer exports say of all of 2015 to 2022.
        (False, "fwdbtn", 2_000, (True, "reason_end")),
        (False, "backbtn", 90_000, (True, "reason_end")),
        (False, "endplay", 90_000, (True, "reason_end")),
        (False, "trackdone", 200_000, (False, "reason_end")),
        (False, "trackdone", 4_000, (False, "reason_end")),
        (False, "logout", 2_000, (False, "reason_end")),
        (False, "unexpected-exit-while-paused", 2_000, (False, "reason_end")),
        # Where the end does not tell, the time does.
        (False, None, 29_999, (True, "time_heard")),
        (False, "unknown", 30_000, (False, "time_heard")),
        (False, "none", 2_000, (True, "time_heard")),
        (None, "remote", 2_000, (True, "time_heard")),
        (False, "", None, (None, None)),
        # Old exports leave the flag null.
        (None, "fwdbtn", 200_000, (True, "reason_end")),
        (None, "trackdone", 200_000, (False, "reason_end")),
        # Account data and the API know neither.
        (None, None, 2_000, (None, None)),
    ],
)
def test_a_play_is_skipped_by_its_flag_its_end_or_the_time_heard(
    skipped: bool | None,
    reason_end: str | None,
    ms_played: int | None,
    expected: tuple[bool | None, str | None],
) -> None:
    (row,) = listening(record(skipped=skipped, reason_end=reason_end, ms_played=ms_played))

    assert (row["skipped"], row["skip_source"]) == expected


def test_the_same_behaviour_has_the_same_skips_whatever_the_flag_says_of_the_year() -> None:
    def plays_of(year: int, *, flag: bool | None) -> list[dict[str, Any]]:
        ends = ("trackdone", "fwdbtn", "trackdone", "endplay", "backbtn", "logout")
        return [
            at(
                f"{year}-03-0{number} 12:00:00",
                reason_end=end,
                skipped=flag and end in ("fwdbtn", "endplay", "backbtn"),
                ms_played=200_000 if end == "trackdone" else 20_000,
            )
            for number, end in enumerate(ends, start=1)
        ]

    rows = listening(
        *plays_of(2014, flag=None), *plays_of(2018, flag=False), *plays_of(2024, flag=True)
    )

    skips = [row["skipped"] for row in rows]
    assert skips[:6] == skips[6:12] == skips[12:] == [False, True, False, True, True, False]


@pytest.mark.parametrize("source", ["extended", "api", "account", "demo"])
@pytest.mark.parametrize("track_id", [None, "i"])
@pytest.mark.parametrize(
    ("artist", "title"),
    [
        ("Unknown Artist", "Unknown Track"),
        ("unknown  artist ", "UNKNOWN TRACK"),
        (None, "Unknown Track"),
        ("Unknown Artist", None),
        ("", ""),
    ],
)
def test_what_spotify_writes_for_any_track_names_none(
    source: str, track_id: str | None, artist: str | None, title: str | None
) -> None:
    blank = record(
        source=source,
        track_id=track_id,
        track_name=title,
        artist_name=artist,
        album_artist_name=artist,
    )
    has_id_alone = track_id is not None and not title

    assert len(listening(blank)) == has_id_alone
    # Nor does it lend its name to another record of the id.
    named = listening(blank, record(track_id="i", played_at=after_noon(900)))
    assert {row["track_key"] for row in named} == {"artist|song"}


def test_half_a_blank_is_a_name() -> None:
    rows = listening(
        record(artist_name="Unknown Artist", album_artist_name="Unknown Artist"),
        record(track_name="Unknown Track", played_at=after_noon(900)),
    )

    assert [row["track_key"] for row in rows] == ["unknown artist|song", "artist|unknown track"]


def test_one_artist_has_one_key_in_either_normal_form_and_typography() -> None:
    spellings = (
        "Beyoncé’s–Band",
        "Beyonce\u0301's-Band",
        "BEYONCÉ`S-BAND",
        "J\u030cuka",
        "\u01f0uka",
    )
    rows = listening(
        *(
            record(artist_name=each, played_at=after_noon(900 * number))
            for number, each in enumerate(spellings)
        )
    )

    assert [row["artist_key"] for row in rows] == ["beyoncé's-band"] * 3 + ["\u01f0uka"] * 2


def test_the_first_play_of_a_track_is_the_earliest_of_each_person() -> None:
    rows = listening(
        record(played_at=after_noon(500)),
        record(played_at=after_noon(0)),
        record(played_at=after_noon(100), track_name="Other"),
        record(user_id="you", played_at=after_noon(1000)),
    )

    assert [row["first_play"] for row in rows] == [True, True, False, True]


def test_of_first_plays_in_the_same_instant_the_least_id_is_the_first() -> None:
    rows = listening(record(record_id="b"), record(record_id="a"), record(record_id="c"))

    assert [(row["play_id"], row["first_play"]) for row in rows] == [
        ("a", True),
        ("b", False),
        ("c", False),
    ]


def test_what_repeats_a_play_is_no_first_play() -> None:
    (row,) = listening(
        record(source="account", record_id="a"),
        record(record_id="b", played_at=after_noon(30)),
    )

    assert (row["play_id"], row["first_play"]) == ("b", True)


def test_an_artist_has_one_key_however_written() -> None:
    rows = listening(
        record(artist_name="Beyoncé  Knowles"),
        record(artist_name="BEYONCE\N{COMBINING ACUTE ACCENT} KNOWLES", track_name="Other"),
        record(artist_name=" ", track_name="Third"),
        record(artist_name=None, track_name="Fourth"),
        record(artist_name="Guest", album_artist_name="Host", track_name="Fifth"),
    )

    assert [row["artist_key"] for row in sorted(rows, key=lambda row: str(row["play_id"]))] == [
        "beyoncé knowles",
        "beyoncé knowles",
        None,
        None,
        "guest",
    ]


def test_features_are_those_of_the_track() -> None:
    known = features_of(
        "artist|song",
        **SOUND,
        feature_source="synthetic",
        feature_provider="hot_deck",
        feature_match="name",
        feature_donor_level="genre",
        genre="rock",
        duration_ms=180_000,
    )

    song, unknown = listening(
        record(), record(track_name="Unknown", played_at=after_noon(200)), features=[known]
    )

    assert {name: song[name] for name in known} == known
    assert {unknown[name] for name in known if name != "track_key"} == {None}


def test_the_length_that_a_source_has_goes_before_that_of_the_catalogue() -> None:
    known = features_of("artist|song", duration_ms=180_000)

    stated, without = listening(
        record(duration_ms=200_000), record(played_at=after_noon(500)), features=[known]
    )

    assert (stated["duration_ms"], without["duration_ms"]) == (200_000, 180_000)


def test_the_columns_are_those_of_the_table() -> None:
    (row,) = listening(record())

    assert [*row] == LISTENING_WITH_FEATURES.given_names
