"""Why no consortium can be formed, and the cheapest way to make one possible.

Every rule of the call, of the settings and of people's locks is one row over everybody who
could take part at all, those outside and abroad included: their exclusion is a rule like
the others. The answer is the smallest set of rules that cannot be met together, each of
them needed, and the relaxation that gives up least by declared weights
(:mod:`jicheng.kernel.columns.relaxation`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import InvalidInput, Text
from jicheng.integrate.obstacles import kind_labels, rule_text
from jicheng.integrate.pool import Call, Pool, PoolSources
from jicheng.integrate.questions.answer import Answer, Names, listed, points
from jicheng.integrate.questions.settings import QuestionSettings
from jicheng.integrate.questions.teams import check_challenge, ids_of, solving
from jicheng.integrate.questions.wishes import changes_between
from jicheng.integrate.roster import Roster
from jicheng.integrate.shared.staffing import Staffing
from jicheng.kernel.columns.relaxation import (
    LEAD,
    RESEARCH,
    SIZE,
    Relaxation,
    RuleSystem,
    rules_of,
)
from jicheng.kernel.solver import Solver
from jicheng.kernel.team_problem import SMALL_SHARE, MemberRule

__all__ = ["Infeasible", "infeasible", "rules_in_question"]

OUTSIDE, ABROAD = "outside", "abroad"
"""Names of the rules that keep members from outside the zone and from abroad away."""
_PREFERRED = 10.0  # times all points of the plan: more than the others can lose


@dataclass(frozen=True)
class Infeasible:
    """Why a challenge has no consortium.

    Attributes
    ----------
    challenge : str
        Which.
    conflict : tuple of str
        Names of the rules that cannot be met together; empty if all can.
    is_smallest : bool
        Whether no conflict has fewer rules; each rule of it is then needed.
    relaxed : mapping of str to float
        By how many members each rule is missed in the cheapest relaxation.
    team : tuple of str
        A smallest consortium that it makes possible.
    needs_displacing : bool
        Whether a consortium can be formed alone, but only at the expense of others.
    answer : Answer
        In sentences.
    """

    challenge: str
    conflict: tuple[str, ...]
    is_smallest: bool
    relaxed: Mapping[str, float]
    team: tuple[str, ...]
    needs_displacing: bool
    answer: Answer


def infeasible(
    staffing: Staffing,
    challenge: str,
    settings: QuestionSettings | None = None,
    *,
    solver: Solver | None = None,
) -> Infeasible:
    """Tell why a challenge has no consortium, and how it could get one.

    Parameters
    ----------
    staffing : Staffing
        The plan.
    challenge : str
        One of its challenges.
    settings : QuestionSettings, optional
        ``relaxation_weights``.
    solver : Solver, optional
        Default: one of its own.

    Raises
    ------
    InvalidInput
        E330 if there is no such challenge, E361 if there is nothing to form.
    """
    settings = settings or QuestionSettings()
    check_challenge(staffing, challenge)
    (formed,) = (one for one in staffing.alone.formed if one.challenge == challenge)
    if formed.pool is None or formed.status == "not_run":
        raise InvalidInput.of("E361", challenge=challenge)
    with solving(solver) as worker:
        if challenge in staffing.index:
            return _displaced(staffing, challenge, worker)
        return _conflicting(staffing, formed.pool.call, settings, worker)


def _conflicting(
    staffing: Staffing, call: Call, settings: QuestionSettings, solver: Solver
) -> Infeasible:
    rules, who, price = rules_in_question(staffing, call)
    system = RuleSystem(rules, price)
    limits = settings.limits.of_solver()
    conflict = system.conflict(solver, limits)
    weights = {rule.name: _weight(rule.name, settings.relaxation_weights) for rule in rules}
    way_out = system.cheapest_relaxation(weights, solver, limits) if conflict.names else None
    team = () if way_out is None else tuple(ids_of(staffing, who[list(way_out.team)]))
    words = _Words(staffing, call, who)
    answer = _answer(words, rules, conflict.names, way_out, weights)
    return Infeasible(
        call.challenge, conflict.names, conflict.is_smallest,
        {} if way_out is None else way_out.amounts, team,
        needs_displacing=False, answer=answer,
    )  # fmt: skip


def rules_in_question(
    staffing: Staffing, call: Call
) -> tuple[list[MemberRule], NDArray[np.int64], NDArray[np.float64]]:
    """Return every rule over everybody who could take part at all.

    Returns
    -------
    rules : list of MemberRule
        See :func:`jicheng.kernel.columns.relaxation.rules_of`, those of the locks
        (:mod:`jicheng.integrate.shared.lock_rules`), ``outside`` and ``abroad``.
    who : ndarray of int64, shape (n,)
        Organisation of each candidate, ascending.
    price : ndarray of float64, shape (n,)
        Points that each costs.
    """
    alone = staffing.alone
    wide = replace(alone.settings, allow_outside=True, allow_abroad=True)
    sources = PoolSources.of(alone.zone, wide)
    admitted = alone.binding.admitted(call.challenge)
    pool = Pool.of(call, sources, wide, admitted=admitted)
    who = pool.candidates.astype(np.int64)
    team = alone.binding.told(call.challenge, pool.problem, who)
    kept_out = sources.roster.may_join[who] & ~staffing.roster.may_join[who]
    abroad = kept_out & ~_at_home(sources.roster, alone.zone["zones"])[who]
    rules = rules_of(team)
    for name, flags in ((OUTSIDE, kept_out & ~abroad), (ABROAD, abroad)):
        if flags.any():
            rules.append(MemberRule(name, -flags.astype(np.float64), 0.0))
    return rules, who, pool.problem.price


def _at_home(roster: Roster, zones: pl.DataFrame) -> NDArray[np.bool_]:
    home = zones["home"][0] if zones.height else None
    if home is None:
        return np.zeros(roster.n, dtype=np.bool_)
    same = (roster.table["country"] == home).fill_null(value=False)
    flags: NDArray[np.bool_] = same.to_numpy().astype(np.bool_)
    return flags


def _weight(name: str, weights: Mapping[str, float]) -> float:
    return weights.get(name.partition(":")[0], 1.0)


class _Words:
    """Rules in the words of the user."""

    def __init__(self, staffing: Staffing, call: Call, who: NDArray[np.int64]) -> None:
        self.names, self.call, self._who = Names(staffing), call, who
        self._ids = staffing.roster.ids
        self._lead_in_zone = staffing.settings.lead_in_zone

    def rule(self, name: str) -> Text:
        """Return what a rule asks."""
        kind, _, rest = name.partition(":")
        if kind == "need":
            what = self.names.capability(self.call.needs.capabilities[int(rest)])
            fold = self.call.fold
            return Text(f"至少 {fold} 家具备“{what.zh}”", f"{fold} or more hold {what.en}")
        if name == LEAD:
            kinds = kind_labels(self.call.lead_kinds)
            zh, en = ("区内", " in the zone") if self._lead_in_zone else ("", "")
            return Text(f"须由{zh}{kinds.zh}牵头", f"a lead of these kinds{en}: {kinds.en}")
        if name == RESEARCH:
            return Text("须有院所或高校", "an institute or university")
        if name == SIZE:
            most = self.call.member_limit
            return Text(f"成员不超过 {most} 家", f"at most {most} members")
        if name == SMALL_SHARE:
            share = f"{self.call.small_share:.0%}"
            return Text(f"中小微企业占 {share} 以上", f"{share} or more small and micro firms")
        if name == OUTSIDE:
            return Text("不允许区外成员", "no members from outside the zone")
        if name == ABROAD:
            return Text("不允许境外成员", "no members from abroad")
        told = rule_text(name)
        for part in rest.replace("|", ", ").split(", "):
            who = self.names.organisation(part)
            told = Text(told.zh.replace(part, who.zh), told.en.replace(part, who.en))
        return told

    def way_out(self, rule: MemberRule, amount: float, team: tuple[int, ...]) -> Text:
        """Return how a rule is relaxed."""
        what, count = self.rule(rule.name), f"{amount:g}"
        against = [i for i in team if rule.weight[i] < 0.0]
        who = self.names.organisations([self._ids[int(self._who[i])] for i in against])
        if rule.name == SIZE:
            most = self.call.member_limit + round(amount)
            return Text(f"成员上限放宽到 {most} 家", f"allow {most} members")
        if rule.name in (OUTSIDE, ABROAD) or rule.name.startswith(("out:", "full:")):
            return Text(f"放宽“{what.zh}”：接纳 {who.zh}", f"relax “{what.en}”: admit {who.en}")
        if rule.name.startswith("need:"):
            return Text(f"“{what.zh}”少 {count} 家", f"“{what.en}”: {count} fewer")
        if rule.name == SMALL_SHARE:
            return Text(f"“{what.zh}”差 {count} 家", f"“{what.en}”: {count} members short")
        return Text(f"放弃“{what.zh}”", f"give up “{what.en}”")


def _answer(
    words: _Words,
    rules: list[MemberRule],
    conflict: tuple[str, ...],
    way_out: Relaxation | None,
    weights: Mapping[str, float],
) -> Answer:
    challenge = words.call.challenge
    title = Text(f"{challenge} 为何没有联合体", f"Why {challenge} has no consortium")
    clash = listed([words.rule(name) for name in conflict])
    told = [
        Text(f"以下 {len(conflict)} 条规则不能同时满足：{clash.zh}。",
             f"These {len(conflict)} rules cannot be met together: {clash.en}.")
    ]  # fmt: skip
    by_name = {rule.name: rule for rule in rules}
    amounts = {} if way_out is None else way_out.amounts
    rows = [
        (
            name, words.rule(name).zh, words.rule(name).en, name in conflict,
            amounts.get(name, 0.0), weights[name],
        )
        for name in by_name
    ]  # fmt: skip
    if way_out is None:
        told.append(
            Text(
                "放宽规则也无济于事：没有人具备所需能力。",
                "No rule to relax helps: nobody holds what is needed.",
            )
        )
    else:
        ways = [words.way_out(by_name[name], a, way_out.team) for name, a in amounts.items()]
        how = Text("；".join(one.zh for one in ways), "; ".join(one.en for one in ways))
        told.append(
            Text(
                f"代价最小的放宽（按声明的权重共 {way_out.cost:g}）：{how.zh}。",
                f"The cheapest way out (weight {way_out.cost:g} as declared): {how.en}.",
            )
        )
    schema = {"rule": pl.String, "zh": pl.String, "en": pl.String, "in_conflict": pl.Boolean}
    schema |= {"relaxed_by": pl.Float64, "weight": pl.Float64}
    return Answer(title, tuple(told), {"rules": pl.DataFrame(rows, schema=schema, orient="row")})


def _displaced(staffing: Staffing, challenge: str, solver: Solver) -> Infeasible:
    """Tell what a challenge that can be staffed alone would cost the others."""
    title = Text(f"{challenge} 为何没有联合体", f"Why {challenge} has no consortium")
    if staffing.column_of(challenge) >= 0:
        told = Text("它有联合体。", "It has one.")
        return Infeasible(
            challenge, (), True, {}, staffing.members(challenge),
            needs_displacing=False, answer=Answer(title, (told,)),
        )  # fmt: skip
    worth = float(staffing.problem.worth[staffing.index[challenge]])
    more = _PREFERRED * (1.0 + abs(staffing.bound))
    forced = staffing.valued({challenge: worth + more}, solver=solver)
    back = forced.value - more * (forced.column_of(challenge) >= 0)
    changed = changes_between(staffing, forced)
    others = changed.filter(pl.col("challenge") != challenge)["challenge"].to_list()
    lost = points(staffing.value - back)
    told = Text(
        f"单独可以组成，但所需组织用在了别处；若一定要组成，方案少 {lost} 分，"
        f"影响 {'、'.join(others) or '–'}。",
        "It can be formed alone, but the organisations that it needs work elsewhere; to staff "
        f"it all the same costs the plan {lost} points and changes {', '.join(others) or '-'}.",
    )
    return Infeasible(
        challenge, (), True, {}, forced.members(challenge),
        needs_displacing=True, answer=Answer(title, (told,), {"changed": changed}),
    )  # fmt: skip
