"""Commands about the consortia of a finished plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jicheng.cli_output import example, print_json, told_errors

if TYPE_CHECKING:
    from jicheng.integrate.shared.arrival import Arrival

__all__ = ["arrive"]


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
