"""Challenges, their milestones and their purses."""

from __future__ import annotations

import polars as pl

from jicheng.checks.view import ROW, View
from jicheng.conform import nearest
from jicheng.errors import Fault, Text, Where, fault

__all__ = [
    "chains_of_purses",
    "dates_in_order",
    "later_amounts_of_purses",
    "reasons",
    "shares_of_cost",
    "size_of_consortium",
]

_ROUNDING = 1e-6


def shares_of_cost(view: View) -> list[Fault]:
    """Refuse milestones that pay more than the whole cost (E139)."""
    sums = (
        view["milestones"]
        .group_by("challenge", maintain_order=True)
        .agg(pl.col("cost_share").sum(), pl.col(ROW).last())
        .filter(pl.col("cost_share") > 1 + _ROUNDING)
    )
    return [
        fault(
            "E139",
            where=view.at("milestones", row, "cost_share"),
            challenge=challenge,
            total=f"{total:.1%}",
        )
        for challenge, total, row in sums.iter_rows()
    ]


def dates_in_order(view: View) -> list[Fault]:
    """Warn of a milestone that is due before the one that precedes it (E140)."""
    ordered = view["milestones"].drop_nulls("due").sort("challenge", "order", maintain_order=True)
    early = ordered.filter(pl.col("due") < pl.col("due").shift(1).over("challenge"))
    return [
        fault(
            "E140",
            where=view.at("milestones", row, "due"),
            is_warning=True,
            challenge=challenge,
            order=order,
        )
        for challenge, order, row in early.select("challenge", "order", ROW).iter_rows()
    ]


def reasons(view: View) -> list[Fault]:
    """Warn of a challenge that is forced in or left out without a reason (E141)."""
    silent = view["challenges"].filter(
        pl.col("decision").is_not_null() & pl.col("reason").is_null()
    )
    return [
        fault("E141", where=view.at("challenges", row, "reason"), is_warning=True, challenge=name)
        for name, row in silent.select("id", ROW).iter_rows()
    ]


def size_of_consortium(view: View) -> list[Fault]:
    """Warn of a signed consortium with more members than its limit (E142)."""
    sizes = (
        view["challenges"]
        .drop_nulls("consortium")
        .with_columns(n=pl.col("consortium").str.split(";").list.n_unique())
        .filter(pl.col("n") > pl.col("member_limit"))
    )
    return [
        fault(
            "E142",
            where=view.at("challenges", row, "consortium"),
            is_warning=True,
            challenge=name,
            n=n,
            limit=limit,
        )
        for name, n, limit, row in sizes.select("id", "n", "member_limit", ROW).iter_rows()
    ]


def chains_of_purses(view: View) -> list[Fault]:
    """Warn of a purse limited to a chain to which no technology belongs (E147)."""
    if not view.has("technologies"):
        return []
    known = sorted(set(view["technologies"]["chain"].drop_nulls()))
    limits = (
        view["purses"]
        .drop_nulls("chains")
        .with_columns(pl.col("chains").str.split(";"))
        .explode("chains")
        .filter(~pl.col("chains").is_in(known))
    )
    return [
        fault(
            "E147",
            where=view.at("purses", row, "chains"),
            is_warning=True,
            purse=purse,
            value=chain,
            near=nearest(chain, known, otherwise=", ".join(known[:5]) or "-"),
        )
        for purse, chain, row in limits.select("id", "chains", ROW).iter_rows()
    ]


def later_amounts_of_purses(view: View) -> list[Fault]:
    """Refuse later amounts that are no amounts of money, or of a purse without year (E443)."""
    found: dict[int, tuple[str, Text]] = {}
    rows = view["purses"].drop_nulls("later_amounts")
    for row, name, period, amounts in rows.select(ROW, "id", "period", "later_amounts").iter_rows():
        wrong = [part for part in amounts.split(";") if not _is_money(part)]
        if wrong:
            found[row] = (name, Text(f"“{wrong[0]}”不是金额", f"{wrong[0]!r} is no amount"))
        elif period is None:
            found[row] = (name, Text("未填写年份", "its period is empty"))

    def make(row: int, where: Where) -> Fault:
        return fault("E443", where=where, id=found[row][0], detail=found[row][1])

    return view.faults("purses", "later_amounts", found, make)


def _is_money(part: str) -> bool:
    try:
        return 0 <= float(part) < float("inf")
    except ValueError:
        return False
