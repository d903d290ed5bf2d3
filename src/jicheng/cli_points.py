"""The command ``points``: innovation points, places among peers, change since another year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace as replaced
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jicheng.cli_firms import (
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
    json_option,
    language_option,
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
from jicheng.errors import InvalidInput

if TYPE_CHECKING:
    import polars as pl

    from jicheng.rules.facts.table import FactTable
    from jicheng.rules.pack.model import Pack
    from jicheng.rules.score.evaluate import Evaluation
    from jicheng.select.laboratory import SensitivityResult
    from jicheng.select.points import PointsResult

__all__ = ["points"]

_POINTS_PACK = "cn.innovation_points@2024"  # of 2.0 only the frame is known
_PLACE = ("rank", "rank_best", "rank_worst", "n_peers")
_GAIN = ("change_low", "change_high")


@click.command(
    epilog=example(
        "jicheng points my-zone",
        "jicheng points my-zone --overlay 本区权重.yaml -o 积分.xlsx",
        "jicheng points my-zone --sensitivity",
        "jicheng points my-zone --since 2024",
        "jicheng points 积分名单.xlsx --peers my-zone --since 2024",
        "jicheng points --template 积分名单.xlsx --year 2025",
    )
)
@source_argument
@click.option("--pack", "key", default=_POINTS_PACK, show_default=True, help="规则包 / rule pack")
@click.option("--peers", type=click.Path(path_type=Path),
              help="与该高新区或名单的企业比较，而不是名单内互相比 / "
                   "peers from this zone or list")  # fmt: skip
@click.option("--since", type=int, help="与往年比较，如 2024 / compare with an earlier year")
@click.option("--sensitivity", is_flag=True,
              help="名次对权重的敏感性 / ranks under other weights")  # fmt: skip
@overlay_option
@firms_options
@template_option
@explain_option
@output_option
@shown_option
@language_option
@json_option
@replace_option
def points(
    source: Path | None,
    key: str,
    overlays: tuple[Path, ...],
    year: int | None,
    complete: tuple[str, ...],
    template: Path | None,
    peers: Path | None,
    since: int | None,
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
    from jicheng.rules.score.evaluate import evaluate

    with told_errors():
        packs = open_packs([key], overlays)
        if template is not None:
            write_firm_template(template, packs, year, replace=replace)
            return
        source = required(source)
        refuse_target(out, replace=replace)
        with spinner("正在打分 / at work"):
            firms = read_firms(source, packs, year=year, complete=complete)
            now = firms.facts.year
            others = (
                None if peers is None else read_firms(peers, packs, year=now, complete=complete)
            )
            result = _scored(packs[0], firms, others)
            evaluation = evaluate(packs[0], firms.facts, peers=result.years[-1].peers)
            table = result.table
            others_then = None
            if since is not None:
                then = _then(source, firms, packs[0], since, complete)
                if others is not None:
                    others_then = _then(required(peers), others, packs[0], since, complete)
                table = _since(result, then, others_then)
        if subject is not None:
            print_explanations([evaluation], firms, subject, as_json=as_json)
            return
        drawn = _sensitivity(evaluation) if sensitivity else None
        if out is not None:
            write_results(out, [evaluation], firms, language, ranks=table)
    if as_json:
        rows = (table if drawn is None else drawn.table).to_dicts()
        print_json([row | {"is_sample": firms.is_sample} for row in rows])
        return
    print_rules_in_use(packs, firms.facts.year)
    print_list_notes(firms)
    if firms.rows is not None and peers is None and evaluation.peers is not None:
        click.echo("同组只有名单内的企业；用 --peers 高新区 与全区比较 / "
                   "compared within this list only; --peers ZONE compares with a zone")  # fmt: skip
    if others is not None:
        click.echo(f"名次为每家企业单独与“{peers}”的 {others.facts.n} 家企业相比 / each firm is "
                   f"placed by itself among the {others.facts.n} firms of {peers}")  # fmt: skip
    if since is not None:
        click.echo(f"两年均按 {now} 年的同组分位数计分，阶段和领域按现在的 / both years by the "
                   f"quantiles of {now}, with stage and field as they are now")  # fmt: skip
    if drawn is None:
        _tell_points(result, table, firms, shown)
    else:
        _tell_sensitivity(drawn, shown)
        print_more(firms, shown)
    if out is not None:
        click.echo(f"结果已写入 / written: {out}")


def _scored(pack: Pack, firms: Firms, others: Firms | None) -> PointsResult:
    """Return points with places among one another, or among others, each firm by itself."""
    from jicheng.select.points import score

    among = None if others is None else {firms.facts.year: _known_as_in(firms, others)}
    return score(firms.facts, pack, among=among)


def _known_as_in(firms: Firms, others: Firms) -> FactTable:
    """Return the facts of others, those that are among the firms by the same ids.

    A list names firms by credit code or name, a zone by ids of its own.
    """
    import polars as pl

    names = dict(zip(firms.names, firms.facts.subjects, strict=True))
    known = {str(one): str(one) for one in firms.facts.subjects} | names
    codes: dict[str, str] = {}
    if others.zone is not None:
        about = others.zone["organisations"].drop_nulls("credit_code")
        codes = dict(zip(about["id"], about["credit_code"], strict=True))
    called = [
        known.get(subject) or known.get(codes.get(subject, "")) or known.get(name) or subject
        for subject, name in zip(others.facts.subjects, others.names, strict=True)
    ]
    return replaced(others.facts, subjects=pl.Series("subject", called, dtype=pl.String))


def _since(result: PointsResult, before: Firms, others: Firms | None) -> pl.DataFrame:
    """Return points and places beside those of an earlier year, by the quantiles of the later.

    Raises
    ------
    InvalidInput
        E965 for a year that is not before the one that is scored.
    """
    from jicheng.select.points import changes, score

    now, year = result.years[-1], before.facts.year
    quantiles = None if now.peers is None else {year: now.peers}
    among = None if others is None else {year: _known_as_in(before, others)}
    earlier = score(before.facts, result.pack, peers=quantiles, among=among)
    return changes(now, earlier.years[-1])


def _then(path: Path, firms: Firms, pack: Pack, year: int, complete: Sequence[str]) -> Firms:
    """Return what is known of firms in an earlier year: of a list, its yearly figures.

    Stage and field, by which peers are grouped, count as they are today.

    Raises
    ------
    InvalidInput
        E965 for a year that is not before the one that is scored.
    """
    facts = firms.facts
    if year >= facts.year:
        raise InvalidInput.of("E965", value=year, example=f"--since {facts.year - 1}")
    if firms.zone is not None:
        return read_firms(path, [pack], year=year, complete=complete)
    grouped = () if pack.peers is None else (pack.peers.stage, pack.peers.field)
    return replaced(firms, facts=facts.earlier(facts.year - year, choices=grouped))


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


def _tell_points(result: PointsResult, table: pl.DataFrame, firms: Firms, shown: int) -> None:
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
            **_change(row),
            "缺 missing": row["n_missing"],
        }
        for row in table.sort("rank_of_all", "subject").head(shown).iter_rows(named=True)
    ]
    if rows:
        print_frame(pl.DataFrame(rows, infer_schema_length=None))
        click.echo("名次按积分区间的低端排列，括号内为可能的最好–最差名次 / "
                   "ranks go by the low end of the points; (best–worst)")  # fmt: skip
    print_more(firms, shown)


def _change(row: dict[str, Any]) -> dict[str, str]:
    """Return the points and the place of the earlier year, and the change, if there is one."""
    from jicheng.rules.score.wording import points_text

    if "year_before" not in row:
        return {}
    before, place, gain = "", "", ""
    if row["low_before"] is not None:
        before = points_text(row["low_before"], row["high_before"])
        place = _peers({name: row.get(f"{name}_before") for name in _PLACE})
        ends = dict.fromkeys(f"{round(row[name], 2) + 0.0:+g}" for name in _GAIN)
        gain = " … ".join(ends)
    return {"往年 before": before, "往年同组 peers before": place, "变化 change": gain}


def _peers(row: Mapping[str, Any]) -> str:
    if row["rank"] is None:
        return ""
    return f"{_span(row, 'rank')} / {row['n_peers']}"


def _span(row: Mapping[str, Any], name: str) -> str:
    """Return a rank, with the best and the worst that are possible if they differ."""
    best, worst = row[f"{name}_best"], row[f"{name}_worst"]
    return f"{row[name]}" if best == worst else f"{row[name]} ({best}–{worst})"
