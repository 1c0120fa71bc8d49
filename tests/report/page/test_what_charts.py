from datetime import date

from report.page.charts.what import artists_chart, discovery_chart, shown_artists
from report.page.questions.discovery import DiscoveryStep
from report.page.questions.over_time import ArtistShare

ROWS = [
    ArtistShare(date(2026, 1, 1), "A", 5, 1.0, 1, 2),
    ArtistShare(date(2026, 3, 1), "A", 2, 1.0, 1, 2),
    ArtistShare(date(2026, 3, 1), "B", 3, 9.0, 2, 1),
    ArtistShare(date(2026, 3, 1), "By minutes alone", 1, 1.0, 8, 7),
]


def test_artists_stand_in_the_order_of_the_measure() -> None:
    assert shown_artists(ROWS, "plays") == ["A", "B"]
    assert shown_artists(ROWS, "minutes") == ["B", "A", "By minutes alone"]


def test_a_month_without_an_artist_is_nothing_not_left_out() -> None:
    option = artists_chart(ROWS, "plays", "month")

    assert option["xAxis"]["data"] == ["Jan 2026", "Feb 2026", "Mar 2026"]
    assert [(series["name"], series["data"]) for series in option["series"]] == [
        ("A", [5, 0, 2]),
        ("B", [0, 0, 3]),
    ]


def test_discovery_has_tracks_and_artists() -> None:
    option = discovery_chart(
        [DiscoveryStep(date(2026, 1, 1), 9, 4, 2), DiscoveryStep(date(2026, 3, 1), 9, 1, 0)],
        "month",
    )

    assert [series["data"] for series in option["series"]] == [[4, 0, 1], [2, 0, 0]]
