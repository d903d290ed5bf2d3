"""What ``jicheng profile`` prints, for people and as plain values."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jicheng.cli_output import print_frame, print_sample

if TYPE_CHECKING:
    from jicheng.integrate.profile.explanation import Explained
    from jicheng.integrate.profile.profiling import ProfileResult
    from jicheng.integrate.profile.review import Refitted

__all__ = ["as_plain", "print_level", "print_profile"]

_SHOWN = 12


def as_plain(made: ProfileResult, target: Path, fitted: Refitted | None) -> dict[str, Any]:
    """Return what a profile found as plain values."""
    return {
        "zone": str(target),
        "engine": made.engine,
        "model": made.model,
        "is_sample": made.zone.is_sample,
        "counts": dict(made.counts),
        "holdings": made.holdings.to_dicts(),
        "refitted_on": None if fitted is None or fitted.warnings else fitted.n_texts,
        "warnings": [found.code for found in made.warnings],
    }


def print_profile(made: ProfileResult, fitted: Refitted | None) -> None:
    """Print what a profile found."""
    import polars as pl

    count = made.counts
    if made.zone.is_sample:
        print_sample()
    said = max(1, count["texts"] - count["empty"])
    click.echo(f"引擎 / engine: {made.engine}（{made.origin.zh} / {made.origin.en}）")
    if fitted is not None and not fitted.warnings:
        click.echo(
            f"按本区 {fitted.n_texts} 个答复重新校准 / refitted on {fitted.n_texts} texts: "
            f"对数损失 / log loss {fitted.before:.2f} → {fitted.after:.2f}"
            "（同一批答复 / on the same answers）"
        )
    click.echo(
        f"文本 / texts {count['texts']:,}：归类 / classified {count['classified']:,}，"
        f"不属任何能力 / none of these {count['none']:,}（{count['none'] / said:.0%}），"
        f"未定 / undecided {count['undecided']:,}（{count['undecided'] / said:.0%}），"
        f"请人复核 / to ask about {count['unsure']:,}，无内容 / empty {count['empty']:,}，"
        f"无归属 / nobody's {count['homeless']:,}"
    )
    click.echo(f"证据 / evidence: 新增 / new {count['evidence']:,}")
    click.echo(
        f"能力持有 / holdings: 新增 / new {count['new']:,}，更新 / replaced {count['replaced']:,}，"
        f"一致 / kept {count['kept']:,}，与填报不符 / conflicting {count['conflict']:,}，"
        f"与以前推断不同 / differing from earlier {count['earlier']:,}，"
        f"撤回 / removed {count['removed']:,}"
    )
    click.echo(f"联系 / ties: {count['ties']:,}，原有保留 / stated before {count['ties_kept']:,}")
    conflicts = made.holdings.filter(pl.col("outcome") == "conflict").drop("outcome")
    if conflicts.height:
        print_frame(conflicts.head(_SHOWN))


def print_level(one: Explained) -> None:
    """Print a level with the texts behind it."""
    click.echo(f"{one.holder_name}（{one.holder}） · {one.capability_name}（{one.capability}）")
    click.echo(f"  水平 / level {one.level:.2f} [{one.low:.2f}, {one.high:.2f}]")
    if one.stated is not None:
        low, level, high = ("–" if end is None else f"{end:.2f}" for end in one.stated)
        source = one.stated_source or "来源不明 / no source"
        click.echo(f"  填报（以此为准）/ stated, stands: {level} [{low}, {high}]  {source}")
    total = sum(ground.adds for ground in one.grounds)
    click.echo(f"  强度 / strength {total:.2f}；水平 = 1 - exp(-强度 / {one.scale:g})")
    for ground in one.grounds[:_SHOWN]:
        age = "年份不详 / no year" if ground.age is None else f"{ground.age:.0f} 年 / years old"
        click.echo(
            f"  + {ground.adds:.2f}  {ground.text} {ground.title[:60]}"
            f"  〔{ground.kind.zh} / {ground.kind.en}，权重 / weight {ground.weight:g} x "
            f"{ground.share:g}，{age}，把握 / chance {ground.chance:.2f}〕"
        )
        if ground.sentence:
            click.echo(f"          “{ground.sentence[:160]}”")
    if len(one.grounds) > _SHOWN:
        click.echo(f"  …… 共 {len(one.grounds)} 个文本 / {len(one.grounds)} texts in all")
