"""Rules that a written plan must keep, checked without the code that made it.

An independent reading of the tables: money per purse and year, cost paid in full,
decisions and conditions of people respected, consortia within their limits and with
every needed capability.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from jicheng.errors import Fault, fault
from jicheng.zone import Zone

__all__ = ["broken_rules"]

_ROUNDING = 1e-6
Tables = Mapping[str, pl.DataFrame]


def broken_rules(zone: Zone, tables: Tables) -> list[Fault]:
    """Return a fault E613 for every rule that the tables break.

    Parameters
    ----------
    zone : Zone
        The inputs of the plan.
    tables : mapping of str to polars.DataFrame
        Result tables; rules about absent ones are not checked.
    """
    return [
        fault("E613", zh=zh, en=en)
        for rule, needed in _RULES
        if all(name in tables for name in needed)
        for zh, en in rule(zone, tables)
    ]


Broken = list[tuple[str, str]]


def _purses_not_overdrawn(zone: Zone, tables: Tables) -> Broken:
    spent = tables["funding"].group_by("purse").agg(pl.col("amount").sum())
    later = pl.col("later_amounts").fill_null("").str.split(";")
    held = zone["purses"].select(
        purse="id",
        held=pl.col("amount")
        + later.list.eval(pl.element().cast(pl.Float64, strict=False).fill_null(0.0)).list.sum(),
    )
    over = spent.join(held, on="purse").filter(pl.col("amount") > pl.col("held") * (1 + _ROUNDING))
    return [
        (f"资金池 {purse} 超支", f"purse {purse} is overdrawn") for purse in over["purse"].sort()
    ]


def _costs_paid_in_full(_: Zone, tables: Tables) -> Broken:
    paid = tables["funding"].group_by("challenge").agg(pl.col("amount").sum())
    funded = tables["portfolio"].filter("is_funded").join(paid, on="challenge", how="left")
    short = funded.filter((pl.col("amount").fill_null(0.0) - pl.col("cost")).abs() > 1e-3)
    return [
        (f"项目 {name} 的经费未足额安排", f"challenge {name} is not paid in full")
        for name in short["challenge"].sort()
    ]


def _decisions_respected(_: Zone, tables: Tables) -> Broken:
    rows = tables["portfolio"]
    wrong = rows.filter(
        ((pl.col("decision") == "excluded") & pl.col("is_funded"))
        | ((pl.col("decision") == "mandatory") & pl.col("is_candidate") & ~pl.col("is_funded"))
    )
    return [
        (f"项目 {name} 未按人工决定处理", f"challenge {name} does not follow the decision")
        for name in wrong["challenge"].sort()
    ]


def _conditions_kept(zone: Zone, tables: Tables) -> Broken:
    funded = set(tables["portfolio"].filter("is_funded")["challenge"])
    broken = []
    for name, kind, listed, count in (
        zone["conditions"].select("id", "kind", "challenges", "count").iter_rows()
    ):
        states = [challenge in funded for challenge in listed.split(";")]
        most = {"at_most": count or 1, "requires": len(states), "together": len(states)}[kind]
        least = (count or len(states) - 1) if kind == "requires" and states[0] else 0
        is_split = kind == "together" and 0 < sum(states) < len(states)
        if sum(states) > most or sum(states[1:]) < least or is_split:
            broken.append((f"条件 {name} 未满足", f"condition {name} is not kept"))
    return broken


def _years_not_overdrawn(_: Zone, tables: Tables) -> Broken:
    over = tables["cash"].filter(
        pl.col("committed") + pl.col("carried_over") > pl.col("available") * (1 + _ROUNDING) + 1e-3
    )
    return [
        (f"资金池 {purse} 在 {year} 年超支", f"purse {purse} is overdrawn in {year}")
        for year, purse in over.select("year", "purse").sort("year", "purse").iter_rows()
    ]


def _stages_sum_to_cost(_: Zone, tables: Tables) -> Broken:
    if tables["schedule"].is_empty():
        return []
    paid = tables["schedule"].group_by("challenge").agg(pl.col("amount").sum())
    funded = tables["portfolio"].filter("is_funded").join(paid, on="challenge", how="left")
    wrong = funded.filter((pl.col("amount").fill_null(0.0) - pl.col("cost")).abs() > 1e-3)
    return [
        (f"项目 {name} 各阶段金额与经费不符", f"the stages of {name} do not sum to its cost")
        for name in wrong["challenge"].sort()
    ]


def _consortia_complete(_: Zone, tables: Tables) -> Broken:
    formed = tables["consortia"].filter(pl.col("status").is_in(["optimal", "feasible"]))
    rows = tables["coverage"].join(formed.select("challenge"), on="challenge", how="semi")
    folds = tables["challenges"].select("challenge", "r_fold")
    short = rows.join(folds, on="challenge").filter(
        pl.col("team_depth").fill_null(0) < pl.col("r_fold")
    )
    return [
        (f"项目 {c} 的联合体缺少能力 {k}", f"the consortium of {c} lacks capability {k}")
        for c, k in short.select("challenge", "capability")
        .sort("challenge", "capability")
        .iter_rows()
    ]


def _consortia_within_limit(_: Zone, tables: Tables) -> Broken:
    limits = tables["challenges"].select("challenge", "member_limit")
    sizes = (
        tables["members"]
        .group_by("challenge")
        .agg(pl.len().alias("size"), pl.col("is_lead").sum().alias("leads"))
    )
    wrong = sizes.join(limits, on="challenge").filter(
        (pl.col("size") > pl.col("member_limit")) | (pl.col("leads") != 1)
    )
    return [
        (
            f"项目 {name} 的联合体人数或牵头单位不符",
            f"the consortium of {name} has a wrong size or lead",
        )
        for name in wrong["challenge"].sort()
    ]


def _capacity_kept_or_told(zone: Zone, tables: Tables) -> Broken:
    capacity = zone["organisations"].select("id", pl.col("capacity").fill_null(1))
    uses = tables["members"].group_by("organisation").agg(pl.len().alias("uses"))
    over = uses.join(capacity, left_on="organisation", right_on="id").filter(
        pl.col("uses") > pl.col("capacity")
    )
    told = " ".join(tables["warnings"].filter(pl.col("code") == "E324")["en"].to_list())
    return [
        (
            f"组织 {name} 承担的项目超过上限且未说明",
            f"{name} works in more consortia than it can, and nothing says so",
        )
        for name in over["organisation"].sort()
        if f"{name} is in" not in told
    ]


def _funded_have_a_consortium(_: Zone, tables: Tables) -> Broken:
    funded = tables["portfolio"].filter("is_funded")
    alone = funded.join(tables["members"], on="challenge", how="anti")
    return [
        (f"项目 {name} 获资助却没有联合体", f"challenge {name} is funded without a consortium")
        for name in alone["challenge"].sort()
    ]


_RULES: tuple[tuple[Callable[[Zone, Tables], Broken], tuple[str, ...]], ...] = (
    (_purses_not_overdrawn, ("funding",)),
    (_costs_paid_in_full, ("funding", "portfolio")),
    (_decisions_respected, ("portfolio",)),
    (_conditions_kept, ("portfolio",)),
    (_years_not_overdrawn, ("cash",)),
    (_stages_sum_to_cost, ("schedule", "portfolio")),
    (_consortia_complete, ("coverage", "consortia", "challenges")),
    (_consortia_within_limit, ("members", "challenges")),
    (_capacity_kept_or_told, ("members", "warnings")),
    (_funded_have_a_consortium, ("portfolio", "members")),
)
