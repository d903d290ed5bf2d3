"""The solver worker: answers, limits, and what happens when it dies."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.kernel import solver as solver_module
from jicheng.kernel.program import Basis
from jicheng.kernel.solver import (
    BACKENDS,
    EXTRAS,
    Limits,
    ProgramBuilder,
    Solver,
    SolverMissing,
    SolveStatus,
    StoppedBy,
    backends,
    relative_gap,
    solve,
    using,
)

INSTALLED = [
    pytest.param(
        name,
        marks=pytest.mark.skipif(
            EXTRAS.get(name) is not None and find_spec(EXTRAS[name]) is None,
            reason=f"the extra {name} is not installed",
        ),
    )
    for name in BACKENDS
]


@pytest.fixture(params=INSTALLED)
def port(request):
    """Give a solver of every backend in turn."""
    with Solver(request.param) as solver:
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


def test_solve_knapsack_gives_optimum_with_bound_and_version(port):
    solution = port.solve(knapsack([5.0, 4.0, 3.0], [2.0, 3.0, 1.0], 5))
    assert solution.status is SolveStatus.OPTIMAL
    assert solution.values.tolist() == [1.0, 1.0, 0.0]
    assert (solution.objective, solution.bound, solution.gap) == (9.0, 9.0, 0.0)
    assert solution.stopped_by is StoppedBy.NOTHING
    assert solution.solver == port._backend
    assert solution.version[0].isdigit()


@pytest.mark.parametrize("backend_name", INSTALLED)
@given(
    value=st.lists(st.integers(-9, 9), min_size=1, max_size=7),
    limit=st.integers(0, 20),
    maximise=st.booleans(),
    data=st.data(),
)
@settings(deadline=None, max_examples=40)
def test_solve_knapsack_equals_enumeration(backend_name, value, limit, maximise, data):
    weight = data.draw(st.lists(st.integers(1, 9), min_size=len(value), max_size=len(value)))
    program = knapsack(np.array(value, float), np.array(weight, float), limit, maximise=maximise)
    sets = [np.array(x) for x in product((0, 1), repeat=len(value))]
    feasible = [float(x @ value) for x in sets if x @ weight <= limit]
    solution = solve(program, backend=backend_name)
    assert solution.objective == pytest.approx(max(feasible) if maximise else min(feasible))
    assert program.violation_of(solution.values) <= 1e-9


@pytest.mark.parametrize("maximise", [True, False])
def test_solve_linear_program_duals_are_changes_of_the_objective(port, maximise):
    sign = 1.0 if maximise else -1.0

    def program(limit):
        builder = ProgramBuilder(maximise=maximise)
        x = builder.columns(2, cost=[3.0 * sign, 2.0 * sign])
        builder.row("sum", x, upper=limit)
        builder.row("mix", x, [1.0, 3.0], upper=6)
        builder.row("first", x[:1], upper=3)
        return builder.build()

    base, moved = port.solve(program(3.5)), port.solve(program(3.6))
    assert base.row_duals[0] == pytest.approx((moved.objective - base.objective) / 0.1)
    assert base.row_duals[1] == 0.0
    assert base.bound == base.objective


def test_solve_infeasible_rows(port):
    program = knapsack([1.0], [1.0], -1)
    solution = port.solve(program)
    assert solution.status is SolveStatus.INFEASIBLE
    assert not solution.has_solution
    assert solution.bound is None


@pytest.mark.parametrize("integral", [True, False])
def test_solve_unbounded(port, integral):
    builder = ProgramBuilder(maximise=True)
    x = builder.columns(2, cost=1.0, integral=integral)
    builder.row("difference", x, [1.0, -1.0], upper=1)
    assert port.solve(builder.build()).status is SolveStatus.UNBOUNDED


def test_solve_without_columns_judges_the_rows(port):
    builder = ProgramBuilder()
    builder.rows(1, [], [], [], lower=0)
    assert port.solve(builder.build(offset=2.0)).objective == 2.0
    builder.rows(1, [], [], [], lower=1)
    assert port.solve(builder.build()).status is SolveStatus.INFEASIBLE


def test_solve_without_rows(port):
    builder = ProgramBuilder(maximise=True)
    builder.columns(["a", "b"], cost=[1.0, -1.0], upper=3, integral=True)
    assert port.solve(builder.build()).values.tolist() == [3.0, 0.0]


def test_node_limit_stops_by_work_and_is_reproducible(port):
    program, limits = market_split(), Limits(nodes=200)
    first, second = port.solve(program, limits=limits), port.solve(program, limits=limits)
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


@pytest.mark.parametrize("name", INSTALLED)
def test_node_limit_gives_the_same_in_a_new_worker(name):
    program, limits = market_split(), Limits(nodes=50)
    with Solver(name) as one, Solver(name) as other:
        one.solve(knapsack([1.0], [1.0], 1))
        assert one.solve(program, limits=limits).iterations == (
            other.solve(program, limits=limits).iterations
        )


def test_iteration_limit_stops_a_linear_program_by_work(port):
    draw = np.random.default_rng(3)
    builder = ProgramBuilder(maximise=True)
    x = builder.columns(40, cost=draw.uniform(1, 2, 40))
    for i in range(30):
        builder.row(f"r{i}", x, draw.uniform(0, 1, 40), upper=1)
    program = builder.build()
    assert port.solve(program, limits=Limits(iterations=1)).stopped_by is StoppedBy.WORK
    assert port.solve(program).status is SolveStatus.OPTIMAL


def test_deadline_returns_the_best_so_far_and_the_next_solve_works(port):
    port.solve(knapsack([1.0], [1.0], 1))  # its worker is up: the deadline is for solving
    solution = port.solve(market_split(), limits=Limits(deadline_s=2.0))
    assert solution.stopped_by is StoppedBy.WALL_CLOCK
    assert solution.status is SolveStatus.FEASIBLE
    assert market_split().violation_of(solution.values) < 1e-6
    assert port.solve(knapsack([1.0], [1.0], 1)).objective == 1.0


def test_solver_that_ignores_its_deadline_is_killed(backend):
    stuck = backend("Stuck")
    program = knapsack([1.0, 2.0], [1.0, 1.0], 2)
    solution = stuck.solve(program, limits=Limits(deadline_s=2.0))
    assert solution.stopped_by is StoppedBy.WALL_CLOCK
    assert solution.status is SolveStatus.FEASIBLE
    assert (solution.objective, solution.bound, solution.gap) == (3.0, 7.0, 4 / 3)
    assert stuck.worker_pid is None


def test_worker_killed_from_outside_keeps_the_best_so_far(port):
    def kill(_):
        os.kill(port.worker_pid, signal.SIGKILL)

    solution = port.solve(market_split(), progress=kill)
    assert solution.stopped_by is StoppedBy.KILLED
    assert solution.status is SolveStatus.FEASIBLE
    assert port.solve(knapsack([1.0], [1.0], 1)).status is SolveStatus.OPTIMAL


def test_worker_that_dies_by_itself_is_replaced(backend):
    solver = backend("Suicidal")
    for _ in range(2):
        solution = solver.solve(knapsack([2.0], [1.0], 1))
        assert solution.stopped_by is StoppedBy.KILLED
        assert (solution.objective, solution.bound) == (2.0, None)


def test_worker_killed_while_idle_costs_nothing(port):
    port.solve(knapsack([1.0], [1.0], 1))
    os.kill(port.worker_pid, signal.SIGKILL)
    assert port.solve(knapsack([4.0], [1.0], 1)).objective == 4.0


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
def test_memory_limit_of_a_real_solver(port):
    n = 300_000
    builder = ProgramBuilder(maximise=True)
    x = builder.columns(n, cost=np.linspace(1, 2, n), upper=1, integral=True)
    builder.rows(1000, np.arange(n) % 1000, x, lower=0, upper=3)
    solution = port.solve(builder.build(), limits=Limits(memory_mb=40))
    assert solution.stopped_by is StoppedBy.MEMORY
    assert port.solve(knapsack([1.0], [1.0], 1)).status is SolveStatus.OPTIMAL


def test_start_is_taken_as_first_solution(port):
    program = market_split()
    best = port.solve(program, limits=Limits(nodes=300))
    started = replace(program, start=np.where(program.integral, best.values, np.nan))
    seen = []
    again = port.solve(started, limits=Limits(nodes=1), progress=seen.append)
    assert again.objective <= best.objective + 1e-9
    assert seen[0].objective <= best.objective + 1e-9


def test_progress_that_raises_frees_the_solver(port):
    def cancel(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        port.solve(market_split(), progress=cancel)
    assert port.solve(knapsack([1.0], [1.0], 1)).objective == 1.0


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


def test_unknown_backend_is_refused_with_those_there_are():
    with pytest.raises(KeyError, match="highs, scip"):
        Solver("none")


def test_backend_whose_package_is_missing_tells_the_remedy(monkeypatch):
    monkeypatch.setitem(BACKENDS, "absent", "nowhere:Absent")
    monkeypatch.setattr(solver_module, "EXTRAS", {"absent": "no_such_package"})
    with pytest.raises(SolverMissing, match=r"pip install 'jicheng\[absent\]'"):
        Solver("absent")


@pytest.mark.parametrize("name", INSTALLED)
def test_solves_in_a_block_use_its_solver(name):
    program = knapsack([2.0], [1.0], 1)
    with using(name):
        assert solve(program).solver == name
        with Solver() as one:
            assert one.solve(program).solver == name
        assert solve(program, backend="highs").solver == "highs"
    assert solve(program).solver == "highs"


def test_solver_of_an_installed_package_is_found_by_its_entry_point(tmp_path, monkeypatch):
    (tmp_path / "ones.py").write_text(
        "import numpy as np\n"
        "from jicheng.kernel.solver import Solution, SolveStatus\n"
        "class Ones:\n"
        "    name, version, features = 'ones', '7', frozenset({'mip'})\n"
        "    def solve(self, program, limits, report):\n"
        "        values = np.ones(program.n_columns)\n"
        "        objective = program.objective_of(values)\n"
        "        return Solution(SolveStatus.FEASIBLE, values, objective, solver=self.name)\n",
        "utf-8",
    )
    about = tmp_path / "ones-7.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: ones\nVersion: 7\n", "utf-8")
    (about / "entry_points.txt").write_text(
        "[jicheng.solvers]\nones = ones:Ones\nhighs = ones:Ones\n", "utf-8"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with Solver("ones") as ones:
        solution = ones.solve(knapsack([2.0, 3.0], [1.0, 1.0], 2))
    assert (solution.solver, solution.objective) == ("ones", 5.0)
    assert solve(knapsack([2.0], [1.0], 1)).solver == "highs"  # no package replaces it
    assert backends()["highs"] == BACKENDS["highs"]


def covering(n_columns, seed=3):
    draw = np.random.default_rng(seed)
    builder = ProgramBuilder(maximise=True)
    x = builder.columns(n_columns, cost=draw.uniform(1, 2, n_columns))
    weight = np.random.default_rng(seed + 1).uniform(0, 1, (n_columns, 40))
    for i in range(40):
        builder.row(f"r{i}", x, weight[:, i], upper=1)
    return builder.build()


def test_basis_of_a_smaller_program_starts_a_larger_one(port):
    first, whole = port.solve(covering(60)), port.solve(covering(70))
    if first.basis is None:
        pytest.skip("this solver takes no basis")
    again = port.solve(replace(covering(60), basis=first.basis))
    grown = port.solve(replace(covering(70), basis=first.basis))
    assert again.iterations == 0
    assert grown.objective == pytest.approx(whole.objective)
    assert grown.iterations < whole.iterations


def test_basis_of_another_solver_is_not_read(port):
    alien = Basis(np.full(60, 99, np.int8), np.full(40, 99, np.int8), "another")
    assert port.solve(replace(covering(60), basis=alien)).status is SolveStatus.OPTIMAL


def test_same_program_gives_the_same_bytes_and_work(port):
    draw = np.random.default_rng(5)
    weight = draw.integers(10, 60, 30).astype(float)
    program = knapsack(weight + draw.integers(1, 9, 30), weight, float(weight.sum() // 2))
    one, other = port.solve(program), port.solve(program)
    assert one.status is SolveStatus.OPTIMAL
    assert one.values.tobytes() == other.values.tobytes()
    assert (one.objective, one.bound, one.nodes, one.iterations) == (
        other.objective,
        other.bound,
        other.nodes,
        other.iterations,
    )


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
