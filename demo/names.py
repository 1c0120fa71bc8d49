"""Made-up names: artists, albums and tracks composed from word lists, in several scripts."""

import numpy as np

from demo.draws import Draws, Integers


def _words(text: str) -> list[str]:
    return text.split()


_ADJECTIVES = _words(
    "Amber Borrowed Brittle Crooked Distant Electric Faded Gentle Hollow Idle Jagged Kindred "
    "Lonesome Marble Northern Obsidian Paper Quiet Restless Silver Tidal Unfinished Velvet Wild "
    "Yellow Glass Burning Midnight Second Ordinary"
)
_NOUNS = _words(
    "Antenna Balcony Canal Daylight Ember Ferry Garden Harbour Island Junction Kite Lantern Meadow "
    "Needle Orchard Pavement Quarry River Signal Thunder Umbrella Valley Window Winter Aviary "
    "Compass Letter Machine Mirror Season Staircase Telephone Weather Gravity"
)
_VERBS = _words("Follow Forget Carry Remember Unfold Borrow Chase Leave Hold Paint Call Answer")
_FIRST = _words(
    "Ada Bram Cleo Dario Elin Farah Goran Hanne Ilka Jonas Kaja León Mírka Noor Otto Petra Quim "
    "Rosa Søren Tamsin Ulla Viktor Wanda Ximo Yara Zoë"
)
_SYLLABLES_START = _words("Bel Cor Dal Fen Gar Hol Kes Lun Mar Nor Ost Pel Quin Rav Sol Tav Ul Vel")
_SYLLABLES_END = _words(
    "amé dane eska grim holt isko land mora nis orva quist rin ström tova ück vik zen"
)
_OTHER_SCRIPTS = ("夜の庭", "Тихий берег", "바다의 편지", "Ηχώ", "Dağ Rüzgârı", "Ночной трамвай")

_WORDS_A_NAME = 7
_LARGE = 1 << 30


def _word(words: list[str], number: int) -> str:
    return words[number % len(words)]


def _coined(number: int) -> str:
    """Return a made-up surname or band name."""
    start = number % len(_SYLLABLES_START)
    return _SYLLABLES_START[start] + _word(_SYLLABLES_END, number // len(_SYLLABLES_START))


def _artist(numbers: list[int]) -> str:
    kind, first, second, third, *_ = numbers
    adjective, noun, coined = _word(_ADJECTIVES, first), _word(_NOUNS, second), _coined(third)
    names = (
        f"{_word(_FIRST, first)} {coined}",
        f"{_word(_FIRST, first)} {coined}",
        f"The {adjective} {noun}s",
        f"{adjective} {coined}",
        f"{coined} & {_coined(second)}",
        f"{coined} {_word(['Quartet', 'Ensemble', 'Sound', 'Collective', 'Trio'], second)}",
        f"DJ {coined}",
        f"{coined}, {_coined(second)} and {_coined(first)}",
        f"{noun} of {coined}",
    )
    return names[kind % len(names)]


def _title(numbers: list[int]) -> str:
    kind, first, second, third, fourth, year, _ = numbers
    adjective, noun, verb = _word(_ADJECTIVES, first), _word(_NOUNS, second), _word(_VERBS, third)
    other, name = _word(_NOUNS, fourth), _word(_FIRST, fourth)
    titles = (
        f"{adjective} {noun}",
        f"{adjective} {noun}",
        f"{verb} the {noun}",
        f"{verb} Me, {name}",
        f"{noun} & {other}",
        f"The {noun}",
        f"Don't {verb} the {noun}",
        f"{noun}, {other}, {adjective} Sky",
        f"{adjective} {noun} - Remastered {1998 + year % 24}",
        f'{verb} the {noun} (From "{adjective} {other}")',
        f"{noun} (Live)",
        f"{1 + year % 24} {noun}s",
        f"{_OTHER_SCRIPTS[third % len(_OTHER_SCRIPTS)]} {1 + year % 40}",
        f"{name}'s {noun}",
        f"{verb}",
    )
    return titles[kind % len(titles)]


def _rows(draws: Draws, count: int) -> list[list[int]]:
    numbers: Integers = draws.below(_LARGE, count * _WORDS_A_NAME)
    rows: list[list[int]] = numbers.reshape(count, _WORDS_A_NAME).tolist()
    return rows


def artist_names(draws: Draws, count: int) -> list[str]:
    """``count`` different artist names."""
    names = dict.fromkeys(_artist(row) for row in _rows(draws, 2 * count))
    # Large catalogues use up the short names; longer ones never run out.
    while len(names) < count:
        longer = (f"{_artist(row)} with {_artist(row[::-1])}" for row in _rows(draws, count))
        names.update(dict.fromkeys(longer))
    return list(names)[:count]


def titles(draws: Draws, owners: Integers) -> list[str]:
    """Return one title per entry of ``owners``, unique among the entries of the same owner.

    ``draws``: where the words come from. ``owners``: the number of the artist (or album) each title
    belongs to.
    """
    seen: dict[tuple[int, str], int] = {}
    result = []
    for owner, row in zip(owners.tolist(), _rows(draws, len(owners)), strict=True):
        title = _title(row)
        part = seen[owner, title] = seen.get((owner, title), 0) + 1
        result.append(title if part == 1 else f"{title}, Pt. {part}")
    return result


def spotify_ids(draws: Draws, count: int) -> list[str]:
    """``count`` identifiers of the shape Spotify uses: 22 base-62 characters."""
    alphabet = np.array(list("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
    letters = draws.below(62, count * 22).reshape(count, 22)
    # 128 bits need 22 characters of which the first is at most 7.
    letters[:, 0] %= 8
    return ["".join(row) for row in alphabet[letters].tolist()]
