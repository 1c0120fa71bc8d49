"""Nobody hears a track twice at once: of such records one is a play. Real repeats all are."""

import pytest

from tests.silver.histories import Row, after_noon, listening, record

pytestmark = pytest.mark.heavy

MINUTES = 60_000
COPY = {"platform": "ios"}


def heard(seconds: float, ms_played: int | None, **values: object) -> Row:
    return record(played_at=after_noon(seconds), ms_played=ms_played, **values)


def kept(*records: Row) -> list[str]:
    return [row["play_id"] for row in listening(*records)]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        # 99 minutes twice within 78 seconds: an overlap of 97:42.
        ([heard(0, 99 * MINUTES), heard(78, 99 * MINUTES)], ["r000"]),
        ([heard(0, 4 * MINUTES), heard(0, 4 * MINUTES)], ["r000"]),
        ([heard(0, 4 * MINUTES), heard(0, 3 * MINUTES)], ["r000"]),
        # Fifteen seconds are a crossfade and a clock; a hundredth more is too much.
        ([heard(0, 60_000), heard(45, 60_000)], ["r000", "r001"]),
        ([heard(0, 60_000), heard(44.99, 60_000)], ["r000"]),
        # A short track again and again.
        ([heard(10 * n, 10_000) for n in range(6)], [f"r00{n}" for n in range(6)]),
        ([heard(31 * n, 31_000) for n in range(4)], [f"r00{n}" for n in range(4)]),
        # Short plays of one second, as of somebody who presses back.
        ([heard(0, 0), heard(0, 0), heard(0, 500)], ["r000", "r001", "r002"]),
        # Of a chain the third is a play: only the second overlaps another that stays.
        ([heard(0, 200_000), heard(150, 200_000), heard(300, 200_000)], ["r000", "r002"]),
        # A short play in between hides nothing.
        ([heard(0, 99 * MINUTES), heard(60, 5_000), heard(78, 99 * MINUTES)], ["r000", "r001"]),
        # Of another track, person or time heard nothing is known against.
        ([heard(0, 4 * MINUTES), heard(0, 4 * MINUTES, track_name="Other")], ["r000", "r001"]),
        ([heard(0, 4 * MINUTES), heard(0, 4 * MINUTES, user_id="you")], ["r000", "r001"]),
        ([heard(0, None), heard(1, None)], ["r000", "r001"]),
    ],
)
def test_a_track_does_not_overlap_itself(records: list[Row], expected: list[str]) -> None:
    assert sorted(kept(*records)) == expected


def test_account_data_may_be_a_minute_off() -> None:
    def reported(seconds: int, ms_played: int) -> Row:
        return heard(seconds, ms_played, source="account")

    # 18:00:59 and 18:04:01 are reported as 18:00 and 18:04: four minutes between them, or two.
    assert kept(reported(0, 180_000), reported(120, 180_000)) == ["r000", "r001"]
    assert kept(reported(0, 180_000), reported(60, 180_000)) == ["r000"]


@pytest.mark.parametrize(("one", "other"), [("android", "ios"), (None, "ios"), ("ios", None)])
@pytest.mark.parametrize("ms_played", [0, 12_000, 240_000])
def test_the_same_record_under_another_platform_is_one_play(
    one: str | None, other: str | None, ms_played: int
) -> None:
    (row,) = listening(heard(0, ms_played, platform=one), heard(0, ms_played, platform=other))

    assert row["platform"] == max(one or "", other or "")


def test_repeats_within_a_second_stay_beside_copies_under_another_platform() -> None:
    rows = listening(
        heard(0, 900, platform="android"),
        heard(0, 900, platform="ios"),
        heard(0, 900, platform="ios"),
    )

    assert [row["platform"] for row in rows] == ["ios", "ios"]


def test_copies_are_of_one_length() -> None:
    rows = listening(
        heard(0, 900, platform="android"),
        heard(0, 900, platform="ios"),
        heard(0, 500, platform="android"),
        heard(0, 500, platform="web"),
    )

    assert {(row["platform"], row["ms_played"]) for row in rows} == {("ios", 900), ("web", 500)}


def test_what_several_sources_report_twice_is_one_play_of_all_of_them() -> None:
    (row,) = listening(
        heard(20, 240_000, platform="android"),
        heard(20, 240_000, platform="ios"),
        heard(0, 240_000, source="account"),
        heard(0, 240_000, source="account"),
    )

    assert row["sources"] == ["account", "extended"]


def test_an_impossible_record_is_no_first_play_and_begins_no_session() -> None:
    (row,) = listening(
        heard(0, 99 * MINUTES, record_id="b"),
        heard(0, 99 * MINUTES, record_id="a", platform="ios"),
    )

    assert (row["play_id"], row["first_play"]) == ("a", True)
    assert row["session_id"] == f"me-{int(after_noon(0).timestamp())}000"
