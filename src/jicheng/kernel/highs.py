"""HiGHS behind the solver port; imported inside the worker only.

Peculiarities of highspy 1.12 and 1.13 that are met here: its time limit is not kept,
so the worker has a deadline of its own; the number of threads must not change within
a process; an iteration limit is ignored in mixed-integer programs; "unbounded or
infeasible" needs a second solve without presolve. 1.14 is excluded: its presolve calls
suboptimal solutions of mixed-integer programs optimal (ERGO-Code/HiGHS 2961).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import highspy
import numpy as np

from jicheng.kernel.program import Basis, Floats, MixedIntegerProgram
from jicheng.kernel.solver import (
    Incumbent,
    Limits,
    Solution,
    SolveStatus,
    StoppedBy,
    relative_gap,
)

__all__ = ["HighsBackend"]

_Status = highspy.HighsModelStatus
_Basic = highspy.HighsBasisStatus
_STOPPED = {
    _Status.kSolutionLimit: StoppedBy.WORK,
    _Status.kIterationLimit: StoppedBy.WORK,
    _Status.kTimeLimit: StoppedBy.WALL_CLOCK,
    _Status.kMemoryLimit: StoppedBy.MEMORY,
}
_FEASIBLE = 2  # kSolutionStatusFeasible


class HighsBackend:
    """HiGHS with one thread and a fixed seed."""

    name = "highs"
    features = frozenset({"lp", "mip", "start", "duals", "basis", "incumbents"})

    def __init__(self) -> None:
        self.version = str(highspy.Highs().version())

    def solve(
        self, program: MixedIntegerProgram, limits: Limits, report: Callable[[Incumbent], None]
    ) -> Solution:
        """Solve the program within the limits."""
        highs = _model(program, limits)
        if not program.is_linear:
            _report_incumbents(highs, program, report)
        highs.run()
        if highs.getModelStatus() == _Status.kUnboundedOrInfeasible:
            highs.setOptionValue("presolve", "off")
            highs.run()
        return self._solution(highs, program)

    def _solution(self, highs: Any, program: MixedIntegerProgram) -> Solution:
        model_status = highs.getModelStatus()
        info = highs.getInfo()
        stopped_by = _STOPPED.get(model_status, StoppedBy.NOTHING)
        values = objective = None
        if info.primal_solution_status == _FEASIBLE and model_status != _Status.kUnbounded:
            values = program.repaired(np.asarray(highs.getSolution().col_value, dtype=np.float64))
            objective = program.objective_of(values)
        status = _status(model_status, has_solution=values is not None)
        bound = _bound(info, objective, status, program)
        row_duals, column_duals = _duals(highs, program, status)
        return Solution(
            status,
            values=values,
            objective=objective,
            bound=bound,
            gap=relative_gap(objective, bound),
            nodes=max(0, info.mip_node_count),
            iterations=max(0, info.simplex_iteration_count),
            stopped_by=stopped_by,
            solver=self.name,
            version=self.version,
            row_duals=row_duals,
            column_duals=column_duals,
            basis=_basis(highs, program, status),
            message="" if status is not SolveStatus.FAILED else str(model_status),
        )


def _model(program: MixedIntegerProgram, limits: Limits) -> Any:
    highs = highspy.Highs()
    for option, setting in _options(limits).items():
        highs.setOptionValue(option, setting)
    sense = highspy.ObjSense.kMaximize if program.maximise else highspy.ObjSense.kMinimize
    status = highs.passModel(
        program.n_columns,
        program.n_rows,
        len(program.entry_value),
        int(highspy.MatrixFormat.kRowwise),
        int(sense),
        program.offset,
        program.cost,
        program.lower,
        program.upper,
        program.row_lower,
        program.row_upper,
        program.row_start[:-1] if program.n_rows else np.zeros(0, np.int32),
        program.entry_column,
        program.entry_value,
        program.integral.astype(np.int32),
    )
    if status == highspy.HighsStatus.kError:
        raise ValueError("HiGHS refused the program")
    if program.start is not None:
        given = np.flatnonzero(np.isfinite(program.start)).astype(np.int32)
        highs.setSolution(len(given), given, program.start[given])
    if program.basis is not None and program.basis.solver == HighsBackend.name:
        _set_basis(highs, program, program.basis)
    return highs


def _set_basis(highs: Any, program: MixedIntegerProgram, given: Basis) -> None:
    """Start from a basis; further columns are at a bound, further rows in the basis."""
    further = np.where(np.isfinite(program.lower), _Basic.kLower, _Basic.kZero)
    basis = highspy.HighsBasis()
    basis.col_status = [
        *map(_Basic, given.columns.tolist()),
        *further[len(given.columns) :].tolist(),
    ]
    basis.row_status = [
        *map(_Basic, given.rows.tolist()),
        *[_Basic.kBasic] * (program.n_rows - len(given.rows)),
    ]
    basis.valid = True
    highs.setBasis(basis)


def _basis(highs: Any, program: MixedIntegerProgram, status: SolveStatus) -> Basis | None:
    if not program.is_linear or status is not SolveStatus.OPTIMAL:
        return None
    basis = highs.getBasis()
    if not basis.valid:
        return None
    columns, rows = (
        np.array([int(one) for one in part], np.int8)
        for part in (basis.col_status, basis.row_status)
    )
    return Basis(columns, rows, HighsBackend.name)


def _options(limits: Limits) -> dict[str, Any]:
    options: dict[str, Any] = {
        "output_flag": False,
        "threads": 1,
        "random_seed": limits.seed,
        "mip_rel_gap": limits.gap,
        "mip_abs_gap": min(1e-6, limits.gap),
        "time_limit": limits.deadline_s,
    }
    if limits.nodes is not None:
        options["mip_max_nodes"] = limits.nodes
    if limits.stall_nodes is not None:
        options["mip_max_stall_nodes"] = limits.stall_nodes
    if limits.iterations is not None:
        options["simplex_iteration_limit"] = limits.iterations
    return options


def _report_incumbents(
    highs: Any, program: MixedIntegerProgram, report: Callable[[Incumbent], None]
) -> None:
    def tell(event: Any) -> None:
        values = np.array(event.data_out.mip_solution, dtype=np.float64)
        if len(values) == program.n_columns:
            values = program.repaired(values)
            bound = float(event.data_out.mip_dual_bound)
            report(Incumbent(values, program.objective_of(values), bound))

    highs.cbMipImprovingSolution.subscribe(tell)


def _status(model_status: Any, *, has_solution: bool) -> SolveStatus:
    fixed = {
        _Status.kOptimal: SolveStatus.OPTIMAL,
        _Status.kInfeasible: SolveStatus.INFEASIBLE,
        _Status.kUnbounded: SolveStatus.UNBOUNDED,
    }
    if model_status in fixed:
        return fixed[model_status]
    return SolveStatus.FEASIBLE if has_solution else SolveStatus.FAILED


def _bound(
    info: Any, objective: float | None, status: SolveStatus, program: MixedIntegerProgram
) -> float | None:
    if status not in (SolveStatus.OPTIMAL, SolveStatus.FEASIBLE):
        return None
    if program.is_linear:
        return objective if status is SolveStatus.OPTIMAL else None
    bound = float(info.mip_dual_bound)
    return bound if np.isfinite(bound) else None


def _duals(
    highs: Any, program: MixedIntegerProgram, status: SolveStatus
) -> tuple[Floats | None, Floats | None]:
    solution = highs.getSolution()
    if not program.is_linear or status is not SolveStatus.OPTIMAL or not solution.dual_valid:
        return None, None
    return (
        np.asarray(solution.row_dual, dtype=np.float64),
        np.asarray(solution.col_dual, dtype=np.float64),
    )
