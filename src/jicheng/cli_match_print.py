"""How candidates are printed: what was looked for, then a table with a sentence for each."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jicheng.integrate.match.result import MatchResult

__all__ = ["candidates", "heading"]

_SHOWN = ("texts", "coverage", "related", "evidence", "ties")


def _level(level: float) -> str:
    return f"{level:.2f}" if level > 0.0 else "不限 / any"


def heading(one: MatchResult) -> list[str]:
    """Return what was looked for, under which limits, and who was left out, as lines."""
    from jicheng.integrate.match.criteria import criteria

    query, filtered = one.query, one.found.filtered
    limits = query.constraints.as_text()
    lines = [f"{query.title.zh} / {query.title.en}  {query.id}".rstrip()]
    needs = query.needs
    if needs.height:
        names = dict(one.matcher.zone["capabilities"].select("id", "name").iter_rows())
        told = [
            f"{names.get(row['capability']) or row['capability']}"
            f"（{_level(row['level'])}，{row['weight']:.0%}）"
            for row in needs.iter_rows(named=True)
        ]
        mark = "（推荐，待确认） / proposed" if query.is_proposed else " / needs"
        lines.append(f"  所需能力{mark}: {'、'.join(told)}")
    lines.append(f"  条件 / limits: {limits.zh} / {limits.en}")
    for reason, number in one.excluded.items():
        why, _ = filtered.told(reason)
        lines.append(f"  排除 / left out {number:,}: {why.zh} / {why.en}")
    labels = {known.name: known.label.zh for known in criteria()}
    shares = "，".join(f"{labels[name]} {name} {share:.2f}"
                      for name, share in one.found.scores.weights.items())  # fmt: skip
    lines.append(f"  权重 / weights: {shares or '–'}")
    if one.found.scores.left_out:
        names_left = "，".join(f"{labels[name]} {name}" for name in one.found.scores.left_out)
        lines.append(f"  无从比较，不计 / nothing to compare by, not counted: {names_left}")
    if one.diversity < 1.0:
        lines.append(f"  多样化 / varied: {one.diversity:g}")
    lines.append(f"  候选者 / candidates: {one.n_candidates:,}")
    return lines


def candidates(one: MatchResult, rules: Mapping[str, str] | None) -> None:
    """Print the candidates as a table."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as Rich

    shown = [name for name in _SHOWN if name in one.found.scores.parts]
    from jicheng.integrate.match.criteria import criteria

    labels = {known.name: known.label for known in criteria()}
    table = Table(box=None, pad_edge=False)
    table.add_column("名次\nrank", justify="right")
    table.add_column("候选者\ncandidate", overflow="fold")
    table.add_column("得分 [区间]\nscore", justify="right")
    for name in shown:
        table.add_column(f"{labels[name].zh}\n{name}", justify="right")
    if rules is not None:
        table.add_column("规则结论\nrules")
    table.add_column("依据\nbecause", overflow="fold", ratio=1)
    for row in one.table.iter_rows(named=True):
        cells = [str(row["rank"]), f"{row['name'] or ''}\n{row['candidate']}"]
        cells.append(f"{row['score']:.1f}\n[{row['score_low']:.0f}, {row['score_high']:.0f}]"
                     if row["score"] is not None else "–")  # fmt: skip
        cells += [_ends(row[f"{name}_low"], row[f"{name}_high"]) for name in shown]
        if rules is not None:
            cells.append(rules.get(row["candidate"], "–"))
        cells.append(_because(one, row))
        table.add_row(*(Rich(cell) for cell in cells))
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def _ends(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "无数据\nno data"
    one, other = f"{low:.2f}", f"{high:.2f}"
    return one if one == other else f"{one}–{other}"


def _because(one: MatchResult, row: Mapping[str, Any]) -> str:
    """Return the best sentence of a candidate, else what it holds, else its ties."""
    from jicheng.integrate.match.grounds import shared_capabilities, tie_grounds

    lines = [quote.as_text("zh") for quote in one.quotes(row["candidate"], most=1)]
    place = one.matcher.parties.index[row["candidate"]]
    held = shared_capabilities(one.matcher, one.found, place)
    reached = [name or capability for name, capability, verdict in
               held.select("name", "capability", "verdict").iter_rows()
               if verdict == "yes"]  # fmt: skip
    if reached:
        lines.append(f"已达到 / reaches: {'、'.join(reached)}")
    if not lines:
        lines.append(tie_grounds(one.matcher, one.found, place)[0].zh)
    if row["to_check"]:
        lines.append(f"待核对 / to check: {row['to_check']}")
    return "\n".join(lines)
