"""``jicheng rules``: rule packs listed, shown, checked, compared and begun."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jicheng.cli_firms import (
    Firms,
    firms_options,
    open_packs,
    overlay_option,
    read_firms,
    refuse_target,
)
from jicheng.cli_output import example, print_faults, print_frame, print_json, told_errors

if TYPE_CHECKING:
    import polars as pl

    from jicheng.errors import Fault
    from jicheng.rules.pack.model import Pack
    from jicheng.select.laboratory import ComparisonResult

__all__ = ["rules"]

_as_json = click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
_pack = click.argument("pack")
_SHOWN_AS = (".xlsx", ".md")
_EFFECTS = {
    "same": "不变 same",
    "gains": "获得 gains",
    "loses": "失去 loses",
    "may_gain": "可能获得 may gain",
    "may_lose": "可能失去 may lose",
    "undecided": "未定 undecided",
}
_HEADINGS = {  # of groups and policies; money in 10,000 of the currency
    "grouping": "分组 by",
    "value": "取值 value",
    "n": "家数 firms",
    "pass_before": "之前通过 pass before",
    "pass_after": "之后通过 pass after",
    "cost_before": "之前费用 cost before 万元",
    "cost_after": "之后费用 cost after 万元",
    "policy": "政策 policy",
    "takers_before": "之前享受 takers before",
    "takers_after": "之后享受 takers after",
    "need_before": "之前需要 need before 万元",
    "need_after": "之后需要 need after 万元",
    "change": "变化 change 万元",
}
_CHANGES = {"added": "新增 added", "removed": "删除 removed", "changed": "修改 changed"}


@click.group()
def rules() -> None:
    """规则包：查看、检查、比较、新建 / rule packs: list, show, check, compare, begin."""


@rules.command("list", epilog=example("jicheng rules list", "jicheng rules list --json"))
@_as_json
def list_(*, as_json: bool) -> None:
    """列出全部规则包 / list the rule packs that there are."""
    from jicheng.rules.pack.shipped import available, pack_of

    with told_errors():
        rows = [_listed(pack_of(key)) for key in available()]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        mark = "草案 draft" if row["is_draft"] else ""
        click.echo(f"{row['key']:<38} {row['zh']} / {row['en']}  {mark}".rstrip())
    click.echo("\n查看内容 / to read one: jicheng rules show cn.hte")


def _listed(pack: Pack) -> dict[str, Any]:
    return {
        "key": pack.key,
        "zh": pack.name.zh,
        "en": pack.name.en,
        "kind": pack.kind.value,
        "subject": pack.subject.value,
        "issuer": pack.issuer,
        "document": pack.document,
        "valid_from": pack.valid_from,
        "valid_until": pack.valid_until,
        "is_draft": pack.is_draft,
        "has_demo_weights": pack.has_demo_weights,
        "file": pack.file,
    }


@rules.command(
    epilog=example(
        "jicheng rules show cn.tech_sme",
        "jicheng rules show cn.hte@2016 --language zh -o 高企.xlsx",
    )
)
@_pack
@overlay_option
@click.option(
    "--language", type=click.Choice(["both", "zh", "en"]), default="both", show_default=True,
    help="语言 / language",
)  # fmt: skip
@click.option("-o", "--out", type=click.Path(path_type=Path),
              help="写入文件：.xlsx、.md / write to a file: .xlsx, .md")  # fmt: skip
@click.option("--replace", is_flag=True, help="覆盖已有文件 / replace an existing file")
@_as_json
def show(
    pack: str, overlays: tuple[Path, ...], language: str, out: Path | None, *, replace: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """以中英文表格显示规则包 / show a pack as a readable table, with how each part is known."""
    from jicheng.atomic import write_file
    from jicheng.io.table_book import write_tables
    from jicheng.rules.pack.rendering import pack_table, render

    with told_errors():
        refuse_target(out, replace=replace, endings=_SHOWN_AS)
        (opened,) = open_packs([pack], overlays)
        text = render(opened, language)
        if out is not None and out.suffix.lower() == ".xlsx":
            write_tables(out, {"要素 Elements": pack_table(opened)}, _head_lines(text))
        elif out is not None:
            write_file(out, text.encode())
    if as_json:
        print_json({**_listed(opened), "elements": pack_table(opened).to_dicts()})
    elif out is not None:
        click.echo(f"已写入 / written: {out}")
    else:
        click.echo(render(opened, language, between=" ｜ "), nl=False)


def _head_lines(text: str) -> list[str]:
    """Return what a rendered pack says above its first section: title, draft, head."""
    lines = text.split("\n## ")[0].splitlines()
    return [line.replace("**", "").strip("# ") for line in lines if line.strip(" |-")]


@rules.command(
    epilog=example(
        "jicheng rules check my-pack.yaml",
        "jicheng rules check cn.srdi_sme --overlay 广东省.yaml",
    )
)
@_pack
@overlay_option
@_as_json
def check(pack: str, overlays: tuple[Path, ...], *, as_json: bool) -> None:
    """检查规则包：每处错误及改法 / check a pack: every fault with its line and remedy."""
    from jicheng.rules.pack.reading import inspect_pack
    from jicheng.rules.pack.shipped import path_of

    with told_errors():
        found = inspect_pack(path_of(pack), overlays=overlays)
    if as_json:
        print_json({"is_sound": found.is_sound, "faults": [_plain(one) for one in found.faults]})
    else:
        print_faults(list(found.faults))
        if found.is_sound and found.pack is not None:
            _tell_sound(found.pack)
    if not found.is_sound:
        raise SystemExit(1)


def _tell_sound(pack: Pack) -> None:
    """Print that a pack can be used, and what in it is uncertain."""
    from collections import Counter

    counts = Counter(pack.statuses())
    told = "，".join(f"{status.value} {count}" for status, count in sorted(counts.items()))
    click.echo(f"可用 / sound: {pack.key} {pack.name.zh} / {pack.name.en}")
    click.echo(f"依据 / provenance: {told}")
    if pack.is_draft:
        click.echo(
            "草案：有要素未核实或缺失 / draft rules: some elements are unverified or missing"
        )
    if pack.has_demo_weights:
        click.echo("演示权重，非官方 / demo weights, not official")


def _plain(found: Fault) -> dict[str, Any]:
    return {
        "code": found.code,
        "where": str(found.where),
        "zh": found.message.zh,
        "en": found.message.en,
        "hint_zh": found.hint.zh,
        "hint_en": found.hint.en,
        "is_warning": found.is_warning,
    }


@rules.command(
    epilog=example(
        "jicheng rules diff cn.innovation_points@2024 cn.innovation_points@2.0",
        "jicheng rules diff cn.tech_sme my-pack.yaml --zone my-zone",
        "jicheng rules diff cn.tech_sme --set gates/staff_max=300 --zone my-zone",
    )
)
@click.argument("before")
@click.argument("after", required=False)
@click.option(
    "--set", "settings", multiple=True, metavar="路径=数值",
    help="试改一个数：门槛、档次或权重 / try another number: a gate, a band, a weight",
)  # fmt: skip
@click.option("--overlay", "overlays", multiple=True, type=click.Path(path_type=Path),
              help="只用于后者的覆盖文件 / overlay of the second")  # fmt: skip
@click.option(
    "--zone", "source", type=click.Path(path_type=Path),
    help="高新区或企业名单：谁得谁失 / zone or list of firms: who gains, who loses",
)  # fmt: skip
@firms_options
@click.option("-n", "shown", type=click.IntRange(0), default=20, show_default=True,
              help="显示几家 / firms shown")  # fmt: skip
@_as_json
def diff(
    before: str,
    after: str | None,
    settings: tuple[str, ...],
    overlays: tuple[Path, ...],
    source: Path | None,
    year: int | None,
    complete: tuple[str, ...],
    shown: int,
    *,
    as_json: bool,
) -> None:
    """比较两个规则包，用同一数据看得失 / what two packs say differently, and to whom."""
    from jicheng.rules.pack.difference import differences

    with told_errors():
        (old,), (new,) = open_packs([before], ()), open_packs([after or before], overlays)
        new = _with_settings(new, settings)
        changed = differences(old, new)
        compared = None
        if source is not None:
            firms = read_firms(source, [old, new], year=year, complete=complete)
            compared = _compared(old, new, firms)
    if as_json:
        print_json({
            "elements": changed.to_dicts(),
            "firms": None if compared is None else _plain_comparison(compared),
        })  # fmt: skip
        return
    for row in changed.iter_rows(named=True):
        click.echo("\n".join(_change_lines(row)))
    if changed.is_empty():
        click.echo("两者的要素相同 / they say the same")
    if compared is not None:
        _tell_comparison(compared, shown)


def _with_settings(pack: Pack, settings: Sequence[str]) -> Pack:
    """Return a pack with some of its numbers changed, each written ``path=number``."""
    from jicheng.select.laboratory import Change, changed

    if not settings:
        return pack
    changes = []
    for text in settings:
        path, _, number = text.rpartition("=")
        try:
            value = float(number)
        except ValueError as error:
            wanted = "请写成 路径=数值 / write PATH=NUMBER"
            raise click.UsageError(f"{text}: {wanted}") from error
        is_weight = path.startswith("weights/")
        changes.append(
            Change(path=path, points=(value, value))
            if is_weight
            else Change(path=path, bound=value)
        )
    return changed(pack, changes)


def _compared(old: Pack, new: Pack, firms: Firms) -> ComparisonResult:
    """Put both packs to the firms, and to the zone's policies that go by them."""
    from jicheng.select.laboratory import compare
    from jicheng.select.policies import read_policies

    policies = () if firms.zone is None else read_policies(firms.zone["policies"])
    return compare(old, new, firms.facts, policies=policies)


def _plain_comparison(found: ComparisonResult) -> dict[str, Any]:
    return {
        "is_draft": found.is_draft,
        "transitions": found.transitions.to_dicts(),
        "subjects": found.subjects.to_dicts(),
        "groups": found.groups.to_dicts(),
        "costs": found.costs.to_dicts(),
    }


def _tell_comparison(found: ComparisonResult, shown: int) -> None:
    """Print who gains and who loses, and what it costs."""
    import polars as pl

    counts = found.subjects["effect"].value_counts().sort("effect")
    told = "，".join(f"{_EFFECTS[name]} {count}" for name, count in counts.iter_rows())
    click.echo(f"企业 / firms: {told}{'  草案 draft' if found.is_draft else ''}")
    touched = found.subjects.filter(
        pl.col("effect").ne("same") | pl.col("rank_change").fill_null(0).ne(0)
    )
    if not touched.is_empty():
        rows = [_compared_row(row) for row in touched.head(shown).iter_rows(named=True)]
        print_frame(pl.DataFrame(rows, infer_schema_length=None))
    for table in (found.groups, found.costs):
        if table.height > 1 or (table.height and "policy" in table.columns):
            kept = [name for name in table.columns if table[name].null_count() < table.height]
            print_frame(_headed(table.select(kept).head(shown)))


def _headed(table: pl.DataFrame) -> pl.DataFrame:
    """Return a table with headings in both languages; lowest and highest in one column."""
    import polars as pl

    columns: dict[str, list[Any]] = {}
    for name in table.columns:
        stem = name.removesuffix("_low").removesuffix("_high")
        heading = (_HEADINGS | _EFFECTS).get(stem, stem)
        if stem == name:
            columns[heading] = table[name].to_list()
        elif heading not in columns:
            ends = [
                table[end].to_list() if end in table.columns else [None] * table.height
                for end in (f"{stem}_low", f"{stem}_high")
            ]
            columns[heading] = [_between(low, high) for low, high in zip(*ends, strict=True)]
    return pl.DataFrame(columns, strict=False)


def _between(low: float | None, high: float | None) -> str:
    """Return two ends as text; an end that nobody states is left open."""
    told = ["?" if end is None else f"{end:,.1f}".removesuffix(".0") for end in (low, high)]
    return told[0] if told[0] == told[1] else " ~ ".join(told)


def _compared_row(row: dict[str, Any]) -> dict[str, Any]:
    from jicheng.rules.score.wording import points_text
    from jicheng.schema import choices

    verdicts = {one.value: one.label.zh for one in choices()["rule_verdict"]}
    told: dict[str, Any] = {"企业 firm": row["name"], "影响 effect": _EFFECTS[row["effect"]]}
    for when, label in (("before", "之前 before"), ("after", "之后 after")):
        low, high = row[f"score_low_{when}"], row[f"score_high_{when}"]
        points = "" if low is None else f" {points_text(low, high)}"
        told[label] = verdicts[row[f"verdict_{when}"]] + points
    return told | {"名次变化 ranks up": row["rank_change"]}


def _change_lines(row: dict[str, Any]) -> Iterator[str]:
    yield f"{_CHANGES[row['change']]}: {row['zh']} / {row['en']}  ({row['path']})"
    for name, label in (("rule", "规则 rule"), ("max", "满分 max"), ("status", "依据 status")):
        was, is_now = row[f"{name}_before"], row[f"{name}_after"]
        if was != is_now and (was or is_now):
            yield f"    {label}: {_word(was)} → {_word(is_now)}"


def _word(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return "–" if value in (None, "") else str(value)


@rules.command(
    epilog=example(
        "jicheng rules new my-pack.yaml --kind qualification",
        "jicheng rules new 广东省.yaml --overlay-of cn.srdi_sme",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--kind",
    type=click.Choice(["qualification", "points", "eligibility"]),
    default="qualification",
    show_default=True,
    help="规则包类型 / kind of pack",
)
@click.option(
    "--overlay-of", "base", metavar="规则包",
    help="改为写出该规则包的本地覆盖文件 / write a local overlay of this pack instead",
)  # fmt: skip
@click.option("--replace", is_flag=True, help="覆盖已有文件 / replace an existing file")
def new(file: Path, kind: str, base: str | None, *, replace: bool) -> None:
    """新建规则包或本地覆盖文件 / begin a pack or a local overlay, with comments."""
    from jicheng.rules.pack.model import PackKind
    from jicheng.rules.pack.starter import new_overlay, new_pack

    with told_errors():
        refuse_target(file, replace=replace, endings=(".yaml", ".yml"))
        if base is not None:
            new_overlay(file, base)
        else:
            new_pack(file, PackKind(kind))
    click.echo(f"已写入，编辑后检查 / written; edit it, then: jicheng rules check {file}")
