"""Who supplies each technology, and who restricts: shares, restrictions, reliance.

A healthy world first, then suppliers are taken away as planted (see
:mod:`jicheng.sample.planting`). All figures are made up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from jicheng.sample.chains import Chains
from jicheng.sample.frames import PERIOD, data, table_of
from jicheng.sample.organisations import Organisations
from jicheng.sample.planting import HOME, Planting, Role
from jicheng.sample.scales import Scale
from jicheng.sample.streams import stream

__all__ = ["restrictions_table", "supply_table", "technologies_table"]

Shares = dict[str, float]

_CAP_RESTRICTED = 0.2  # largest share of a country that restricts, in a healthy world
_CAP_OTHER = 0.28
_RESTRICTS = 0.4  # risk times trade parameter from which a country counts as restricting
_CALM = ("CHE", "MYS", "CHL", "BRA", "ZAF", "VNM", "THA", "KAZ", "SGP")
_AGES = ((0, 0.15), (1, 0.4), (2, 0.2), (3, 0.1), (4, 0.06), (6, 0.06), (9, 0.03))
_FRESH_ROLES = frozenset(Role) - {Role.ORDINARY, Role.CATEGORY}
_CONCENTRATED = (Role.CHOKEPOINT, Role.LOW_IMPACT, Role.SECOND_SOURCE, Role.SUBSTITUTABLE)
_SOURCING_KNOWN = 0.55  # share of ordinary technologies with home's sourcing
_BORDERLINE_RISK = (0.07, 0.15)  # squared share times risk and trade of the one restricting country
_NAMED_RISKS = {"USA": 0.95, "JPN": 0.75, "NLD": 0.85, "GBR": 0.6, "KOR": 0.4, "DEU": 0.35}


@dataclass
class _World:
    """Countries, and the draws of shares."""

    rng: np.random.Generator
    countries: pl.DataFrame = field(default_factory=lambda: data("countries"))

    def __post_init__(self) -> None:
        self.names: list[str] = self.countries["country"].to_list()
        threat = self.countries["risk"] * self.countries["trade"]
        self.threat: dict[str, float] = dict(zip(self.names, threat.to_list(), strict=True))
        self.restricts = {name: value >= _RESTRICTS for name, value in self.threat.items()}
        weight = self.countries["weight"].to_numpy()
        self.weight = weight / weight.sum()

    def healthy(self, suppliers: list[str], home: tuple[float, float]) -> Shares:
        """Return shares of home and all suppliers, none of them dominant."""
        own = self.rng.uniform(*home)
        parts = self.rng.dirichlet(np.full(len(suppliers), 4.0)) * (1.0 - own)
        caps = [_CAP_RESTRICTED if self.restricts[name] else _CAP_OTHER for name in suppliers]
        parts = np.minimum(parts, caps)
        shares = dict(zip(suppliers, parts.tolist(), strict=True))
        shares[HOME] = 1.0 - sum(shares.values())
        return shares

    def suppliers(self) -> list[str]:
        """Draw five to eight foreign suppliers, larger industries more often."""
        count = int(self.rng.integers(5, 9))
        at = self.rng.choice(len(self.names), count, replace=False, p=self.weight)
        return [self.names[i] for i in at]

    def left_with(self, shares: Shares, kept: tuple[str, ...], mass: float) -> Shares:
        """Take all suppliers away but ``kept`` and one small foreign one."""
        small = [n for n in shares if n not in kept and n != HOME and not self.restricts[n]]
        split = self.rng.dirichlet(np.full(len(kept), 60.0)) * mass
        left = dict(zip(kept, split.tolist(), strict=True))
        left[small[0] if small else "CHE"] = 1.0 - mass
        return left


def supply_table(
    chains: Chains, planting: Planting, organisations: Organisations, scale: Scale, seed: int
) -> pl.DataFrame:
    """Return the table ``supply`` (streams ``supply`` and ``supply by firm``).

    Shares sum to at most 1 a technology, system and basis. A listed supplier without
    a share is unknown, as in real lists.
    """
    world = _World(stream(seed, "supply"))
    by_firm = _by_firm(chains, planting, organisations, scale, seed)
    only_firms = {row["technology"] for row in by_firm[: len(by_firm) // 2]}
    rows: list[dict[str, Any]] = []
    for technology in chains.technologies["id"]:
        role = planting.roles[technology]
        drawn = _basis_shares(world, role, planting.withheld_by.get(technology, ()))
        if role in (Role.NO_DATA, Role.CATEGORY) or technology in only_firms:
            continue
        for basis, shares in drawn.items():
            rows += _rows(world, technology, role, basis, shares)
    return table_of("supply", pl.DataFrame(rows + by_firm, infer_schema_length=None))


def _basis_shares(world: _World, role: Role, kept: tuple[str, ...]) -> dict[str, Shares]:
    """Return the shares of the world and, where known, of home's sourcing."""
    rng = world.rng
    suppliers = world.suppliers()
    made = world.healthy(suppliers, (0.12, 0.4))
    bought = world.healthy(suppliers, (0.3, 0.75))
    is_known = rng.random() < _SOURCING_KNOWN or role not in (Role.ORDINARY, Role.BORDERLINE)
    if role in _CONCENTRATED:
        made = world.left_with(made, kept, rng.uniform(0.8, 0.985))
        bought = world.left_with(bought, kept, rng.uniform(0.8, 0.985))
    elif role is Role.SOURCED_AT_HOME:
        made = world.left_with(made, kept, rng.uniform(0.9, 0.95))
        own = rng.uniform(0.88, 0.94)
        bought = {HOME: own, kept[0]: 1.0 - own}
    elif role is Role.HOME_DOMINATED:
        made = _scaled(made, HOME, rng.uniform(0.78, 0.92))
        bought = _scaled(bought, HOME, rng.uniform(0.88, 0.96))
    elif role is Role.LOW_RISK:
        calm = str(rng.choice(_CALM))
        made, bought = (_scaled(s, calm, rng.uniform(0.68, 0.82)) for s in (made, bought))
    elif role is Role.BORDERLINE:
        share = float(np.sqrt(rng.uniform(*_BORDERLINE_RISK) / world.threat[kept[0]]))
        made, bought = (_scaled(s, kept[0], share) for s in (made, bought))
    return {"world": made, HOME: bought} if is_known else {"world": made}


def _scaled(shares: Shares, name: str, share: float) -> Shares:
    """Return the shares with one supplier at ``share`` and the others in proportion."""
    rest = sum(value for other, value in shares.items() if other != name)
    scaled = {n: value * (1.0 - share) / rest for n, value in shares.items() if n != name}
    return {name: share} | scaled


def _rows(
    world: _World, technology: str, role: Role, basis: str, shares: Shares
) -> list[dict[str, Any]]:
    rng = world.rng
    ages, chances = zip(*_AGES, strict=True)
    age = int(rng.integers(0, 4)) if role in _FRESH_ROLES else int(rng.choice(ages, p=chances))
    ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    n_unknown = int(rng.integers(1, 4)) if role is Role.ORDINARY and rng.random() < 0.35 else 0
    has_bounds = rng.random() < 0.5
    rows: list[dict[str, Any]] = []
    for position, (name, value) in enumerate(ordered):
        share = np.floor(value * 1000) / 1000
        if share == 0:
            continue
        older = int(role not in _FRESH_ROLES and rng.random() < 0.2)
        row: dict[str, Any] = {
            "technology": technology, "supplier": name, "country": name,
            "system": "country", "basis": basis, "period": PERIOD - age - older,
        }  # fmt: skip
        if position < len(ordered) - n_unknown:
            row["share"] = share
            if has_bounds:
                row["share_low"] = round(share * 0.95, 4)
                row["share_high"] = round(min(1.0, share * 1.05), 4)
        rows.append(row)
    return rows


def _by_firm(
    chains: Chains, planting: Planting, organisations: Organisations, scale: Scale, seed: int
) -> list[dict[str, Any]]:
    """Return shares by firm for some ordinary technologies, never a dominant firm."""
    rng = stream(seed, "supply by firm")
    ordinary = planting.of_role(Role.ORDINARY)
    chosen = [ordinary[i] for i in rng.permutation(len(ordinary))[: scale.n_by_firm]]
    chain_of = dict(chains.technologies.select("id", "chain").iter_rows())
    table = organisations.table.with_columns(organisations.chain)
    firms = table.filter(pl.col("kind") == "firm")
    foreign = firms.filter(pl.col("country") != HOME).select("id", "country").rows()
    large = pl.col("size").is_in(["large", "medium"]) & pl.col("zone").is_not_null()
    inside = firms.filter(large)
    rows: list[dict[str, Any]] = []
    for technology in chosen:
        abroad = [foreign[i] for i in rng.permutation(len(foreign))[:6]]
        home = inside.filter(pl.col("chain") == chain_of[technology])["id"].to_list()
        local = [(home[i], HOME) for i in rng.permutation(len(home))[:3]]
        parts = rng.dirichlet(np.full(len(abroad), 6.0)) * 0.5
        shares = [*np.minimum(parts, 0.12), *(rng.dirichlet(np.full(len(local), 6.0)) * 0.42)]
        rows += [
            {
                "technology": technology, "supplier": firm, "country": country,
                "system": "firm", "basis": "world", "period": PERIOD - 1,
                "share": round(float(share), 3),
            }
            for (firm, country), share in zip(abroad + local, shares, strict=True)
        ]  # fmt: skip
    return rows


def technologies_table(
    chains: Chains, planting: Planting, supply: pl.DataFrame, seed: int
) -> pl.DataFrame:
    """Return the table ``technologies`` (stream ``technologies``)."""
    rng = stream(seed, "technologies")
    own = dict(
        supply.filter((pl.col("basis") == HOME) & (pl.col("country") == HOME))
        .select("technology", "share")
        .iter_rows()
    )
    known = set(supply.filter(pl.col("basis") == HOME)["technology"])
    second: list[float | None] = []
    index: list[float | None] = []
    reliance: list[float | None] = []
    for technology in chains.technologies["id"]:
        r, si, ir = _factors(rng, planting.roles[technology])
        if technology in known and ir is not None:
            ir = (1.0 - (own.get(technology) or 0.0)) * rng.uniform(0.92, 1.0)
        second.append(r)
        index.append(si)
        reliance.append(ir)
    return table_of(
        "technologies",
        chains.technologies.with_columns(
            pl.Series("second_source", second).round(3),
            pl.Series("substitutability", index).round(3),
            pl.Series("import_reliance", reliance).round(3),
        ),
    )


def _factors(
    rng: np.random.Generator, role: Role
) -> tuple[float | None, float | None, float | None]:
    """Draw second source R, substitutability SI and import reliance IR of a role."""
    if role is Role.CATEGORY:
        return None, None, None
    r, si = rng.uniform(0.0, 0.2), rng.uniform(0.6, 1.0)
    gaps = rng.random(3)
    if role is Role.ORDINARY:
        known_r, known_si = gaps[0] > 0.2, gaps[1] > 0.15
        return (
            (r if known_r else None),
            (si if known_si else None),
            (rng.uniform(0.25, 0.6) if gaps[2] > 0.15 else None),
        )
    r, si = rng.uniform(0.0, 0.12), rng.uniform(0.7, 1.0)
    if role is Role.SECOND_SOURCE:
        r = rng.uniform(0.94, 0.98)
    if role is Role.SUBSTITUTABLE:
        si = rng.uniform(0.03, 0.05)
    return r, si, rng.uniform(0.5, 0.7)


def restrictions_table(planting: Planting, seed: int) -> pl.DataFrame:
    """Return the table ``restrictions`` (stream ``restrictions``).

    Risks of every country towards home, risks of some technologies, a scenario
    ``named`` with higher risks, and a few rows that concern other targets and must
    not count for home.
    """
    rng = stream(seed, "restrictions")
    countries = data("countries")
    columns = ["country", "risk", "risk_se", "trade"]
    general = countries.select(columns).with_columns(
        target=pl.lit(HOME),
        technology=pl.lit(None, dtype=pl.String),
        scenario=pl.lit("baseline"),
        instrument=pl.lit("国别风险（示例）"),
    )
    risk_of = dict(countries.select("country", "risk").iter_rows())
    trade_of = dict(countries.select("country", "trade").iter_rows())
    special: list[dict[str, Any]] = [
        {
            "country": name, "target": HOME, "risk": risk, "risk_se": 0.03,
            "trade": trade_of[name], "instrument": "联合管制情景（示例）", "scenario": "named",
        }
        for name, risk in _NAMED_RISKS.items()
    ]  # fmt: skip
    for technology in planting.of_role(Role.CHOKEPOINT):
        leader = planting.withheld_by[technology][0]
        if rng.random() < 0.4:
            risk = round(min(0.97, risk_of[leader] + rng.uniform(0.05, 0.2)), 2)
            special.append({
                "country": leader, "target": HOME, "technology": technology, "risk": risk,
                "risk_se": 0.03, "trade": trade_of[leader],
                "instrument": "出口许可（示例）", "scenario": "baseline",
            })  # fmt: skip
    special += [
        {
            "country": name, "target": target, "risk": 0.9, "risk_se": 0.05, "trade": 1.0,
            "instrument": "对第三国管制（示例）", "scenario": "baseline",
        }
        for name, target in (("DEU", "IND"), ("KOR", "VNM"), ("CHE", "BRA"))
    ]  # fmt: skip
    rows = pl.DataFrame(special, schema=general.schema)
    return table_of("restrictions", pl.concat([general, rows]))
