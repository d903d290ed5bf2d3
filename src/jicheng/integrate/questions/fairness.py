"""Who gets the seats and the money: shares by size, site and kind, and the price of a floor.

A floor asks that a group fills at least a share of all seats. It is one row over the plan:
each seat of others uses the share, each seat of the group gives back the rest. Its price
is what the plan loses, made again with columns that the floor calls for; a floor that is
met costs nothing. The Gini coefficient of seats is reported and decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import Fault, InvalidInput, Text, fault
from jicheng.integrate.questions.answer import Answer, points
from jicheng.integrate.questions.settings import QuestionSettings
from jicheng.integrate.questions.teams import plan_of, solving
from jicheng.integrate.shared.locks import GROUPED_BY
from jicheng.integrate.shared.staffing import Staffing
from jicheng.kernel.columns.generation import Generation, GenerationLimits, generate
from jicheng.kernel.columns.master import choose
from jicheng.kernel.columns.problem import Prices, SharedProblem
from jicheng.kernel.solver import Solver
from jicheng.schema import choices

__all__ = ["Fairness", "Floor", "fairness", "gini", "group_of", "with_floor"]

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

_UNKNOWN = "unknown"  # group of those of whom nothing is said
_GROUPINGS = ("size", "kind", "site")
_GROUPING_NAMES = {"size": ("规模", "size"), "kind": ("类型", "kind"), "site": ("园区", "site")}
_ROUNDS = GenerationLimits(rounds=8, idle_rounds=2, gap=1e-6, bound_rounds=0)


@dataclass(frozen=True, slots=True)
class Floor:
    """A floor and what it costs.

    Attributes
    ----------
    name : str
        ``small``, ``outside`` or ``column=value``.
    least, share : float
        What is asked, and the share of seats in the plan; nan without seats.
    price : float
        Points that the plan loses to reach it; 0 if it is met, nan if no plan was found
        that does. The search is a heuristic: the true price may be lower.
    share_after : float
        Share of seats in the plan that reaches it.
    changed : tuple of str
        Challenges whose consortium then differs.
    """

    name: str
    least: float
    share: float
    price: float
    share_after: float
    changed: tuple[str, ...]

    @property
    def is_met(self) -> bool:
        """Whether the plan as it is reaches it."""
        return self.share >= self.least - 1e-9


@dataclass(frozen=True)
class Fairness:
    """Shares of seats and of participation cost.

    Attributes
    ----------
    shares : polars.DataFrame
        ``grouping`` (size, kind, site, all), ``group``, ``candidates`` (organisations
        that could take part in a staffed challenge), ``seats``, ``seat_share``,
        ``cost`` (wan), ``cost_share``, ``candidate_share``. Those of whom
        nothing is said are ``unknown``.
    gini : float
        Of seats over these candidates; nan without any.
    floors : tuple of Floor
        In the order asked.
    answer : Answer
        In sentences.
    """

    shares: pl.DataFrame
    gini: float
    floors: tuple[Floor, ...]
    answer: Answer


def fairness(
    staffing: Staffing,
    floors: Mapping[str, float] | None = None,
    settings: QuestionSettings | None = None,
    *,
    seed: int = 1,
    solver: Solver | None = None,
) -> Fairness:
    """Tell who gets the seats, and what floors would cost.

    Parameters
    ----------
    staffing : Staffing
        The plan.
    floors : mapping of str to float, optional
        Least share of seats by group; default those of the settings.
    settings : QuestionSettings, optional
        ``floors``.
    seed : int
        Of the search for columns that a floor calls for.
    solver : Solver, optional
        Default: one of its own.

    Raises
    ------
    InvalidInput
        E362 for a group that does not exist, E363 for a share outside [0, 1].
    """
    settings = settings or QuestionSettings()
    asked = settings.floors if floors is None else floors
    groups = _groups(staffing, asked)
    shares, spread = _shares(staffing)
    with solving(solver) as worker:
        priced = tuple(
            _priced(staffing, name, float(asked[name]), flags, seed, worker)
            for name, flags in groups.items()
        )
    return Fairness(shares, spread, priced, _answer(shares, spread, priced))


def _groups(staffing: Staffing, floors: Mapping[str, float]) -> dict[str, Flags]:
    faults: list[Fault] = []
    groups = {}
    for name, least in floors.items():
        flags = group_of(staffing, name)
        if flags is None:
            faults.append(fault("E362", name=name, near=f"small, outside, {', '.join(GROUPED_BY)}"))
        elif not 0.0 <= least <= 1.0:
            faults.append(fault("E363", name=name, share=f"{least:g}"))
        else:
            groups[name] = flags
    if faults:
        raise InvalidInput(faults)
    return groups


def group_of(staffing: Staffing, name: str) -> Flags | None:
    """Return who is in a group, shape (o,); None if there is no such group."""
    roster = staffing.roster
    if name in ("small", "outside"):
        return roster.is_small if name == "small" else ~roster.in_zone
    column, equals, value = name.partition("=")
    if not equals or column not in GROUPED_BY or column not in roster.table.columns:
        return None
    flags: Flags = (roster.table[column] == value).fill_null(value=False).to_numpy()
    return flags.astype(np.bool_) if flags.any() else None


def gini(counts: Floats) -> float:
    """Return the Gini coefficient of counts >= 0: 0 = all alike; nan without any.

    ``sum_i (2 i - n - 1) x_i / (n sum x)`` with x ascending (Dixon et al. 1987, Ecology 68).
    """
    total, n = counts.sum(), len(counts)
    if not n or total <= 0.0:
        return np.nan
    rank = 2.0 * np.arange(1, n + 1) - n - 1.0
    return float(rank @ np.sort(counts) / (n * total))


def _shares(staffing: Staffing) -> tuple[pl.DataFrame, float]:
    roster = staffing.roster
    plan = plan_of(staffing)
    staffed = staffing.columns.challenge[plan].tolist()
    who = [staffing.problem.who[c] for c in staffed]
    could = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *who]))
    seats = staffing.load()[could]
    cost = seats * roster.counted_cost_wan[could]
    table = roster.table[could].select(
        *(pl.col(name).cast(pl.String).fill_null(_UNKNOWN).alias(name) for name in _GROUPINGS)
    ).with_columns(seats=pl.Series(seats), cost=pl.Series(cost), all=pl.lit("all"))  # fmt: skip
    parts = [
        table.group_by(pl.col(name).alias("group"))
        .agg(
            candidates=pl.len().cast(pl.Int64),
            seats=pl.col("seats").sum(),
            cost=pl.col("cost").sum(),
        )
        .select(pl.lit(name).alias("grouping"), "group", "candidates", "seats", "cost")
        .sort("group")
        for name in ("all", *_GROUPINGS)
    ]
    shares = pl.concat(parts).with_columns(
        seat_share=_share_of("seats", float(seats.sum())),
        cost_share=_share_of("cost", float(cost.sum())),
        candidate_share=_share_of("candidates", float(len(could))),
    )
    return shares, gini(seats.astype(np.float64))


def _share_of(column: str, total: float) -> pl.Expr:
    return pl.col(column) / total if total > 0.0 else pl.lit(None, dtype=pl.Float64)


def with_floor(problem: SharedProblem, flags: Flags, least: float, name: str) -> SharedProblem:
    """Return a problem in which a group fills at least a share of all seats.

    Parameters
    ----------
    problem : SharedProblem
        What is shared.
    flags : ndarray of bool, shape (o,)
        Who is in the group.
    least : float
        Share in [0, 1].
    name : str
        Of the row.
    """
    return replace(
        problem,
        fixed_use=np.column_stack([problem.fixed_use, np.zeros(problem.n_challenges)]),
        member_use=np.column_stack([problem.member_use, least - flags]),
        limits=np.append(problem.limits, 0.0),
        resource_names=(*problem.resource_names, name),
    )


def _priced(
    staffing: Staffing, name: str, least: float, flags: Flags, seed: int, solver: Solver
) -> Floor:
    plan = plan_of(staffing)
    share = _seat_share(staffing.columns.kept(plan).member, flags)
    if np.isnan(share) or share >= least - 1e-9:
        return Floor(name, least, share, 0.0, share, ())
    found = _with_floor(staffing, flags, least, name, seed, solver)
    if found is None or not len(found.chosen):
        return Floor(name, least, share, np.nan, np.nan, ())
    before = choose(
        staffing.problem, replace(found.pool, use=found.pool.use[:, :-1]), solver, start=plan
    )
    picked = found.pool.kept(found.chosen)
    now = {int(c): picked.members_of(j).tolist() for j, c in enumerate(picked.challenge)}
    was = {int(staffing.columns.challenge[j]): staffing.columns.members_of(j).tolist()
           for j in plan.tolist()}  # fmt: skip
    changed = sorted(c for c in {*was, *now} if was.get(c) != now.get(c))
    price = max(0.0, max(staffing.value, before.value) - found.value)
    names = tuple(staffing.challenges[c] for c in changed)
    return Floor(name, least, share, price, _seat_share(picked.member, flags), names)


def _with_floor(
    staffing: Staffing, flags: Flags, least: float, name: str, seed: int, solver: Solver
) -> Generation | None:
    """Make the plan again under a floor; None if the solver had no answer."""
    problem = with_floor(staffing.problem, flags, least, name)
    columns = staffing.columns
    row = columns.total_over_members(problem.member_use[:, -1])
    grown = replace(columns, use=np.column_stack([columns.use, row]))
    prices = Prices(staffing.prices.organisations, np.append(staffing.prices.resources, 0.0))
    found = generate(problem, grown, _ROUNDS, prices=prices, seed=seed, solver=solver)
    return found if found.is_feasible else None


def _seat_share(members: NDArray[np.int64], flags: Flags) -> float:
    return float(flags[members].mean()) if len(members) else np.nan


def _answer(shares: pl.DataFrame, spread: float, floors: tuple[Floor, ...]) -> Answer:
    told = []
    for row in shares.filter((pl.col("grouping") != "all") & (pl.col("seats") > 0)).iter_rows(
        named=True
    ):
        group = _label(row["grouping"], row["group"])
        seats, cost = f"{row['seat_share']:.0%}", f"{row['cost_share'] or 0.0:.0%}"
        could = f"{row['candidate_share']:.0%}"
        told.append(
            Text(
                f"{group.zh}：席位 {seats}，参与成本 {cost}，候选单位 {could}。",
                f"{group.en}: {seats} of the seats, {cost} of the cost, "
                f"{could} of those who could take part.",
            )
        )
    told += [_floor_sentence(floor) for floor in floors]
    if not np.isnan(spread):
        told.append(
            Text(
                f"席位的基尼系数 {spread:.2f}（仅供参考）。",
                f"Gini coefficient of seats {spread:.2f} (reported only).",
            )
        )
    return Answer(Text("是否公平", "Is it fair"), tuple(told), {"shares": shares})


def _label(grouping: str, group: str) -> Text:
    """Return the name of a group with its grouping."""
    zh, en = _GROUPING_NAMES[grouping]
    known = choices().get(f"organisation_{grouping}", ())
    labels = {choice.value: choice.label for choice in known}
    label = labels.get(group, Text(group, group))
    if group == _UNKNOWN:
        label = Text("未知", "unknown")
    return Text(f"{zh} {label.zh}", f"{en} {label.en.lower() if group in labels else label.en}")


def _floor_sentence(floor: Floor) -> Text:
    least = f"{floor.least:.0%}"
    if np.isnan(floor.share) or floor.is_met:
        share = "–" if np.isnan(floor.share) else f"{floor.share:.0%}"
        return Text(
            f"下限 {floor.name} ≥ {least} 已满足（{share}），代价为 0。",
            f"The floor {floor.name} >= {least} is met ({share}) and costs nothing.",
        )
    if np.isnan(floor.price):
        return Text(
            f"没有方案能达到下限 {floor.name} ≥ {least}。",
            f"No plan was found that reaches the floor {floor.name} >= {least}.",
        )
    share, price = f"{floor.share:.0%}", points(floor.price)
    return Text(
        f"下限 {floor.name} ≥ {least}：现为 {share}，达到它的代价 {price} 分，"
        f"改变 {len(floor.changed)} 个联合体。",
        f"The floor {floor.name} >= {least}: {share} now; to reach it costs {price} points "
        f"and changes {len(floor.changed)} consortia.",
    )
