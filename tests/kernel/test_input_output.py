"""Input-output measures against their definitions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.kernel.input_output import input_output


@st.composite
def tables(draw: st.DrawFn) -> tuple[Any, Any]:
    """Flows and outputs of a few industries that make more than they need."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(2, 9))
    flows = np.where(rng.random((n, n)) < 0.7, rng.lognormal(0, 1, (n, n)), 0.0)
    return flows, flows.sum(axis=1) + rng.lognormal(0, 1, n)


@given(tables())
@settings(deadline=None, max_examples=60)
def test_inverses_add_up_direct_and_indirect_needs(table: Any) -> None:
    flows, output = table
    found = input_output(flows, output)
    final = output - flows.sum(axis=1)
    np.testing.assert_allclose(found.leontief @ final, output, rtol=1e-9)
    added = output - flows.sum(axis=0)
    np.testing.assert_allclose(added @ found.ghosh, output, rtol=1e-9)
    series, power = np.eye(len(output)), np.eye(len(output))
    for _ in range(3000):
        power = power @ found.inputs
        series += power
    np.testing.assert_allclose(found.leontief, series, rtol=1e-6, atol=1e-9)


@given(tables())
@settings(deadline=None, max_examples=60)
def test_extraction_equals_taking_each_industry_out(table: Any) -> None:
    flows, output = table
    found = input_output(flows, output)
    final = output - flows.sum(axis=1)
    for k in range(len(output)):
        inputs, demand = found.inputs.copy(), final.copy()
        inputs[k], inputs[:, k], demand[k] = 0, 0, 0
        left = np.linalg.solve(np.eye(len(output)) - inputs, demand)
        assert found.extraction[k] == pytest.approx(1 - left.sum() / output.sum(), abs=1e-9)
    assert (found.extraction >= output / output.sum() - 1e-12).all()
    assert (found.extraction <= 1 + 1e-12).all()


@given(tables(), st.floats(1e-3, 1e3), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=40)
def test_units_and_order_change_nothing(table: Any, unit: float, seed: int) -> None:
    flows, output = table
    order = np.random.default_rng(seed).permutation(len(output))
    one = input_output(flows, output)
    other = input_output(unit * flows[np.ix_(order, order)], unit * output[order])
    for measure in ("backward", "forward", "extraction"):
        np.testing.assert_allclose(getattr(other, measure), getattr(one, measure)[order], rtol=1e-8)
    assert other.spectral_radius == pytest.approx(one.spectral_radius, rel=1e-6)


def test_linkages_of_a_chain_point_along_it() -> None:
    """Ore to steel to cars: cars pull most, ore pushes most, steel is the key sector."""
    flows = np.array([[0, 3.0, 0], [0, 0, 6.0], [0, 0, 0]])
    found = input_output(flows, [5.0, 8.0, 12.0])
    assert found.backward.argmax() == 2
    assert found.forward.argmax() == 0
    assert found.spectral_radius == pytest.approx(0.0, abs=1e-12)
    assert found.backward.mean() == pytest.approx(1.0)
    assert found.forward.mean() == pytest.approx(1.0)
    assert found.is_key_sector.tolist() == [False, True, False]


def test_dominant_vector_is_the_stable_mix_of_suppliers() -> None:
    found = input_output([[2.0, 1.0], [1.0, 2.0]], [6.0, 6.0])
    assert found.spectral_radius == pytest.approx(0.5)
    np.testing.assert_allclose(found.centrality, [0.5, 0.5])


@pytest.mark.parametrize(
    ("flows", "output", "message"),
    [
        ([[1.0]], [1.0, 2.0], "shape"),
        ([[1.0, 0.0]], [1.0], "shape"),
        ([[np.nan]], [1.0], "flows"),
        ([[-1.0]], [1.0], "flows"),
        ([[0.5]], [0.0], "outputs"),
        ([[0.5]], [np.inf], "outputs"),
        ([[2.0]], [1.0], "more than they make"),
    ],
)
def test_wrong_tables_are_refused(flows: Any, output: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        input_output(flows, output)
