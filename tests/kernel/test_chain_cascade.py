"""The cascade over technologies against a slow plain version, and its axioms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.kernel.chain_cascade import ChainGraph, Members, outputs, single_losses


def _compressed(
    arrows: list[tuple[int, int, float]], n: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return pointer, source and weight of (source, target, weight), weights summing to 1."""
    pointer, source, weight = [0], [], []
    for k in range(n):
        into = [(s, w) for s, t, w in arrows if t == k]
        total = sum(w for _, w in into)
        source += [s for s, _ in into]
        weight += [w / total for _, w in into]
        pointer.append(len(source))
    return np.array(pointer), np.array(source, dtype=np.int64), np.array(weight)


def graph_of(
    n: int,
    inputs: list[tuple[int, int, float]],
    members: list[tuple[int, int, float]] | None = None,
    weighed: np.ndarray | None = None,
) -> ChainGraph:
    return ChainGraph(
        np.arange(n), *_compressed(inputs, n), *_compressed(members or [], n), weighed
    )


def plain_outputs(
    own: np.ndarray, graph: ChainGraph, essential: np.ndarray, members: Members
) -> np.ndarray:
    """One scenario, written down as the formulas stand."""
    a = np.ones(len(own))
    for k in graph.order:
        inputs = range(graph.input_pointer[k], graph.input_pointer[k + 1])
        worst = min((a[graph.input_source[e]] for e in inputs if essential[e]), default=1.0)
        other = 1.0 - sum(
            graph.input_weight[e] * (1.0 - a[graph.input_source[e]])
            for e in inputs
            if not essential[e]
        )
        a[k] = own[k] * min(worst, other)
        part = range(graph.member_pointer[k], graph.member_pointer[k + 1])
        if len(part):
            left = [a[graph.member_source[e]] for e in part]
            known = graph.members_weighed is not None and graph.members_weighed[k]
            if members is Members.MEAN or known:
                weights = [graph.member_weight[e] for e in part]
                a[k] *= 1.0 - sum(w * (1.0 - x) for w, x in zip(weights, left, strict=True))
            else:
                a[k] *= min(left) if members is Members.WORST else max(left)
    return a


def random_case(seed: int) -> tuple[ChainGraph, np.ndarray, np.ndarray, np.ndarray]:
    """Return a random chain with categories, its essentials, own supply and final values."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 9))
    inputs, members = [], []
    for target in range(1, n):
        for source in range(target):
            kind = rng.random()
            if kind < 0.3:
                inputs.append((source, target, float(rng.random() + 0.01)))
            elif kind < 0.5:
                members.append((source, target, float(rng.random() + 0.01)))
    graph = graph_of(n, inputs, members, rng.random(n) < 0.5)
    essential = rng.random((4, len(inputs))) < 0.5
    own = np.where(rng.random((4, n)) < 0.5, 1.0, rng.random((4, n)))
    final = np.where(rng.random(n) < 0.4, rng.random(n), 0.0)
    final[-1] += 1.0
    return graph, essential, own, final


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 2**32 - 1), st.sampled_from(Members))
def test_outputs_equal_the_plain_version(seed: int, members: Members) -> None:
    graph, essential, own, _ = random_case(seed)
    expected = [plain_outputs(own[s], graph, essential[s], members) for s in range(len(own))]
    assert np.allclose(outputs(own, graph, essential, members), expected, rtol=0, atol=1e-14)


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 2**32 - 1), st.sampled_from(Members))
def test_single_losses_equal_one_cascade_for_each_technology(seed: int, members: Members) -> None:
    graph, essential, own, final = random_case(seed)
    n = graph.n_technologies
    expected = np.empty((len(own), n))
    for s in range(len(own)):
        for k in range(n):
            alone = np.ones(n)
            alone[k] = own[s, k]
            left = plain_outputs(alone, graph, essential[s], members)
            expected[s, k] = (final * (1.0 - left)).sum() / final.sum()
    found = single_losses(own, graph, essential, final, members)
    assert np.allclose(found, expected, rtol=0, atol=1e-14)


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 2**32 - 1))
def test_a_larger_shock_never_leaves_more(seed: int) -> None:
    graph, essential, own, _ = random_case(seed)
    less = own * np.random.default_rng(seed + 1).random(own.shape)
    assert (outputs(less, graph, essential) <= outputs(own, graph, essential) + 1e-15).all()


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 2**32 - 1))
def test_leontief_loses_at_least_as_much_as_linear(seed: int) -> None:
    graph, essential, own, _ = random_case(seed)
    linear = outputs(own, graph, np.zeros_like(essential))
    leontief = outputs(own, graph, np.ones_like(essential))
    assert (leontief <= linear + 1e-15).all()


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 2**32 - 1))
def test_mean_of_members_lies_between_worst_and_best(seed: int) -> None:
    graph, essential, own, _ = random_case(seed)
    worst, mean, best = (
        outputs(own, graph, essential, members)
        for members in (Members.WORST, Members.MEAN, Members.BEST)
    )
    assert (worst <= mean + 1e-14).all()
    assert (mean <= best + 1e-14).all()


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32 - 1))
def test_losses_lie_between_zero_and_one_and_no_shock_loses_nothing(seed: int) -> None:
    graph, essential, own, final = random_case(seed)
    losses = single_losses(own, graph, essential, final)
    assert (losses >= -1e-15).all()
    assert (losses <= 1 + 1e-15).all()
    assert not single_losses(np.ones_like(own), graph, essential, final).any()


def test_mixed_need_not_lie_between_linear_and_leontief() -> None:
    graph = graph_of(3, [(0, 2, 1.0), (1, 2, 1.0)])
    own = np.array([[0.5, 0.4, 1.0]])
    linear, mixed, leontief = (
        outputs(own, graph, np.array([row]))[0, 2]
        for row in ([False, False], [True, False], [True, True])
    )
    assert (linear, mixed, leontief) == pytest.approx((0.45, 0.5, 0.4))


def test_own_loss_and_loss_of_inputs_multiply() -> None:
    graph = graph_of(2, [(0, 1, 1.0)])
    left = outputs(np.array([[0.5, 0.4]]), graph, np.array([[True]]))
    assert left[0].tolist() == [0.5, 0.2]


def test_stated_member_weights_count_whatever_is_assumed_of_others() -> None:
    graph = graph_of(3, [], [(0, 2, 3.0), (1, 2, 1.0)], np.array([False, False, True]))
    own = np.array([[0.0, 1.0, 1.0]])
    none = np.zeros((1, 0), dtype=bool)
    for members in Members:
        assert outputs(own, graph, none, members)[0, 2] == pytest.approx(0.25)


def test_one_row_of_essentials_serves_all_scenarios() -> None:
    graph, essential, own, final = random_case(5)
    one = essential[:1]
    repeated = np.repeat(one, len(own), axis=0)
    assert np.array_equal(
        single_losses(own, graph, one, final), single_losses(own, graph, repeated, final)
    )


def test_shapes_that_do_not_fit_are_refused() -> None:
    graph = graph_of(2, [(0, 1, 1.0)])
    with pytest.raises(ValueError, match="own has shape"):
        outputs(np.ones((1, 3)), graph, np.array([[True]]))
    with pytest.raises(ValueError, match="essential has shape"):
        outputs(np.ones((1, 2)), graph, np.array([[True, True]]))
    with pytest.raises(ValueError, match="no final product"):
        single_losses(np.ones((1, 2)), graph, np.array([[True]]), np.zeros(2))
