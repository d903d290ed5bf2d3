"""SCIP behind the solver port, an optional extra; imported inside the worker only.

Mixed-integer programs go to SCIP, linear ones straight to its simplex solver (SoPlex),
because SCIP's own duals are those of the program that its presolve has left. SoPlex does
not say whether a program without an optimum is infeasible or unbounded: a second solve
without the objective does.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from pyscipopt import LP, SCIP_EVENTTYPE, Model, quicksum

from jicheng.kernel.program import Floats, MixedIntegerProgram
from jicheng.kernel.solver import (
    Incumbent,
    Limits,
    Solution,
    SolveStatus,
    StoppedBy,
    relative_gap,
)

__all__ = ["ScipBackend"]

_ITERATIONS, _SECONDS = 10, 11  # SCIP_LPPAR_LPITLIM, SCIP_LPPAR_LPTILIM
_STATUS = {
    "optimal": SolveStatus.OPTIMAL,
    "gaplimit": SolveStatus.OPTIMAL,
    "infeasible": SolveStatus.INFEASIBLE,
    "unbounded": SolveStatus.UNBOUNDED,
}
_STOPPED = {
    "nodelimit": StoppedBy.WORK,
    "totalnodelimit": StoppedBy.WORK,
    "stallnodelimit": StoppedBy.WORK,
    "timelimit": StoppedBy.WALL_CLOCK,
    "memlimit": StoppedBy.MEMORY,
}


class ScipBackend:
    """SCIP with one thread and a fixed seed."""

    name = "scip"
    features = frozenset({"lp", "mip", "start", "duals", "incumbents"})

    def __init__(self) -> None:
        self.version = str(Model().version())

    def solve(
        self, program: MixedIntegerProgram, limits: Limits, report: Callable[[Incumbent], None]
    ) -> Solution:
        """Solve the program within the limits."""
        if program.is_linear:
            return self._solve_linear(program, limits)
        model, columns = _model(program, limits)
        _report_incumbents(model, columns, program, report)
        _set_start(model, columns, program)
        model.optimize()
        if model.getStatus() == "inforunbd":
            model.freeTransform()
            model.setIntParam("presolving/maxrounds", 0)
            model.optimize()
        return self._solution(model, columns, program)

    def _solution(self, model: Model, columns: list[Any], program: MixedIntegerProgram) -> Solution:
        told = model.getStatus()
        values = objective = None
        if model.getNSols() > 0 and told != "unbounded":
            values = _values(model, columns, program)
            objective = program.objective_of(values)
        feasible = SolveStatus.FAILED if values is None else SolveStatus.FEASIBLE
        status = _STATUS.get(told, feasible)
        bound: float | None = None
        if status in (SolveStatus.OPTIMAL, SolveStatus.FEASIBLE):
            bound = _finite(model, model.getDualbound())
        return Solution(
            status,
            values=values,
            objective=objective,
            bound=bound,
            gap=relative_gap(objective, bound),
            nodes=int(model.getNTotalNodes()),
            iterations=int(model.getNLPIterations()),
            stopped_by=_STOPPED.get(told, StoppedBy.NOTHING),
            solver=self.name,
            version=self.version,
            message="" if status is not SolveStatus.FAILED else told,
        )

    def _solve_linear(self, program: MixedIntegerProgram, limits: Limits) -> Solution:
        started = time.monotonic()
        linear = _linear(program, limits, program.cost)
        linear.solve()
        iterations = int(linear.getNIterations())
        status, stopped_by = SolveStatus.OPTIMAL, StoppedBy.NOTHING
        if not linear.isOptimal():
            if limits.iterations is not None and iterations >= limits.iterations:
                status, stopped_by = SolveStatus.FAILED, StoppedBy.WORK
            elif time.monotonic() - started >= limits.deadline_s:
                status, stopped_by = SolveStatus.FAILED, StoppedBy.WALL_CLOCK
            else:
                status = _why_not(program, limits)
            return Solution(
                status,
                iterations=iterations,
                stopped_by=stopped_by,
                solver=self.name,
                version=self.version,
            )
        values = program.repaired(np.array(linear.getPrimal(), np.float64))
        objective = program.objective_of(values)
        return Solution(
            status,
            values=values,
            objective=objective,
            bound=objective,
            gap=0.0,
            iterations=iterations,
            solver=self.name,
            version=self.version,
            row_duals=np.array(linear.getDual(), np.float64).reshape(program.n_rows),
            column_duals=np.array(linear.getRedcost(), np.float64),
        )


def _model(program: MixedIntegerProgram, limits: Limits) -> tuple[Model, list[Any]]:
    model = Model()
    model.hideOutput()
    model.setParam("limits/gap", limits.gap)
    model.setParam("limits/absgap", min(1e-6, limits.gap))
    model.setParam("limits/time", limits.deadline_s)
    model.setParam("limits/totalnodes", -1 if limits.nodes is None else limits.nodes)
    stall = -1 if limits.stall_nodes is None else limits.stall_nodes
    model.setParam("limits/stallnodes", stall)
    model.setParam("randomization/randomseedshift", limits.seed)
    model.setParam("parallel/maxnthreads", 1)
    columns = [
        model.addVar(f"x{j}", "I" if whole else "C", _open(low), _open(high), obj=float(cost))
        for j, (cost, low, high, whole) in enumerate(
            zip(program.cost, program.lower, program.upper, program.integral, strict=True)
        )
    ]
    for i, (low, high) in enumerate(zip(program.row_lower, program.row_upper, strict=True)):
        entries = range(int(program.row_start[i]), int(program.row_start[i + 1]))
        activity = quicksum(
            float(program.entry_value[e]) * columns[program.entry_column[e]] for e in entries
        )
        if np.isfinite(low) and np.isfinite(high) and low == high:
            model.addCons(activity == float(low))
            continue
        if np.isfinite(low):
            model.addCons(activity >= float(low))
        if np.isfinite(high):
            model.addCons(activity <= float(high))
    if program.maximise:
        model.setMaximize()
    else:
        model.setMinimize()
    model.addObjoffset(program.offset)
    return model, columns


def _open(bound: float) -> float | None:
    return float(bound) if math.isfinite(bound) else None


def _finite(model: Model, bound: float) -> float | None:
    return None if abs(bound) >= model.infinity() else float(bound)


def _values(model: Model, columns: list[Any], program: MixedIntegerProgram) -> Floats:
    best = model.getBestSol()
    return program.repaired(np.array([model.getSolVal(best, x) for x in columns], np.float64))


def _report_incumbents(
    model: Model,
    columns: list[Any],
    program: MixedIntegerProgram,
    report: Callable[[Incumbent], None],
) -> None:
    def tell(model: Model, _: Any) -> None:
        values = _values(model, columns, program)
        bound = _finite(model, model.getDualbound())
        report(Incumbent(values, program.objective_of(values), np.inf if bound is None else bound))

    model.attachEventHandlerCallback(tell, [SCIP_EVENTTYPE.BESTSOLFOUND])


def _set_start(model: Model, columns: list[Any], program: MixedIntegerProgram) -> None:
    if program.start is None:
        return
    start = model.createPartialSol()
    for j in np.flatnonzero(np.isfinite(program.start)):
        model.setSolVal(start, columns[j], float(program.start[j]))
    model.addSol(start)


def _linear(program: MixedIntegerProgram, limits: Limits, cost: Floats) -> LP:
    linear = LP("linear", "maximize" if program.maximise else "minimize")
    infinity = linear.infinity()
    linear.addCols(
        [[] for _ in range(program.n_columns)],
        objs=cost.tolist(),
        lbs=np.clip(program.lower, -infinity, infinity).tolist(),
        ubs=np.clip(program.upper, -infinity, infinity).tolist(),
    )
    if program.n_rows:
        linear.addRows(
            [
                list(zip(program.entry_column[a:b].tolist(), program.entry_value[a:b].tolist(),
                         strict=True))
                for a, b in zip(program.row_start[:-1], program.row_start[1:], strict=True)
            ],
            lhss=np.clip(program.row_lower, -infinity, infinity).tolist(),
            rhss=np.clip(program.row_upper, -infinity, infinity).tolist(),
        )  # fmt: skip
    if limits.iterations is not None:
        linear.setIntParam(_ITERATIONS, limits.iterations)
    linear.setRealParam(_SECONDS, limits.deadline_s)
    return linear


def _why_not(program: MixedIntegerProgram, limits: Limits) -> SolveStatus:
    """Tell apart why there is no optimum, by whether there is any solution."""
    linear = _linear(program, limits, np.zeros(program.n_columns))
    linear.solve()
    return SolveStatus.UNBOUNDED if linear.isOptimal() else SolveStatus.INFEASIBLE
