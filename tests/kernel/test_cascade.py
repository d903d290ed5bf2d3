"""The cascade against its plain formulas, and what must hold for any network."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse

from jicheng.kernel.cascade import cascade, systemic_risk

Floats = NDArray[np.float64]


def plain_weights(sales: Floats, industry: Any, needs: Any, revenue: Any) -> tuple[Floats, Floats]:
    """Ld and Lu as the formulas say, dense."""
    same = (industry[:, None] == industry[None, :]).astype(float)
    need = needs[np.ix_(industry, industry)]
    known = np.zeros(len(sales)) if revenue is None else np.nan_to_num(revenue)
    with np.errstate(invalid="ignore", divide="ignore"):
        down = np.where(need == 2, sales / (same @ sales), sales / sales.sum(0))
        up = sales / np.maximum(sales.sum(1), known)[:, None]
    return np.nan_to_num(np.where(need == 0, 0.0, down)), np.nan_to_num(up)


def plain_levels(
    sales: Floats,
    industry: Any,
    needs: Any,
    capacity: Floats,
    *,
    replaceable: bool,
    tolerance: float,
    revenue: Floats | None = None,
) -> tuple[Floats, Floats, int]:
    """The formulas, firm by firm and industry by industry."""
    down, up = plain_weights(sales, industry, needs, revenue)
    sold, n = sales.sum(1), len(sales)
    members = [np.flatnonzero(industry == k) for k in range(len(needs))]
    hd, hu, steps = capacity.copy(), capacity.copy(), 0
    while True:
        sigma = np.ones(n)
        for firms in members if replaceable else []:
            left = (sold * hd)[firms].sum()
            sigma[firms] = np.minimum(1.0, sold[firms] / (left if left > 1e-10 else 1.0))
        loss = np.array([((sigma * (1 - hd))[m, None] * down[m]).sum(0) for m in members])
        need = needs[:, industry]
        essential = np.where(need == 2, loss, 0.0).max(axis=0)
        other = np.where(need == 1, loss, 0.0).sum(axis=0)
        next_hd = np.maximum(0, np.minimum(capacity, 1 - np.maximum(essential, other)))
        next_hu = np.maximum(0, np.minimum(capacity, 1 - up @ (1 - hu)))
        fall = max((hd - next_hd).max(), (hu - next_hu).max())
        hd, hu, steps = next_hd, next_hu, steps + 1
        if fall <= tolerance:
            return hd, hu, steps


def plain_risk(sales: Floats, *network: Any, firms: Any = None, **options: Any) -> Floats:
    """Total, downstream, upstream and steps, a row a firm."""
    weights, rows = sales.sum(1) / sales.sum(), []
    for firm in range(len(sales)) if firms is None else firms:
        capacity = np.ones(len(sales))
        capacity[firm] = 0
        hd, hu, steps = plain_levels(sales, *network, capacity, **options)
        lost = 1 - np.minimum(hd, hu), 1 - hd, 1 - hu
        rows.append([*(weights @ part for part in lost), steps])
    return np.array(rows)


def random_network(rng: np.random.Generator, n: int, links: float) -> tuple[Any, Any, Any]:
    m = int(rng.integers(1, 7))
    sales = np.where(rng.random((n, n)) < links / n, rng.lognormal(3, 1, (n, n)), 0.0)
    return sales, rng.integers(0, m, n), rng.integers(0, 3, (m, m))


def assert_equal(found: Any, expected: Floats) -> None:
    np.testing.assert_allclose(found.total, expected[:, 0], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.downstream, expected[:, 1], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.upstream, expected[:, 2], rtol=0, atol=1e-12)
    assert found.iterations.tolist() == expected[:, 3].tolist()


@pytest.mark.parametrize("replaceable", [False, True])
@pytest.mark.parametrize("variant", ["linear", "leontief", "mixed"])
def test_small_networks_equal_the_plain_formulas(variant: str, replaceable: bool) -> None:
    rng = np.random.default_rng([1, replaceable, len(variant)])
    for _ in range(35):
        sales, industry, needs = random_network(rng, int(rng.integers(2, 16)), rng.choice([1, 3]))
        if not sales.any():
            continue
        needs = {"linear": np.ones_like(needs), "leontief": needs * 0 + 2, "mixed": needs}[variant]
        revenue = sales.sum(1) * rng.uniform(0.5, 3, len(sales)) if rng.random() < 0.5 else None
        options: dict[str, Any] = {
            "replaceable": replaceable, "tolerance": float(rng.choice([1e-2, 1e-4])),
            "revenue": revenue,
        }  # fmt: skip
        found = systemic_risk(sales, industry, needs, **options)
        assert_equal(found, plain_risk(sales, industry, needs, **options))


@pytest.mark.parametrize("replaceable", [False, True])
@pytest.mark.parametrize("links", [1.2, 6.0])
def test_larger_networks_equal_the_plain_formulas(links: float, replaceable: bool) -> None:
    """Few firms hit, then many: both ways of taking a step."""
    sales, industry, needs = random_network(np.random.default_rng(5), 400, links)
    firms = np.arange(0, 400, 16)
    options: dict[str, Any] = {"replaceable": replaceable, "tolerance": 1e-3}
    found = systemic_risk(sparse.csr_array(sales), industry, needs, firms=firms, **options)
    assert_equal(found, plain_risk(sales, industry, needs, firms=firms, **options))


def long_cascade() -> tuple[Floats, Any, Any, Any]:
    """Two closed groups of firms that hardly trade, and a chain 150 firms long."""
    rng = np.random.default_rng(8)
    n, chain = 240, 150
    sales = np.zeros((n + chain, n + chain))
    for first in (0, n // 2):
        group = slice(first, first + n // 2)
        share = (n // 2, n // 2)
        sales[group, group] = np.where(rng.random(share) < 0.06, rng.lognormal(0, 1, share), 0.0)
    sales[1, n - 1] = sales[n - 1, 1] = 1e-3
    for firm in range(n, n + chain - 1):
        sales[firm, firm + 1] = 1.0
    sales[n, :5] = 1.0
    industry = np.r_[np.zeros(n, int), np.arange(1, chain + 1)]
    needs = np.zeros((chain + 1, chain + 1), int)
    needs[np.arange(1, chain), np.arange(2, chain + 1)] = 2
    return sales, industry, needs, np.array([0, 3, n // 2, n, n + 20, n + 60])


def test_long_cascade_equals_the_plain_formulas() -> None:
    """Upstream losses that grow for 150 steps while a chain breaks link by link."""
    sales, industry, needs, firms = long_cascade()
    sales[firms[:3], 240] = 0.5
    needs[0, 1] = 2
    found = systemic_risk(sales, industry, needs, firms=firms, replaceable=False, tolerance=1e-2)
    assert found.iterations.max() > 140
    assert_equal(
        found, plain_risk(sales, industry, needs, firms=firms, replaceable=False, tolerance=1e-2)
    )


@pytest.mark.parametrize("replaceable", [False, True])
def test_any_first_shock_equals_the_plain_formulas(replaceable: bool) -> None:
    rng = np.random.default_rng(3)
    for _ in range(40):
        network = random_network(rng, int(rng.integers(2, 30)), 3)
        n = len(network[0])
        capacity = np.where(rng.random((3, n)) < 0.5, 1.0, rng.random((3, n)))
        options: dict[str, Any] = {"replaceable": replaceable, "tolerance": 1e-3}
        found = cascade(*network, capacity=capacity, **options)
        for scenario, left in enumerate(capacity):
            hd, hu, steps = plain_levels(*network, left, **options)
            np.testing.assert_allclose(found.downstream[scenario], hd, rtol=0, atol=1e-12)
            np.testing.assert_allclose(found.upstream[scenario], hu, rtol=0, atol=1e-12)
            assert found.iterations[scenario] == steps


def test_one_scenario_keeps_its_shape() -> None:
    levels = cascade(
        np.eye(3, k=1), [0, 0, 0], [[1]], capacity=[1, 0.5, 1], replaceable=False, tolerance=1e-2
    )
    assert levels.downstream.tolist() == [1.0, 0.5, 0.5]
    assert levels.upstream.tolist() == [0.5, 0.5, 1.0]
    assert levels.iterations.shape == ()


def test_no_shock_loses_nothing() -> None:
    levels = cascade(
        np.eye(4, k=1), [0] * 4, [[2]], capacity=np.ones(4), replaceable=True, tolerance=1e-2
    )
    assert (levels.downstream == 1).all()
    assert (levels.upstream == 1).all()
    assert levels.iterations == 1


@st.composite
def networks(draw: st.DrawFn) -> tuple[Any, Any, Any, Any]:
    """An open network (revenue above sales), so that losses end by themselves."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sales, industry, needs = random_network(rng, draw(st.integers(3, 25)), draw(st.floats(1, 5)))
    sales[0, 1] += 1.0
    return sales, industry, needs, 1.5 * sales.sum(1) + 1.0


FINE: dict[str, Any] = {"replaceable": False, "tolerance": 1e-9}
MARGIN = 1e-4  # what may still be to come where losses fade slowly


def settled(run: Callable[[], Any]) -> Any:
    """Return what ``run`` finds; a network that hardly settles at all is no example."""
    try:
        return run()
    except RuntimeError:
        reject()


@given(networks(), st.booleans())
@settings(deadline=None, max_examples=60)
def test_total_lies_between_the_firm_and_everything(network: Any, replaceable: bool) -> None:
    sales, industry, needs, revenue = network
    found = systemic_risk(
        sales, industry, needs, revenue=revenue, replaceable=replaceable, tolerance=1e-2
    )
    weights = sales.sum(1) / sales.sum()
    assert (found.total >= weights - 1e-15).all()
    assert (found.total <= 1).all()
    assert (found.total >= np.maximum(found.downstream, found.upstream) - 1e-15).all()
    assert (found.total <= found.downstream + found.upstream + 1e-15).all()


@given(networks())
@settings(deadline=None, max_examples=40)
def test_leontief_loses_at_least_as_much_as_linear(network: Any) -> None:
    sales, industry, needs, revenue = network
    linear, leontief = settled(
        lambda: [
            systemic_risk(sales, industry, np.full_like(needs, e), revenue=revenue, **FINE)
            for e in (1, 2)
        ]
    )
    assert (leontief.downstream >= linear.downstream - MARGIN).all()
    assert (leontief.total >= linear.total - MARGIN).all()


@given(networks(), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=40)
def test_a_harder_shock_leaves_no_firm_better_off(network: Any, seed: int) -> None:
    sales, industry, needs, revenue = network
    rng = np.random.default_rng(seed)
    mild = np.where(rng.random(len(sales)) < 0.5, 1.0, rng.random(len(sales)))
    hard = mild * rng.random(len(sales))
    levels = settled(
        lambda: cascade(
            sales, industry, needs, capacity=np.array([mild, hard]), revenue=revenue, **FINE
        )
    )
    assert (levels.downstream[1] <= levels.downstream[0] + MARGIN).all()
    assert (levels.upstream[1] <= levels.upstream[0] + MARGIN).all()
    assert (levels.downstream <= mild + 1e-15).all()


@given(networks(), st.booleans(), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=40)
def test_order_of_firms_and_of_industries_changes_nothing(
    network: Any, replaceable: bool, seed: int
) -> None:
    sales, industry, needs, revenue = network
    rng = np.random.default_rng(seed)
    firm, code = rng.permutation(len(sales)), rng.permutation(len(needs))
    options: dict[str, Any] = {"replaceable": replaceable, "tolerance": 1e-2}
    first = systemic_risk(sales, industry, needs, revenue=revenue, **options)
    second = systemic_risk(
        sales[np.ix_(firm, firm)], np.argsort(code)[industry[firm]], needs[np.ix_(code, code)],
        revenue=revenue[firm], **options,
    )  # fmt: skip
    np.testing.assert_allclose(second.total, first.total[firm], rtol=0, atol=1e-12)
    assert second.iterations.tolist() == first.iterations[firm].tolist()


def test_a_replaced_supplier_is_missed_less() -> None:
    """Two suppliers of one industry: where they stand in for one another, half is lost."""
    sales = np.zeros((4, 4))
    sales[0, 2] = sales[1, 3] = 10.0
    industry, needs = [0, 0, 1, 1], [[0, 2], [0, 0]]
    alone, replaced = (
        systemic_risk(sales, industry, needs, replaceable=r, tolerance=1e-2, weights=[0, 0, 1, 1])
        for r in (False, True)
    )
    assert alone.downstream.tolist() == [0.5, 0.5, 0.5, 0.5]
    assert replaced.downstream.tolist() == [0.5, 0.5, 0.5, 0.5]
    sales[1, 2] = 10.0
    replaced = systemic_risk(
        sales, industry, needs, replaceable=True, tolerance=1e-2, weights=[0, 0, 1, 0], firms=[0]
    )
    assert replaced.downstream[0] == pytest.approx(0.5 * 10 / 20)


def test_repeated_entries_add_up() -> None:
    entries = ([2.0, 3.0, 1.0], ([0, 0, 1], [1, 1, 2]))
    repeated = sparse.coo_array(entries, shape=(3, 3))
    options: dict[str, Any] = {"replaceable": False, "tolerance": 1e-2}
    once = systemic_risk(repeated.toarray(), [0, 1, 0], np.ones((2, 2), int), **options)
    twice = systemic_risk(repeated, [0, 1, 0], np.ones((2, 2), int), **options)
    assert twice.total.tolist() == once.total.tolist()


def test_unknown_revenue_counts_as_none() -> None:
    network = random_network(np.random.default_rng(2), 20, 3)
    options: dict[str, Any] = {"replaceable": False, "tolerance": 1e-2}
    closed = systemic_risk(*network, **options)
    unknown = systemic_risk(*network, revenue=np.full(20, np.nan), **options)
    assert unknown.upstream.tolist() == closed.upstream.tolist()


def test_revenue_absorbs_upstream_losses() -> None:
    network = random_network(np.random.default_rng(2), 20, 3)
    options: dict[str, Any] = {"replaceable": False, "tolerance": 1e-4}
    closed = systemic_risk(*network, **options)
    opened = systemic_risk(*network, revenue=3 * network[0].sum(1), **options)
    assert opened.upstream.sum() < 0.5 * closed.upstream.sum()


@pytest.mark.parametrize("pool", ["threads", "processes"])
def test_executor_changes_no_bit(pool: str) -> None:
    sales, industry, needs = random_network(np.random.default_rng(4), 600, 2)
    options: dict[str, Any] = {"replaceable": False, "tolerance": 1e-2}
    alone = systemic_risk(sales, industry, needs, **options)
    some = systemic_risk(sales, industry, needs, firms=[7, 599, 3], **options)
    executor = (
        ThreadPoolExecutor(2)
        if pool == "threads"
        else ProcessPoolExecutor(1, mp_context=get_context("spawn"))
    )
    with executor:
        shared = systemic_risk(sales, industry, needs, executor=executor, **options)
    assert shared.total.tobytes() == alone.total.tobytes()
    assert shared.iterations.tobytes() == alone.iterations.tobytes()
    assert some.total.tobytes() == alone.total[[7, 599, 3]].tobytes()
    assert some.firms.tolist() == [7, 599, 3]


def test_no_firms_asked_for_gives_none() -> None:
    found = systemic_risk(
        np.eye(3, k=1), [0] * 3, [[1]], replaceable=False, tolerance=1e-2, firms=[]
    )
    assert found.total.shape == found.iterations.shape == (0,)


def test_sales_below_one_that_swing_are_refused() -> None:
    """Once its rival has stopped, too, firm 0 counts less; the rival recovers, and so on."""
    sales = np.zeros((4, 4))
    sales[0, 1], sales[1, 2], sales[2, 3] = 0.5, 0.25, 1.0
    network: Any = ([0, 0, 1, 1], np.full((2, 2), 2))
    with pytest.raises(RuntimeError, match="firm 0"):
        systemic_risk(sales, *network, replaceable=True, tolerance=1e-2)
    settled = systemic_risk(4 * sales, *network, replaceable=True, tolerance=1e-2)
    assert settled.downstream[0] == 1.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sales": np.ones((3, 2))}, "square"),
        ({"sales": np.array([[0, np.nan], [1, 0]])}, "finite"),
        ({"sales": np.array([[0, np.inf], [1, 0]])}, "finite"),
        ({"sales": np.array([[0, -1.0], [1, 0]])}, "negative"),
        ({"sales": np.zeros((2, 2))}, "no firm has weight"),
        ({"industry": [0, 0, 1]}, "industry has shape"),
        ({"industry": [0.0, 1.0]}, "integers"),
        ({"industry": [0, 2]}, "0 to 1"),
        ({"industry": [-1, 0]}, "0 to 1"),
        ({"essentiality": [[1, 1]]}, "essentiality must be square"),
        ({"essentiality": [[1, 3], [1, 1]]}, "0, 1 and 2"),
        ({"essentiality": [[1, np.nan], [1, 1]]}, "0, 1 and 2"),
        ({"tolerance": 0.0}, "tolerance"),
        ({"tolerance": float("nan")}, "tolerance"),
        ({"revenue": [1.0]}, "revenue has shape"),
        ({"revenue": [1.0, -1.0]}, "revenue"),
        ({"revenue": [1.0, np.inf]}, "revenue"),
        ({"weights": [1.0]}, "weights have shape"),
        ({"weights": [1.0, np.nan]}, "weights"),
        ({"firms": [2]}, "0 to 1"),
        ({"firms": [-1]}, "0 to 1"),
        ({"firms": [0.5]}, "row numbers"),
    ],
)
def test_wrong_input_is_refused(change: dict[str, Any], message: str) -> None:
    call: dict[str, Any] = {
        "sales": np.array([[0, 1.0], [1, 0]]), "industry": [0, 1],
        "essentiality": np.ones((2, 2), int), "replaceable": False, "tolerance": 1e-2,
    }  # fmt: skip
    with pytest.raises(ValueError, match=message):
        systemic_risk(**(call | change))


@pytest.mark.parametrize(
    ("capacity", "message"),
    [([1.0], "shape"), ([1.0, 1.1], r"\[0, 1\]"), ([1.0, np.nan], r"\[0, 1\]"), (1.0, "shape")],
)
def test_wrong_capacity_is_refused(capacity: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cascade(np.eye(2, k=1), [0, 0], [[1]], capacity=capacity, replaceable=False, tolerance=1e-2)
