"""The solver worker: answers, limits, and what happens when it dies."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.kernel import solver as solver_module
from jicheng.kernel.solver import (
    Limits,
    ProgramBuilder,
    Solver,
    SolveStatus,
    StoppedBy,
    relative_gap,
    solve,
)


@pytest.fixture
def highs():
    with Solver() as solver:
        yield solver


@pytest.fixture
def backend(monkeypatch):
    """Make a solver of a misbehaving backend, and close it afterwards."""
    opened = []

    def make(name):
        monkeypatch.setitem(solver_module.BACKENDS, "test", f"kernel.stuck_backends:{name}")
        opened.append(Solver("test"))
        return opened[-1]

    yield make
    for solver in opened:
        solver.close()


def knapsack(value, weight, limit, *, integral=True, maximise=True):
    builder = ProgramBuilder(maximise=maximise)
    x = builder.columns(len(value), cost=value, upper=1, integral=integral)
    builder.row("limit", x, weight, upper=limit)
    return builder.build()


def market_split(n_rows=4, seed=1):
    """Cornuejols and Dawande 1998: tiny, and out of reach of branch and bound."""
    draw = np.random.default_rng(seed)
    weight = draw.integers(0, 100, (n_rows, 10 * (n_rows - 1)))
    builder = ProgramBuilder()
    x = builder.columns(weight.shape[1], upper=1, integral=True)
    for i, row in enumerate(weight):
        over, under = builder.columns(2, cost=1.0)
        half = float(row.sum() // 2)
        builder.row(f"market {i}", [*x, over, under], [*row, 1.0, -1.0], lower=half, upper=half)
    return builder.build()


def test_solve_knapsack_gives_optimum_with_bound_and_version(highs):
    solution = highs.solve(knapsack([5.0, 4.0, 3.0], [2.0, 3.0, 1.0], 5))
    assert solution.status is SolveStatus.OPTIMAL
    assert solution.values.tolist() == [1.0, 1.0, 0.0]
    assert (solution.objective, solution.bound, solution.gap) == (9.0, 9.0, 0.0)
    assert solution.stopped_by is StoppedBy.NOTHING
    assert solution.solver == "highs"
    assert solution.version.startswith("1.")


@given(
    value=st.lists(st.integers(-9, 9), min_size=1, max_size=7),
    limit=st.integers(0, 20),
    maximise=st.booleans(),
    data=st.data(),
)
@settings(deadline=None, max_examples=40)
def test_solve_knapsack_equals_enumeration(value, limit, maximise, data):
    weight = data.draw(st.lists(st.integers(1, 9), min_size=len(value), max_size=len(value)))
    program = knapsack(np.array(value, float), np.array(weight, float), limit, maximise=maximise)
    sets = [np.array(x) for x in product((0, 1), repeat=len(value))]
    feasible = [float(x @ value) for x in sets if x @ weight <= limit]
    solution = solve(program)
    assert solution.objective == pytest.approx(max(feasible) if maximise else min(feasible))
    assert program.violation_of(solution.values) <= 1e-9


@pytest.mark.parametrize("maximise", [True, False])
def test_solve_linear_program_duals_are_changes_of_the_objective(highs, maximise):
    sign = 1.0 if maximise else -1.0

    def program(limit):
        builder = ProgramBuilder(maximise=maximise)
        x = builder.columns(2, cost=[3.0 * sign, 2.0 * sign])
        builder.row("sum", x, upper=limit)
        builder.row("mix", x, [1.0, 3.0], upper=6)
        builder.row("first", x[:1], upper=3)
        return builder.build()

    base, moved = highs.solve(program(3.5)), highs.solve(program(3.6))
    assert base.row_duals[0] == pytest.approx((moved.objective - base.objective) / 0.1)
    assert base.row_duals[1] == 0.0
    assert base.bound == base.objective


def test_solve_infeasible_rows(highs):
    program = knapsack([1.0], [1.0], -1)
    solution = highs.solve(program)
    assert solution.status is SolveStatus.INFEASIBLE
    assert not solution.has_solution
    assert solution.bound is None


@pytest.mark.parametrize("integral", [True, False])
def test_solve_unbounded(highs, integral):
    builder = ProgramBuilder(maximise=True)
    x = builder.columns(2, cost=1.0, integral=integral)
    builder.row("difference", x, [1.0, -1.0], upper=1)
    assert highs.solve(builder.build()).status is SolveStatus.UNBOUNDED


def test_solve_without_columns_judges_the_rows(highs):
    builder = ProgramBuilder()
    builder.rows(1, [], [], [], lower=0)
    assert highs.solve(builder.build(offset=2.0)).objective == 2.0
    builder.rows(1, [], [], [], lower=1)
    assert highs.solve(builder.build()).status is SolveStatus.INFEASIBLE


def test_solve_without_rows(highs):
    builder = ProgramBuilder(maximise=True)
    builder.columns(["a", "b"], cost=[1.0, -1.0], upper=3, integral=True)
    assert highs.solve(builder.build()).values.tolist() == [3.0, 0.0]


def test_node_limit_stops_by_work_and_is_reproducible(highs):
    program, limits = market_split(), Limits(nodes=200)
    first, second = highs.solve(program, limits=limits), highs.solve(program, limits=limits)
    assert first.stopped_by is StoppedBy.WORK
    assert first.status is SolveStatus.FEASIBLE
    assert first.gap == relative_gap(first.objective, first.bound) > 0
    assert first.values.tobytes() == second.values.tobytes()
    assert (first.objective, first.bound, first.nodes, first.iterations) == (
        second.objective,
        second.bound,
        second.nodes,
        second.iterations,
    )


def test_node_limit_gives_the_same_in_a_new_worker():
    program, limits = market_split(), Limits(nodes=50)
    with Solver() as one, Solver() as other:
        one.solve(knapsack([1.0], [1.0], 1))
        assert one.solve(program, limits=limits).iterations == (
            other.solve(program, limits=limits).iterations
        )


def test_iteration_limit_stops_a_linear_program_by_work(highs):
    draw = np.random.default_rng(3)
    builder = ProgramBuilder(maximise=True)
    x = builder.columns(40, cost=draw.uniform(1, 2, 40))
    for i in range(30):
        builder.row(f"r{i}", x, draw.uniform(0, 1, 40), upper=1)
    program = builder.build()
    assert highs.solve(program, limits=Limits(iterations=1)).stopped_by is StoppedBy.WORK
    assert highs.solve(program).status is SolveStatus.OPTIMAL


def test_deadline_returns_the_best_so_far_and_the_next_solve_works(highs):
    solution = highs.solve(market_split(), limits=Limits(deadline_s=1.0))
    assert solution.stopped_by is StoppedBy.WALL_CLOCK
    assert solution.status is SolveStatus.FEASIBLE
    assert market_split().violation_of(solution.values) < 1e-6
    assert highs.solve(knapsack([1.0], [1.0], 1)).objective == 1.0


def test_solver_that_ignores_its_deadline_is_killed(backend):
    stuck = backend("Stuck")
    program = knapsack([1.0, 2.0], [1.0, 1.0], 2)
    solution = stuck.solve(program, limits=Limits(deadline_s=0.05))
    assert solution.stopped_by is StoppedBy.WALL_CLOCK
    assert solution.status is SolveStatus.FEASIBLE
    assert (solution.objective, solution.bound, solution.gap) == (3.0, 7.0, 4 / 3)
    assert stuck.worker_pid is None


def test_worker_killed_from_outside_keeps_the_best_so_far(highs):
    def kill(_):
        os.kill(highs.worker_pid, signal.SIGKILL)

    solution = highs.solve(market_split(), progress=kill)
    assert solution.stopped_by is StoppedBy.KILLED
    assert solution.status is SolveStatus.FEASIBLE
    assert highs.solve(knapsack([1.0], [1.0], 1)).status is SolveStatus.OPTIMAL


def test_worker_that_dies_by_itself_is_replaced(backend):
    solver = backend("Suicidal")
    for _ in range(2):
        solution = solver.solve(knapsack([2.0], [1.0], 1))
        assert solution.stopped_by is StoppedBy.KILLED
        assert (solution.objective, solution.bound) == (2.0, None)


def test_worker_killed_while_idle_costs_nothing(highs):
    highs.solve(knapsack([1.0], [1.0], 1))
    os.kill(highs.worker_pid, signal.SIGKILL)
    assert highs.solve(knapsack([4.0], [1.0], 1)).objective == 4.0


def test_solver_that_prints_and_raises_becomes_a_failed_answer(backend):
    solution = backend("Noisy").solve(knapsack([1.0], [1.0], 1))
    assert solution.status is SolveStatus.FAILED
    assert solution.message == "RuntimeError: no licence"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space")
def test_memory_limit_returns_the_best_so_far(backend):
    hungry = backend("Hungry")
    limits = Limits(memory_mb=64)
    solution = hungry.solve(knapsack([3.0], [1.0], 1), limits=limits)
    assert solution.stopped_by is StoppedBy.MEMORY
    assert (solution.status, solution.objective) == (SolveStatus.FEASIBLE, 3.0)
    small = hungry.solve(knapsack([3.0], [1.0], 1, maximise=False), limits=limits)
    assert small.status is SolveStatus.OPTIMAL


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space")
def test_memory_limit_of_highs(highs):
    n = 300_000
    builder = ProgramBuilder(maximise=True)
    x = builder.columns(n, cost=np.linspace(1, 2, n), upper=1, integral=True)
    builder.rows(1000, np.arange(n) % 1000, x, lower=0, upper=3)
    solution = highs.solve(builder.build(), limits=Limits(memory_mb=40))
    assert solution.stopped_by is StoppedBy.MEMORY
    assert highs.solve(knapsack([1.0], [1.0], 1)).status is SolveStatus.OPTIMAL


def test_start_is_taken_as_first_solution(highs):
    program = market_split()
    best = highs.solve(program, limits=Limits(nodes=300))
    started = replace(program, start=np.where(program.integral, best.values, np.nan))
    seen = []
    again = highs.solve(started, limits=Limits(nodes=1), progress=seen.append)
    assert again.objective <= best.objective + 1e-9
    assert seen[0].objective <= best.objective + 1e-9


def test_progress_that_raises_frees_the_solver(highs):
    def cancel(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        highs.solve(market_split(), progress=cancel)
    assert highs.solve(knapsack([1.0], [1.0], 1)).objective == 1.0


def test_no_worker_is_left_when_the_interpreter_ends():
    script = (
        "import numpy as np\n"
        "from jicheng.kernel import solver as s\n"
        "b = s.ProgramBuilder(maximise=True)\n"
        "b.columns(1, cost=1.0, upper=2, integral=True)\n"
        "s.solve(b.build())\n"
        "print(s._shared['highs'].worker_pid)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
def test_forked_child_starts_its_own_worker_and_leaves_the_parents_alone():
    script = (
        "import os\n"
        "from jicheng.kernel.solver import ProgramBuilder, Solver\n"
        "b = ProgramBuilder(maximise=True)\n"
        "b.columns(1, cost=1.0, upper=2, integral=True)\n"
        "p, s = b.build(), Solver()\n"
        "s.solve(p)\n"
        "pid = os.fork()\n"
        "before = s.worker_pid\n"
        "s.solve(p)\n"
        "same = s.worker_pid == before\n"
        "if pid == 0:\n"
        "    s.close()\n"
        "    os._exit(int(same))\n"
        "print(os.waitpid(pid, 0)[1], same, s.solve(p).objective)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["0", "True", "2.0"]


def test_worker_ends_when_its_parent_is_gone():
    script = (
        "import os, signal\n"
        "from jicheng.kernel.solver import ProgramBuilder, Solver\n"
        "b = ProgramBuilder(maximise=True)\n"
        "b.columns(1, cost=1.0, upper=2, integral=True)\n"
        "s = Solver()\n"
        "s.solve(b.build())\n"
        "print(s.worker_pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    # the worker shares standard error: reading it to the end waits for the worker too
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert int(done.stdout) > 0


def test_unknown_backend_is_refused():
    with pytest.raises(KeyError):
        Solver("none")


@pytest.mark.parametrize(
    "change",
    [
        {"cost": np.array([np.nan, 1.0])},
        {"lower": np.array([2.0, 0.0])},
        {"upper": np.array([np.nan, 1.0])},
        {"entry_column": np.array([0, 2], dtype=np.int32)},
        {"row_upper": np.zeros(2)},
        {"row_lower": np.array([9.0])},
    ],
)
def test_program_with_a_fault_is_refused(change):
    good = knapsack([1.0, 2.0], [1.0, 1.0], 2)
    parts = {name: getattr(good, name) for name in good.__slots__} | change
    with pytest.raises(ValueError, match=r"bound|length|finite|column"):
        type(good)(**parts)


def test_builder_adds_up_entries_of_one_place_and_keeps_names():
    builder = ProgramBuilder()
    x = builder.columns(["a", "b"], cost=1.0)
    builder.rows(["r", "s"], [1, 1, 0], [x[0], x[0], x[1]], [1.0, 2.0, 5.0], lower=[0, 1])
    program = builder.build()
    assert program.column_ids == ("a", "b")
    assert program.row_ids == ("r", "s")
    assert program.row_start.tolist() == [0, 1, 2]
    assert program.entry_value.tolist() == [5.0, 3.0]
    assert program.activity_of(np.array([2.0, 1.0])).tolist() == [5.0, 6.0]
    assert program.violation_of(np.array([0.0, 0.0])) == 1.0


def test_program_survives_the_pipe_unchanged():
    program = market_split()
    copy = pickle.loads(pickle.dumps(program))  # noqa: S301 - our own bytes
    assert copy.entry_value.tobytes() == program.entry_value.tobytes()
    assert copy.row_ids == program.row_ids
