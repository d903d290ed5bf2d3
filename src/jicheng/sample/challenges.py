"""Challenges, their stages, and the money: what the zone could put out and pay for."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import polars as pl

from jicheng.sample.chains import Chains
from jicheng.sample.consortia import Consortia
from jicheng.sample.frames import PERIOD, data, number_ids, table_of
from jicheng.sample.organisations import ZONE, Organisations
from jicheng.sample.planting import Planting, Role
from jicheng.sample.scales import Scale
from jicheng.sample.streams import stream

__all__ = [
    "challenge_of",
    "challenges_table",
    "conditions_table",
    "facilities_table",
    "milestones_table",
    "policies_table",
    "purses_table",
]

_COST_WAN = {
    "equipment": (2500.0, 9000.0), "material": (800.0, 3000.0), "component": (1000.0, 4000.0),
    "software": (1200.0, 4500.0), "design": (1500.0, 4000.0),
}  # fmt: skip
_STAGES = (("方案与样品", 0.3, False), ("工程样机", 0.3, True), ("用户验证", 0.25, True),
           ("批量应用", 0.15, False))  # fmt: skip
_PURSES = (
    ("purse:public", "科技攻关专项资金（示例）", "Research programme (sample)", "public", 0.6),
    (
        "purse:chain",
        "集成电路与智能产业专项（示例）",
        "Chip and AI programme (sample)",
        "public",
        0.5,
    ),
    ("purse:fund", "产业引导基金（示例）", "Industry guidance fund (sample)", "social", 0.5),
    ("purse:credit", "科技信贷（示例）", "Technology credit (sample)", "financial", 0.4),
)
_INCOMPLETE = 0.02  # share of ordinary challenges whose cost or relief is unknown


def challenge_of(technology: str) -> str:
    """Return the id of the challenge about a technology."""
    return "chal:" + technology.removeprefix("tech:")


def challenges_table(
    chains: Chains,
    planting: Planting,
    consortia: Consortia,
    organisations: Organisations,
    seed: int,
) -> pl.DataFrame:
    """Return the table ``challenges``: one for every technology that one could be about."""
    rng = stream(seed, "challenges")
    table = organisations.table
    agency = table.filter(pl.col("kind") == "agency")["id"][0]
    info = {row["id"]: row for row in chains.technologies.iter_rows(named=True)}
    raced = _planted(chains, planting)[0]
    rows: list[dict[str, Any]] = []
    for technology in chains.targets:
        about = info[technology]
        low, high = _COST_WAN[about["kind"]]
        cost = rng.uniform(low, high)
        draws = rng.random(6)
        gap = planting.roles[technology] is Role.ORDINARY and draws[5] < _INCOMPLETE
        rows.append({
            "id": challenge_of(technology),
            "technology": technology,
            "name": f"{about['name']}攻关",
            "name_en": f"Break through: {about['name_en']}",
            "owner": agency if draws[0] < 0.6 else consortia.members[technology][0],
            "cost_low": None if gap else round(cost * 0.85, -1),
            "cost_high": None if gap else round(cost * 1.25, -1),
            "years": float(3 + int(draws[1] * 3)),
            "relief": round(0.6 + 0.35 * draws[2], 2),
            "r_fold": consortia.r_fold[technology],
            "member_limit": 6 + int(draws[3] * 3),
            "lead_kinds": "firm" if draws[4] < 0.7 else "firm;institute",
            "small_firm_share": 0.2 if draws[3] < 0.3 else None,
            "purses": "purse:public;purse:chain;purse:fund" if draws[1] < 0.25 else None,
            "parallel_teams": 2 if draws[2] > 0.9 or technology == raced else 1,
            "status": "candidate",
        })  # fmt: skip
    return table_of("challenges", pl.DataFrame(rows, infer_schema_length=None))


def milestones_table(challenges: pl.DataFrame) -> pl.DataFrame:
    """Return the table ``milestones``: four stages, paid in parts, two of them gates."""
    rows: list[dict[str, Any]] = []
    for challenge, years in challenges.select("id", "years").iter_rows():
        for i, (name, share, is_gate) in enumerate(_STAGES, start=1):
            months = round(12 * years * i / len(_STAGES))
            rows.append({
                "challenge": challenge, "order": i, "name": name, "cost_share": share,
                "is_gate": is_gate,
                "due": datetime.date(PERIOD + 1 + months // 12, 1 + months % 12, 28),
            })  # fmt: skip
    return table_of("milestones", pl.DataFrame(rows))


def conditions_table(chains: Chains, planting: Planting) -> pl.DataFrame:
    """Return the table ``conditions``: one planted chokepoint only with another.

    With one that goes into it, where there is such a pair.
    """
    about = _planted(chains, planting)
    inputs = chains.links.filter(
        (pl.col("relation") == "input")
        & pl.col("source").is_in(about)
        & pl.col("target").is_in(about)
    ).sort("target", "source")
    pairs = [*inputs.select("target", "source").rows(), tuple(about[1::-1])]
    return table_of("conditions", {
        "id": ["cond:1"], "kind": ["requires"],
        "challenges": [";".join(challenge_of(technology) for technology in pairs[0])],
        "reason": ["前者依托后者的成果，不单独立项（示例）"],
    })  # fmt: skip


def _planted(chains: Chains, planting: Planting) -> list[str]:
    """Return the technologies that are planted as chokepoints, by id."""
    return sorted(t for t in chains.targets if planting.roles[t] is Role.CHOKEPOINT)


def purses_table(chains: Chains, scale: Scale) -> pl.DataFrame:
    """Return the table ``purses``: two public ones, a fund and credit."""
    present = set(chains.technologies["chain"])
    limited = ";".join(name for name in ("集成电路", "人工智能") if name in present)
    columns = ["id", "name", "name_en", "kind", "share_limit"]
    frame = pl.DataFrame(list(_PURSES), schema=columns, orient="row").with_columns(
        pl.Series("amount", [float(amount) for amount in scale.purses_wan]),
        pl.Series("chains", [None, limited, None, None]),
        period=pl.lit(PERIOD + 1),
    )
    return table_of("purses", frame)


def policies_table(chains: Chains) -> pl.DataFrame:
    """Return the table ``policies``, without those for chains that the scale lacks."""
    present = chains.technologies["chain"].unique().implode()
    frame = data("policies").filter(pl.col("chain").is_null() | pl.col("chain").is_in(present))
    return table_of(
        "policies", frame.with_columns(pl.col("window_from", "window_until").str.to_date())
    )


def facilities_table(organisations: Organisations, scale: Scale, seed: int) -> pl.DataFrame:
    """Return the table ``facilities``: equipment of institutes, platforms, universities."""
    rng = stream(seed, "facilities")
    kinds = data("facilities")
    table = organisations.table.with_columns(organisations.chain)
    owners = table.filter(
        (pl.col("zone") == ZONE) & pl.col("kind").is_in(["institute", "platform", "university"])
    )
    rows: list[dict[str, Any]] = []
    for i in range(scale.n_facilities):
        kind = kinds.row(i % kinds.height, named=True)
        near = owners.filter(pl.col("chain") == kind["chain"]) if kind["chain"] else owners
        pool = near if near.height else owners
        owner = pool.row(int(rng.integers(pool.height)), named=True)
        rows.append({
            "name": f"{owner['name']}{kind['kind']}",
            "name_en": f"{kind['kind_en']}, {owner['name_en']}",
            "owner": owner["id"],
            "kind": kind["kind"],
            "site": owner["site"],
            "capacity": float(rng.integers(4, 25) * 100),
            "price": float(np.round(rng.lognormal(6.3, 0.7), -1)),
        })  # fmt: skip
    frame = pl.DataFrame(rows).with_columns(number_ids("facility", scale.n_facilities, width=4))
    return table_of("facilities", frame)
