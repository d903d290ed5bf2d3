"""Commands on what firms could become and have: ``ladder`` and ``policies``."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace as replace_fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jicheng.cli_firms import (
    TITLES,
    complete_kinds,
    complete_option,
    firms_options,
    open_packs,
    output_option,
    overlay_option,
    print_rules_in_use,
    read_firms,
    refuse_target,
)
from jicheng.cli_output import (
    SAMPLE,
    example,
    print_faults,
    print_frame,
    print_json,
    print_sample,
    spinner,
    told_errors,
)
from jicheng.errors import InvalidInput

if TYPE_CHECKING:
    import polars as pl

    from jicheng.errors import Text
    from jicheng.select.ladder import LadderResult, WayUp
    from jicheng.select.ladder.ways import Change, Way
    from jicheng.select.policies import PoliciesResult, SubjectPolicies

__all__ = ["ladder", "policies"]

_source = click.argument("source", type=click.Path(path_type=Path))
_as_json = click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
_replace = click.option("--replace", is_flag=True, help="覆盖已有文件 / replace existing files")
_WAN = 1e4


@click.command(
    epilog=example(
        "jicheng ladder my-zone -n 10 -o 近邻.xlsx",
        "jicheng ladder my-zone --firm org:000304 --pack cn.srdi_sme",
        "jicheng ladder 企业名单.xlsx --costs 本区措施.csv",
    )
)
@_source
@click.option("--pack", "keys", multiple=True, help="规则包，默认各级资质 / packs; default: titles")
@overlay_option
@firms_options
@click.option("--firm", metavar="企业", help="一家企业的最短路径 / the shortest way of one firm")
@click.option("--costs", type=click.Path(path_type=Path),
              help="本区措施的费用和时间（CSV） / what can be done, at what cost")  # fmt: skip
@click.option("--rungs", type=click.Path(path_type=Path),
              help="本区的梯级次序（CSV） / order of the rungs")  # fmt: skip
@click.option("--months", type=click.FloatRange(0.0),
              help="不考虑更久的路径（月） / leave out ways that take longer")  # fmt: skip
@click.option("--experts", type=click.FloatRange(0.0, 1.0), default=0.0, show_default=True,
              help="假设：专家给到几成 / ASSUMPTION: share of experts' points")  # fmt: skip
@click.option("-n", "count", type=click.IntRange(1, 1000), default=20, show_default=True,
              help="每级列出几家最近的企业 / near-misses of each pack")  # fmt: skip
@click.option("--alternatives", type=click.IntRange(1, 10), default=3, show_default=True,
              help="几条路径 / ways told for one firm")  # fmt: skip
@output_option
@_as_json
@_replace
def ladder(
    source: Path,
    keys: tuple[str, ...],
    overlays: tuple[Path, ...],
    year: int | None,
    complete: tuple[str, ...],
    firm: str | None,
    costs: Path | None,
    rungs: Path | None,
    months: float | None,
    experts: float,
    count: int,
    alternatives: int,
    out: Path | None,
    *,
    as_json: bool,
    replace: bool,
) -> None:
    """企业站在哪一级，差什么，怎样最省地升级 / rungs, what is missing, the shortest way up."""
    from jicheng.select import ladder as stage

    with told_errors():
        refuse_target(out, replace=replace)
        packs = open_packs(keys or TITLES, overlays)
        firms = read_firms(source, packs, year=year, complete=complete)
        facts = firms.facts
        assumed = (
            stage.shipped_costs()
            if costs is None
            else stage.read_actions(costs, facts=facts.dictionary)
        )
        assumed = replace_fields(assumed, longest_months=months, judged_share=experts)
        order = None if rungs is None else stage.read_rungs(rungs)
        with spinner("正在计算 / working it out"):
            if firm is not None:
                place = firms.place_of(firm)
                ways = [stage.shortest_way(pack, facts, place, assumed, alternatives=alternatives)
                        for pack in packs]  # fmt: skip
                if not as_json:
                    print_rules_in_use(packs, facts.year)
                _tell_ways(ways, firms.names[place], is_sample=firms.is_sample, as_json=as_json)
                return
            found = stage.ladder(facts, packs, assumed, rungs=order, count=count)
        if out is not None:
            _write(out, _ladder_tables(found), _notes(found), is_sample=firms.is_sample)
    if as_json:
        tables = {name: table.to_dicts() for name, table in _ladder_tables(found).items()}
        print_json(tables | {"is_sample": firms.is_sample})
        return
    print_rules_in_use(packs, facts.year)
    _tell_ladder(found)
    if firms.is_sample:
        print_sample()
    if out is not None:
        click.echo(f"结果已写入 / written: {out}")


def _ladder_tables(found: LadderResult) -> dict[str, pl.DataFrame]:
    return {
        "near": found.near,
        "ways": found.ways,
        "movers": found.movers,
        "lacks": found.lacks,
        "groups": found.groups,
        "rungs": found.rungs,
    }


def _notes(found: LadderResult) -> list[str]:
    return [f"{one.code} {one.message.zh} / {one.message.en}" for one in found.warnings]


def _tell_ladder(found: LadderResult) -> None:
    """Print how many firms stand where, who is near, and what would move most."""
    import polars as pl

    print_faults(list(found.warnings))
    counts = found.rungs.group_by("pack", maintain_order=True).agg(
        *(pl.col("verdict").eq(one).sum().alias(one) for one in ("pass", "open", "fail"))
    )
    print_frame(counts)
    if found.near.is_empty():
        click.echo("没有找到升级的办法 / no way up was found")
        return
    near = found.near.select(
        pl.col("pack"),
        pl.col("name").alias("企业 firm"),
        (pl.col("cost") / _WAN).round(1).alias("费用 cost 万元"),
        pl.col("months").round(0).alias("月 months"),
        pl.col("status").cast(pl.String),
        pl.when(pl.col("in_question") > 0)
        .then(pl.format("{} / {}", "needed", "in_question"))
        .alias("专家须给 experts"),
        pl.col("what_zh").alias("做什么 what"),
    )
    print_frame(near)
    click.echo("最能推动升级的措施 / what would move most firms:")
    movers = found.movers.sort("firms", descending=True, maintain_order=True).head(8)
    for row in movers.iter_rows(named=True):
        click.echo(f"    {row['pack']}: {row['zh']} / {row['en']} ({row['firms']} 家 firms)")


def _tell_ways(ways: Sequence[WayUp], name: str, *, is_sample: bool, as_json: bool) -> None:
    """Print the ways of one firm up to each pack."""
    if as_json:
        print_json([_plain_way_up(one) | {"is_sample": is_sample} for one in ways])
        return
    warnings = dict.fromkeys(warning for one in ways for warning in one.warnings)
    print_faults(list(warnings))
    for one in ways:
        draft = "  草案 draft" if one.is_draft else ""
        pack = one.pack
        click.echo(f"{name} → {pack.name.zh} / {pack.name.en} ({pack.key}): "
                   f"{_verdict(one.verdict)}{draft}")  # fmt: skip
        if one.verdict == "pass":
            continue
        if one.fails or one.opens:
            names = {element.path: element.name.zh for element in pack.elements()}
            failing = "、".join(names.get(path, path) for path in one.fails)
            opening = "、".join(names.get(path, path) for path in one.opens)
            click.echo(f"    不符合 fails: {failing or '–'}；待定 open: {opening or '–'}")
        for settled in one.settling:
            label = settled.name if settled.name is not None else settled.path
            click.echo(f"    先查清 / look this up first: {label}")
        for k, way in enumerate(one.ways, 1):
            _tell_way(way, f"路径 way {k}")
        if one.if_favourable is not None:
            _tell_way(one.if_favourable, "若未知事项都有利 / if the unknown turns out well")
        if not one.ways and one.if_experts_agree is not None:
            _tell_way(one.if_experts_agree, "若专家给足分 / if experts give all they may")
        if not one.ways:
            paths = ", ".join(one.out_of_reach)
            click.echo(f"    没有可行路径 / no way: {one.status.value} {paths}".rstrip())
    if is_sample:
        print_sample()


def _verdict(verdict: str) -> str:
    from jicheng.schema import choices

    label = {one.value: one.label for one in choices()["rule_verdict"]}[verdict]
    return f"{label.zh} {label.en}"


def _tell_way(way: Way, title: str) -> None:
    is_proved = way.status.value == "optimal"
    proof = "已证最省 proved" if is_proved else f"下界 bound {way.bound / _WAN:,.1f}"
    click.echo(f"    {title}: {way.cost / _WAN:,.1f} 万元（{proof}），{way.months:g} 个月 months")
    for step in way.steps:
        click.echo(f"        {step.text.zh} / {step.text.en}: {step.cost / _WAN:,.1f} 万元")
    for change in way.changes:
        click.echo(f"        {_changed(change)}")
    if way.experts.most > 0:
        needed, most = f"{way.experts.needed:g}", f"{way.experts.most:g}"
        click.echo(f"        条件：专家至少给 {needed} / {most} 分 / "
                   f"if the experts give at least {needed} of {most} points")  # fmt: skip


def _changed(change: Change) -> str:
    """Return what becomes of a fact, in the units that people use."""
    from jicheng.rules.facts.dictionary import fact_dictionary
    from jicheng.rules.pack.wording import figure

    fact = fact_dictionary().get(change.fact)
    if fact is None:
        return f"{change.fact}: {change.before} → {change.after}"

    def shown(text: str) -> str:
        try:
            return figure(float(text), fact.unit).zh
        except ValueError:  # an interval, a condition or a choice
            return text

    return f"{fact.label.zh} {fact.label.en}: {shown(change.before)} → {shown(change.after)}"


def _plain_way_up(one: WayUp) -> dict[str, Any]:
    return {
        "subject": one.subject,
        "pack": one.pack.key,
        "verdict": one.verdict,
        "is_draft": one.is_draft,
        "fails": list(one.fails),
        "opens": list(one.opens),
        "status": one.status.value,
        "ways": [_plain_way(way) for way in one.ways],
        "if_favourable": None if one.if_favourable is None else _plain_way(one.if_favourable),
        "out_of_reach": list(one.out_of_reach),
        "warnings": [warning.code for warning in one.warnings],
    }


def _plain_way(way: Way) -> dict[str, Any]:
    return {
        "cost": way.cost,
        "bound": way.bound,
        "months": way.months,
        "status": way.status.value,
        "experts_needed": way.experts.needed,
        "experts_most": way.experts.most,
        "steps": [
            {"action": step.action.id, "amount": step.amount, "cost": step.cost, **_both(step.text)}
            for step in way.steps
        ],
        "changes": [
            {"fact": one.fact, "before": one.before, "after": one.after} for one in way.changes
        ],
    }


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


@click.command(
    epilog=example(
        "jicheng policies my-zone",
        "jicheng policies my-zone --who org:000304",
        "jicheng policies my-zone --calendar 窗口.ics",
    )
)
@click.argument("zone", type=click.Path(path_type=Path))
@click.option("--who", metavar="编号", help="某企业或个人能享受什么 / what one may have")
@click.option("--policy", metavar="编号", help="一项政策惠及谁 / whom one policy reaches")
@overlay_option
@click.option("--pack", "keys", multiple=True, help="自有规则包 / packs of your own")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="分析日期 / day of the analysis")
@complete_option
@click.option("--calendar", type=click.Path(path_type=Path),
              help="写出申报窗口日历（.ics） / write the windows as a calendar")  # fmt: skip
@click.option("-n", "shown", type=click.IntRange(0), default=20, show_default=True,
              help="显示几行 / rows shown")  # fmt: skip
@output_option
@_as_json
@_replace
def policies(
    zone: Path,
    who: str | None,
    policy: str | None,
    overlays: tuple[Path, ...],
    keys: tuple[str, ...],
    as_of: datetime.datetime | None,
    complete: tuple[str, ...],
    calendar: Path | None,
    shown: int,
    out: Path | None,
    *,
    as_json: bool,
    replace: bool,
) -> None:
    """哪些政策适合谁，要多少钱，何时申报 / which policies fit whom, what they cost, and when."""
    from jicheng.conform import nearest
    from jicheng.rules.facts.dictionary import fact_dictionary
    from jicheng.select.policies import explain_subject, match_policies
    from jicheng.zone import Zone

    with told_errors():
        refuse_target(out, replace=replace)
        refuse_target(calendar, replace=replace, endings=(".ics",))
        loaded = Zone.load(zone)
        with spinner("正在匹配 / matching"):
            found = match_policies(
                loaded,
                as_of=None if as_of is None else as_of.date(),
                packs=open_packs(keys, overlays),
                complete_lists=complete_kinds(complete, fact_dictionary()),
            )
        if policy is not None and policy not in found.table["policy"]:
            near = nearest(policy, found.table["policy"].to_list())
            raise InvalidInput.of("E961", subject=policy, near=near)
        told = None if who is None else explain_subject(found, who, zone=loaded)
        if calendar is not None:
            _write_calendar(found, calendar)
        if out is not None:
            tables = {"policies": found.table, "matches": found.matches()}
            _write(out, tables, _draft(found), is_sample=loaded.is_sample)
    if told is not None:
        _tell_subject(told, is_sample=loaded.is_sample, as_json=as_json)
    elif as_json:
        names = None if policy is None else [policy]
        print_json({"policies": found.table.to_dicts(),
                    "matches": found.matches(policies=names).to_dicts(),
                    "is_sample": loaded.is_sample})  # fmt: skip
    else:
        print_faults(list(found.warnings))
        for line in _draft(found):
            click.echo(line)
        _tell_policies(found, policy, shown)
        if loaded.is_sample:
            print_sample()
    for path in (out, calendar):
        if path is not None:
            click.echo(f"结果已写入 / written: {path}", err=as_json)


def _tell_subject(told: SubjectPolicies, *, is_sample: bool, as_json: bool) -> None:
    if as_json:
        print_json(told.as_plain() | {"is_sample": is_sample})
        return
    click.echo(f"{told.as_text('zh')}\n\n{told.as_text('en')}")
    if is_sample:
        print_sample()


def _draft(found: PoliciesResult) -> list[str]:
    if not found.is_draft:
        return []
    return ["草案：规则有要素未核实或缺失 / draft rules: some elements are unverified or missing"]


def _write_calendar(found: PoliciesResult, path: Path) -> None:
    from jicheng.atomic import write_file
    from jicheng.select.policies import icalendar

    first, last = found.period
    write_file(path, icalendar(found.policies, first, last).encode())


def _write(
    out: Path, tables: Mapping[str, pl.DataFrame], notes: Sequence[str], *, is_sample: bool
) -> None:
    """Write a workbook, or by its name the first table as CSV."""
    import polars as pl

    from jicheng.io.csv_safe import write_csv
    from jicheng.io.table_book import write_tables

    if out.suffix.lower() == ".csv":
        first = next(iter(tables.values()))
        lists = [name for name, kind in first.schema.items() if isinstance(kind, pl.List)]
        write_csv(first.with_columns(pl.col(name).list.join(";") for name in lists), out)
        if is_sample:
            print_sample(aside=True)
    else:
        write_tables(out, tables, [*notes, SAMPLE] if is_sample else notes)


def _tell_policies(found: PoliciesResult, policy: str | None, shown: int) -> None:
    """Print an overview of all policies, or whom one of them reaches."""
    import polars as pl

    from jicheng.select.policies.budget import BASIS

    if policy is not None:
        print_frame(found.matches(policies=[policy]).head(shown))
        return
    table = found.table.select(
        pl.col("policy"),
        pl.col("name").alias("政策 policy"),
        pl.col("eligible").alias("符合"),
        pl.col("nearly").alias("接近"),
        pl.col("open").alias("待定"),
        pl.col("need_low").round(0).alias("需要从 from"),
        pl.col("need_high").round(0).alias("至 to 万元"),
        pl.col("budget").alias("预算 budget"),
        pl.col("state").alias("窗口 window"),
        pl.col("closes").cast(pl.String),
    )
    print_frame(table.head(shown) if shown else table)
    click.echo(f"{BASIS.zh} / {BASIS.en}")
