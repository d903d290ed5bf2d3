"""Commands that put rules to firms: ``points`` and ``qualify``."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from jicheng.cli_output import (
    example,
    print_faults,
    print_frame,
    print_json,
    print_sample,
    spinner,
    told_errors,
)

if TYPE_CHECKING:
    import polars as pl

    from jicheng.errors import Text
    from jicheng.io.firm_list.findings import Findings
    from jicheng.rules.pack.model import Pack
    from jicheng.rules.score.evaluate import Evaluation
    from jicheng.select.laboratory import SensitivityResult
    from jicheng.select.points import PointsResult
    from jicheng.select.qualification import QualificationResult

__all__ = ["points", "qualify"]

_POINTS_PACK = "cn.innovation_points@2024"  # of 2.0 only the frame is known
_SHOWN = 20

_source = click.argument("source", required=False, type=click.Path(path_type=Path))
_template = click.option(
    "--template",
    type=click.Path(path_type=Path),
    help="写出填报模板后退出 / write the template to fill in, and stop",
)
_explain = click.option(
    "--explain", "subject", metavar="企业", help="解释一家企业：编号、代码或名称 / explain one firm"
)
_shown = click.option(
    "-n", "shown", type=click.IntRange(0), default=_SHOWN, show_default=True,
    help="显示几家 / firms shown",
)  # fmt: skip
_language = click.option(
    "--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True,
    help="结果表中理由的语言 / language of reasons in the file",
)  # fmt: skip
_as_json = click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
_replace = click.option("--replace", is_flag=True, help="覆盖已有文件 / replace existing files")


@click.command(
    epilog=example(
        "jicheng points my-zone",
        "jicheng points my-zone --overlay 本区权重.yaml -o 积分.xlsx",
        "jicheng points my-zone --sensitivity",
        "jicheng points 积分名单.xlsx --peers my-zone",
        "jicheng points --template 积分名单.xlsx --year 2025",
    )
)
@_source
@click.option("--pack", "key", default=_POINTS_PACK, show_default=True, help="规则包 / rule pack")
@click.option("--peers", type=click.Path(path_type=Path),
              help="与该高新区的企业比较，而不是名单内互相比 / peers from this zone")  # fmt: skip
@click.option("--sensitivity", is_flag=True,
              help="名次对权重的敏感性 / ranks under other weights")  # fmt: skip
@overlay_option
@firms_options
@_template
@_explain
@output_option
@_shown
@_language
@_as_json
@_replace
def points(
    source: Path | None,
    key: str,
    overlays: tuple[Path, ...],
    year: int | None,
    complete: tuple[str, ...],
    template: Path | None,
    peers: Path | None,
    subject: str | None,
    out: Path | None,
    shown: int,
    language: str,
    *,
    sensitivity: bool,
    as_json: bool,
    replace: bool,
) -> None:
    """给企业打创新积分，并说明理由 / innovation points as intervals, with rank and reasons."""
    with told_errors():
        packs = open_packs([key], overlays)
        if template is not None:
            _write_template(template, packs, year, replace=replace)
            return
        source = _required(source)
        refuse_target(out, replace=replace)
        with spinner("正在打分 / at work"):
            firms = read_firms(source, packs, year=year, complete=complete)
            zone = None if peers is None else read_firms(peers, packs, year=year, complete=complete)
            result, evaluation = _scored(packs[0], firms, zone)
        if subject is not None:
            _tell_one([evaluation], firms, subject, as_json=as_json)
            return
        drawn = _sensitivity(evaluation) if sensitivity else None
        if out is not None:
            _write(out, [evaluation], firms, language, ranks=result.table)
    if as_json:
        rows = (result.table if drawn is None else drawn.table).to_dicts()
        print_json([row | {"is_sample": firms.is_sample} for row in rows])
        return
    print_rules_in_use(packs, firms.facts.year)
    _tell_list(firms)
    if firms.rows is not None and peers is None and evaluation.peers is not None:
        click.echo("同组只有名单内的企业；用 --peers 高新区 与全区比较 / "
                   "compared within this list only; --peers ZONE compares with a zone")  # fmt: skip
    if drawn is None:
        _tell_points(result, firms, shown)
    else:
        _tell_sensitivity(drawn, shown)
        _tell_more(firms, shown)
    if out is not None:
        click.echo(f"结果已写入 / written: {out}")


def _scored(pack: Pack, firms: Firms, zone: Firms | None) -> tuple[PointsResult, Evaluation]:
    """Return points with places among peers, and the evaluation they come from.

    Points by the place among peers rest on the peers' quantiles: those of a zone if one is
    named, else of the firms themselves.
    """
    from jicheng.rules.score.evaluate import evaluate
    from jicheng.select.points import score

    peers = None if zone is None else evaluate(pack, zone.facts).peers
    result = score(firms.facts, pack, peers=None if peers is None else {firms.facts.year: peers})
    return result, evaluate(pack, firms.facts, peers=result.years[-1].peers)


def _sensitivity(evaluation: Evaluation) -> SensitivityResult:
    from jicheng.select.laboratory import weight_sensitivity

    return weight_sensitivity(evaluation)


def _tell_sensitivity(found: SensitivityResult, shown: int) -> None:
    """Print ranks with the weights in force and under drawn ones."""
    import polars as pl

    settings = found.settings
    click.echo(
        f"权重抽样 {settings.n_draws} 次（Dirichlet，kappa {settings.kappa:g}），"
        f"名次取 {settings.tail:.0%}–{1 - settings.tail:.0%} / ranks over drawn weights"
    )
    table = found.table.sort("rank_best", "subject").head(shown)
    print_frame(
        table.select(
            pl.col("name").alias("企业 firm"),
            pl.format("{}–{}", "rank_best", "rank_worst").alias("名次 rank"),
            pl.format("{}–{}", "rank_low", "rank_high").alias("换权重 drawn"),
            pl.col("listed_certainly").alias(f"进前 {settings.places} listed"),
        )
    )


def _tell_points(result: PointsResult, firms: Firms, shown: int) -> None:
    """Print what must stand beside every figure, and the firms with the most points."""
    import polars as pl

    from jicheng.rules.score.wording import points_text

    pack = result.pack
    click.echo(f"{pack.name.zh} / {pack.name.en} ({pack.key}), {firms.facts.year}")
    for label in result.labels:
        click.echo(f"{label.zh} / {label.en}")
    names = dict(zip(firms.facts.subjects, firms.names, strict=True))
    rows = [
        {
            "名次 rank": _span(row, "rank_of_all"),
            "企业 firm": names[row["subject"]],
            "积分 points": points_text(row["low"], row["high"]),
            "同组 peers": _peers(row),
            "阶段 stage": firms.word(pack.peers.stage, row["stage"]) if pack.peers else "",
            "领域 field": firms.word(pack.peers.field, row["field"]) if pack.peers else "",
            "缺 missing": row["n_missing"],
        }
        for row in result.table.sort("rank_of_all", "subject").head(shown).iter_rows(named=True)
    ]
    if rows:
        print_frame(pl.DataFrame(rows, infer_schema_length=None))
        click.echo("名次按积分区间的低端排列，括号内为可能的最好–最差名次 / "
                   "ranks go by the low end of the points; (best–worst)")  # fmt: skip
    _tell_more(firms, shown)


def _peers(row: dict[str, Any]) -> str:
    if row["rank"] is None:
        return ""
    return f"{_span(row, 'rank')} / {row['n_peers']}"


def _span(row: Mapping[str, Any], name: str) -> str:
    """Return a rank, with the best and the worst that are possible if they differ."""
    best, worst = row[f"{name}_best"], row[f"{name}_worst"]
    return f"{row[name]}" if best == worst else f"{row[name]} ({best}–{worst})"


@click.command(
    epilog=example(
        "jicheng qualify --template 企业名单.xlsx --pack cn.tech_sme --year 2025",
        "jicheng qualify 企业名单.xlsx --pack cn.tech_sme -o 评分.xlsx",
        "jicheng qualify my-zone --pack cn.hte --explain org:000304",
    )
)
@_source
@click.option(
    "--pack", "keys", multiple=True, help="规则包，如 cn.hte 或 cn.hte@2016 / rule pack, may repeat"
)
@overlay_option
@firms_options
@_template
@_explain
@output_option
@_shown
@_language
@_as_json
@_replace
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
            _write_template(template, packs, year, replace=replace)
            return
        source = _required(source)
        refuse_target(out, replace=replace)
        with spinner("正在评定 / at work"):
            firms = read_firms(source, packs, year=year, complete=complete)
            result = _qualified(packs, firms)
        if subject is not None:
            _tell_one(result.evaluations, firms, subject, as_json=as_json)
            return
        if out is not None:
            _write(out, result.evaluations, firms, language)
    findings = _findings(result.evaluations)
    if as_json:
        print_json([row | {"is_sample": firms.is_sample} for row in _plain(findings)])
        return
    print_rules_in_use(packs, firms.facts.year)
    _tell_all(findings, firms, shown)
    _tell_gaps(result)
    _tell_more(firms, shown)
    if out is not None:
        click.echo(f"结果已写入 / written: {out}")


def _required(source: Path | None) -> Path:
    if source is None:
        raise click.UsageError("请给出高新区或企业名单 / name a zone or a list of firms")
    return source


def _write_template(path: Path, packs: Sequence[Pack], year: int | None, *, replace: bool) -> None:
    from jicheng.io import firm_list

    refuse_target(path, replace=replace, endings=(".xlsx",))
    last = datetime.datetime.now(tz=datetime.UTC).year - 1  # the latest complete year
    firm_list.write_template(path, packs, last if year is None else year)
    click.echo(f"模板已写入 / template written: {path}")


def _qualified(packs: Sequence[Pack], firms: Firms) -> QualificationResult:
    from jicheng.select.qualification import qualify as apply

    return apply(firms.facts, packs)


def _findings(evaluations: Sequence[Evaluation]) -> list[Findings]:
    from jicheng.io.firm_list.findings import Findings

    return [Findings(one) for one in evaluations]


def _write(
    out: Path,
    evaluations: Sequence[Evaluation],
    firms: Firms,
    language: str,
    *,
    ranks: pl.DataFrame | None = None,
) -> None:
    """Write a workbook, or by its name a CSV file with a row a firm and pack.

    ``ranks`` are those of the one pack of points, if it is one.
    """
    from jicheng.io import firm_list
    from jicheng.io.csv_safe import write_csv

    if out.suffix.lower() == ".csv":
        told = _table(_findings(evaluations))
        write_csv(told if ranks is None else _ranked(told, ranks), out)
        if firms.is_sample:
            print_sample(aside=True)
    else:
        firm_list.write_scored(
            out,
            evaluations,
            rows=firms.rows,
            ranks=None if ranks is None else {evaluations[0].pack.key: ranks},
            language="en" if language == "en" else "zh",
        )


def _ranked(told: pl.DataFrame, ranks: pl.DataFrame) -> pl.DataFrame:
    """Return what is told of firms, with their points and places; nobody passes or fails."""
    if told.is_empty():
        return ranks
    words = told.select("subject", "name", "pack", "has_demo_weights",
                        "missing_zh", "missing_en", "reasons_zh", "reasons_en")  # fmt: skip
    joined = ranks.drop("is_demo").join(words, on="subject", how="left", maintain_order="left")
    first = ("subject", "name", "pack")
    return joined.select(*first, *(name for name in joined.columns if name not in first))


def _plain(findings: Sequence[Findings]) -> Iterator[dict[str, Any]]:
    """Yield one plain row a firm and pack, by firm."""
    facts = findings[0].evaluation.facts
    names = facts.names if facts.names is not None else facts.subjects
    for firm in range(facts.n):
        for one in findings:
            pack, found = one.evaluation.pack, one.of(firm)
            yield {
                "subject": facts.subjects[firm],
                "name": names[firm],
                "pack": pack.key,
                "year": facts.year,
                "verdict": found.verdict,
                "low": found.low,
                "high": found.high,
                "is_draft": one.evaluation.is_draft,
                "has_demo_weights": one.evaluation.has_demo_weights,
                "missing": [_both(text) for text in found.missing],
                "reasons": [_both(text) for text in found.reasons],
            }


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _table(findings: Sequence[Findings]) -> pl.DataFrame:
    import polars as pl

    rows = []
    for row in _plain(findings):
        for name in ("missing", "reasons"):
            told = row.pop(name)
            row |= {f"{name}_{k}": "; ".join(text[k] for text in told) for k in ("zh", "en")}
        rows.append(row)
    return pl.DataFrame(rows, infer_schema_length=None)


def _tell_all(findings: Sequence[Findings], firms: Firms, shown: int) -> None:
    """Print how many firms pass each pack, and the first of them one by one."""
    import numpy as np
    import polars as pl

    from jicheng.rules.score.evaluate import FAIL, OPEN, PASS
    from jicheng.rules.score.wording import points_text
    from jicheng.schema import choices

    _tell_list(firms)
    for one in findings:
        pack, verdicts = one.evaluation.pack, one.evaluation.verdicts
        counts = [int(np.sum(verdicts == code)) for code in (PASS, OPEN, FAIL)]
        click.echo(
            f"{pack.name.zh} / {pack.name.en} ({pack.key}): 通过 pass {counts[0]}，"
            f"待定 open {counts[1]}，不通过 fail {counts[2]}{mark_of(one.evaluation)}"
        )
    labels = {choice.value: choice.label.zh for choice in choices()["rule_verdict"]}
    rows = []
    for k, row in enumerate(_plain(findings)):
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


def _tell_list(firms: Firms) -> None:
    """Print what in a list is worth a second look, and which columns it lacks."""
    if firms.rows is None:
        return
    print_faults(firms.rows.warnings)
    if firms.rows.lacking:
        named = "、".join(column.heading.zh for column in firms.rows.lacking[:6])
        count = len(firms.rows.lacking)
        click.echo(f"名单缺少 {count} 列 / columns that the list lacks: {named} ……", err=True)


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


def _tell_more(firms: Firms, shown: int) -> None:
    if firms.facts.n > shown:
        more = firms.facts.n - shown
        click.echo(f"另有 {more} 家，用 -o 或 --json 取得全部 / {more} more firms: -o or --json")
    if firms.is_sample:
        print_sample()


def mark_of(evaluation: Evaluation) -> str:
    """Return the mark of rules that are a draft, or of weights that nobody issued."""
    mark = "  草案 draft" if evaluation.is_draft else ""
    return mark + ("，演示权重 demo weights" if evaluation.has_demo_weights else "")


def _tell_one(
    evaluations: Sequence[Evaluation], firms: Firms, subject: str, *, as_json: bool
) -> None:
    """Explain what each pack says of one firm."""
    from jicheng.rules.score.explanation import explain

    place = firms.place_of(subject)
    told = [explain(one, place, zone=firms.zone) for one in evaluations]
    if as_json:
        print_json([one.as_plain() | {"is_sample": firms.is_sample} for one in told])
        return
    click.echo("\n\n".join(one.as_text() for one in told))
    if firms.is_sample:
        print_sample()
