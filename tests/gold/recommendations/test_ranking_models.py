"""What each model puts first, and the ways from one sound to another."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gold.recommendations.ranking_models import (
    NEVER,
    Candidates,
    Past,
    best,
    chances,
    key_hashes,
    nothing_heard,
    novel_list,
    repeat_list,
)
from gold.recommendations.ranking_terms import HALF_LIVES
from gold.recommendations.sound_steps import SOUND, STEPS, TARGETS, is_there, steps


def heard(*days_before: list[int]) -> Past:
    """Return the past of tracks, each by how many days ago its plays were."""
    memory = [
        [sum(0.5 ** (age / half_life) for age in ages) for half_life in HALF_LIVES]
        for ages in days_before
    ]
    return Past(
        np.array([len(ages) for ages in days_before]),
        np.array([-min(ages) if ages else NEVER for ages in days_before]),
        np.array(memory),
    )


# Much played long ago, played a few times last month, once yesterday, never.
LONG_AGO, LAST_MONTH, YESTERDAY, NOT_YET = range(4)
PAST = heard([400] * 30, [20, 25, 30], [1], [])


@pytest.mark.parametrize(
    ("model", "order"),
    [
        ("popularity", [LONG_AGO, LAST_MONTH, YESTERDAY]),
        ("recency", [YESTERDAY, LAST_MONTH, LONG_AGO]),
        # 0.5^(20/28) + 0.5^(25/28) + 0.5^(30/28) = 1.62, 0.5^(1/28) = 0.98, 30 · 0.5^(400/28) = 0.
        ("decayed_frequency_28", [LAST_MONTH, YESTERDAY, LONG_AGO]),
    ],
)
def test_what_each_model_ranks_by(model: str, order: list[int]) -> None:
    tracks, scores = repeat_list(model, PAST, np.zeros(4))
    assert tracks.tolist() == order
    assert (np.diff(scores) < 0).all()


def test_decayed_frequency_has_a_half_life_of_28_days() -> None:
    _, scores = repeat_list("decayed_frequency_28", heard([28], [56, 56]), np.zeros(2))
    assert scores == pytest.approx([0.5, 0.5])


def test_power_law_is_close_to_one_over_age() -> None:
    ages = np.array([10, 20, 40, 80, 160, 320])
    _, scores = repeat_list("power_law_decay", heard(*([age] for age in ages)), np.zeros(6))
    slope = np.polyfit(np.log(ages), np.log(scores), 1)[0]
    assert slope == pytest.approx(-1.0, abs=0.15)


def test_of_equal_scores_the_more_played_then_the_later_then_the_lower_index() -> None:
    equal = np.ones(4)
    plays, last_day = np.array([1, 5, 5, 1]), np.array([9, 3, 8, 9])
    assert best(equal, (plays, last_day)).tolist() == [2, 1, 0, 3]


@given(st.lists(st.integers(0, 6), min_size=1, max_size=40), st.integers(1, 12))
def test_the_best_are_those_of_a_whole_sort(scores: list[int], length: int) -> None:
    whole = sorted(range(len(scores)), key=lambda place: (-scores[place], place))
    assert best(np.array(scores, dtype=float), (), length).tolist() == whole[:length]


def test_chance_is_the_same_whatever_other_keys_there_are() -> None:
    keys = np.array([f"track {each}" for each in range(2000)], dtype=object)
    all_of_them = chances(key_hashes(keys), "me|1")
    assert (chances(key_hashes(keys[500:600]), "me|1") == all_of_them[500:600]).all()
    other_week = chances(key_hashes(keys), "me|2")
    assert abs(np.corrcoef(all_of_them, other_week)[0, 1]) < 0.1
    assert all_of_them.mean() == pytest.approx(0.5, abs=0.03)


CANDIDATES = Candidates(
    popularity=np.array([10, 60, 40, 50, 90, 20]),
    artist=np.array([0, 0, 0, 0, -1, 1]),
    genre=np.array([0, 0, 0, 0, 1, 0]),
    credited=np.array([0, 0, 0, 0, 2, 1]),
)


def test_the_pool_is_the_best_known_of_heard_artists_and_the_mainstream() -> None:
    nothing = np.zeros(6, dtype=bool)
    # Three of the first artist, not the least popular; the fifth is mainstream.
    assert CANDIDATES.pool(nothing, np.array([True, False])).tolist() == [1, 2, 3, 4]
    one = nothing.copy()
    one[1] = True
    assert CANDIDATES.pool(one, np.array([True, True])).tolist() == [0, 2, 3, 4, 5]


def test_new_tracks_come_by_artist_then_genre_then_popularity() -> None:
    artists, genres = heard([3, 4], [1]), heard([3, 4, 1], [2])
    pool = np.arange(6)
    ranked = {
        model: novel_list(model, pool, CANDIDATES, artists, genres, np.arange(6.0))[0].tolist()
        for model in ("popularity", "recency", "decayed_frequency_28", "random")
    }
    assert ranked["popularity"] == [4, 1, 3, 2, 5, 0]
    assert ranked["recency"] == [5, 1, 3, 2, 0, 4]
    assert ranked["decayed_frequency_28"] == [1, 3, 2, 0, 5, 4]
    assert ranked["random"] == [5, 4, 3, 2, 1, 0]


def test_somebody_who_heard_nothing_gets_the_most_popular() -> None:
    found, scores = novel_list(
        "power_law_decay", np.arange(6), CANDIDATES, nothing_heard(2), nothing_heard(2), np.zeros(6)
    )
    assert found.tolist() == [4, 1, 3, 2, 5, 0]
    assert (scores == 0).all()


def sound(**values: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([values.get(name, 0.5) for name in SOUND])


def grid() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Tracks at every twentieth of valence and energy, with words and without."""
    ticks = np.linspace(0, 1, 21)
    return np.array(
        [[v, e, 0.04, i] for v in ticks for e in ticks for i in (0.0, 0.4, 0.8)], dtype=np.float64
    )


def test_a_way_goes_in_equal_steps_to_its_target() -> None:
    current = sound(energy=0.85, valence=0.5)
    rows, nearness = steps(TARGETS["calm"], current, grid())
    energies = grid()[rows][:, SOUND.index("energy")]
    assert len(rows) == len(set(rows)) == STEPS
    # From 0.85 to 0.25 by 0.03 a step, each within the grid's half step.
    assert energies == pytest.approx(np.linspace(0.85, 0.25, 21)[1:], abs=0.026)
    assert grid()[rows][:, 0] == pytest.approx(np.full(STEPS, 0.5))
    assert (nearness > 0.97).all()


def test_focus_leads_to_few_words() -> None:
    current = sound(energy=0.8, speechiness=0.2, instrumentalness=0.0)
    rows, _ = steps(TARGETS["focus"], current, grid())
    instrumental = grid()[rows][:, SOUND.index("instrumentalness")]
    assert (instrumental[0], instrumental[-1]) == (0.0, 0.8)


def test_what_is_beyond_the_target_stays() -> None:
    bright = sound(valence=0.9, energy=0.75)
    assert is_there(TARGETS["lift"], bright)
    assert not is_there(TARGETS["lift"], sound(valence=0.5, energy=0.75))
    assert TARGETS["lift"].place(bright) == pytest.approx(bright)


def test_too_few_tracks_for_the_steps_are_refused() -> None:
    with pytest.raises(ValueError, match="19 tracks for 20 steps"):
        steps(TARGETS["calm"], sound(energy=0.9), grid()[:19])
