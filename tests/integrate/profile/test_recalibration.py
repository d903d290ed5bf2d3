from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from jicheng.integrate.profile.calibration import calibrations
from jicheng.integrate.profile.recalibration import (
    Recalibration,
    distinct_words,
    fit_recalibration,
    read_anew,
)

SAME = Recalibration()
WARY = Recalibration(constant=-0.5, length=0.9, chance=0.8, chance_length=0.4)


def drawn_chances(seed: int, n: int = 40) -> np.ndarray:
    """Return chances of six nodes; none has what is missing to one."""
    return np.random.default_rng(seed).dirichlet(np.full(7, 0.4), size=n)[:, :6]


def test_no_change_leaves_chances_as_they_were() -> None:
    made = drawn_chances(1)
    np.testing.assert_allclose(read_anew(made, np.full(40, 9.0), SAME, SAME), made, atol=1e-6)


@given(st.integers(0, 2**31), st.floats(1, 300))
def test_chances_read_anew_are_chances_and_the_best_stays_best(seed: int, words: float) -> None:
    made = drawn_chances(seed)
    read = read_anew(made, np.full(40, words), WARY, WARY)
    assert (read >= 0).all()
    assert (read.sum(axis=1) <= 1 + 1e-9).all()
    assert (read.argmax(axis=1) == made.argmax(axis=1)).all()


def test_same_chance_says_less_for_a_shorter_text() -> None:
    for known in calibrations().values():
        short, long = known.best.of(np.array([0.9, 0.9]), np.array([8.0, 30.0]))
        assert short < long


def test_texts_beyond_those_fitted_on_are_read_as_the_longest_of_them() -> None:
    longest, beyond = WARY.of(np.array([0.9, 0.9]), np.array([35.0, 900.0]))
    assert longest == beyond


def test_known_recalibration_is_found_again() -> None:
    random = np.random.default_rng(5)
    told, words = random.uniform(0.02, 0.98, 20_000), random.uniform(4, 34, 20_000)
    length = np.log((words + 10) / 35)
    right = random.uniform(size=20_000) < expit(-0.4 + 0.8 * length + 0.7 * logit(told))
    found = fit_recalibration(told, words, right, np.ones(20_000))
    np.testing.assert_allclose(
        [found.constant, found.length, found.chance], [-0.4, 0.8, 0.7], atol=0.12
    )


def test_words_are_counted_once() -> None:
    assert distinct_words(["laser laser beam", ""]).tolist() == [2.0, 0.0]
