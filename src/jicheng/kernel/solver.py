"""Solve linear and mixed-integer programs in a worker process that can be killed.

Solvers overrun their own time limits, and now and then take all memory or crash;
so they never run in this process. One worker is started at the first solve and
reused; when it is killed, dies or runs out of memory only that solve is lost, the
best solution that it had reported is returned, and the next solve gets a new
worker. Work is limited by counts (nodes, iterations), which make the answer
reproducible; the wall clock is only the safety net, and an answer that it cut says so.

The worker is started with ``subprocess`` rather than ``multiprocessing``: the
latter's spawn imports the caller's main module again, which breaks plain scripts.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from enum import StrEnum
from importlib.metadata import entry_points
from importlib.util import find_spec
from types import MappingProxyType, TracebackType
from typing import Any, Protocol

import numpy as np

from jicheng.kernel.frames import read_frame, write_frame
from jicheng.kernel.program import Basis, Floats, MixedIntegerProgram, ProgramBuilder

__all__ = [
    "BACKENDS",
    "ENTRY_POINTS",
    "EXTRAS",
    "Incumbent",
    "Limits",
    "MixedIntegerProgram",
    "ProgramBuilder",
    "Solution",
    "SolveStatus",
    "Solver",
    "SolverBackend",
    "SolverMissing",
    "StoppedBy",
    "backends",
    "relative_gap",
    "solve",
    "target_of",
    "using",
]

BACKENDS: dict[str, str] = {
    "highs": "jicheng.kernel.highs:HighsBackend",
    "scip": "jicheng.kernel.scip:ScipBackend",
}
"""Solvers by name: where the worker finds a class that obeys :class:`SolverBackend`."""

ENTRY_POINTS = "jicheng.solvers"
"""Group of entry points in which packages offer further solvers, named as in BACKENDS."""

EXTRAS: Mapping[str, str] = MappingProxyType({"scip": "pyscipopt"})
"""Solvers that are an optional extra of the same name, and the module that they need."""

_default: ContextVar[str] = ContextVar("default_solver", default="highs")

ONE_THREAD: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(
        (
            "OMP_NUM_THREADS",
            "OPENBLAS_NUM_THREADS",
            "MKL_NUM_THREADS",
            "NUMBA_NUM_THREADS",
            "POLARS_MAX_THREADS",
        ),
        "1",
    )
)


class SolverMissing(ModuleNotFoundError):
    """A known solver whose package is not installed; the text tells the remedy."""


def backends() -> dict[str, str]:
    """Return all solvers by name: those that ship, then those of installed packages.

    A package cannot take the name of a solver that ships.
    """
    offered = {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}
    return {**dict(sorted(offered.items())), **BACKENDS}


def target_of(backend: str) -> str:
    """Return where the worker finds a solver.

    Raises
    ------
    KeyError
        If there is no such solver; the text names those there are.
    SolverMissing
        If its package is not installed.
    """
    known = backends()
    if backend not in known:
        raise KeyError(f"there is no solver {backend!r}; there are {', '.join(sorted(known))}")
    needed = EXTRAS.get(backend)
    if needed is not None and find_spec(needed) is None:
        raise SolverMissing(
            f"the solver {backend!r} is not installed: pip install 'jicheng[{backend}]'",
            name=needed,
        )
    return known[backend]


@contextmanager
def using(backend: str) -> Iterator[None]:
    """Let solves within the block that name no solver use this one.

    Raises
    ------
    KeyError, SolverMissing
        As :func:`target_of`.
    """
    target_of(backend)
    token = _default.set(backend)
    try:
        yield
    finally:
        _default.reset(token)


class SolveStatus(StrEnum):
    """How a solve ended; ``failed`` means that there is no usable answer."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    FAILED = "failed"


class StoppedBy(StrEnum):
    """What cut a solve short; empty = nothing."""

    NOTHING = ""
    WORK = "work"
    WALL_CLOCK = "wall_clock"
    KILLED = "killed"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one solve.

    Parameters
    ----------
    gap : float
        Relative gap at which a solution counts as optimal.
    nodes : int, optional
        Most branch-and-bound nodes (deterministic); 0 or more.
    stall_nodes : int, optional
        Most nodes without a better solution (deterministic).
    iterations : int, optional
        Most simplex iterations of a linear program (deterministic).
    deadline_s : float
        Safety net [s of wall clock]: the solver is asked to stop then, and its
        worker is killed after a grace of a quarter of it, at least one second.
    memory_mb : int, optional
        Most memory that the worker may add for this solve, where the system can
        limit the address space (Linux); elsewhere without effect.
    seed : int
        Random seed of the solver.
    """

    gap: float = 1e-6
    nodes: int | None = None
    stall_nodes: int | None = None
    iterations: int | None = None
    deadline_s: float = 60.0
    memory_mb: int | None = 4096
    seed: int = 0

    @property
    def kill_after_s(self) -> float:
        """Seconds after which the worker is killed."""
        return self.deadline_s + max(1.0, self.deadline_s / 4)


@dataclass(frozen=True, slots=True, eq=False)
class Incumbent:
    """A better solution reported while the solver runs; ``bound`` may be infinite."""

    values: Floats
    objective: float
    bound: float


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """What a solve returned.

    ``values`` (shape (n,)) and ``objective`` are None without a feasible
    solution; ``bound`` is the proved bound of the objective, None if nothing was
    proved; ``gap`` is ``abs(bound - objective) / max(1, abs(objective))``.
    ``row_duals`` (shape (m,)) and ``column_duals`` (shape (n,)) exist for linear
    programs only: the change of the objective per unit of the active bound, in
    the program's own sense. ``basis``, for linear programs of solvers that have the
    feature, starts the next one that is alike. ``seconds`` is the one figure that differs between
    two equal runs.
    """

    status: SolveStatus
    values: Floats | None = None
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    nodes: int = 0
    iterations: int = 0
    stopped_by: StoppedBy = StoppedBy.NOTHING
    solver: str = ""
    version: str = ""
    row_duals: Floats | None = None
    column_duals: Floats | None = None
    basis: Basis | None = None
    message: str = ""
    seconds: float = field(default=0.0)

    @property
    def has_solution(self) -> bool:
        """Whether there is a feasible solution."""
        return self.values is not None


class SolverBackend(Protocol):
    """A solver inside the worker. ``features`` of: lp, mip, start, duals, basis, incumbents."""

    name: str
    version: str
    features: frozenset[str]

    def solve(
        self, program: MixedIntegerProgram, limits: Limits, report: Callable[[Incumbent], None]
    ) -> Solution:
        """Solve the program within the limits; ``report`` each better solution."""
        ...


def relative_gap(objective: float | None, bound: float | None) -> float | None:
    """Return ``abs(bound - objective) / max(1, abs(objective))``; None if one is unknown."""
    if objective is None or bound is None:
        return None
    return abs(bound - objective) / max(1.0, abs(objective))


class _Worker:
    """One worker process with its pipes, and the thread that reads its answers."""

    def __init__(self, backend: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jicheng.kernel.solver_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        self.answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True, name="solver-answers")
        self._reader.start()
        write_frame(self.process.stdin, backend)

    def _read(self) -> None:
        try:
            while True:
                self.answers.put(read_frame(self.process.stdout))
        except (EOFError, OSError, ValueError):
            self.answers.put(None)

    def stop(self) -> None:
        """Kill the process and release its pipes."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # unsent bytes for a process that is gone
                    continue


class Solver:
    """A solver with its own worker process, for many solves one after another.

    Use it as a context manager, or call :meth:`close`; at the end of the
    interpreter a worker left open is killed. Threads may share a solver: their
    solves queue up. After a fork the child starts a worker of its own.

    Parameters
    ----------
    backend : str, optional
        A name of :func:`backends`; default that of :func:`using`, else HiGHS.

    Raises
    ------
    KeyError
        If there is no such backend.
    SolverMissing
        If its package is not installed.
    """

    def __init__(self, backend: str | None = None) -> None:
        self._backend = backend or _default.get()
        self._target = target_of(self._backend)
        self._lock = threading.Lock()
        self._worker: _Worker | None = None
        self._release: weakref.finalize[Any, Any] | None = None
        self._pid = os.getpid()

    def __enter__(self) -> Solver:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def worker_pid(self) -> int | None:
        """Process id of the worker, None if there is none now."""
        return None if self._worker is None else self._worker.process.pid

    def close(self) -> None:
        """Stop the worker; the next solve starts a new one."""
        if self._release is not None and self._pid == os.getpid():
            self._release()
        self._worker = self._release = None

    def solve(
        self,
        program: MixedIntegerProgram,
        *,
        limits: Limits | None = None,
        progress: Callable[[Incumbent], None] | None = None,
    ) -> Solution:
        """Solve a program; never raises for what the solver does.

        Parameters
        ----------
        program : MixedIntegerProgram
            What to solve.
        limits : Limits, optional
            Default: :class:`Limits`.
        progress : callable, optional
            Called with each better solution while the solver runs.

        Returns
        -------
        Solution
            With ``stopped_by`` set if a limit cut it short or the worker died;
            then the best solution reported before, if any, is in it.
        """
        limits = limits or Limits()
        bare = replace(program, column_ids=(), row_ids=())
        with self._lock:
            started = time.monotonic()
            try:
                solution = self._try(bare, limits, progress)
            except BaseException:
                self.close()  # the worker may still be at it
                raise
            return replace(solution, seconds=time.monotonic() - started)

    def _try(
        self,
        program: MixedIntegerProgram,
        limits: Limits,
        progress: Callable[[Incumbent], None] | None,
    ) -> Solution:
        """Send the program again if a worker died before it began with it."""
        for _ in range(3):
            worker = self._ready()
            try:
                write_frame(worker.process.stdin, (program, limits))
            except OSError:  # it died while it was idle
                self.close()
                continue
            solution = self._await(worker, program, limits, progress)
            if solution is not None:
                return solution
        return _cut_short(program, None, StoppedBy.KILLED, self._backend)

    def _ready(self) -> _Worker:
        if self._pid != os.getpid():  # forked: the worker belongs to the parent
            self._worker = self._release = None
            self._pid = os.getpid()
        if self._worker is not None and self._worker.process.poll() is not None:
            self.close()
        if self._worker is None:
            self._worker = _Worker(self._target)
            self._release = weakref.finalize(self, self._worker.stop)
        return self._worker

    def _await(
        self,
        worker: _Worker,
        program: MixedIntegerProgram,
        limits: Limits,
        progress: Callable[[Incumbent], None] | None,
    ) -> Solution | None:
        """Return the answer; None if the worker died before it began."""
        has_begun = False
        best: Incumbent | None = None
        end = time.monotonic() + limits.kill_after_s
        while True:
            try:
                answer = worker.answers.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                self.close()
                return _cut_short(program, best, StoppedBy.WALL_CLOCK, self._backend)
            if answer is None:
                self.close()
                died = _cut_short(program, best, StoppedBy.KILLED, self._backend)
                return died if has_begun else None
            if isinstance(answer, Solution):
                if answer.stopped_by is StoppedBy.MEMORY:  # its heap is not to be trusted
                    self.close()
                    return _cut_short(program, best, StoppedBy.MEMORY, self._backend)
                return answer
            if isinstance(answer, Incumbent):
                best = answer
                if progress is not None:
                    progress(answer)
            has_begun = True


def _cut_short(
    program: MixedIntegerProgram, best: Incumbent | None, reason: StoppedBy, backend: str
) -> Solution:
    if best is None:
        return Solution(SolveStatus.FAILED, stopped_by=reason, solver=backend)
    bound = best.bound if np.isfinite(best.bound) else None
    objective = program.objective_of(best.values)
    return Solution(
        SolveStatus.FEASIBLE,
        values=best.values,
        objective=objective,
        bound=bound,
        gap=relative_gap(objective, bound),
        stopped_by=reason,
        solver=backend,
    )


_shared: dict[str, Solver] = {}


def solve(
    program: MixedIntegerProgram,
    *,
    limits: Limits | None = None,
    backend: str | None = None,
    progress: Callable[[Incumbent], None] | None = None,
) -> Solution:
    """Solve a program in the worker that all callers of this process share.

    See :class:`Solver` for the backend, :meth:`Solver.solve` for the rest.
    """
    backend = backend or _default.get()
    if backend not in _shared:
        _shared[backend] = Solver(backend)
    return _shared[backend].solve(program, limits=limits, progress=progress)
