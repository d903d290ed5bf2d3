"""Shares of supply as the source states them: systems apart, stages left out.

A sum above 102 % that the printed digits explain is scaled to 100 %; one that they
do not explain makes the shares unknown, because nobody can tell which is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from jicheng.errors import Fault, Text, Where, fault
from jicheng.io.eto.files import (
    TITLE,
    Row,
    SourceFiles,
    code_of,
    is_various,
    merged,
    unknown,
)

__all__ = ["Share", "read_shares", "supply_row"]

_FULL = 1.02  # above, a sum of shares is refused downstream
_NEGLIGIBLE = 0.01  # the older layout prints whole percents, so less than one of them


@dataclass(frozen=True, slots=True)
class Share:
    """One supply row; ``half_step`` is half the last digit that the source prints."""

    technology: str
    supplier: str
    country: str | None
    system: str
    share: float | None
    share_high: float | None
    half_step: float
    period: int | None
    source: str
    line: int

    @property
    def key(self) -> tuple[str, str, str, int | None]:
        """What identifies the row, its basis being the world."""
        return self.technology, self.supplier, self.system, self.period


def read_shares(
    files: SourceFiles, providers: Mapping[str, tuple[int, Row]]
) -> tuple[list[Share], list[Fault]]:
    """Return the supply rows of all inputs, and what was assumed or left out."""
    stages = {row["stage_id"] for row in files.rows["stages"]}
    known = {row["input_id"] for row in files.rows["inputs"]}
    faults: list[Fault] = []
    shares: list[Share] = []
    n_stage_rows = n_negligible = 0
    for line, row in files.numbered("provision"):
        if row["provided_id"] in stages:
            n_stage_rows += 1
            continue
        if row["provided_id"] not in known:
            faults.append(unknown("provision", line, row["provided_id"], "inputs.csv"))
        if row["provider_id"] not in providers:
            faults.append(unknown("provision", line, row["provider_id"], "providers.csv"))
            continue
        share, found = _share(row, providers[row["provider_id"]][1], line)
        faults += found
        shares.append(share)
        n_negligible += row.get("negligible_market_share") == "negligible"
    where = Where("supply", "provision.csv")
    if n_stage_rows:
        faults.append(fault("E192", where=where, is_warning=True, n=n_stage_rows))
    if n_negligible:
        high = f"{_NEGLIGIBLE:.0%}"
        faults.append(fault("E198", where=where, is_warning=True, n=n_negligible, high=high))
    shares, found = _merge(shares)
    faults += found
    nobody = [share.supplier for share in shares if share.country is None]
    if nobody:
        names = ", ".join(sorted(set(nobody)))
        faults.append(fault("E196", where=where, is_warning=True, n=len(nobody), names=names))
    shares, found = _scale(shares)
    return shares, faults + found


def _share(row: Row, provider: Row, line: int) -> tuple[Share, list[Fault]]:
    name = provider["provider_name"]
    if provider["provider_type"] == "country":
        system, country = "country", code_of(name)
        supplier = country or ("various" if is_various(name) else name)
    else:
        system, country = "firm", code_of(provider["country"])
        supplier = "various" if is_various(name) else provider["provider_id"]
    written = row["share_provided"]
    share: float | None = None
    faults: list[Fault] = []
    where = Where("supply", "provision.csv", line, "share_provided")
    if written:
        try:
            share = float(Decimal(written.removesuffix("%")) / 100)
        except InvalidOperation:
            kind = Text("百分数", "a percentage")
            faults.append(fault("E102", where=where, value=written, type=kind, example="61%"))
        else:
            if not 0 <= share <= 1:
                faults.append(fault("E111", where=where, value=written))
    half_step = 0.0005 if "." in written else 0.005
    high = half_step if share == 0 else None
    if row.get("negligible_market_share") == "negligible":
        high = _NEGLIGIBLE
    year = row.get("year", "")
    if year and not year.isdecimal():
        kind = Text("年份", "a year")
        place = replace(where, column="year")
        faults.append(fault("E102", where=place, value=year, type=kind, example="2025"))
    period = int(year) if year.isdecimal() else None
    source = row.get("source") or TITLE
    made = Share(row["provided_id"], supplier, country, system, share, high, half_step,
                  period, source, line)  # fmt: skip
    return made, faults


def _merge(shares: Iterable[Share]) -> tuple[list[Share], list[Fault]]:
    """Keep one of rows that say the same; refuse rows that contradict one another."""
    kept: dict[tuple[str, str, str, int | None], Share] = {}
    repeated: list[str] = []
    faults: list[Fault] = []
    for share in shares:
        first = kept.setdefault(share.key, share)
        if first is share:
            continue
        repeated.append(f"{share.technology}, {share.supplier}")
        if first.share is None:
            kept[share.key] = share
        elif share.share not in (None, first.share):
            where = Where("supply", "provision.csv", share.line, "provided_id")
            key = ", ".join(str(part) for part in share.key if part is not None)
            rows = f"{first.line}, {share.line}"
            faults.append(fault("E123", where=where, n=2, key=key, rows=rows))
    if repeated:
        faults.append(merged(Text("份额", "shares"), repeated))
    return list(kept.values()), faults


def _scale(shares: Sequence[Share]) -> tuple[list[Share], list[Fault]]:
    """Bring sums above 102 % to 100 % if rounding explains them, else make them unknown."""
    groups: dict[tuple[str, str], list[Share]] = {}
    for share in shares:
        if share.share is not None:
            groups.setdefault((share.technology, share.system), []).append(share)
    factors: dict[tuple[str, str], float | None] = {}
    faults: list[Fault] = []
    for (technology, system), group in sorted(groups.items()):
        total = sum(share.share or 0.0 for share in group)
        if total <= _FULL + 1e-9:
            continue
        is_rounding = total - 1 <= sum(share.half_step for share in group) + 1e-9
        factors[technology, system] = 1 / total if is_rounding else None
        faults.append(
            fault(
                "E194" if is_rounding else "E195",
                where=Where("supply", "provision.csv", column="share"),
                is_warning=True,
                technology=f"{technology} ({system})",
                total=f"{total:.1%}",
                n=len(group),
            )
        )
    scaled: list[Share] = []
    for share in shares:
        factor = factors.get((share.technology, share.system), 1.0)
        value = None if factor is None or share.share is None else share.share * factor
        scaled.append(replace(share, share=value))
    return scaled, faults


def supply_row(share: Share) -> dict[str, Any]:
    """Return a share as a row of the table ``supply``."""
    return {
        "technology": share.technology,
        "supplier": share.supplier,
        "country": share.country,
        "system": share.system,
        "basis": "world",
        "share": share.share,
        "share_high": share.share_high,
        "period": share.period,
        "source": share.source,
        "_line": share.line,
    }
