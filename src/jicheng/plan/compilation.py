"""Compile the kernels of later stages beside the first ones, where none is stored yet.

The first plan on a machine would otherwise wait for the compiler stage after stage. A
process of its own compiles while this one reads the zone and runs the first stages
(:mod:`jicheng.kernel.rehearsal`); what it stores on disk is found when a stage calls its
kernels. If that process fails, or stores its code elsewhere, the stage compiles for
itself as ever: results never depend on it. On a single core there is nothing to gain,
and none is started.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import IO

from jicheng.kernel.rehearsal import STAGES, is_compiled
from jicheng.kernel.solver import ONE_THREAD

__all__ = ["await_kernels", "compiled_beside"]

_GRACE_S = 5.0  # for storing what has just been compiled

_answers: ContextVar[IO[bytes] | None] = ContextVar("_answers", default=None)


@contextmanager
def compiled_beside() -> Iterator[None]:
    """Compile in another process while what follows runs; end it afterwards."""
    if is_compiled() or _cores() < 2:
        yield
        return
    environment = {
        **os.environ,
        **ONE_THREAD,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "jicheng.kernel.rehearsal"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    token = _answers.set(process.stdout)
    try:
        yield
    finally:
        _answers.reset(token)
        _end(process)


def await_kernels(stage: str) -> None:
    """Wait until the kernels of a stage are ready, if they are being compiled beside this."""
    answers = _answers.get()
    if answers is None or stage not in STAGES:
        return
    for line in answers:  # ends when the process does
        if line.decode("ascii").strip() == stage:
            return


def _end(process: subprocess.Popen[bytes]) -> None:
    """Close the pipes, at which the process ends; kill it if it does not."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    try:
        process.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
