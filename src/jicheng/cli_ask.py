"""``jicheng ask``: questions to the plan in a folder, answered from its stored pool."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

import click

from jicheng.cli_output import example, print_frame, print_json, spinner, told_errors
from jicheng.errors import InvalidInput

if TYPE_CHECKING:
    from jicheng.integrate.questions.answer import Answer
    from jicheng.integrate.questions.settings import QuestionSettings
    from jicheng.integrate.shared.locks import Locks
    from jicheng.integrate.shared.staffing import Staffing
    from jicheng.kernel.solver import Solver

__all__ = ["ask"]

_Given = ParamSpec("_Given")


@dataclass(frozen=True)
class _Plan:
    """What a question is asked of."""

    path: Path
    staffing: Staffing
    settings: QuestionSettings
    seed: int
    solver: Solver


@click.group()
@click.argument("plan", type=click.Path(path_type=Path))
@click.pass_context
def ask(context: click.Context, plan: Path) -> None:
    """就一个方案提问 / ask a plan: why, who else, without whom, what is scarce, how sure."""
    context.obj = plan


def _question(
    name: str, *examples: str
) -> Callable[[Callable[Concatenate[_Plan, _Given], Answer]], click.Command]:
    """Make a command of a function that answers a question about a plan."""

    def made(answer: Callable[Concatenate[_Plan, _Given], Answer]) -> click.Command:
        @click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
        @click.pass_context
        @wraps(answer)
        def run(context: click.Context, /, *given: Any, as_json: bool, **named: Any) -> None:
            with told_errors():
                with spinner("正在计算 / working it out"), _opened(context.obj) as plan:
                    told = answer(plan, *given, **named)
                _print(told, as_json=as_json)

        lines = [f"jicheng ask my-plan {one}" for one in examples]
        command = click.command(name, epilog=example(*lines))(run)
        ask.add_command(command)
        return command

    return made


@contextmanager
def _opened(path: Path) -> Iterator[_Plan]:
    """Give the plan in a folder; solves within the block use its solver."""
    from jicheng.kernel.solver import Solver
    from jicheng.plan.manifest import read_manifest
    from jicheng.plan.settings import PlanSettings
    from jicheng.plan.solvers import using_solver_of
    from jicheng.plan.staffing import load_staffing
    from jicheng.plan.toml_settings import settings_from

    settings = settings_from(read_manifest(path)["settings"], PlanSettings)
    with using_solver_of(settings), Solver() as solver:
        yield _Plan(path, load_staffing(path), settings.questions, settings.seed, solver)


def _print(told: Answer, *, as_json: bool) -> None:
    if as_json:
        print_json(told.as_plain())
    else:
        click.echo(told.as_text())


_challenge = click.argument("challenge")
_organisation = click.argument("organisation")


@_question("why", "why chal:ic-track")
@_challenge
def why(plan: _Plan, challenge: str) -> Answer:
    """为何是这个联合体，次优是谁 / why this consortium, and what comes next."""
    from jicheng.integrate.questions.why import why as asked

    return asked(plan.staffing, challenge, plan.settings, solver=plan.solver).answer


@_question("who-else", "who-else chal:ic-track", "who-else chal:ic-track -n 5 --leaving 1")
@_challenge
@click.option("-n", "count", type=click.IntRange(1, 50), help="个数 / how many")
@click.option("--leaving", type=click.IntRange(1, 20), help="至少换掉几家 / members exchanged")
def who_else(plan: _Plan, challenge: str, count: int | None, leaving: int | None) -> Answer:
    """还有哪些好联合体 / other good consortia of a challenge."""
    from jicheng.integrate.questions.alternatives import alternatives

    settings = replace(
        plan.settings,
        alternatives=count or max(1, plan.settings.alternatives),
        members_leaving=leaving or plan.settings.members_leaving,
    )
    return alternatives(plan.staffing, challenge, settings, solver=plan.solver).answer


@_question("alternatives", "alternatives", "alternatives --loss 5%")
@click.option("--loss", help="可让出的价值比例 / share of the value that may be lost")
def other(plan: _Plan, loss: str | None) -> Answer:
    """差别最大而价值相近的另一方案 / the most different plan that is almost as good."""
    from jicheng.integrate.questions.alternatives import other_plan

    share = plan.settings.acceptable_loss if loss is None else _share(loss)
    settings = replace(
        plan.settings, acceptable_loss=share, alternatives=max(1, plan.settings.alternatives)
    )
    return other_plan(plan.staffing, settings, solver=plan.solver).answer


@_question("without", "without org:000304")
@_organisation
def without(plan: _Plan, organisation: str) -> Answer:
    """没有某个组织会怎样，谁来补上 / the plan without an organisation, and who steps in."""
    from jicheng.integrate.questions.irreplaceable import without as asked

    return asked(plan.staffing, organisation, solver=plan.solver).answer


@_question("irreplaceable", "irreplaceable")
def irreplaceable(plan: _Plan) -> Answer:
    """谁不可替代 / which members the plan could not do without."""
    from jicheng.integrate.questions.irreplaceable import ranking, replacements

    found = replacements(plan.staffing, plan.settings, solver=plan.solver)
    return ranking(plan.staffing, found)


def _wish(plan: _Plan, **locks: Any) -> Answer:
    from jicheng.integrate.questions.wishes import ask as asked
    from jicheng.integrate.shared.locks import Locks as Wanted

    wanted: Locks = Wanted(**locks)
    return asked(plan.staffing, wanted, solver=plan.solver).answer


@_question("with", "with chal:ic-track org:000304")
@_challenge
@_organisation
def with_(plan: _Plan, challenge: str, organisation: str) -> Answer:
    """让某个组织参加某个项目的代价 / what it costs to have an organisation in a challenge."""
    return _wish(plan, lock_in=((challenge, organisation),))


@_question("keep-out", "keep-out chal:ic-track org:000304")
@_challenge
@_organisation
def keep_out(plan: _Plan, challenge: str, organisation: str) -> Answer:
    """不让某个组织参加某个项目的代价 / what it costs to keep an organisation out of a challenge."""
    return _wish(plan, lock_out=((challenge, organisation),))


@_question("forbid", "forbid org:000304 org:000328")
@click.argument("a")
@click.argument("b")
def forbid(plan: _Plan, a: str, b: str) -> Answer:
    """两个组织不得同组的代价 / what it costs that two organisations never meet."""
    return _wish(plan, forbid=((a, b),))


@_question("require", "require chal:ic-track small", "require '*' outside")
@_challenge
@click.argument("kind", type=click.Choice(["small", "outside"]))
def require(plan: _Plan, challenge: str, kind: str) -> Answer:
    """须有小微企业或区外成员的代价 / what it costs to require a small firm or outside partner."""
    return _wish(plan, require=((challenge, kind),))


@_question("cap", "cap org:000304 1", "cap kind=university 5")
@click.argument("name")
@click.argument("most", type=click.IntRange(0))
def cap(plan: _Plan, name: str, most: int) -> Answer:
    """限制组织或组别参加数的代价 / what it costs to cap an organisation or a group."""
    return _wish(plan, exposure={name: most})


@_question("scarce", "scarce")
def scarce(plan: _Plan) -> Answer:
    """哪些组织和能力紧缺 / which organisations and capabilities are scarce."""
    from jicheng.integrate.questions.scarce import scarce as asked

    return asked(plan.staffing, plan.settings, solver=plan.solver).answer


@_question("sure", "sure", "sure --runs 200")
@click.option("--runs", type=click.IntRange(1, 10_000), help="扰动次数 / draws")
def sure(plan: _Plan, runs: int | None) -> Answer:
    """评分略有出入时结果有多稳 / how sure the choice is when scores are a little otherwise."""
    from jicheng.integrate.questions.certainty import certainty

    settings = replace(plan.settings, runs=runs or max(1, plan.settings.runs))
    return certainty(plan.staffing, settings, seed=plan.seed).answer


@_question("fair", "fair", "fair --floor small=0.3 --floor kind=university:0.1")
@click.option("--floor", "floors", multiple=True, help="席位下限 / least share of seats")
def fair(plan: _Plan, floors: tuple[str, ...]) -> Answer:
    """席位与成本的份额，以及下限的代价 / shares of seats and cost, and the price of a floor."""
    from jicheng.integrate.questions.fairness import fairness

    asked = dict(_floor(one) for one in floors) or None
    return fairness(plan.staffing, asked, plan.settings, seed=plan.seed, solver=plan.solver).answer


def _floor(text: str) -> tuple[str, float]:
    """Read ``small=0.3`` or ``column=value:0.1``."""
    split = ":" if "=" in text.partition(":")[0] and ":" in text else "="
    name, _, share = text.rpartition(split)
    return name, _share(share)


def _share(text: str) -> float:
    """Read ``5%`` or ``0.05``."""
    try:
        value = float(text.strip().removesuffix("%"))
    except ValueError as error:
        raise InvalidInput.of("E365", text=text) from error
    return value / 100.0 if text.strip().endswith("%") else value


@_question("infeasible", "infeasible chal:ic-track")
@_challenge
def infeasible(plan: _Plan, challenge: str) -> Answer:
    """为何组不成联合体，最省的放宽 / why there is no consortium, and the cheapest way out."""
    from jicheng.integrate.questions.infeasible import infeasible as asked

    return asked(plan.staffing, challenge, plan.settings, solver=plan.solver).answer


@_question("more", "more 5%", "more 1")
@click.argument("share", default="5%")
def more(plan: _Plan, share: str) -> Answer:
    """放宽组别上限值多少 / what more places under the caps on groups are worth."""
    from jicheng.integrate.questions.money import more as asked

    return asked(plan.staffing, _share(share), plan.settings, solver=plan.solver).answer


@ask.command("money", epilog=example("jicheng ask my-plan money"))
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
@click.pass_context
def money(context: click.Context, *, as_json: bool) -> None:
    """多 5 % 的资金值多少 / what 5 % more money is worth (from the plan's table)."""
    from jicheng.plan.folder import read_table
    from jicheng.plan.manifest import read_manifest

    with told_errors():
        read_manifest(context.obj)
        file = context.obj / "tables" / "money.csv"
        if not file.is_file():
            raise InvalidInput.of("E364")
        table = read_table(file)
    if as_json:
        print_json(table.to_dicts())
    else:
        print_frame(table)
