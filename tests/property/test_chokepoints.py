"""Axioms of the chokepoint analysis on random zones."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import link, make_zone, share
from jicheng.select.chokepoints import ChokepointSettings, find_chokepoints
from jicheng.zone import Zone

COUNTRIES = ("CHN", "DEU", "JPN", "KOR", "NLD", "USA")
SCENARIOS = ("all-foreign", "baseline", "JPN+USA", "export-stop")
QUICK = ChokepointSettings(n_draws=60)
KINDS = ("equipment", "design", None)

seeds = st.integers(0, 2**32 - 1)
scenarios = st.sampled_from(SCENARIOS)


def few(max_examples: int) -> Any:
    return settings(deadline=None, max_examples=max_examples)


def random_rows(seed: int) -> dict[str, list[dict[str, Any]]]:
    """Return the tables of a random zone: five technologies, a category, a product."""
    rng = np.random.default_rng(seed)
    ids = [f"t{i}" for i in range(5)]
    technologies = [
        {
            "id": name,
            "name": name,
            "kind": KINDS[int(rng.integers(3))],
            "second_source": float(rng.choice([0.0, 0.3])) if rng.random() < 0.5 else None,
            "substitutability": float(rng.uniform(0.3, 1.0)) if rng.random() < 0.5 else None,
            "import_reliance": float(rng.random()) if rng.random() < 0.3 else None,
            "years_low": float(rng.integers(1, 9)) if rng.random() < 0.7 else None,
        }
        for name in ids
    ]
    technologies += [{"id": "c", "name": "c"}, {"id": "p", "name": "p", "final_value": 1.0}]
    choice = ("essential", "non_essential", None)
    links = [link("c", "p"), link("t0", "c", "category"), link("t1", "c", "category")]
    for i, name in enumerate(ids[2:], start=2):
        target = "p" if i == 4 or rng.random() < 0.6 else ids[int(rng.integers(i + 1, 5))]
        links.append(link(name, target, essentiality=choice[int(rng.integers(3))]))
    rows = [row for name in ids for row in random_shares(rng, name, "world")]
    if rng.random() < 0.5:
        rows += random_shares(rng, "t2", "CHN")
    return {
        "technologies": technologies,
        "links": links,
        "supply": rows,
        "restrictions": random_restrictions(rng),
    }


def random_shares(rng: np.random.Generator, name: str, basis: str) -> list[dict[str, Any]]:
    parts = rng.dirichlet(np.ones(len(COUNTRIES) + 1))[:-1]
    year = int(rng.integers(2016, 2027))
    return [
        share(name, country, float(part) if rng.random() < 0.7 else None, period=year, basis=basis)
        for country, part in zip(COUNTRIES, parts, strict=True)
        if rng.random() < 0.7
    ]


def random_restrictions(rng: np.random.Generator) -> list[dict[str, Any]]:
    rows = [
        {
            "country": country,
            "risk": float(rng.random()),
            "risk_se": float(rng.choice([0.0, 0.1])),
            "trade": float(rng.choice([0.8, 1.0, 1.5])),
        }
        for country in COUNTRIES
        if rng.random() < 0.6
    ]
    return [*rows, {"country": "NLD", "risk": 0.9, "scenario": "export-stop"}]


def zone_of(tables: dict[str, list[dict[str, Any]]]) -> Zone:
    return make_zone(**tables)


def table(tables: dict[str, Any], scenario: str, **values: Any) -> pl.DataFrame:
    return find_chokepoints(zone_of(tables), scenario=scenario, settings=QUICK, **values).table


def column(frame: pl.DataFrame, name: str) -> np.ndarray:
    return frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy()


@few(30)
@given(seeds, scenarios)
def test_low_point_and_high_stand_in_order(seed: int, scenario: str) -> None:
    result = find_chokepoints(zone_of(random_rows(seed)), scenario=scenario, settings=QUICK)
    frame = result.table.join(result.bounds, on="technology")
    for low, point, high in (
        ("vulnerability_low", "vulnerability", "vulnerability_high"),
        ("vulnerability_lowest", "vulnerability", "vulnerability_highest"),
        ("impact_low", "impact_mixed", "impact_high"),
        ("impact_lowest", "impact_mixed", "impact_highest"),
        ("hhi_low", "hhi", "hhi_high"),
        ("rank_low", "rank", "rank_high"),
    ):
        known = frame.drop_nulls([low, point, high])
        assert (column(known, low) <= column(known, point) + 1e-12).all(), point
        assert (column(known, point) <= column(known, high) + 1e-12).all(), point
        assert frame[point].is_null().equals(frame[low].is_null()), point


@few(20)
@given(seeds, scenarios)
def test_order_of_rows_changes_no_byte(seed: int, scenario: str) -> None:
    rows = random_rows(seed)
    rng = np.random.default_rng(seed + 1)
    mixed = {name: [part[i] for i in rng.permutation(len(part))] for name, part in rows.items()}
    assert table(rows, scenario).write_csv() == table(mixed, scenario).write_csv()


@few(30)
@given(seeds, scenarios, st.data())
def test_a_further_share_never_widens_the_hard_bounds(
    seed: int, scenario: str, data: st.DataObject
) -> None:
    rows = random_rows(seed)
    before = find_chokepoints(zone_of(rows), scenario=scenario, settings=QUICK)
    free = {
        row["technology"]: row["unknown_share"]
        for row in before.table.iter_rows(named=True)
        if row["vulnerability"] is not None and row["unknown_share"] > 0.01
    }
    if not free:
        return
    technology = data.draw(st.sampled_from(sorted(free)))
    supply = rows["supply"]
    known = {
        row["supplier"]
        for row in supply
        if (row["technology"], row["basis"]) == (technology, "world") and row["share"] is not None
    }
    unnamed = [name for name in (*COUNTRIES, "FRA") if name not in known]
    if not unnamed or not known:  # a first share opens a basis; the claim is for a further one
        return
    supplier = data.draw(st.sampled_from(unnamed))
    part = data.draw(st.floats(0.0, 1.0)) * free[technology]
    kept = [
        row
        for row in supply
        if (row["technology"], row["basis"], row["supplier"]) != (technology, "world", supplier)
    ]
    year = next(row["period"] for row in supply if row["technology"] == technology)
    more = rows | {"supply": [*kept, share(technology, supplier, part, period=year)]}
    after = find_chokepoints(zone_of(more), scenario=scenario, settings=QUICK)
    old, new = (
        result.bounds.filter(technology=technology).row(0, named=True) for result in (before, after)
    )
    for axis in ("vulnerability", "impact"):
        assert new[f"{axis}_lowest"] >= old[f"{axis}_lowest"] - 1e-9
        assert new[f"{axis}_highest"] <= old[f"{axis}_highest"] + 1e-9


@few(30)
@given(seeds, scenarios, st.booleans())
def test_rows_of_a_category_change_no_figure_of_a_leaf(
    seed: int, scenario: str, is_dominant: bool
) -> None:
    rows = random_rows(seed)
    own = [share("c", "JPN", 1.0 if is_dominant else 0.3)]
    years = [row | ({"years_low": 0.5} if row["id"] == "c" else {}) for row in rows["technologies"]]
    more = rows | {"supply": rows["supply"] + own, "technologies": years}
    without, with_rows = table(rows, scenario), table(more, scenario)
    leaf = pl.col("technology") != "c"
    assert without.filter(leaf).write_csv() == with_rows.filter(leaf).write_csv()


@few(20)
@given(seeds, scenarios)
def test_leontief_loses_at_least_as_much_as_linear(seed: int, scenario: str) -> None:
    frame = table(random_rows(seed), scenario).drop_nulls("impact_linear")
    assert (column(frame, "impact_leontief") >= column(frame, "impact_linear") - 1e-12).all()
    assert (column(frame, "p_leontief") >= column(frame, "p_linear")).all()


@few(20)
@given(seeds, st.sampled_from([0.25, 0.5, 0.9]))
def test_vulnerability_is_linear_in_substitutability(seed: int, factor: float) -> None:
    rows = random_rows(seed)
    scaled = [
        row | {"substitutability": (row.get("substitutability") or 1.0) * factor}
        for row in rows["technologies"]
    ]
    one, two = (
        column(table(rows | {"technologies": part}, "baseline"), "vulnerability")
        for part in (rows["technologies"], scaled)
    )
    assert np.allclose(one * factor, two, equal_nan=True)


@few(20)
@given(seeds, st.sampled_from([0.8, 1.5, 2.0]))
def test_vulnerability_is_linear_in_a_common_trade_parameter(seed: int, trade: float) -> None:
    rows = random_rows(seed)
    both = [
        column(
            table(
                rows | {"restrictions": [
                    {"country": name, "risk": 0.4, "trade": t} for name in COUNTRIES]},
                "baseline",
            ),
            "vulnerability",
        )
        for t in (1.0, trade)
    ]  # fmt: skip
    assert np.allclose(both[0] * trade, both[1], equal_nan=True)


@few(20)
@given(seeds)
def test_a_larger_coalition_never_withholds_less(seed: int) -> None:
    rows = random_rows(seed)
    rows["restrictions"] = [{"country": name, "risk": 0.0} for name in COUNTRIES]
    small, large = (table(rows, name) for name in ("JPN+USA", "JPN+NLD+USA"))
    for name in ("vulnerability", "impact_mixed", "impact_linear"):
        known = ~np.isnan(column(small, name))
        assert (column(large, name)[known] >= column(small, name)[known] - 1e-12).all()


@few(20)
@given(seeds, scenarios)
def test_missing_shares_are_never_safe_and_never_zero(seed: int, scenario: str) -> None:
    rows = random_rows(seed)
    blank = [row | {"share": None} if row["technology"] == "t3" else row for row in rows["supply"]]
    row = table(rows | {"supply": blank}, scenario).filter(technology="t3").row(0, named=True)
    assert row["verdict"] == "no_data"
    assert row["vulnerability"] is None
    assert row["impact_mixed"] is None
    assert row["p_chokepoint"] is None


@few(20)
@given(seeds, st.sampled_from(COUNTRIES), st.sampled_from(("all-foreign", "baseline")))
def test_a_home_that_supplies_itself_is_not_vulnerable(seed: int, home: str, scenario: str) -> None:
    rows = random_rows(seed)
    others = [row for row in rows["supply"] if row["technology"] != "t4"]
    rows["supply"] = [*others, share("t4", home, 1.0)]
    row = table(rows, scenario, home=home).filter(technology="t4").row(0, named=True)
    assert row["vulnerability"] == 0.0
    assert row["impact_mixed"] == 0.0
    assert row["p_chokepoint"] == 0.0


@few(20)
@given(seeds, scenarios)
def test_other_technologies_change_no_figure_but_the_rank(seed: int, scenario: str) -> None:
    rows = random_rows(seed)
    extra = {"id": "z", "name": "z", "years_low": 0.5}
    more = {
        **rows,
        "technologies": [*rows["technologies"], extra],
        "supply": [*rows["supply"], share("z", "JPN", 1.0)],
    }
    own = pl.exclude("rank", "rank_low", "rank_high", "is_priority")
    without = table(rows, scenario).select(own)
    with_it = table(more, scenario).filter(pl.col("technology") != "z").select(own)
    assert without.write_csv() == with_it.write_csv()


@pytest.mark.parametrize("n", [1, 2, 4, 5])
def test_hhi_of_equal_shares(n: int) -> None:
    rows = random_rows(1)
    rows["supply"] = [share("t4", name, 1.0 / n) for name in COUNTRIES[:n]]
    row = table(rows, "all-foreign").filter(technology="t4").row(0, named=True)
    assert row["hhi"] == pytest.approx(1.0 / n)
    assert row["hhi_high"] == pytest.approx(1.0 / n)


@few(40)
@given(seeds, scenarios)
def test_whoever_supplies_the_unexplained_mass_the_hard_bounds_hold(
    seed: int, scenario: str
) -> None:
    rows = random_rows(seed)
    rng = np.random.default_rng(seed + 1)
    before = find_chokepoints(zone_of(rows), scenario=scenario, settings=QUICK).bounds
    complete = [row for row in rows["supply"] if row["share"] is not None]
    for technology, basis in {(row["technology"], row["basis"]) for row in complete}:
        own = [r for r in complete if (r["technology"], r["basis"]) == (technology, basis)]
        free = 1.0 - sum(row["share"] for row in own)
        parts = free * rng.dirichlet(np.full(len(COUNTRIES), 0.3))
        for row in own:
            row["share"] += parts[COUNTRIES.index(row["supplier"])]
        named = {row["supplier"] for row in own}
        complete += [
            share(technology, name, part, period=own[0]["period"], basis=basis)
            for name, part in zip(COUNTRIES, parts, strict=True)
            if name not in named
        ]
    after = table(rows | {"supply": complete}, scenario)
    joined = after.join(before, on="technology").drop_nulls(["vulnerability", "impact_mixed"])
    for name, axis in (("vulnerability", "vulnerability"), ("impact_mixed", "impact")):
        assert (column(joined, name) <= column(joined, f"{axis}_highest") + 1e-9).all()
        assert (column(joined, name) >= column(joined, f"{axis}_lowest") - 1e-9).all()
