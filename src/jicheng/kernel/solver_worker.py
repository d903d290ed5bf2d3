"""The process in which solvers run; started by :mod:`jicheng.kernel.solver`.

Reads programs from standard input and writes better solutions and the final
answer to standard output. A thread reads the input, so that the process ends at
once when its parent is gone, even in the middle of a solve.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import IO, Any

import numpy as np

from jicheng.kernel.frames import read_frame, write_frame
from jicheng.kernel.program import MixedIntegerProgram
from jicheng.kernel.solver import Limits, Solution, SolverBackend, SolveStatus, StoppedBy

try:
    import resource
except ImportError:  # not on this system: memory is then not limited
    resource = None  # type: ignore[assignment]

__all__ = ["main"]


def main() -> None:
    """Serve the parent until it closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    silence = os.open(os.devnull, os.O_RDWR)
    os.dup2(silence, 0)
    os.dup2(silence, 1)  # solvers print; nothing may mix with the answers
    backend = _load(read_frame(requests))
    waiting: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, waiting), daemon=True).start()
    while True:
        program, limits = waiting.get()
        write_frame(answers, "begun")
        write_frame(answers, _solve(backend, program, limits, answers))


def _load(target: str) -> SolverBackend:
    module, _, name = target.partition(":")
    backend: SolverBackend = getattr(import_module(module), name)()
    return backend


def _listen(requests: IO[bytes], waiting: queue.SimpleQueue[Any]) -> None:
    try:
        while True:
            waiting.put(read_frame(requests))
    except (EOFError, OSError):
        os._exit(0)


def _solve(
    backend: SolverBackend, program: MixedIntegerProgram, limits: Limits, answers: IO[bytes]
) -> Solution:
    if program.n_columns == 0:
        return _without_columns(backend, program)
    _limit_memory(limits.memory_mb)
    try:
        return backend.solve(program, limits, lambda best: write_frame(answers, best))
    except MemoryError:
        return Solution(SolveStatus.FAILED, stopped_by=StoppedBy.MEMORY, solver=backend.name)
    except Exception as error:  # whatever the solver raises is an answer
        return Solution(
            SolveStatus.FAILED,
            solver=backend.name,
            version=backend.version,
            message=f"{type(error).__name__}: {error}",
        )
    finally:
        _limit_memory(None)


def _without_columns(backend: SolverBackend, program: MixedIntegerProgram) -> Solution:
    """Judge the rows of a program that has nothing to decide."""
    solution = Solution(SolveStatus.INFEASIBLE, solver=backend.name, version=backend.version)
    if not ((program.row_lower <= 0).all() and (program.row_upper >= 0).all()):
        return solution
    return replace(
        solution,
        status=SolveStatus.OPTIMAL,
        values=np.zeros(0),
        objective=program.offset,
        bound=program.offset,
        gap=0.0,
    )


def _limit_memory(added_mb: int | None) -> None:
    """Let the address space grow by ``added_mb`` at most; None = without limit."""
    statm = Path("/proc/self/statm")
    if resource is None or sys.platform != "linux" or not statm.exists():
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = hard
    if added_mb is not None:
        pages = int(statm.read_text("ascii").split()[0])
        soft = pages * resource.getpagesize() + added_mb * 2**20
        if hard != resource.RLIM_INFINITY:
            soft = min(soft, hard)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


if __name__ == "__main__":
    main()
