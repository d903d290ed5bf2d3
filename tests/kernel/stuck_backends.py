"""Solvers that misbehave, for the tests of the worker."""

from __future__ import annotations

import os
import signal
import time

import numpy as np

from jicheng.kernel.solver import Incumbent, Solution, SolveStatus


class _Backend:
    name = "stuck"
    version = "1"
    features = frozenset({"mip"})


class Stuck(_Backend):
    """Report one solution, then ignore every time limit."""

    def solve(self, program, limits, report):
        report(Incumbent(np.ones(program.n_columns), 0.0, 7.0))
        time.sleep(3600)


class Suicidal(_Backend):
    """Report one solution, then die as if the system had killed it."""

    def solve(self, program, limits, report):
        report(Incumbent(np.ones(program.n_columns), 0.0, np.inf))
        os.kill(os.getpid(), signal.SIGKILL)


class Noisy(_Backend):
    """Print to standard output, then raise."""

    def solve(self, program, limits, report):
        os.write(1, b"banner\n")
        raise RuntimeError("no licence")


class Hungry(_Backend):
    """Take memory without end when asked for a maximum, else answer."""

    def solve(self, program, limits, report):
        report(Incumbent(np.ones(program.n_columns), 0.0, np.inf))
        if program.maximise:
            eaten = []
            while True:
                eaten.append(np.ones(2**20))
        return Solution(SolveStatus.OPTIMAL, values=np.zeros(program.n_columns))
