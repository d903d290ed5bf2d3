"""The command ``qualify``: which firms qualify for what, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jicheng.cli_firms import (
    TITLES,
    Firms,
    firms_options,
    open_packs,
    output_option,
    overlay_option,
    print_rules_in_use,
    read_firms,
    refuse_target,
)
from jicheng.cli_output import example, print_frame, print_json, spinner, told_errors
from jicheng.cli_rules_output import (
    explain_option,
    findings_of,
    json_option,
    language_option,
    mark_of,
    plain_rows,
    print_explanations,
    print_list_notes,
    print_more,
    replace_option,
    required,
    shown_option,
    source_argument,
    template_option,
    write_firm_template,
    write_results,
)

if TYPE_CHECKING:
    from jicheng.io.firm_list.findings import Findings
    from jicheng.rules.pack.model import Pack
    from jicheng.select.qualification import QualificationResult

__all__ = ["qualify"]


@click.command(
    epilog=example(
        "jicheng qualify --template 企业名单.xlsx --pack cn.tech_sme --year 2025",
        "jicheng qualify 企业名单.xlsx --pack cn.tech_sme -o 评分.xlsx",
        "jicheng qualify my-zone --pack cn.hte --explain org:000304",
    )
)
@source_argument
@click.option(
    "--pack", "keys", multiple=True, help="规则包，如 cn.hte 或 cn.hte@2016 / rule pack, may repeat"
)
@overlay_option
@firms_options
@template_option
@explain_option
@output_option
@shown_option
@language_option
@json_option
@replace_option
def qualify(
    source: Path | None,
    keys: tuple[str, ...],
    overlays: tuple[Path, ...],
    year: int | None,
    complete: tuple[str, ...],
    template: Path | None,
    subject: str | None,
    out: Path | None,
    shown: int,
    language: str,
    *,
    as_json: bool,
    replace: bool,
) -> None:
    """哪些企业符合哪些资质，还缺什么 / which firms qualify for what, and what is missing."""
    with told_errors():
        packs = open_packs(keys or TITLES, overlays)
        if template is not None:
            write_firm_template(template, packs, year, replace=replace)
            return
        source = required(source)
        refuse_target(out, replace=replace)
        with spinner("正在评定 / at work"):
            firms = read_firms(source, packs, year=year, complete=complete)
            result = _qualified(packs, firms)
        if subject is not None:
            print_explanations(result.evaluations, firms, subject, as_json=as_json)
            return
        if out is not None:
            write_results(out, result.evaluations, firms, language)
    findings = findings_of(result.evaluations)
    if as_json:
        print_json([row | {"is_sample": firms.is_sample} for row in plain_rows(findings)])
        return
    print_rules_in_use(packs, firms.facts.year)
    _tell_all(findings, firms, shown)
    _tell_gaps(result)
    print_more(firms, shown)
    if out is not None:
        click.echo(f"结果已写入 / written: {out}")


def _qualified(packs: Sequence[Pack], firms: Firms) -> QualificationResult:
    from jicheng.select.qualification import qualify as apply

    return apply(firms.facts, packs)


def _tell_all(findings: Sequence[Findings], firms: Firms, shown: int) -> None:
    """Print how many firms pass each pack, and the first of them one by one."""
    import numpy as np
    import polars as pl

    from jicheng.rules.score.evaluate import FAIL, OPEN, PASS
    from jicheng.rules.score.wording import points_text
    from jicheng.schema import choices

    print_list_notes(firms)
    for one in findings:
        pack, verdicts = one.evaluation.pack, one.evaluation.verdicts
        counts = [int(np.sum(verdicts == code)) for code in (PASS, OPEN, FAIL)]
        click.echo(
            f"{pack.name.zh} / {pack.name.en} ({pack.key}): 通过 pass {counts[0]}，"
            f"待定 open {counts[1]}，不通过 fail {counts[2]}{mark_of(one.evaluation)}"
        )
    labels = {choice.value: choice.label.zh for choice in choices()["rule_verdict"]}
    rows = []
    for k, row in enumerate(plain_rows(findings)):
        if k >= shown * len(findings):
            break
        told = row["missing"] if row["verdict"] == "open" else row["reasons"]
        rows.append({
            "企业 firm": row["name"],
            "规则包 pack": row["pack"],
            "结论 verdict": f"{labels[row['verdict']]} {row['verdict']}",
            "得分 points": "" if row["low"] is None else points_text(row["low"], row["high"]),
            "缺少或理由 missing or why": "；".join(text["zh"] for text in told[:3]),
        })  # fmt: skip
    if rows:
        print_frame(pl.DataFrame(rows))


def _tell_gaps(result: QualificationResult) -> None:
    """Print the facts that most firms with an open verdict lack."""
    if result.gaps.is_empty():
        return
    most = result.gaps.sort("n_firms", descending=True, maintain_order=True).head(5)
    for row in most.filter(most["n_firms"] > 0).iter_rows(named=True):
        click.echo(
            f"待定最常缺 / most often missing: {row['zh']} / {row['en']} "
            f"({row['n_firms']}, {row['pack']})"
        )
