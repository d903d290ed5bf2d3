"""Commands about the consortia of a finished plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jicheng.cli_output import example, print_json, told_errors

if TYPE_CHECKING:
    from jicheng.integrate.shared.arrival import Arrival
    from jicheng.plan.proof import Proof

__all__ = ["arrive", "certify"]


@click.command(
    epilog=example(
        "jicheng arrive my-plan 新榜单.csv",
        "jicheng arrive my-plan new-challenges.xlsx --may-move --out arrived",
    )
)
@click.argument("plan", type=click.Path(path_type=Path))
@click.argument("challenges", type=click.Path(path_type=Path))
@click.option("--worth", type=float, help="组成联合体本身的得分 / points of staffing one at all")
@click.option(
    "--may-move", is_flag=True, help="可调整未签约的联合体 / others not under contract may change"
)
@click.option("--out", type=click.Path(path_type=Path), help="另存结果表 / write tables here")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def arrive(
    plan: Path,
    challenges: Path,
    worth: float | None,
    out: Path | None,
    *,
    may_move: bool,
    as_json: bool,
) -> None:
    """新榜单到来：谁能承接 / let new challenges join a plan; contracts stay as they are."""
    from jicheng.plan.arrivals import arrive_at, write_arrivals

    with told_errors():
        arrived = arrive_at(plan, challenges, worth=worth, may_move=may_move)
        if out is not None:
            write_arrivals(arrived, out)
    if as_json:
        print_json(arrived.arrivals.table.to_dicts())
        return
    for one in arrived.arrivals.arrivals:
        _tell(one)
    if out is not None:
        click.echo(f"结果表 / tables: {out}")


def _tell(one: Arrival) -> None:
    """Print what became of one new challenge."""
    verdict = "可承接 / accepted" if one.is_accepted else "不承接 / not accepted"
    click.echo(f"{one.challenge}: {verdict}")
    if one.members:
        click.echo(f"    牵头 / lead {one.members[0]}；成员 / members {', '.join(one.members)}")
        click.echo(f"    得分 / points {one.points:.2f}，单独最优 / best alone {one.own_best:.2f}")
    if one.price > 0.0:
        click.echo(
            f"    占用紧缺组织的价格 / price of scarce organisations {one.price:.2f}，"
            f"净得分 / left after it {one.surplus:.2f}"
        )
    if one.scarce:
        click.echo(f"    已无余力 / no capacity left: {', '.join(one.scarce)}")
    if one.moved:
        click.echo(f"    随之调整 / changed for it: {', '.join(one.moved)}")
    for told in one.told:
        click.echo(f"    {told.in_language('zh')}")
        click.echo(f"    {told.in_language('en')}")


@click.command(epilog=example("jicheng certify my-plan --minutes 15"))
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--minutes", type=float, default=10.0, show_default=True, help="时限 / time limit")
def certify(plan: Path, minutes: float) -> None:
    """证明联合体整体安排离最优有多近 / prove how good the staffing of a plan is; may be stopped."""
    from jicheng.plan.proof import certify_plan

    with told_errors():
        proof = certify_plan(plan, minutes=minutes, progress=_tell_proof)
    click.echo(f"证明前差距 / gap before {proof.gap_before:.4%}，现在 / now {proof.gap:.4%}")
    if proof.best > proof.value + 1e-9:
        more = f"+{proof.best - proof.value:.2f} 分 / points"
        click.echo(f"已知更好的安排 / a better staffing is known: {more}")
        click.echo(f"    涉及 / it changes {', '.join(proof.changed)}")


def _tell_proof(proof: Proof) -> None:
    """Print where the proof stands."""
    click.echo(
        f"{proof.seconds:.0f} s：上界 / bound {proof.bound:.4f}，得分 / value {proof.best:.4f}，"
        f"差距 / gap {proof.gap:.4%}，候选 / columns {proof.n_columns}"
    )
