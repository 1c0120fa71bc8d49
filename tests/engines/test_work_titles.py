"""The title of a work says nothing of the version, the guests and the film."""

import pytest

from engines.python_words import work_title


@pytest.mark.parametrize(
    "title",
    [
        "Song",
        "SONG ",
        "Song (feat. A)",
        "Song (feat.A)",
        "Song [ft. A & B]",
        "Song (featuring A)",
        "Song (with A & B)",
        "Song feat. A",
        "Song ft A & B",
        'Song - From "Film"',
        "Song - From “Film”",
        'Song (From "Film")',
        "Song – From the Motion Picture",
        "Song - 2011 Remaster",
        "Song - Remastered 2011",
        "Song - Remastered",
        "Song (Remastered)",
        "Song (2011 Mix)",
        "Song - Radio Edit",
        "Song - Single Version",
        "Song (Album Version)",
        "Song - Original Mix",
        "Song - Mono",
        "Song - Bonus Track",
        "Song - Live",
        "Song - Live at Wembley / 1986",
        "Song - Acoustic",
        "Song (Taylor’s Version)",
        'Song (feat. A) - From "Film" - Radio Edit',
        "Song (feat. A) [2011 Remaster]",
    ],
)
def test_titles_of_one_work(title: str) -> None:
    assert work_title(title) == "song"


@pytest.mark.parametrize(
    "title",
    [
        "song 2",
        "song, pt. 2",
        "song (interlude)",
        "song - somebody remix",
        "song - instrumental",
        "song - karaoke",
        "left - right",
        "with or without you",
        "live and let die",
        "from me to you",
        "featuring me",
        "(feat. a)",
        "remastered",
    ],
)
def test_titles_of_works_of_their_own(title: str) -> None:
    assert work_title(title) == title
