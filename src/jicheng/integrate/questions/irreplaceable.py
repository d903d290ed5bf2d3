"""Who is irreplaceable: the plan without an organisation, made again.

An organisation is locked out, the challenges that it touches are searched again, and the
plan is chosen again. Without the search the loss would be overstated several times over,
because the columns of a plan were found while it was there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from jicheng.errors import Text
from jicheng.integrate.questions.answer import Answer, Names, points
from jicheng.integrate.questions.settings import QuestionSettings
from jicheng.integrate.questions.teams import check_organisation, plan_of, solving
from jicheng.integrate.questions.wishes import Wish, ask
from jicheng.integrate.shared.locks import ALL, Locks
from jicheng.integrate.shared.staffing import Staffing
from jicheng.kernel.solver import Solver

__all__ = ["Without", "members_by_use", "ranking", "replacements", "without"]


@dataclass(frozen=True)
class Without:
    """A plan without an organisation.

    Attributes
    ----------
    organisation : str
        Who is locked out of every challenge.
    challenges : tuple of str
        Where it is a member in the plan.
    loss : float
        Points that the plan loses, those of challenges left without a consortium
        included.
    own_loss : float
        The loss without those points.
    steps_in : tuple of str
        Who joins a consortium instead.
    fails : tuple of str
        Challenges that no longer have a consortium.
    wish : Wish
        Both plans.
    answer : Answer
        In sentences.
    """

    organisation: str
    challenges: tuple[str, ...]
    loss: float
    own_loss: float
    steps_in: tuple[str, ...]
    fails: tuple[str, ...]
    wish: Wish
    answer: Answer

    @property
    def is_irreplaceable(self) -> bool:
        """Whether some challenge has no consortium without it."""
        return bool(self.fails)


def without(staffing: Staffing, organisation: str, *, solver: Solver | None = None) -> Without:
    """Make the plan again without an organisation.

    Raises
    ------
    InvalidInput
        E341 if there is no such organisation.
    """
    check_organisation(staffing, organisation)
    wish = ask(staffing, Locks(lock_out=((ALL, organisation),)), solver=solver)
    at = tuple(c for c in staffing.challenges if organisation in staffing.members(c))
    joins = {name for cell in wish.changed["joins"] for name in cell.split(";") if name}
    worth = [staffing.problem.worth[staffing.index[c]] for c in wish.fails]
    own_loss = wish.price - float(sum(worth))
    steps_in = tuple(sorted(joins))
    answer = _answer(staffing, organisation, at, wish, steps_in)
    return Without(organisation, at, wish.price, own_loss, steps_in, wish.fails, wish, answer)


def _answer(
    staffing: Staffing,
    organisation: str,
    at: tuple[str, ...],
    wish: Wish,
    steps_in: tuple[str, ...],
) -> Answer:
    names = Names(staffing)
    who, new = names.organisation(organisation), names.organisations(steps_in)
    title = Text(f"没有 {who.zh} 会怎样", f"Without {who.en}")
    if not at:
        nothing = Text(
            f"{who.zh} 不在任何联合体中，缺席不影响方案。",
            f"{who.en} is in no consortium: nothing changes.",
        )
        return Answer(title, (nothing,), wish.answer.tables)
    told = [
        Text(
            f"{who.zh} 参加 {'、'.join(at)}；没有它，方案少 {points(wish.price)} 分。",
            f"{who.en} works on {', '.join(at)}; without it the plan loses "
            f"{points(wish.price)} points.",
        )
    ]
    if wish.fails:
        told.append(
            Text(
                f"不可替代：{'、'.join(wish.fails)} 将没有联合体。",
                f"It cannot be replaced: {', '.join(wish.fails)} would have no consortium.",
            )
        )
    if steps_in:
        told.append(Text(f"由 {new.zh} 补上。", f"{new.en} would step in."))
    return Answer(title, (*told, *wish.answer.sentences[1:]), wish.answer.tables)


def members_by_use(staffing: Staffing) -> list[int]:
    """Return the members of the plan as places: highest price, most consortia, id first."""
    plan = staffing.columns.kept(plan_of(staffing))
    members, uses = np.unique(plan.member, return_counts=True)
    paid = staffing.prices.organisations[members]
    order = np.lexsort((members, -uses, -paid))
    return [int(o) for o in members[order]]


def replacements(
    staffing: Staffing,
    settings: QuestionSettings,
    *,
    organisations: Iterable[str] | None = None,
    solver: Solver | None = None,
) -> list[Without]:
    """Make the plan again without each member, one after another.

    Parameters
    ----------
    staffing : Staffing
        The plan.
    settings : QuestionSettings
        ``members_checked``.
    organisations : iterable of str, optional
        Whom; default the members of the plan, those in most demand first.
    solver : Solver, optional
        Default: one of its own.

    Returns
    -------
    list of Without
        Greatest loss first.
    """
    if organisations is None:
        ids = staffing.roster.ids
        organisations = [ids[o] for o in members_by_use(staffing)[: settings.members_checked]]
    with solving(solver) as worker:
        found = [without(staffing, name, solver=worker) for name in organisations]
    return sorted(found, key=lambda one: (-round(one.loss, 9), one.organisation))


def ranking(staffing: Staffing, found: Iterable[Without]) -> Answer:
    """Tell which members the plan could not do without, greatest loss first."""
    names = Names(staffing)
    told, rows = [], []
    for one in found:
        who, new = names.organisation(one.organisation), names.organisations(one.steps_in)
        loss = points(one.loss)
        rows.append((one.organisation, one.loss, ";".join(one.steps_in), ";".join(one.fails)))
        if one.fails:
            told.append(
                Text(
                    f"{who.zh}：少 {loss} 分，{'、'.join(one.fails)} 将没有联合体。",
                    f"{who.en}: {loss} points less; {', '.join(one.fails)} would have none.",
                )
            )
        else:
            told.append(
                Text(
                    f"{who.zh}：少 {loss} 分，由 {new.zh} 补上。",
                    f"{who.en}: {loss} points less; {new.en} would step in.",
                )
            )
    schema = {"organisation": pl.String, "loss": pl.Float64}
    schema |= {"steps_in": pl.String, "fails": pl.String}
    table = pl.DataFrame(rows, schema=schema, orient="row")
    title = Text("谁不可替代", "Who is irreplaceable")
    return Answer(title, tuple(told), {"replacements": table})
