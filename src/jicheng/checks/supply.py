"""Shares of supply: sums, suppliers and their countries, restrictions."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import polars as pl

from jicheng.cells import country_code
from jicheng.checks.view import ROW, View
from jicheng.errors import Fault, fault

__all__ = [
    "bases",
    "repeated_countries",
    "restrictions_on_oneself",
    "spelling_of_firms",
    "sums_of_shares",
    "supplier_and_country",
]

_FULL = 1.02  # shares that sum to at most this are rounding (chokepoints, ours)
_ROUNDING = 1e-9
_NAMED = 6
_SYSTEM = ("technology", "system", "basis")


def sums_of_shares(view: View) -> list[Fault]:
    """Refuse shares of one technology that sum to more than 102 % (E126).

    Counted as a stage counts them: the newest row with a share of each supplier, by
    technology, system and basis; if these are of several years and sum to more than
    102 %, only those of the newest year (E148, a warning). Sums between 100 % and
    102 % are rounding and a warning (E127).
    """
    dated = view["supply"].drop_nulls("share").with_columns(pl.col("period").fill_null(0))
    newest = dated.sort("period", descending=True, maintain_order=True).unique(
        [*_SYSTEM, "supplier"], keep="first", maintain_order=True
    )
    latest = pl.col("period").max().over(_SYSTEM)
    sums = newest.group_by(_SYSTEM, maintain_order=True).agg(
        pl.col("share").sum().alias("total"),
        pl.col("period").max(),
        pl.col("period").n_unique().alias("years"),
    )
    recent = newest.filter(pl.col("period") == latest)
    recent_sums = recent.group_by(_SYSTEM).agg(pl.col("share").sum().alias("recent"))
    both = sums.join(recent_sums, on=_SYSTEM, maintain_order="left")
    faults: list[Fault] = []
    rounded: list[str] = []
    for row in both.filter(pl.col("total") > 1 + _ROUNDING).iter_rows(named=True):
        overlaps = row["total"] > _FULL + _ROUNDING and row["years"] > 1
        total = row["recent"] if overlaps else row["total"]
        if overlaps or total > _FULL + _ROUNDING:
            of = pl.all_horizontal(*(pl.col(name) == row[name] for name in _SYSTEM))
            used = (recent if overlaps else newest).filter(of)
            faults += _overfull(view, row, used, overlaps=overlaps)
        if 1 + _ROUNDING < total <= _FULL + _ROUNDING:
            rounded.append(f"{row['technology']} ({row['system']}) {total:.1%}")
    if rounded:
        shown = ", ".join(sorted(rounded)[:_NAMED]) + (", …" if len(rounded) > _NAMED else "")
        where = view.at("supply", None, "share")
        faults.append(fault("E127", where=where, is_warning=True, n=len(rounded), detail=shown))
    return faults


def _overfull(
    view: View, group: dict[str, Any], used: pl.DataFrame, *, overlaps: bool
) -> list[Fault]:
    where = view.at("supply", used[ROW][used["share"].arg_max() or 0], "share")
    largest = used.sort("share", "supplier", descending=[True, False])
    parts = [
        f"{supplier} {share:.1%}"
        for supplier, share in largest.select("supplier", "share").head(_NAMED).iter_rows()
    ]
    if largest.height > _NAMED:
        parts.append("…")
    detail = f"{group['system']}, {group['basis']}: {', '.join(parts)}"

    def made(code: str, total: float) -> Fault:
        return fault(
            code,
            where=where,
            is_warning=code == "E148",
            technology=group["technology"],
            total=f"{total:.1%}",
            detail=detail,
            period=group["period"],
        )

    faults = [made("E148", group["total"])] if overlaps else []
    total = float(used["share"].sum())
    if total > _FULL + _ROUNDING:
        faults.append(made("E126", total))
    return faults


def supplier_and_country(view: View) -> list[Fault]:
    """Refuse a supplying country whose country column says another or none (E129).

    Rows without a country count as an atomistic residual, so a named country must
    never be left out of it.
    """
    rows = view["supply"].filter(pl.col("system") == "country")
    named = rows["supplier"].unique()
    codes = {supplier: country_code(supplier) for supplier in named if supplier is not None}
    wrong = rows.with_columns(
        code=pl.col("supplier").replace_strict(codes, default=None, return_dtype=pl.String)
    ).filter(pl.col("code") != pl.col("country").fill_null(""))
    found = {row: (code, country) for row, code, country in wrong.select(
        ROW, "code", "country").iter_rows()}  # fmt: skip
    return view.faults(
        "supply",
        "country",
        found,
        lambda row, where: fault(
            "E129",
            where=where,
            supplier=found[row][0],
            country=found[row][1] or "",
            key=view.key("supply", row),
        ),
    )


def repeated_countries(view: View) -> list[Fault]:
    """Warn of one country under two suppliers of the system by country (E130)."""
    rows = (
        view["supply"]
        .filter((pl.col("system") == "country") & pl.col("country").is_not_null())
        .group_by("technology", "country", "basis", "period", maintain_order=True)
        .agg(pl.col(ROW).last(), pl.col("supplier").n_unique().alias("n"))
        .filter(pl.col("n") > 1)
    )
    counts = {row: (country, n) for row, country, n in rows.select(ROW, "country", "n").iter_rows()}
    return view.faults(
        "supply",
        "supplier",
        counts,
        lambda row, where: fault(
            "E130",
            where=where,
            is_warning=True,
            country=counts[row][0],
            n=counts[row][1],
            key=view.key("supply", row),
        ),
    )


def bases(view: View) -> list[Fault]:
    """Refuse a basis that is neither ``world`` nor a country code (E131)."""
    frame = view["supply"]
    rows = frame.filter(~pl.col("basis").str.contains(r"^(world|[A-Z]{3})$"))[ROW]
    return view.faults(
        "supply",
        "basis",
        rows,
        lambda row, where: fault(
            "E131", where=where, value=frame["basis"][row], key=view.key("supply", row)
        ),
    )


def spelling_of_firms(view: View) -> list[Fault]:
    """Warn of a supplying firm that is an organisation but for its spelling (E132)."""
    known = view["organisations"]["id"].to_list()
    rows = view["supply"].filter(
        (pl.col("system") == "firm") & ~pl.col("supplier").is_in(known)
    ).unique("supplier", maintain_order=True)  # fmt: skip
    alike = {} if rows.is_empty() else {_bare(name): name for name in known}
    found = {
        row: supplier
        for row, supplier in rows.select(ROW, "supplier").drop_nulls().iter_rows()
        if _bare(supplier) in alike
    }
    return view.faults(
        "supply",
        "supplier",
        found,
        lambda row, where: fault(
            "E132",
            where=where,
            is_warning=True,
            value=found[row],
            near=alike[_bare(found[row])],
            key=view.key("supply", row),
        ),
    )


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).lower())


def restrictions_on_oneself(view: View) -> list[Fault]:
    """Warn of a country that withholds from itself (E149)."""
    rows = view["restrictions"].filter(pl.col("country") == pl.col("target"))[ROW]
    return view.faults(
        "restrictions",
        "target",
        rows,
        lambda row, where: fault(
            "E149", where=where, is_warning=True, key=view.key("restrictions", row)
        ),
    )
